package patch

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"testing"

	"atelier/engine/match"
	"atelier/engine/simd"
	"atelier/internal/badinput"
	"atelier/internal/noise"
)

var usual = match.New(simd.Best(), 2)

// everywhere are matchers of all paths and of several numbers of threads.
func everywhere() (all []Matcher) {
	for i, path := range simd.Paths() {
		all = append(all, match.New(path, 1+2*(i%2)))
	}
	return append(all, match.New(simd.Best(), 2))
}

// landscape is a picture with sky, ground and things on it.
func landscape(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	rng := noise.Stream(7)
	for y := range h {
		for x := range w {
			c := [3]int{90, 140, 220 - y}
			if y > h/2+int(4*math.Sin(float64(x)/5)) {
				c = [3]int{60 + x%7*9, 120 + (x+y)%5*12, 30}
			}
			if (x/9+y/9)%5 == 0 && y > h/3 {
				c[0] += 70
			}
			p := img.Pix[y*img.Stride+4*x:]
			for i := range c {
				p[i] = uint8(min(max(c[i]+rng.IntN(9), 0), 255))
			}
			p[3] = 255
		}
	}
	return img
}

func boxMask(img *image.NRGBA, r image.Rectangle) []bool {
	mask := make([]bool, img.Rect.Dx()*img.Rect.Dy())
	for i := range mask {
		mask[i] = image.Pt(i%img.Rect.Dx(), i/img.Rect.Dx()).In(r)
	}
	return mask
}

// TestSameEverywhere: paths and threads change nothing.
func TestSameEverywhere(t *testing.T) {
	img := landscape(60, 48)
	hole := boxMask(img, image.Rect(20, 18, 38, 32))
	for name, make := range map[string]func(m Matcher) (*image.NRGBA, error){
		"fill": func(m Matcher) (*image.NRGBA, error) {
			out, _, err := Fill(t.Context(), m, img, hole, Filling{Seed: 3}, nil)
			return out, err
		},
		"vary": func(m Matcher) (*image.NRGBA, error) {
			out, _, err := Vary(t.Context(), m, img, Variation{Seed: 3, Strength: UsualStrength}, nil)
			return out, err
		},
		"tile":     func(m Matcher) (*image.NRGBA, error) { return Tile(t.Context(), m, img, image.Pt(40, 44), 3, nil) },
		"retarget": func(m Matcher) (*image.NRGBA, error) { return Retarget(t.Context(), m, img, image.Pt(80, 45), 3, nil) },
	} {
		var first *image.NRGBA
		for i, m := range everywhere() {
			out, err := make(m)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out
			} else if !bytes.Equal(first.Pix, out.Pix) {
				t.Errorf("%s: matcher %d gives other pixels", name, i)
			}
		}
	}
}

// TestExact: the exact search gives what comparing all pairs by hand gives.
func TestExact(t *testing.T) {
	query, key := premultiplied(landscape(15, 13)), premultiplied(landscape(17, 14))
	for i := range query.pix {
		query.pix[i] ^= uint8(i % 3)
	}
	const alpha, level = 5000, 300
	var e exact
	for range 2 { // the second with the memory of the first
		got, err := e.match(t.Context(), usual, query, key, alpha, level)
		if err != nil {
			t.Fatal(err)
		}
		qw, qh := query.places()
		kw, kh := key.places()
		distance := func(q, k int) int64 {
			sum := int64(0)
			for y := range side {
				for x := range side {
					for c := range 4 {
						d := int64(query.pix[((q/qw+y)*query.w+q%qw+x)*4+c]) - int64(key.pix[((k/kw+y)*key.w+k%kw+x)*4+c])
						sum += d * d
					}
				}
			}
			return sum + level*int64((q/qw-k/kw)*(q/qw-k/kw))
		}
		weight := make([]int64, kw*kh)
		for k := range weight {
			nearest := int64(math.MaxInt64)
			for other := range qw * qh {
				nearest = min(nearest, distance(other, k))
			}
			weight[k] = one / (alpha + nearest)
		}
		for q := range qw * qh {
			best, least := -1, int64(math.MaxInt64)
			for k, w := range weight {
				if c := distance(q, k) * w; c < least {
					best, least = k, c
				}
			}
			if int(got[q]) != best {
				t.Fatalf("patch %d takes %d, want %d", q, got[q], best)
			}
		}
	}
}

