package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"

	"atelier/model/blend"
)

// clonePeer is a program for Python that clones by OpenCV's seamlessClone, where the mask lies.
const clonePeer = `import sys, cv2
above, i, m, o = sys.argv[1:]
mask = cv2.imread(m, 0)
x, y, w, h = cv2.boundingRect(mask)
cv2.imwrite(o, cv2.seamlessClone(cv2.imread(above), cv2.imread(i), mask, (x + w // 2, y + h // 2), cv2.NORMAL_CLONE))`

const clones = 6 // cases

// A seam is how a cloned picture fits along the edge of what was cloned.
type seam struct {
	edge     float64 // mean deviation of the differences across the edge from those that were asked for
	interior float64 // the same within
	outside  float64 // mean change of what is outside
}

// collage measures seamless cloning beside OpenCV's by the seam, by what is within and outside.
func (s *Style) collage(ctx context.Context, on *Machine, emit func(Row)) error {
	python := s.python(ctx, on)
	var ours, theirs seam
	n := min(s.Cases, clones)
	for k := range n {
		below, above, inside, err := s.clonePair(k)
		if err != nil {
			return err
		}
		got, err := blend.Clone(ctx, below, above, blend.Seamless)
		if err != nil {
			return err
		}
		ours.add(seamOf(got, below, above, inside), n)
		if err := lookAt(s.Look, fmt.Sprintf("clone-%d", k), got); err != nil {
			return err
		}
		if python == "" {
			continue
		}
		peer, err := cloneBy(ctx, python, below, above, inside)
		if err != nil {
			return err
		}
		theirs.add(seamOf(peer, below, above, inside), n)
		if err := lookAt(s.Look, fmt.Sprintf("clone-%d-opencv", k), peer); err != nil {
			return err
		}
	}
	there := python != ""
	emit(beside(there, notAbove, "clone, differences across the edge off by", ours.edge, theirs.edge, theirs.edge, n))
	emit(beside(there, notAbove, "clone, differences within off by", ours.interior, theirs.interior, theirs.interior+0.1, n))
	emit(beside(there, notAbove, "clone, change outside", ours.outside, theirs.outside, 0, n))
	took, err := s.cloneTime(ctx)
	if err != nil {
		return err
	}
	emit(notAbove("clone, time a megapixel", took, "s", 1, 1))
	return nil
}

// clonePair is a photo, and another with a form in which it is opaque.
func (s *Style) clonePair(k int) (below, above *image.NRGBA, inside []bool, err error) {
	names := composites[k]
	if above, err = photo(names[0], s.Side); err != nil {
		return nil, nil, nil, err
	}
	if below, err = photo(names[1], s.Side); err != nil {
		return nil, nil, nil, err
	}
	size := image.Pt(min(above.Rect.Dx(), below.Rect.Dx()), min(above.Rect.Dy(), below.Rect.Dy()))
	a, b := image.NewNRGBA(image.Rectangle{Max: size}), image.NewNRGBA(image.Rectangle{Max: size})
	form := blob(size, uint64(k+1), 5, 1)
	inside = make([]bool, len(form))
	for i := range form {
		x, y := i%size.X, i/size.X
		inside[i] = form[i] >= 0.5 && x > 1 && y > 1 && x < size.X-2 && y < size.Y-2
		copy(a.Pix[4*i:], above.Pix[above.PixOffset(x, y):][:4])
		copy(b.Pix[4*i:], below.Pix[below.PixOffset(x, y):][:4])
	}
	for i, in := range inside { // a rim of one level, which is there and not cloned
		a.Pix[4*i+3] = 1
		if in {
			a.Pix[4*i+3] = 255
		}
	}
	return b, a, inside, nil
}

// pairs calls a function with each pixel and its right and lower neighbours.
func pairs(size image.Point, each func(p, q int)) {
	for i := range size.X * size.Y {
		if i%size.X < size.X-1 {
			each(i, i+1)
		}
		if i/size.X < size.Y-1 {
			each(i, i+size.X)
		}
	}
}

func seamOf(got, below, above *image.NRGBA, inside []bool) (s seam) {
	var n [3]float64
	pairs(got.Rect.Size(), func(p, q int) {
		if !inside[p] && !inside[q] {
			return
		}
		for c := range 3 {
			d := math.Abs(float64(got.Pix[4*p+c]) - float64(got.Pix[4*q+c]) - float64(above.Pix[4*p+c]) + float64(above.Pix[4*q+c]))
			if inside[p] != inside[q] {
				s.edge, n[0] = s.edge+d, n[0]+1
			} else {
				s.interior, n[1] = s.interior+d, n[1]+1
			}
		}
	})
	for i, in := range inside {
		for c := range 3 {
			if !in {
				s.outside, n[2] = s.outside+math.Abs(float64(got.Pix[4*i+c])-float64(below.Pix[4*i+c])), n[2]+1
			}
		}
	}
	return seam{s.edge / max(n[0], 1), s.interior / max(n[1], 1), s.outside / max(n[2], 1)}
}

func (s *seam) add(o seam, of int) {
	s.edge, s.interior, s.outside = s.edge+o.edge/float64(of), s.interior+o.interior/float64(of), s.outside+o.outside/float64(of)
}

// cloneBy clones by OpenCV.
func cloneBy(ctx context.Context, python string, below, above *image.NRGBA, inside []bool) (*image.NRGBA, error) {
	dir, err := os.MkdirTemp("", "clone")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	opaque := image.NewNRGBA(above.Rect)
	copy(opaque.Pix, above.Pix)
	for i := 3; i < len(opaque.Pix); i += 4 {
		opaque.Pix[i] = 255
	}
	if err := lookAt(dir, "above", opaque); err != nil {
		return nil, err
	}
	p := program("OpenCV's seamlessClone", python, func(in, mask, out string) []string {
		return []string{"-c", clonePeer, filepath.Join(dir, "above.png"), in, mask, out}
	})
	return p.fill(ctx, below, inside)
}

// cloneTime is how long it takes to clone a megapixel, in seconds.
func (s *Style) cloneTime(ctx context.Context) (float64, error) {
	side := 1000
	below, above := image.NewNRGBA(image.Rect(0, 0, side, side)), image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		x, y := i%side, i/side
		copy(below.Pix[4*i:], []uint8{uint8(x / 4), uint8(y / 4), uint8(x * y >> 6), 255})
		copy(above.Pix[4*i:], []uint8{uint8(x * y >> 8), uint8(x ^ y), uint8(255 - x/4), 1})
		if x > 1 && y > 1 && x < side-2 && y < side-2 {
			above.Pix[4*i+3] = 255
		}
	}
	return timed(func() error {
		_, err := blend.Clone(ctx, below, above, blend.Seamless)
		return err
	})
}
