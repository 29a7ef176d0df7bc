package library

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/data/store"
)

// A copies source yields copies of works, the first of which, by name, is never the best.
type copies struct {
	test   []string // works of the test part, if it has parts
	shares bool
}

func (c *copies) Divided() bool { return c.shares }
func (c *copies) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for _, it := range worksAndCopies() {
			given := data.Train
			if slices.Contains(c.test, it.Name) {
				given = data.Test
			}
			if given == split && !yield(it, nil) {
				return
			}
		}
	}
}

func worksAndCopies() []data.Item {
	text := strings.ReplaceAll(written(1, rand.New(rand.NewPCG(1, 1))), "â€œniceâ€\u009d", "nice")
	song := played(1, rand.New(rand.NewPCG(1, 1)))
	whole := picture(144, 112)
	return []data.Item{
		{Name: "photo a, small", MediaType: "image/png", Bytes: picture(72, 56)},
		{Name: "photo b", MediaType: "image/png", Bytes: whole},
		{Name: "photo c, smaller", MediaType: "image/png", Bytes: picture(60, 48)},
		{Name: "song a, cut", MediaType: "audio/midi", Bytes: song[:len(song)-20]},
		{Name: "song b", MediaType: "audio/midi", Bytes: song},
		{Name: "text a, cut", MediaType: "text/plain", Bytes: []byte(text[:len(text)*9/10])},
		{Name: "text b, garbled", MediaType: "text/plain", Bytes: []byte(text + "It was \ufffd\ufffd all, and much more so.\n")},
		{Name: "text c", MediaType: "text/plain", Bytes: []byte(text)},
		{Name: "text d, the same", MediaType: "text/plain", Bytes: []byte(text), Label: "tale", Caption: "A tale"},
	}
}

// picture is the same picture at different sizes.
func picture(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := 4*x*144/width, 3*y*112/height
			m.Set(x, y, color.RGBA{uint8(u / 3), uint8(v / 2), uint8((u + v) / 4), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestTheBestStays checks which duplicate is kept, for every split and order.
func TestTheBestStays(t *testing.T) {
	for _, c := range []struct {
		source *copies
		share  string
		want   string
	}{
		{&copies{}, "0", "[photo b song b text c]"},
		{&copies{}, "0.5", "[photo b song b text c]"},
		{&copies{shares: true}, "0", "[photo b song b text c]"},
		// An Item of the test part is not displaced by one of the training part.
		{&copies{shares: true, test: []string{"photo c, smaller", "text a, cut"}}, "0", "[photo c, smaller song b text a, cut]"},
		{&copies{shares: true, test: []string{"text a, cut", "text b, garbled"}}, "0", "[photo b song b text a, cut]"},
	} {
		text, err := ReadPipeline(DefaultPipeline)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePipeline("default.toml", text, "near-pictures=on", "test_share="+c.share, "blank=off")
		if err != nil {
			t.Fatal(err)
		}
		v, err := newLibrary(t).Add(t.Context(), "n", source(c.source), p, "")
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		if err := each(t.Context(), v, func(r store.Row) { left = append(left, r.Name) }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(left)
		if fmt.Sprint(left) != c.want {
			t.Errorf("%+v, %s: %v stay, want %s", c.source, c.share, left, c.want)
		}
		for d, err := range v.Drops(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if want := `of text c, which has the label "" instead of "tale", with another caption`; d.Drop.By == "exact" && d.Drop.Detail != want {
				t.Errorf("%s is dropped, %q", d.Name, d.Drop.Detail)
			}
			// what an exact copy is one of may go itself, as a near duplicate
			if kept, ok := KeptInstead(&d.Drop); !ok || !slices.Contains(left, kept) && (d.Drop.By != "exact" || kept != "text c") {
				t.Errorf("%s is dropped for %q", d.Name, kept)
			}
			if kept, ok := strings.CutPrefix(d.Drop.Detail, "of "); d.Drop.By != "exact" && (!ok || !slices.Contains(left, kept) || kept[:4] != d.Name[:4]) {
				t.Errorf("%s is dropped, %q", d.Name, d.Drop.Detail)
			}
		}
	}
}
