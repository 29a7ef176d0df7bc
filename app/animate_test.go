package app

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"atelier/internal/atlas"
	"atelier/internal/picture"
)

// A picture that is partly transparent is made opaque, which is told.
func TestAnimateTransparent(t *testing.T) {
	a := New[*Animate]()
	a.Frames, a.Format = 2, formatGIF
	for _, clear := range []bool{false, true} {
		img := scene(16, 16)
		if clear {
			img.SetNRGBA(3, 3, color.NRGBA{})
		}
		a.Picture = fileOf(t, "lake.png", picture.PNG, img)
		env, items, said := onePicture(Out{File: "lake.gif"})
		env.Watcher.Notice = func(line string) { *said = append(*said, line) }
		if err := Run(t.Context(), a, env); err != nil || len(*items) != 1 {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(*said, func(line string) bool { return strings.Contains(line, "lake.png is partly transparent") })
		if told != clear {
			t.Errorf("transparent: %v, said %q", clear, *said)
		}
	}
}

// Samples of a run, whose names are numbered as frames are, are no animation, unless they are cut.
func TestSpritesOfRunAreNoAnimation(t *testing.T) {
	frames := []sprite{{"0004-blue-000001", "", scene(8, 8)}, {"0004-blue-000002", "", image.NewNRGBA(image.Rect(0, 0, 4, 4))}}
	for _, c := range []struct {
		from Model
		cut  string
		want []atlas.Animation
	}{
		{"4", "", nil}, {"4", "8x8", []atlas.Animation{{Name: "0004-blue"}}}, {"", "", []atlas.Animation{{Name: "0004-blue"}}},
	} {
		a := New[*Sprites]()
		a.From, a.Cut = c.from, c.cut
		s, err := a.laid(frames)
		if err != nil || len(s.animations) != len(c.want) {
			t.Errorf("run %q, cut %q: %v", c.from, c.cut, err)
		}
	}
}
