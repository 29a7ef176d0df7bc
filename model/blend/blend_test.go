package blend

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"atelier/internal/noise"
)

// The multigrid solves the equations of any domain, as a direct solution does.
func TestSolve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 13).Draw(t, "w"), rapid.IntRange(1, 13).Draw(t, "h")
		unknown, known := make([]bool, w*h), 0
		for i := range unknown {
			if unknown[i] = rapid.IntRange(0, 3).Draw(t, "unknown") > 0; !unknown[i] {
				known++
			}
		}
		// Each part must touch what is known.
		if known == 0 || connectedApart(unknown, w, h) {
			t.Skip("nothing holds a part of it")
		}
		img := image.NewNRGBA(image.Rect(0, 0, w, h))
		r := noise.Stream(rapid.Uint64().Draw(t, "seed"))
		for i := range img.Pix {
			img.Pix[i] = uint8(r.IntN(256))
		}
		target := make([]float32, w*h)
		for i := range target {
			target[i] = float32(r.IntN(60))
		}
		got, err := Solve(context.Background(), img, unknown, func(p, q, _ int) float32 { return target[p] - target[q] })
		if err != nil {
			t.Fatal(err)
		}
		want := direct(img, unknown, target, w, h)
		for i := range unknown {
			if !unknown[i] && got.Pix[4*i] != img.Pix[4*i] {
				t.Fatalf("pixel %d is known and was changed", i)
			}
			if unknown[i] && math.Abs(float64(got.Pix[4*i])-min(max(want[i], 0), 255)) > 0.75 {
				t.Fatalf("pixel %d: %d, want %g", i, got.Pix[4*i], want[i])
			}
		}
	})
}

// connectedApart reports whether a part of what is unknown touches nothing known.
func connectedApart(unknown []bool, w, h int) bool {
	held := make([]bool, len(unknown))
	for i := range held {
		held[i] = !unknown[i]
	}
	for range unknown {
		for i := range held {
			x, y := i%w, i/w
			held[i] = held[i] || x > 0 && held[i-1] || x < w-1 && held[i+1] || y > 0 && held[i-w] || y < h-1 && held[i+w]
		}
	}
	for _, in := range held {
		if !in {
			return true
		}
	}
	return false
}

func direct(img *image.NRGBA, unknown []bool, target []float32, w, h int) []float64 {
	n := len(unknown)
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i := range unknown {
		if !unknown[i] {
			a.Set(i, i, 1)
			b.SetVec(i, float64(img.Pix[4*i]))
			continue
		}
		for _, s := range [4]image.Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if x, y := i%w+s.X, i/w+s.Y; x >= 0 && x < w && y >= 0 && y < h {
				j := y*w + x
				a.Set(i, i, a.At(i, i)+1)
				a.Set(i, j, -1)
				b.SetVec(i, b.AtVec(i)+float64(target[i]-target[j]))
			}
		}
	}
	var x mat.VecDense
	if n > 0 && x.SolveVec(a, b) != nil {
		return make([]float64, n)
	}
	return x.RawVector().Data
}

