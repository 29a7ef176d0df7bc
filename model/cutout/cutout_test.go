package cutout

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"atelier/internal/noise"
)

// disc is a picture of a noisy disc of one colour on another, with the truth.
func disc(w, h int, radius float64) (*image.NRGBA, []bool) {
	img, truth := image.NewNRGBA(image.Rect(0, 0, w, h)), make([]bool, w*h)
	r := noise.Stream(7)
	for i := range truth {
		x, y := i%w, i/w
		c := color.NRGBA{uint8(30 + r.IntN(40)), uint8(90 + r.IntN(40)), uint8(150 + r.IntN(60)), 255}
		if truth[i] = math.Hypot(float64(x-w/2), float64(y-h/2)) < radius; truth[i] {
			c = color.NRGBA{uint8(180 + r.IntN(60)), uint8(100 + r.IntN(40)), uint8(20 + r.IntN(40)), 255}
		}
		img.SetNRGBA(x, y, c)
	}
	return img, truth
}

func TestSegment(t *testing.T) {
	img, truth := disc(60, 50, 14)
	boxed, stroked := make([]Mark, len(truth)), make([]Mark, len(truth))
	for i := range truth {
		x, y := i%60, i/60
		if x > 8 && x < 52 && y > 5 && y < 45 {
			boxed[i] = MaybeSubject
		}
		stroked[i] = Unmarked
		switch {
		case y == 25 && x > 25 && x < 35:
			stroked[i] = Subject
		case y == 3:
			stroked[i] = Background
		}
	}
	for name, marks := range map[string][]Mark{"box": boxed, "strokes": stroked} {
		got, err := Segment(t.Context(), img, marks, nil)
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i := range got {
			if got[i] != truth[i] {
				wrong++
			}
		}
		if wrong > 3 {
			t.Errorf("%s: %d pixels are on the wrong side", name, wrong)
		}
	}
	if _, err := Segment(t.Context(), img, make([]Mark, len(truth)), nil); !errors.Is(err, ErrOneSided) {
		t.Errorf("all background: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Segment(ctx, img, boxed, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// dense is the matting Laplacian by its definition (Levin's equation 12), with gonum's inverse.
func dense(img *image.NRGBA) *mat.Dense {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	all := mat.NewDense(w*h, w*h, nil)
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			window := mat.NewDense(9, 3, nil)
			var at [9]int
			var mean [3]float64
			for i := range 9 {
				u, v := x+i%3-1, y+i/3-1
				at[i] = v*w + u
				for c := range 3 {
					value := float64(img.Pix[v*img.Stride+4*u+c]) / 255
					window.Set(i, c, value)
					mean[c] += value / 9
				}
			}
			for i := range 9 {
				for c := range 3 {
					window.Set(i, c, window.At(i, c)-mean[c])
				}
			}
			var cov, inverse, lines mat.Dense
			cov.Mul(window.T(), window)
			cov.Scale(1.0/9, &cov)
			for c := range 3 {
				cov.Set(c, c, cov.At(c, c)+smoothness/9)
			}
			inverse.Inverse(&cov)
			lines.Product(window, &inverse, window.T())
			for i := range 9 {
				for j := range 9 {
					value := -(1 + lines.At(i, j)) / 9
					if i == j {
						value++
					}
					all.Set(at[i], at[j], all.At(at[i], at[j])+value)
				}
			}
		}
	}
	return all
}

// The solver agrees with a direct solution of the equations as they are defined.
func TestMatteSolves(t *testing.T) {
	img, truth := disc(11, 9, 3)
	trimap := Band(truth, 11, 2)
	alpha, err := Matte(t.Context(), img, trimap, nil)
	if err != nil {
		t.Fatal(err)
	}
	var unknown []int
	for i, v := range trimap {
		if v == Unknown {
			unknown = append(unknown, i)
		}
	}
	all := dense(img)
	matrix, right := mat.NewDense(len(unknown), len(unknown), nil), mat.NewVecDense(len(unknown), nil)
	for a, i := range unknown {
		for j, v := range trimap {
			if v == Inside {
				right.SetVec(a, right.AtVec(a)-all.At(i, j))
			}
		}
		for b, j := range unknown {
			matrix.Set(a, b, all.At(i, j))
		}
	}
	var want mat.VecDense
	if err := want.SolveVec(matrix, right); err != nil {
		t.Fatal(err)
	}
	for a, i := range unknown {
		if w := min(max(want.AtVec(a), 0), 1); math.Abs(alpha[i]-w) > 1e-4 {
			t.Errorf("pixel %d: %g, want %g", i, alpha[i], w)
		}
	}
}

// Of two plain colours, mixed by a known transparency, both are found.
func TestMatteAndForeground(t *testing.T) {
	const w, h = 40, 24
	front, back := [3]float64{220, 60, 30}, [3]float64{20, 90, 200}
	img, want, trimap := image.NewNRGBA(image.Rect(0, 0, w, h)), make([]float64, w*h), make([]uint8, w*h)
	for i := range want {
		want[i] = min(max((float64(i%w)-10)/20, 0), 1)
		for c := range 3 {
			img.Pix[4*i+c] = uint8(want[i]*front[c] + (1-want[i])*back[c] + 0.5)
		}
		img.Pix[4*i+3] = 255
		switch x := i % w; {
		case x > 32:
			trimap[i] = Inside
		case x >= 8:
			trimap[i] = Unknown
		}
	}
	alpha, err := Matte(t.Context(), img, trimap, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := Foreground(img, alpha)
	for i := range want {
		if math.Abs(alpha[i]-want[i]) > 0.02 {
			t.Fatalf("pixel %d: transparency %g, want %g", i, alpha[i], want[i])
		}
		if want[i] < 0.3 {
			continue
		}
		for c := range 3 {
			if d := math.Abs(float64(out.Pix[4*i+c]) - front[c]); d > 12 {
				t.Fatalf("pixel %d of transparency %g: colour %d is off by %g", i, want[i], c, d)
			}
		}
	}
}

// Any trimap of any picture gives numbers from 0 to 1, the known ones as they are.
func TestMatteOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 9).Draw(t, "h")
		img, trimap := image.NewNRGBA(image.Rect(0, 0, w, h)), make([]uint8, w*h)
		level := rapid.SampledFrom([]uint8{0, 3, 128, 255})
		var some [2]bool
		for i := range trimap {
			img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3] = level.Draw(t, "r"), level.Draw(t, "g"), level.Draw(t, "b"), 255
			trimap[i] = rapid.SampledFrom([]uint8{Outside, Unknown, Inside}).Draw(t, "t")
			some[0], some[1] = some[0] || trimap[i] == Outside, some[1] || trimap[i] == Inside
		}
		alpha, err := Matte(context.Background(), img, trimap, nil)
		if !some[0] || !some[1] {
			if !errors.Is(err, ErrOneSided) {
				t.Fatal(err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range alpha {
			if !(a >= 0 && a <= 1) || trimap[i] == Inside && a != 1 || trimap[i] == Outside && a != 0 {
				t.Fatalf("pixel %d, marked %d: %g", i, trimap[i], a)
			}
		}
		Foreground(img, alpha)
	})
}