// TestPasses: PatchMatch finds a shifted picture, and never makes a match worse.
func TestPasses(t *testing.T) {
	key := premultiplied(landscape(60, 50))
	query := newPicture(50, 40, 4)
	for y := range query.h {
		copy(query.pix[y*query.stride():][:query.stride()], key.pix[(y+6)*key.stride()+4*4:])
	}
	s := &search{m: usual, query: query, key: key}
	f := newField(s.count())
	if err := s.measure(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	before := append([]int64{}, f.cost...)
	if err := s.passes(t.Context(), f, 8, 60, 1); err != nil {
		t.Fatal(err)
	}
	zero := 0
	for i, c := range f.cost {
		if c > before[i] {
			t.Fatalf("patch %d: %d, and it was %d", i, c, before[i])
		}
		if c == 0 {
			zero++
		}
	}
	if zero < len(f.cost)*9/10 {
		t.Errorf("%d of %d patches were found", zero, len(f.cost))
	}
}

// TestFillTexture: a hole in a pattern that repeats is filled with the pattern, and all
// outside stays as it is.
func TestFillTexture(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 96, 80))
	for i := range img.Pix {
		x, y := i/4%96, i/4/96
		img.Pix[i] = uint8(40 + 150*((x/4+y/4)%2) + 10*(x%4))
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	hole := boxMask(img, image.Rect(40, 30, 56, 46))
	damaged := landscape(96, 80)
	for i, in := range hole {
		if !in {
			copy(damaged.Pix[4*i:4*i+4], img.Pix[4*i:])
		}
	}
	for _, how := range []Finish{Natural, Smooth, Crisp} {
		out, smooth, err := Fill(t.Context(), usual, damaged, hole, Filling{Seed: 1, Finish: how}, nil)
		if err != nil || smooth {
			t.Fatal(smooth, err)
		}
		off := 0
		for i := range out.Pix {
			d := int(out.Pix[i]) - int(img.Pix[i])
			if d != 0 && !hole[i/4] {
				t.Fatalf("%s: sample %d outside the hole was changed", how, i)
			}
			if d > 2 || d < -2 {
				off++
			}
		}
		if off > 0 {
			t.Errorf("%s: %d samples are not the pattern's", how, off)
		}
	}
}

