package app

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"atelier/internal/animation"
	"atelier/internal/atlas"
	"atelier/internal/picture"
)

// A picture that is partly transparent stays so where the format can keep it, else it is told.
func TestAnimateTransparent(t *testing.T) {
	a := New[*Animate]()
	a.Frames = 3
	for format, said := range map[string]string{"apng": "", "webp": "", "gif": "which a GIF cannot be", "webm": "which a film cannot be"} {
		for _, opaque := range []bool{true, false} {
			img := scene(16, 16)
			for y := range 16 {
				if !opaque {
					img.SetNRGBA(0, y, color.NRGBA{})
					img.SetNRGBA(1, y, color.NRGBA{90, 90, 90, 120})
				}
			}
			a.Picture, a.Format = fileOf(t, "lake.png", picture.PNG, img), format
			env, items, all := onePicture(Out{File: "lake." + format})
			env.Watcher.Notice = func(line string) { *all = append(*all, line) }
			if err := Run(t.Context(), a, env); err != nil || len(*items) != 1 {
				t.Fatal(err)
			}
			told := slices.ContainsFunc(*all, func(line string) bool { return strings.Contains(line, "lake.png is partly transparent") })
			if rightly := slices.ContainsFunc(*all, func(line string) bool { return said != "" && strings.Contains(line, said) }); told != rightly || told != (said != "" && !opaque) {
				t.Errorf("%s, opaque %v: said %q", format, opaque, *all)
			}
			if format == "webm" {
				continue
			}
			_, _, frames, err := animation.Frames((*items)[0].Bytes)
			if err != nil {
				t.Fatal(err)
			}
			for m, err := range frames {
				if err != nil || picture.NRGBA(m).Opaque() != opaque {
					t.Fatalf("%s, opaque %v: a frame is opaque: %v, error %v", format, opaque, picture.NRGBA(m).Opaque(), err)
				}
			}
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
