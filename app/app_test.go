package app

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/badinput"
	"atelier/internal/provenance"
	"atelier/internal/registry/registrytest"
	"atelier/model/metric"
	"atelier/model/run"
)

func TestApps(t *testing.T) {
	registrytest.RoundTrip(t, Apps)
	for e := range Apps.All() {
		if e.New().Example() == "" {
			t.Errorf("%s has no example", e.Name)
		}
	}
}

func TestGenerateCheck(t *testing.T) {
	for _, g := range []Generate{
		{N: -1, As: sheet}, {N: mostSheet + 1, As: sheet}, {N: mostFiles + 1, As: files}, {N: 1}, {N: 1, As: "film"},
		{As: files, Length: -1}, {As: files, Length: mostTokens + 1}, {As: files, Temperature: -1}, {As: files, TopK: -1}, {As: files, TopP: 2},
	} {
		if fit(g).Check() == nil {
			t.Errorf("%+v is accepted", g)
		}
	}
	for _, g := range []Generate{{As: files}, {N: 1, As: files}, {N: mostSheet, As: sheet}, {N: mostFiles, As: files}} {
		if err := fit(g).Check(); err != nil {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

// fit fills in what is not given.
func fit(g Generate) *Generate {
	if g.Length == 0 {
		g.Length = usualLength
	}
	if g.Temperature == 0 {
		g.Temperature = 1
	}
	if g.TopP == 0 {
		g.TopP = 1
	}
	return &g
}

// A label holds all that a request was made of.
func TestAgain(t *testing.T) {
	for _, g := range []*Generate{
		fit(Generate{From: "0001-fashion", N: 64, Seed: math.MaxUint64, As: sheet}),
		fit(Generate{From: "0002-emoji", N: 1, Seed: 0, Class: "ankle boot", As: files}),
	} {
		got, err := again(provenance.Label{Run: g.From, Settings: g.settings()})
		if d := cmp.Diff(g, got); err != nil || d != "" {
			t.Errorf("%v %s", err, d)
		}
	}
	for _, settings := range []map[string]string{nil, {"app": "nearest", "n": "1", "k": "1", "seed": "1"}, {"n": "1"}, {"n": "x", "seed": "1"}, {"n": "0", "seed": "1", "as": sheet}, {"n": "1000000000", "seed": "1", "as": sheet}} {
		if _, err := again(provenance.Label{Settings: settings}); !errors.Is(err, badinput.Err) {
			t.Errorf("%v: %v", settings, err)
		}
	}
}

func TestNearestCheck(t *testing.T) {
	for _, a := range []Nearest{{N: 0, K: 1}, {N: mostRows + 1, K: 1}, {N: 1, K: 0}, {N: 1, K: mostNeighbours + 1}} {
		if a.Check() == nil {
			t.Errorf("%+v is accepted", a)
		}
	}
	if err := (&Nearest{N: mostRows, K: mostNeighbours}).Check(); err != nil {
		t.Error(err)
	}
}

// Pictures keep their pixels below a line of text, beside and below each other.
func TestCaptions(t *testing.T) {
	dot := func(w, h int) *image.NRGBA {
		m := white(w, h)
		m.Set(w-1, h-1, color.Black)
		return m
	}
	a := captioned(dot(40, 10), "text") // four letters of 7 pixels
	both := across(a, dot(20, 50))
	all := down(both, captioned(dot(5, 5), "a long text"))
	if a.Rect != image.Rect(0, 0, 40, 10+captionHeight) || both.Rect != image.Rect(0, 0, 40+captionGap+20, 50) ||
		all.Rect != image.Rect(0, 0, 11*7+2, 50+5+captionHeight) {
		t.Fatal(a.Rect, both.Rect, all.Rect)
	}
	for _, at := range []image.Point{{39, 9 + captionHeight}, {40 + captionGap + 19, 49}, {4, 50 + captionHeight + 4}} {
		if all.NRGBAAt(at.X, at.Y) != (color.NRGBA{A: 255}) {
			t.Errorf("nothing at %v", at)
		}
	}
	letters := 0
	for x := range 40 {
		for y := range captionHeight {
			if a.NRGBAAt(x, y) == (color.NRGBA{A: 255}) {
				letters++
			}
		}
	}
	if letters < 20 || letters > 200 {
		t.Errorf("the text has %d black pixels", letters)
	}
}

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPixelDifference(t *testing.T) {
	a := image.NewGray(image.Rect(0, 0, 4, 3))
	b := image.NewGray(image.Rect(0, 0, 4, 3))
	b.SetGray(1, 1, color.Gray{7})
	b.SetGray(3, 2, color.Gray{2})
	wide := image.NewGray(image.Rect(0, 0, 5, 3))
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{encoded(t, a), "pixels: all the same"},
		{encoded(t, b), "pixels: 2 of 12 differ, by at most 7 of 255"},
		{encoded(t, wide), "size: then 4×3, now 5×3"},
		{[]byte("no picture"), "cannot be read"},
	} {
		if got := pixelDifference(encoded(t, a), c.b); !strings.Contains(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestCurves(t *testing.T) {
	stats := []map[string]any{
		{"step": 1., "D/loss": 1.4, "G/loss": 0.7, "seconds": 1.},
		{"step": 2., "D/loss": 1.2, "G/loss": nil}, // a loss that was not finite
		{"step": 3., "D/loss": 1.1, "G/loss": 0.9},
	}
	if got := losses(stats); len(got) != 2 || len(got["G/loss"]) != 2 || got["D/loss"][2].X != 3 {
		t.Errorf("%v", got)
	}
	picture, err := Curves("0001-fashion", stats)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || m.Width < 600 {
		t.Errorf("%v %v", m, err)
	}
	if _, err := Curves("0001-fashion", nil); !errors.Is(err, badinput.Err) {
		t.Errorf("of nothing: %v", err)
	}
}

func TestBest(t *testing.T) {
	score := func(name string, value float64, better metric.Direction) run.Measured {
		return run.Measured{Score: metric.Score{Name: name, Value: value, Better: better}}
	}
	all := []run.Measured{score("fid2k", 40, metric.Lower), score("fid2k", 20, metric.Lower), score("fid2k", 30, metric.Lower), score("recall", 0.5, metric.Higher), score("recall", 0.6, metric.Higher)}
	if got := best(all, "fid2k"); got == nil || got.Value != 20 {
		t.Errorf("%v", got)
	}
	if got := best(all, "recall"); got == nil || got.Value != 0.6 {
		t.Errorf("%v", got)
	}
	if got := best(all, "kid2k"); got != nil {
		t.Errorf("%v", got)
	}
}
