package terrain

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/noise"
)

func hillsOf(t testing.TB) *Field {
	t.Helper()
	f, err := Hills()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// meanSlope is the mean steepness of the points that pass a test.
func meanSlope(f *Field, passes func(x, y int) bool) float64 {
	sum, n := 0.0, 0
	for i := range f.Heights {
		if x, y := i%f.W, i/f.W; passes(x, y) {
			sum, n = sum+f.Slope(x, y, 1), n+1
		}
	}
	return sum / float64(n)
}

func TestQuilt(t *testing.T) {
	example := hillsOf(t)
	f, err := Quilt(t.Context(), example, 300, 180, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Min(f.Heights) != 0 || slices.Max(f.Heights) != 1 {
		t.Errorf("heights from %g to %g", slices.Min(f.Heights), slices.Max(f.Heights))
	}
	again, _ := Quilt(t.Context(), example, 300, 180, 3, nil)
	other, _ := Quilt(t.Context(), example, 300, 180, 4, nil)
	if !slices.Equal(f.Heights, again.Heights) || slices.Equal(f.Heights, other.Heights) {
		t.Error("a seed is not a landscape")
	}
	// Where pieces overlap, the ground is no steeper than within them: seams do not show.
	step, lap := usualSide-usualSide/3, usualSide/3
	within := func(x, y int) bool { return (x%step >= lap || x < lap) && (y%step >= lap || y < lap) }
	inside, seams := meanSlope(f, within), meanSlope(f, func(x, y int) bool { return !within(x, y) })
	if ratio := seams / inside; ratio < 0.75 || ratio > 1.2 {
		t.Errorf("the ground is %.2f times as steep where pieces overlap", ratio)
	}
}

// Any size is made of any example.
func TestQuiltSizes(t *testing.T) {
	example := hillsOf(t)
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(leastSide, 60).Draw(t, "w"), rapid.IntRange(leastSide, 60).Draw(t, "h")
		part := New(w, h)
		for i := range part.Heights {
			part.Heights[i] = example.at(i%w, i/w)
		}
		f, err := Quilt(context.Background(), part, rapid.IntRange(2, 90).Draw(t, "width"), rapid.IntRange(2, 90).Draw(t, "height"), 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, height := range f.Heights {
			if !(height >= 0 && height <= 1) {
				t.Fatalf("point %d has the height %g", i, height)
			}
		}
	})
}

// Water carries ground down, and in a bowl, out of which none runs, loses none of it; a plain stays.
func TestErode(t *testing.T) {
	f := New(64, 64)
	for i := range f.Heights {
		f.Heights[i] = 1 - float32(math.Exp(-float64((i%64-32)*(i%64-32)+(i/64-32)*(i/64-32))/200))
	}
	sum := func() (s float64) {
		for _, h := range f.Heights {
			s += float64(h)
		}
		return s
	}
	rng := noise.Stream(7)
	before, bottom := sum(), f.at(32, 32)
	for range 3000 {
		f.drop(rng)
	}
	if after := sum(); math.Abs(after-before) > 0.002*before {
		t.Errorf("the ground was %g and is %g", before, after)
	}
	if f.at(32, 32) <= bottom {
		t.Error("nothing settled in the bowl")
	}
	plain := New(32, 32)
	if err := plain.Erode(t.Context(), 1, 1, nil); err != nil || slices.Max(plain.Heights) != 0 {
		t.Errorf("a plain is %g high: %v", slices.Max(plain.Heights), err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := f.Erode(ended, 1, 1, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Shares of ground are 255 together; steep ground is rock, the top snow, the shore sand.
func TestGround(t *testing.T) {
	f := New(64, 64) // a ramp, and a cliff on it
	for i := range f.Heights {
		f.Heights[i] = float32(i%64) / 63
		if i/64 > 40 {
			f.Heights[i] = 0.5
		}
	}
	g := Ground{Water: 0.2, Snow: 0.8, Steep: 0.7, Factor: 10}
	splat := g.Splat(f)
	for i := 0; i < len(splat.Pix); i += 4 {
		if p := splat.Pix[i : i+4]; int(p[0])+int(p[1])+int(p[2])+int(p[3]) != 255 {
			t.Fatalf("the shares at %d are %v", i/4, p)
		}
	}
	for want, at := range map[color.NRGBA]image.Point{
		{255, 0, 0, 0}: {10, 10}, {0, 255, 0, 0}: {30, 60}, {0, 0, 255, 0}: {5, 40}, {0, 0, 0, 255}: {60, 10},
	} {
		if got := splat.NRGBAAt(at.X, at.Y); got != want {
			t.Errorf("at %v lies %v; want %v", at, got, want)
		}
	}
	seen := g.Colours(f, true)
	if water := seen.NRGBAAt(2, 10); water.B < water.R || !seen.Opaque() {
		t.Errorf("water is %v", water)
	}
}

// Heights go through 16 bits and back.
func TestPictures(t *testing.T) {
	f := hillsOf(t)
	again, err := FromPicture(f.Picture())
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Heights {
		if math.Abs(float64(f.Heights[i]-again.Heights[i])) > 1.0/65535 {
			t.Fatalf("%g is %g", f.Heights[i], again.Heights[i])
		}
	}
	for want, img := range map[string]image.Image{"want at least 24": image.NewGray(image.Rect(0, 0, 40, 9)), "one brightness": image.NewGray(image.Rect(0, 0, 40, 40))} {
		if _, err := FromPicture(img); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
