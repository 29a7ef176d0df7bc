package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"time"

	"atelier/model/cutout"
)

// The widths of the edges that are measured, in pixels.
var softEdges = []float64{6, 12, 24}

// matting measures the transparency that is found of a soft edge, and the colours of the subject
// without those behind it.
func (s *Style) matting(ctx context.Context, on *Machine, emit func(Row)) error {
	python := s.python(ctx, on)
	script, cleanUp, err := closedForm()
	if err != nil {
		return err
	}
	defer cleanUp()
	var ours, theirs, colours, mixed, took float64
	n := min(s.Cases, len(composites))
	for k := range n {
		c, err := s.composed(k, 9, softEdges[k%len(softEdges)])
		if err != nil {
			return err
		}
		trimap := c.trimap(4)
		began := time.Now()
		alpha, err := cutout.Matte(ctx, c.img, trimap, nil)
		if err != nil {
			return err
		}
		took += time.Since(began).Seconds()
		sad, peer := absolutes(alpha, c.alpha), math.NaN()
		ours += sad
		if python != "" {
			found, err := c.closedForm(ctx, python, script, trimap)
			if err != nil {
				return err
			}
			peer = absolutes(found, c.alpha)
			theirs += peer
		}
		front, err := photo(composites[k][0], s.Side)
		if err != nil {
			return err
		}
		subject := cutout.Foreground(c.img, alpha)
		colours, mixed = colours+c.mixedIn(subject, front), mixed+c.mixedIn(c.img, front)
		on.Tell(fmt.Sprintf("matting %s: SAD %.2f, closed form's %.2f thousand", c.name, sad, peer))
		if err := lookAt(s.Look, "matting-"+c.name, c.img); err != nil {
			return err
		}
		if err := lookAt(s.Look, "matting-"+c.name+"-subject", subject); err != nil {
			return err
		}
	}
	emit(beside(python != "", notAbove, "matting, mean SAD in thousands", ours/float64(n), theirs/float64(n), 1.1*theirs/float64(n), n))
	emit(Row{Name: "matting, error of the subject's colours, of that of the mixed ones", Value: colours / mixed, N: n, Holds: true})
	emit(Row{Name: "matting, time a picture", Value: took / float64(n), Unit: "s", N: n, Holds: true})
	return nil
}

// trimap is unknown where the truth is mixed, and so many pixels around.
func (c *composite) trimap(around int) []uint8 {
	w := c.img.Rect.Dx()
	inside, outside := make([]bool, len(c.alpha)), make([]bool, len(c.alpha))
	for i, a := range c.alpha {
		inside[i], outside[i] = a < 1, a > 0
	}
	in, out := cutout.Band(inside, w, around), cutout.Band(outside, w, around)
	trimap := make([]uint8, len(c.alpha))
	for i := range trimap {
		switch {
		case in[i] == cutout.Outside:
			trimap[i] = cutout.Inside
		case out[i] != cutout.Outside:
			trimap[i] = cutout.Unknown
		}
	}
	return trimap
}

// absolutes is the sum of absolute differences, in thousands.
func absolutes(a, b []float64) (sum float64) {
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / 1000
}

// mixedIn is how far the colours of a subject are from the true ones where they are mixed with at
// least a fifth of what is behind, in grey levels.
func (c *composite) mixedIn(subject, front *image.NRGBA) float64 {
	sum, n := 0.0, 0
	for i, a := range c.alpha {
		if a < 0.3 || a > 0.8 {
			continue
		}
		p, q := subject.Pix[4*i:], front.Pix[front.PixOffset(i%c.img.Rect.Dx(), i/c.img.Rect.Dx()):]
		for j := range 3 {
			sum += math.Abs(float64(p[j]) - float64(q[j]))
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// closedForm writes the program of the method as published to a file.
func closedForm() (path string, cleanUp func(), err error) {
	text, err := peerPrograms.ReadFile("peers/closedform.py")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "closedform")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "closedform.py")
	return path, func() { os.RemoveAll(dir) }, os.WriteFile(path, text, 0o666)
}

// closedForm runs it. A mask has two values, so that the trimap goes as a picture beside one.
func (c *composite) closedForm(ctx context.Context, python, script string, trimap []uint8) ([]float64, error) {
	path := filepath.Join(filepath.Dir(script), "trimap.png")
	grey := &image.Gray{Pix: trimap, Stride: c.img.Rect.Dx(), Rect: c.img.Rect}
	if err := lookAt(filepath.Dir(path), "trimap", grey); err != nil {
		return nil, err
	}
	p := program("closed form", python, func(in, _, out string) []string { return []string{script, in, path, out} })
	img, err := p.fill(ctx, c.img, make([]bool, len(trimap)))
	if err != nil {
		return nil, err
	}
	alpha := make([]float64, len(trimap))
	for i := range alpha {
		alpha[i] = float64(img.Pix[i/img.Rect.Dx()*img.Stride+4*(i%img.Rect.Dx())]) / 255
	}
	return alpha, nil
}
