package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"atelier/data"
	"atelier/data/store"
)

// Hostile names, texts and licences.
const hostile = `"'><script src="http://example.org/x"></script><img src=x onerror=alert(1)></style><a href="javascript:alert(1)">{{.}}`

// A gruesome source yields works whose every word is hostile.
type gruesome struct{}

func (gruesome) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if split == data.Test {
			return
		}
		origin := data.Origin{Place: hostile, Licence: hostile, Creator: hostile, Attribution: hostile}
		for i := range 40 {
			it := data.Item{Name: fmt.Sprint(i, hostile), MediaType: "text/plain", Label: fmt.Sprint(i%2, hostile), Caption: hostile, Bytes: fmt.Append(nil, i, hostile), Origin: origin}
			var err error
			switch i % 4 {
			case 1:
				it.MediaType, it.Bytes = "image/png", square(uint8(i))
			case 2:
				it.MediaType = "image/png" // which it is not
			case 3:
				err = data.Dropf(hostile, "%s", hostile)
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// square is a picture of one colour.
func square(c uint8) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 3))
	for i := range 9 {
		m.Set(i/3, i%3, color.Gray{c})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func report(t *testing.T, s data.Source) string {
	t.Helper()
	l := newLibrary(t)
	if _, err := l.Add(t.Context(), "n", source(s), pipeline(), ""); err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := l.Report(t.Context(), "n", &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// Elements of HTML without an end tag.
var unended = []string{"meta", "br", "img"}

// TestReportIsWhole checks that every element of a report is closed, and that hostile contents stay
// text.
func TestReportIsWhole(t *testing.T) {
	var open []string
	pictures := 0
	var text strings.Builder
	for z := html.NewTokenizer(strings.NewReader(report(t, gruesome{}))); ; {
		switch kind, token := z.Next(), z.Token(); kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || len(open) > 0 {
				t.Errorf("the page ends with %v, within %v", z.Err(), open)
			}
			if pictures == 0 || !strings.Contains(text.String(), hostile) {
				t.Errorf("%d pictures, and the page says %s", pictures, text.String())
			}
			return
		case html.TextToken:
			text.WriteString(token.Data)
		case html.StartTagToken:
			pictures += strings.Count(token.Data, "img")
			checkElement(t, token)
			if !slices.Contains(unended, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if n := len(open); n == 0 || open[n-1] != token.Data {
				t.Fatalf("</%s> within %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// checkElement refuses scripts and references to other hosts.
func checkElement(t *testing.T, e html.Token) {
	t.Helper()
	if slices.Contains([]string{"script", "iframe", "link", "object", "embed", "base", "form", "a"}, e.Data) {
		t.Errorf("the page has an element %s", e)
	}
	for _, a := range e.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "href", a.Key == "srcset",
			a.Key == "src" && !strings.HasPrefix(a.Val, "data:image/png;base64,"),
			a.Key == "style" && strings.ContainsAny(a.Val, "(;"):
			t.Errorf("<%s> has %s = %.80q", e.Data, a.Key, a.Val)
		}
	}
}

func TestReportShowsWhatWasDropped(t *testing.T) {
	page := report(t, &numbers{0, 40, 0})
	for _, want := range []string{"fifth-test: ends in 6", "numbers-test: unreadable", "sector 17", "same-test: same", "of 0002", "number 24!", "<th>cleaner</th>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestBars(t *testing.T) {
	got := fmt.Sprint(bars(map[string]int{"a": 1, "b": 8, "c": 2, "": 4, "d": 1}, 4))
	if want := "[{b 8 100} {unknown 4 50} {c 2 25} {2 others 2 25}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestHistogram(t *testing.T) {
	c := newCensus()
	for i := range 100 {
		c.add(store.Row{Item: data.Item{Bytes: make([]byte, 10*i)}})
	}
	h, n := c.histogram(), 0
	for _, b := range h.Columns {
		n += b.N
	}
	if n != 100 || h.Least != "1 B" || h.Most != "990 B" || h.Median != "500 B" {
		t.Errorf("%d Items from %s by %s to %s", n, h.Least, h.Median, h.Most)
	}
	if c := newCensus(); c.histogram() != nil {
		t.Error("a histogram of nothing")
	}
}
