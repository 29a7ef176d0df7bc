// Package blend joins pictures so that nobody sees where: by gradients instead of colours (Pérez et
// al. 2003, doi:10.1145/882262.882269), and by moving colours to those of what is around (Reinhard
// et al. 2001, doi:10.1109/38.946629).
package blend

import (
	"context"
	"image"

	"golang.org/x/sync/errgroup"
)

// A Mix says which gradients are kept.
type Mix string

// The mixes.
const (
	Seamless Mix = "seamless" // those of what is laid on
	Mixed    Mix = "mixed"    // whichever are stronger, in each place
)

// A Field is a difference of a colour channel between two neighbouring pixels, of which p is
// unknown, as it is to become; c is the channel.
type Field func(p, q, c int) float32

// Clone lays a picture on another of the same size where it is opaque for at least one half, with
// its gradients, and with the colours of what is below along its edge. Where it reaches the edge of the picture, nothing
// holds it there. The pictures have no room between rows.
func Clone(ctx context.Context, below, above *image.NRGBA, mix Mix) (*image.NRGBA, error) {
	w, h := below.Rect.Dx(), below.Rect.Dy()
	unknown := within(above, w, h)
	difference := func(img *image.NRGBA, p, q, c int) float32 {
		return float32(int(img.Pix[4*p+c]) - int(img.Pix[4*q+c]))
	}
	field := func(p, q, c int) float32 {
		d := difference(above, p, q, c)
		if mix == Mixed {
			if e := difference(below, p, q, c); e*e > d*d {
				return e
			}
		}
		return d
	}
	return Solve(ctx, below, unknown, field)
}

// within says which pixels are opaque for at least half, beside none that is not there.
func within(img *image.NRGBA, w, h int) []bool {
	in := make([]bool, w*h)
	for i := range in {
		x, y := i%w, i/w
		there := func(j int, on bool) bool { return !on || img.Pix[4*j+3] > 0 }
		in[i] = img.Pix[4*i+3] >= 128 && there(i-1, x > 0) && there(i+1, x < w-1) && there(i-w, y > 0) && there(i+w, y < h-1)
	}
	return in
}

// atOnce is the size, in pixels, up to which the three channels are solved for at once. Each takes about
// 30 bytes a pixel; beyond, they follow one another in the same memory.
const atOnce = 4 << 20

// Solve returns a picture whose colours differ from pixel to pixel as a field says where they are
// unknown, and are as they were elsewhere. If all is unknown, nothing is changed.
func Solve(ctx context.Context, img *image.NRGBA, unknown []bool, field Field) (*image.NRGBA, error) {
	out := &image.NRGBA{Pix: append([]uint8(nil), img.Pix...), Stride: img.Stride, Rect: img.Rect}
	box := bounds(unknown, img.Rect.Dx())
	whole := true
	for _, in := range unknown {
		whole = whole && in
	}
	if box.Empty() || whole {
		return out, nil
	}
	box = box.Inset(-1).Intersect(img.Rect.Sub(img.Rect.Min)) // with a rim of what is known, where the picture goes on
	if box.Dx()*box.Dy() > atOnce {
		s := newSolver(unknown, img.Rect.Dx(), box)
		for c := range 3 {
			if err := s.channel(ctx, img, out, unknown, box, field, c); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	g, ctx := errgroup.WithContext(ctx)
	for c := range 3 {
		g.Go(func() error {
			return newSolver(unknown, img.Rect.Dx(), box).channel(ctx, img, out, unknown, box, field, c)
		})
	}
	return out, g.Wait()
}

// bounds is the smallest box around what is marked.
func bounds(marked []bool, w int) (box image.Rectangle) {
	for i, in := range marked {
		if x, y := i%w, i/w; in {
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return box
}

// newSolver makes a solver for a box of a picture of a width.
func newSolver(unknown []bool, width int, box image.Rectangle) *solver {
	levels := pyramid(box.Dx(), box.Dy(), func(x, y int) bool { return unknown[(y+box.Min.Y)*width+x+box.Min.X] })
	n := len(levels[0].b)
	return &solver{levels, make([]float32, n), make([]float32, n)}
}

// channel solves for one channel within a box.
func (s *solver) channel(ctx context.Context, img, out *image.NRGBA, unknown []bool, box image.Rectangle, field Field, c int) error {
	w, h, g := box.Dx(), box.Dy(), s.levels[0]
	pixel := func(x, y int) int { return (y+box.Min.Y)*img.Rect.Dx() + x + box.Min.X }
	// The unknown is how far the colours are from those that are there now.
	for y := range h {
		for x := range w {
			p := pixel(x, y)
			if !unknown[p] {
				continue
			}
			var sum float32
			for _, step := range [4]image.Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
				if u, v := x+step.X, y+step.Y; u >= 0 && u < w && v >= 0 && v < h {
					q := pixel(u, v)
					sum += field(p, q, c) - float32(int(img.Pix[4*p+c])-int(img.Pix[4*q+c]))
				}
			}
			g.b[g.at(x, y)] = sum
		}
	}
	x, err := s.solve(ctx)
	if err != nil {
		return err
	}
	for v := range h {
		for u := range w {
			if p := pixel(u, v); unknown[p] {
				out.Pix[4*p+c] = uint8(min(max(float32(img.Pix[4*p+c])+x[g.at(u, v)]+0.5, 0), 255))
			}
		}
	}
	return nil
}
