package patch

import (
	"image"
	"image/color"
	"math"
	"testing"

	"atelier/internal/noise"
	"atelier/internal/sphere"
)

// meadow is a picture of sky above grass, both with grain.
func meadow(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			n := uint8(noise.Bits(uint64(y*w+x)) >> 60)
			c := color.NRGBA{100 + n, 150 + n, 220 + n, 255}
			if y > h/2 {
				c = color.NRGBA{60 + 2*n, 120 + 2*n, 40 + n, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// A panorama holds the picture in front, closes behind, has a colour at each pole, keeps the sky
// above and the grass below, and depends on nothing but its seed.
func TestAround(t *testing.T) {
	source := meadow(96, 64)
	s := Surrounding{Width: 256, View: 120, Horizon: 0.5, Seed: 3}
	out, err := Around(t.Context(), everywhere()[0], source, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if size := out.Rect.Size(); size != image.Pt(256, 128) {
		t.Fatalf("%v", size)
	}
	across, inside := Seam(out.NRGBA)
	if across > 1.5*inside {
		t.Errorf("the seam differs by %g, columns within by %g", across, inside)
	}
	for _, y := range []int{0, 127} {
		least, most := 255, 0
		for x := range 256 {
			least, most = min(least, int(out.NRGBAAt(x, y).G)), max(most, int(out.NRGBAAt(x, y).G))
		}
		if most-least > 40 {
			t.Errorf("row %d has levels from %d to %d", y, least, most)
		}
	}
	for _, x := range []int{0, 64, 128, 200} {
		if above, below := out.NRGBAAt(x, 20), out.NRGBAAt(x, 110); above.B < above.G || below.B > below.G {
			t.Errorf("column %d: above %v, below %v", x, above, below)
		}
	}
	again, err := Around(t.Context(), everywhere()[0], source, s, nil)
	if err != nil || string(again.Pix) != string(out.Pix) {
		t.Errorf("made again, it differs; error %v", err)
	}
}

// What falls to one side comes back over the whole way around, not all at once behind: a sloping horizon,
// a sky that grows dark, colours that change across the picture.
func TestAroundOneSided(t *testing.T) {
	for name, colour := range map[string]func(x, y float64) color.NRGBA{
		"slope": func(x, y float64) color.NRGBA {
			if y > 0.3+0.4*x {
				return color.NRGBA{60, 120, 50, 255}
			}
			return color.NRGBA{120, 160, 230, 255}
		},
		"dusk": func(x, y float64) color.NRGBA { return color.NRGBA{uint8(30 + 200*x), uint8(40 + 150*x), 120, 255} },
		"diagonal": func(x, y float64) color.NRGBA {
			return color.NRGBA{uint8(20 + 110*(x+y)), uint8(20 + 100*(x+y)), 120, 255}
		},
	} {
		const w, h = 96, 64
		source := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				source.SetNRGBA(x, y, colour(float64(x)/w, float64(y)/h))
			}
		}
		out, err := Around(t.Context(), everywhere()[0], source, Surrounding{Width: 252, View: 120, Horizon: 0.5, Seed: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		band := out.SubImage(image.Rect(0, 40, 252, 86)).(*image.NRGBA)
		if worst := Steepest(band, 84, 168); worst > 1.2 {
			t.Errorf("%s: what is around changes %.2f times as much from column to column as the picture", name, worst)
		}
	}
}

// Of a panorama whose edges meet, only the poles are filled; where they do not, the seam is, too.
func TestAroundFull(t *testing.T) {
	whole := sphere.New(256)
	for y := range 128 {
		for x := range 256 {
			v := uint8(128 + 60*math.Sin(2*math.Pi*float64(x)/256)*math.Sin(math.Pi*float64(y)/128))
			whole.SetNRGBA(x, y, color.NRGBA{v, uint8(2 * y), 90, 255})
		}
	}
	s := Surrounding{Width: 256, View: 360, Horizon: 0.5, Seed: 3}
	out, err := Around(t.Context(), everywhere()[0], whole.NRGBA, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []int{0, 100, 255} {
		if got, want := out.NRGBAAt(x, 64), whole.NRGBAAt(x, 64); got != want {
			t.Errorf("column %d is %v, was %v", x, got, want)
		}
	}
	torn := meadow(256, 128)
	for i := 0; i < len(torn.Pix); i += 4 {
		torn.Pix[i] += uint8(i / 4 % 256 / 4)
	}
	before, _ := Seam(torn)
	if out, err = Around(t.Context(), everywhere()[0], torn, s, nil); err != nil {
		t.Fatal(err)
	}
	if across, inside := Seam(out.NRGBA); across > before/2 || across > 2*inside {
		t.Errorf("the seam differs by %g, columns within by %g; before, the seam differed by %g", across, inside, before)
	}
}

// High and low pictures stay away from the poles.
func TestBand(t *testing.T) {
	upper, lower := Surrounding{View: 120, Horizon: 0.25}.Band(image.Pt(100, 50))
	if upper != 15 || lower != -45 {
		t.Errorf("%g to %g", lower, upper)
	}
	if upper, lower = (Surrounding{View: 300, Horizon: 0.5}).Band(image.Pt(10, 100)); upper != 86 || lower != -86 {
		t.Errorf("%g to %g", lower, upper)
	}
}
