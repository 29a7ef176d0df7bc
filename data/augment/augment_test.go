package augment

import (
	"slices"
	"testing"

	"atelier/data"
	"atelier/internal/events"
	"atelier/internal/noise"
)

func field(height, width, channels int) data.Field {
	return data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{height, width, channels}, Low: -1, High: 1}
}

// TestContract checks that every augmentation is deterministic in its random numbers, varies with
// them, and stays within range.
func TestContract(t *testing.T) {
	for e := range data.Augmentations.All() {
		t.Run(e.Name, func(t *testing.T) {
			for _, f := range []data.Field{field(28, 28, 1), field(9, 16, 3), field(16, 7, 4), field(1, 1, 1)} {
				a := e.New()
				if _, ok := a.(data.Rewriting); ok {
					return // see TestRewritesMusic
				}
				picture := make([]float32, f.Size())
				noise.Uniforms(picture, 1)
				for i := range picture {
					picture[i] = min(max(4*picture[i]-2, -1), 1) // half of them lie on the bounds
				}
				changed := false
				for draw := range uint64(20) {
					once, twice := slices.Clone(picture), slices.Clone(picture)
					a.Apply(once, f, noise.Stream(2, draw))
					a.Apply(twice, f, noise.Stream(2, draw))
					if !slices.Equal(once, twice) {
						t.Fatalf("%s: the same random numbers give other pictures", f)
					}
					changed = changed || !slices.Equal(once, picture)
					for _, v := range once {
						if !(v >= f.Low && v <= f.High) {
							t.Fatalf("%s: the value %g", f, v)
						}
					}
				}
				if !changed && f.Size() > 1 {
					t.Errorf("%s: never changes a picture", f)
				}
			}
		})
	}
}

func TestChecks(t *testing.T) {
	for e := range data.Augmentations.All() {
		if err := e.New().(interface{ Check() error }).Check(); err != nil {
			t.Errorf("the defaults of %s are refused: %v", e.Name, err)
		}
	}
	for _, a := range []interface{ Check() error }{
		&Shift{Max: 0.6, Fill: fillEdge}, &Shift{Max: 0.1, Fill: "none"}, &Flip{}, &Rotate{Degrees: -1, Fill: fillLow},
		&Zoom{Fill: fillLow}, &Shear{Degrees: 50, Fill: fillLow}, &Crop{Share: 1},
		&Music{Keys: 7}, &Music{Tempo: -1}, &Music{Infill: 2}, &Music{Unstyled: -0.1}, &Music{Thin: 3},
	} {
		if a.Check() == nil {
			t.Errorf("takes %+v", a)
		}
	}
}

// TestResample shifts, rotates and enlarges a picture by hand.
func TestResample(t *testing.T) {
	f := field(3, 3, 1)
	old := []float32{
		0.1, 0.2, 0.3,
		0.4, 0.5, 0.6,
		0.7, 0.8, 0.9,
	}
	identity := affine{xx: 1, yy: 1}
	left := affine{xx: 1, yy: 1, dx: 1}
	quarter := affine{xy: -1, yx: 1}
	half := affine{xx: 1, yy: 1, dx: 0.5}
	for name, c := range map[string]struct {
		m    affine
		fill string
		want []float32
	}{
		"nothing":          {identity, fillLow, old},
		"left, edge":       {left, fillEdge, []float32{0.2, 0.3, 0.3, 0.5, 0.6, 0.6, 0.8, 0.9, 0.9}},
		"left, low":        {left, fillLow, []float32{0.2, 0.3, -1, 0.5, 0.6, -1, 0.8, 0.9, -1}},
		"a quarter turn":   {quarter, fillLow, []float32{0.3, 0.6, 0.9, 0.2, 0.5, 0.8, 0.1, 0.4, 0.7}},
		"half a pixel low": {half, fillLow, []float32{0.15, 0.25, -0.35, 0.45, 0.55, -0.2, 0.75, 0.85, -0.05}},
	} {
		got := slices.Clone(old)
		resample(got, f, c.m, c.fill)
		for i := range got {
			if d := got[i] - c.want[i]; d > 1e-6 || d < -1e-6 {
				t.Errorf("%s: got %v, want %v", name, got, c.want)
				break
			}
		}
	}
}

func TestFlip(t *testing.T) {
	got := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	(&Flip{Probability: 1}).Apply(got, field(2, 3, 2), noise.Stream(1))
	if want := []float32{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8}; !slices.Equal(got, want) {
		t.Error(got)
	}
}

// TestRewritesMusic: pieces come back whole, with their keys, tempos and order changed, and
// nothing else.
func TestRewritesMusic(t *testing.T) {
	p := &events.Piece{Style: 1, Parts: []int{0, events.Drums}}
	for i := range 6 {
		p.Bars = append(p.Bars, events.Bar{Tempo: 20, Key: 9, Chords: []events.Chord{{Root: i, Bass: -1}},
			Parts: [][]events.Note{{{At: 12, Length: 5, Pitch: 50 + i, Loudness: 4}}, {{Pitch: 9 + i}}}})
	}
	want := append(p.Tokens(), p.Tokens()...)
	row := append(slices.Clone(want), make([]int32, 20)...)
	a := &Music{Keys: 6, Tempo: 2, Infill: 0.5, Unstyled: 0.3}
	keys, tempos, styles, filled := map[int]bool{}, map[int]bool{}, map[int]bool{}, 0
	for draw := range uint64(60) {
		once, twice := slices.Clone(row), slices.Clone(row)
		a.Rewrite(once, data.Field{}, noise.Stream(3, draw))
		a.Rewrite(twice, data.Field{}, noise.Stream(3, draw))
		if !slices.Equal(once, twice) {
			t.Fatal("the same random numbers give other pieces")
		}
		got := events.Parse(once)
		keys[got.Bars[0].Key], tempos[got.Bars[0].Tempo], styles[got.Style] = true, true, true
		if slices.Contains(once, events.Token(events.Fill, 0)) {
			filled++
		}
		got.Style = 1
		for i := range got.Bars {
			got.Bars[i].Key, got.Bars[i].Tempo = 9, 20
		}
		if !slices.Equal(got.Tokens(), p.Tokens()) {
			t.Fatalf("draw %d: %v became %v", draw, p.Tokens(), got.Tokens())
		}
	}
	thin := slices.Clone(row)
	(&Music{Thin: 1}).Rewrite(thin, data.Field{}, noise.Stream(1))
	if got := events.Parse(thin); len(got.Parts) != 1 || len(got.Bars) != 6 || len(got.Bars[0].Parts[0]) != 1 {
		t.Errorf("without a part: %+v", got)
	}
	if len(keys) < 8 || len(tempos) != 5 || len(styles) != 2 || filled < 20 || filled > 58 {
		t.Errorf("%d keys, %d tempos, %d styles, %d of 60 filled", len(keys), len(tempos), len(styles), filled)
	}
	still := &Music{}
	same := slices.Clone(row)
	if still.Rewrite(same, data.Field{}, noise.Stream(1)); !slices.Equal(same, row) {
		t.Error("no change changes pieces")
	}
}