// TestFillLittle: where there is nothing to copy from, the colours of the edge go over
// into each other.
func TestFillLittle(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	for i := range img.Pix {
		img.Pix[i] = uint8(20 * (i / 4 % 9)) // from left to right
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	out, smooth, err := Fill(t.Context(), usual, img, boxMask(img, image.Rect(1, 0, 8, 5)), Filling{}, nil)
	if err != nil || !smooth {
		t.Fatal(smooth, err)
	}
	for x := range 9 {
		if v := int(out.NRGBAAt(x, 2).R); v < 20*x-1 || v > 20*x+1 {
			t.Errorf("column %d is %d, want %d", x, v, 20*x)
		}
	}
}

func TestFillMistakes(t *testing.T) {
	img := landscape(40, 40)
	for name, hole := range map[string][]bool{"none": make([]bool, 1600), "all": boxMask(img, img.Rect)} {
		if _, _, err := Fill(t.Context(), usual, img, hole, Filling{}, nil); !errors.Is(err, badinput.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFillBarred: what is barred is not copied.
func TestFillBarred(t *testing.T) {
	img := landscape(90, 60)
	barred := boxMask(img, image.Rect(0, 0, 90, 20))
	for i, in := range barred {
		if in {
			copy(img.Pix[4*i:], []uint8{255, 0, 255})
		}
	}
	hole := boxMask(img, image.Rect(40, 20, 60, 34))
	out, _, err := Fill(t.Context(), usual, img, hole, Filling{Barred: barred, Finish: Crisp}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range hole {
		if in && bytes.Equal(out.Pix[4*i:4*i+3], []uint8{255, 0, 255}) {
			t.Fatalf("pixel %d was copied from what is barred", i)
		}
	}
}

// TestCancelled: work ends when it is stopped.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	img := landscape(64, 64)
	stop := func(int, int) { cancel() }
	if _, _, err := Fill(ctx, usual, img, boxMask(img, image.Rect(10, 10, 40, 40)), Filling{}, stop); !errors.Is(err, context.Canceled) {
		t.Errorf("fill: %v", err)
	}
	if _, _, err := Vary(ctx, usual, img, Variation{Strength: 3}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("vary: %v", err)
	}
}

// TestResized: a constant stays one, a picture of its own size is itself, and means are
// kept.
func TestResized(t *testing.T) {
	flat := newPicture(23, 17, 4)
	for i := range flat.pix {
		flat.pix[i] = 201
	}
	for _, size := range []image.Point{{5, 40}, {23, 17}, {60, 3}} {
		out, err := flat.resized(t.Context(), usual, size.X, size.Y)
		if err != nil || out.w != size.X || out.h != size.Y {
			t.Fatal(out, err)
		}
		for _, v := range out.pix {
			if v != 201 {
				t.Fatalf("%v: a constant became %d", size, v)
			}
		}
	}
	for _, along := range [][]tap{taps(10, 30), taps(30, 7), taps(9, 9)} {
		for _, tap := range along {
			sum := int32(0)
			for _, w := range tap.weights {
				sum += w
			}
			if sum != unit {
				t.Errorf("the weights of a tap sum to %d, want %d", sum, unit)
			}
		}
	}
}

// TestTile: the last column goes on at the first as columns within do, and rows as well.
func TestTile(t *testing.T) {
	out, err := Tile(t.Context(), usual, landscape(90, 70), image.Pt(64, 56), 2, nil)
	if err != nil || out.Rect.Size() != image.Pt(64, 56) {
		t.Fatal(err)
	}
	p := premultiplied(out)
	within, seam, n := 0, 0, 0
	for y := range p.h {
		for x := range p.w {
			for c := range 3 {
				d := int(p.pix[(y*p.w+x)*4+c]) - int(p.pix[(y*p.w+(x+1)%p.w)*4+c])
				if x == p.w-1 {
					seam += max(d, -d) * (p.w - 1)
				} else {
					within += max(d, -d)
					n++
				}
			}
		}
	}
	if seam > 2*within {
		t.Errorf("steps over the seam are %d, within %d", seam, within)
	}
}

// TestVary: strengths above 0 make another picture of the same size; transparency stays.
func TestVary(t *testing.T) {
	img := landscape(72, 60)
	same, d, err := Vary(t.Context(), usual, img, Variation{Seed: 1}, nil)
	if err != nil || d > .02 || same.Rect != img.Rect {
		t.Errorf("without noise it is %.3f from the source: %v", d, err)
	}
	for i := range img.Pix {
		if i%4 == 3 && i/4%72 < 20 {
			img.Pix[i] = 0
		}
	}
	out, _, err := Vary(t.Context(), usual, img, Variation{Seed: 1, Strength: UsualStrength}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clear := 0
	for i := 3; i < len(out.Pix); i += 4 {
		if out.Pix[i] < 128 {
			clear++
		}
	}
	if share := float64(clear) / (72 * 60); share < .1 || share > .6 {
		t.Errorf("%.2f of the variation is transparent, and .28 of the source", share)
	}
}

// TestGrown: a pixel grows to a disc, and a mask as its pixels do.
func TestGrown(t *testing.T) {
	const w, h = 31, 23
	mask := make([]bool, w*h)
	for i := range mask {
		x, y := i%w, i/w
		mask[i] = x > 9 && x < 20 && y > 7 && y < 15 || x == 2 && y == 2
	}
	got := Grown(mask, w, 4)
	for i := range got {
		want := false
		for j, in := range mask {
			dx, dy := i%w-j%w, i/w-j/w
			want = want || in && dx*dx+dy*dy <= 16
		}
		if got[i] != want {
			t.Fatalf("pixel %d,%d is %v", i%w, i/w, got[i])
		}
	}
}
