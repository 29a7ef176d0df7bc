package bench

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"

	"atelier/internal/noise"
	"atelier/model/cutout"
)

// The photos whose parts are laid on one another, and what each is laid on.
var composites = [][2]string{
	{"raccoon", "mountain-path"}, {"fig-bowl", "autumn-hills"}, {"coffee", "forest-stream"}, {"cat", "pagoda"},
	{"paint-brushes", "rocket"}, {"dandelions", "fig-bowl"}, {"forest-stream", "coffee"}, {"astronaut", "dandelions"},
	{"autumn-hills", "raccoon"}, {"rocket", "cat"}, {"mountain-path", "paint-brushes"}, {"pagoda", "astronaut"},
}

// A composite is a picture with a part of another on it, and the truth.
type composite struct {
	name  string
	img   *image.NRGBA
	alpha []float64
	box   image.Rectangle // with some room around the part
}

// blob is a form with an edge that is so many pixels wide: one radius for each direction, with
// waves of so many kinds.
func blob(size image.Point, seed uint64, waves int, edge float64) []float64 {
	r := noise.Stream(seed)
	amplitude, phase := make([]float64, waves), make([]float64, waves)
	for k := range amplitude {
		amplitude[k], phase[k] = 0.35*r.Float64()/math.Sqrt(float64(k+1)), 2*math.Pi*r.Float64()
	}
	middle := [2]float64{float64(size.X) * (0.42 + 0.16*r.Float64()), float64(size.Y) * (0.42 + 0.16*r.Float64())}
	radius := 0.27 * float64(min(size.X, size.Y))
	alpha := make([]float64, size.X*size.Y)
	for i := range alpha {
		dx, dy := float64(i%size.X)-middle[0], float64(i/size.X)-middle[1]
		at, angle := math.Hypot(dx, dy), math.Atan2(dy, dx)
		wave := 1.0
		for k := range amplitude {
			wave += amplitude[k] * math.Sin(float64(k+1)*angle+phase[k])
		}
		alpha[i] = min(max((radius*max(wave, 0.3)-at)/edge+0.5, 0), 1)
	}
	return alpha
}

// composed lays a part of one photo on another.
func (s *Style) composed(k int, waves int, edge float64) (*composite, error) {
	names := composites[k]
	front, err := photo(names[0], s.Side)
	if err != nil {
		return nil, err
	}
	back, err := photo(names[1], s.Side)
	if err != nil {
		return nil, err
	}
	size := image.Pt(min(front.Rect.Dx(), back.Rect.Dx()), min(front.Rect.Dy(), back.Rect.Dy()))
	c := &composite{name: names[0] + "-on-" + names[1], img: image.NewNRGBA(image.Rectangle{Max: size}), alpha: blob(size, uint64(k+1), waves, edge)}
	for i, a := range c.alpha {
		x, y := i%size.X, i/size.X
		p, q, out := front.Pix[front.PixOffset(x, y):], back.Pix[back.PixOffset(x, y):], c.img.Pix[4*i:]
		for j := range 3 {
			out[j] = uint8(a*float64(p[j]) + (1-a)*float64(q[j]) + 0.5)
		}
		out[3] = 255
		if a > 0 {
			c.box = c.box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	c.box = c.box.Inset(-8).Intersect(c.img.Rect.Inset(1))
	return c, nil
}

// grabCutPeer is a program for Python that cuts out what is in a box by OpenCV's grabCut.
const grabCutPeer = `import sys, cv2, numpy as np
i, m, o = sys.argv[1:]
img, box = cv2.imread(i), cv2.boundingRect(cv2.imread(m, 0))
mask, a, b = np.zeros(img.shape[:2], np.uint8), np.zeros((1, 65)), np.zeros((1, 65))
cv2.setRNGSeed(0)
cv2.grabCut(img, mask, box, a, b, 5, cv2.GC_INIT_WITH_RECT)
cv2.imwrite(o, np.where((mask & 1) == 1, 255, 0).astype(np.uint8))`

// overlap is the intersection of two masks over their union.
func overlap(a, b []bool) float64 {
	both, any := 0, 0
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			any++
		}
	}
	return float64(both) / float64(max(any, 1))
}

// grabCut measures how well a subject in a box is told from what is around it.
func (s *Style) grabCut(ctx context.Context, on *Machine, emit func(Row)) error {
	python := s.python(ctx, on)
	var ours, theirs, took float64
	n := min(s.Cases, len(composites))
	for k := range n {
		c, err := s.composed(k, 3+k%4*2, 1.5)
		if err != nil {
			return err
		}
		truth, within, marks := make([]bool, len(c.alpha)), make([]bool, len(c.alpha)), make([]cutout.Mark, len(c.alpha))
		for i, a := range c.alpha {
			truth[i] = a >= 0.5
			if within[i] = image.Pt(i%c.img.Rect.Dx(), i/c.img.Rect.Dx()).In(c.box); within[i] {
				marks[i] = cutout.MaybeSubject
			}
		}
		began := time.Now()
		found, err := cutout.Segment(ctx, c.img, marks, nil)
		if errors.Is(err, cutout.ErrOneSided) {
			found, err = make([]bool, len(truth)), nil
		}
		if err != nil {
			return err
		}
		took += time.Since(began).Seconds()
		iou, peer := overlap(found, truth), math.NaN()
		ours += iou
		if python != "" {
			p := program("OpenCV's grabCut", python, func(in, mask, out string) []string { return []string{"-c", grabCutPeer, in, mask, out} })
			img, err := p.fill(ctx, c.img, within)
			if err != nil {
				return err
			}
			peer = overlap(bright(img), truth)
			theirs += peer
		}
		on.Tell(fmt.Sprintf("grabcut %s: IoU %.3f, OpenCV's %.3f", c.name, iou, peer))
		if err := lookAt(s.Look, "grabcut-"+c.name, c.img); err != nil {
			return err
		}
		shown := slices.Clone(c.img.Pix)
		for i, in := range found {
			if !in {
				copy(shown[4*i:], []uint8{255, 0, 255})
			}
		}
		if err := lookAt(s.Look, "grabcut-"+c.name+"-cut", &image.NRGBA{Pix: shown, Stride: c.img.Stride, Rect: c.img.Rect}); err != nil {
			return err
		}
	}
	emit(beside(python != "", notBelow, "grabcut, mean IoU", ours/float64(n), theirs/float64(n), theirs/float64(n)-0.01, n))
	emit(Row{Name: "grabcut, time a picture", Value: took / float64(n), Unit: "s", N: n, Holds: true})
	return nil
}

// beside is a row with a bar that follows from what another program gives; without it there is
// none.
func beside(there bool, with func(name string, value float64, unit string, bar float64, n int) Row, name string, value, peer, bar float64, n int) Row {
	if !there {
		return Row{Name: name, Value: value, N: n, Holds: true}
	}
	row := with(name, value, "", math.Round(1e4*bar)/1e4, n)
	row.Peer = &peer
	return row
}

// bright says which pixels of a picture are white.
func bright(img *image.NRGBA) []bool {
	out := make([]bool, img.Rect.Dx()*img.Rect.Dy())
	for i := range out {
		out[i] = img.Pix[i/img.Rect.Dx()*img.Stride+4*(i%img.Rect.Dx())] > 127
	}
	return out
}