// A picture that is laid on itself, lighter, vanishes; mixed, what is below shows through a plain
// one.
func TestClone(t *testing.T) {
	const w, h = 40, 30
	below, above := image.NewNRGBA(image.Rect(0, 0, w, h)), image.NewNRGBA(image.Rect(0, 0, w, h))
	r := noise.Stream(3)
	for i := range w * h {
		for c := range 3 {
			below.Pix[4*i+c] = uint8(60 + r.IntN(80))
			above.Pix[4*i+c] = below.Pix[4*i+c] + 50
		}
		below.Pix[4*i+3] = 255
		if x, y := i%w, i/w; x > 5 && x < 30 && y > 4 && y < 25 {
			above.Pix[4*i+3] = 255
		}
	}
	got, err := Clone(t.Context(), below, above, Seamless)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Pix {
		if d := int(got.Pix[i]) - int(below.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("byte %d: %d, want %d", i, got.Pix[i], below.Pix[i])
		}
	}
	for i := range w * h {
		for c := range 3 {
			above.Pix[4*i+c] = 128
		}
	}
	if got, err = Clone(t.Context(), below, above, Mixed); err != nil {
		t.Fatal(err)
	}
	for i := range got.Pix {
		if d := int(got.Pix[i]) - int(below.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("mixed, byte %d: %d, want %d", i, got.Pix[i], below.Pix[i])
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Clone(ctx, below, above, Seamless); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// At strength 1 mean and spread are those of what is around; at 0 nothing changes.
func TestHarmonise(t *testing.T) {
	below, above := image.NewNRGBA(image.Rect(0, 0, 30, 30)), image.NewNRGBA(image.Rect(0, 0, 30, 30))
	r := noise.Stream(4)
	for i := range 900 {
		copy(below.Pix[4*i:], []uint8{uint8(40 + r.IntN(60)), uint8(60 + r.IntN(60)), uint8(120 + r.IntN(60)), 255})
		copy(above.Pix[4*i:], []uint8{uint8(140 + r.IntN(60)), uint8(100 + r.IntN(60)), uint8(40 + r.IntN(60)), 255})
	}
	same := Harmonise(below, above, 0)
	for i := range same.Pix {
		if d := int(same.Pix[i]) - int(above.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("strength 0 changed %d to %d", above.Pix[i], same.Pix[i])
		}
	}
	mean, spread := statistics(Harmonise(below, above, 1), above.Rect)
	wantMean, wantSpread := statistics(below, below.Rect)
	for c := range mean {
		if math.Abs(mean[c]-wantMean[c]) > 0.01 || math.Abs(spread[c]-wantSpread[c]) > 0.01 {
			t.Errorf("component %d: %g ± %g, want %g ± %g", c, mean[c], spread[c], wantMean[c], wantSpread[c])
		}
	}
}

func BenchmarkClone(b *testing.B) {
	below, above := image.NewNRGBA(image.Rect(0, 0, 1000, 1000)), image.NewNRGBA(image.Rect(0, 0, 1000, 1000))
	r := noise.Stream(5)
	for i := range 1000 * 1000 {
		x, y := i%1000, i/1000
		copy(below.Pix[4*i:], []uint8{uint8(x / 4), uint8(y / 4), uint8(r.IntN(256)), 255})
		copy(above.Pix[4*i:], []uint8{uint8(r.IntN(256)), uint8(x ^ y), uint8(255 - x/4), 0})
		if (x-500)*(x-500)+(y-500)*(y-500) < 490*490+40*(x%50) {
			above.Pix[4*i+3] = 255
		}
	}
	for b.Loop() {
		if _, err := Clone(b.Context(), below, above, Seamless); err != nil {
			b.Fatal(err)
		}
	}
}

// Channels that follow one another in the same memory come out as each by itself.
func TestSolverIsUsedAgain(t *testing.T) {
	below, above := image.NewNRGBA(image.Rect(0, 0, 23, 17)), image.NewNRGBA(image.Rect(0, 0, 23, 17))
	for i := range below.Pix {
		below.Pix[i], above.Pix[i] = uint8(i*37), uint8(i*i)
		if x, y := i/4%23, i/4/23; i%4 == 3 {
			below.Pix[i], above.Pix[i] = 255, 0
			if x > 4 && x < 19 && y > 3 {
				above.Pix[i] = 255
			}
		}
	}
	want, err := Clone(t.Context(), below, above, Seamless)
	if err != nil {
		t.Fatal(err)
	}
	unknown := within(above, 23, 17)
	box := bounds(unknown, 23).Inset(-1).Intersect(below.Rect)
	got := &image.NRGBA{Pix: bytes.Clone(below.Pix), Stride: below.Stride, Rect: below.Rect}
	s := newSolver(unknown, 23, box)
	for c := range 3 {
		field := func(p, q, c int) float32 { return float32(int(above.Pix[4*p+c]) - int(above.Pix[4*q+c])) }
		if err := s.channel(t.Context(), below, got, unknown, box, field, c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got.Pix, want.Pix) || bytes.Equal(got.Pix, below.Pix) {
		t.Error("other pictures")
	}
}
