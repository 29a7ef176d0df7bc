package patch

import (
	"context"
	"math"
)

// A level is a picture with a hole at one resolution.
type level struct {
	*picture
	hole    []bool  // pixels to be filled
	barred  []bool  // known pixels that are not copied from; nil: none
	depth   []uint8 // of each pixel of the hole, in fifths of a pixel
	tw, th  int     // the grid of patches
	allowed []bool  // positions whose patches may be copied
	targets []int32 // positions whose patches touch the hole
	number  []int32 // index among targets of a position, or -1
	sources int     // number of allowed positions
	unknown int     // number of pixels of the hole
	deepest uint8
}

// newLevel prepares a picture with a hole.
func newLevel(ctx context.Context, p *picture, hole, barred []bool) (*level, error) {
	l := &level{picture: p, hole: hole, barred: barred}
	if err := l.depths(ctx); err != nil {
		return nil, err
	}
	l.tw, l.th = p.places()
	if l.tw < 1 || l.th < 1 {
		return l, nil
	}
	l.allowed = make([]bool, l.tw*l.th)
	l.number = make([]int32, l.tw*l.th)
	touched := touching(hole, p.w, p.h)
	shut := touched
	if barred != nil {
		both := make([]bool, len(hole))
		for i := range both {
			both[i] = hole[i] || barred[i]
		}
		shut = touching(both, p.w, p.h)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range l.number {
		l.number[i] = -1
		if l.allowed[i] = !shut[i]; l.allowed[i] {
			l.sources++
		}
		if touched[i] {
			l.number[i] = int32(len(l.targets))
			l.targets = append(l.targets, int32(i))
		}
	}
	return l, ctx.Err()
}

// touching computes for each position whether its patch has a pixel of the mask.
func touching(mask []bool, w, h int) []bool {
	tw, th := w-side+1, h-side+1
	across := make([]bool, tw*h)
	for y := range h {
		last := math.MinInt
		for x := range w {
			if mask[y*w+x] {
				last = x
			}
			if x >= side-1 {
				across[y*tw+x-side+1] = last > x-side
			}
		}
	}
	out := make([]bool, tw*th)
	for x := range tw {
		last := math.MinInt
		for y := range h {
			if across[y*tw+x] {
				last = y
			}
			if y >= side-1 {
				out[(y-side+1)*tw+x] = last > y-side
			}
		}
	}
	return out
}

// mostDepth is the largest depth: 40 pixels.
const mostDepth = 200

// depths computes the distance of each pixel from the border of the hole, by steps of 5 straight
// and 7 diagonally.
func (l *level) depths(ctx context.Context) error {
	w, h := l.w, l.h
	l.depth = make([]uint8, w*h)
	for i, in := range l.hole {
		if in {
			l.depth[i] = mostDepth
			l.unknown++
		}
	}
	relax := func(i, x, y, dx, dy int, step uint8) {
		if x+dx >= 0 && x+dx < w && y+dy >= 0 && y+dy < h {
			l.depth[i] = min(l.depth[i], l.depth[i+dy*w+dx]+step)
		}
	}
	for y := range h {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for x := range w {
			if i := y*w + x; l.hole[i] {
				relax(i, x, y, -1, 0, 5)
				relax(i, x, y, 0, -1, 5)
				relax(i, x, y, -1, -1, 7)
				relax(i, x, y, 1, -1, 7)
			}
		}
	}
	for y := h - 1; y >= 0 && ctx.Err() == nil; y-- {
		for x := w - 1; x >= 0; x-- {
			if i := y*w + x; l.hole[i] {
				relax(i, x, y, 1, 0, 5)
				relax(i, x, y, 0, 1, 5)
				relax(i, x, y, 1, 1, 7)
				relax(i, x, y, -1, 1, 7)
				l.deepest = max(l.deepest, l.depth[i])
			}
		}
	}
	return ctx.Err()
}

// halved is the level at half the size: each pixel is a mean, with the kernel [1 3 3 1], of the
// known pixels around it, and in the hole if their weight is less than half.
func (l *level) halved(ctx context.Context) (*level, error) {
	w, h := (l.w+1)/2, (l.h+1)/2
	out, hole := newPicture(w, h, l.c), make([]bool, w*h)
	var barred []bool
	if l.barred != nil {
		barred = make([]bool, w*h)
	}
	weights := [4]int32{1, 3, 3, 1}
	sums := make([]int32, l.c)
	for y := range h {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for x := range w {
			clear(sums)
			known := int32(0)
			for j, wy := range weights {
				for i, wx := range weights {
					q := min(max(2*y+j-1, 0), l.h-1)*l.w + min(max(2*x+i-1, 0), l.w-1)
					if l.hole[q] {
						continue
					}
					if barred != nil && l.barred[q] {
						barred[y*w+x] = true
					}
					known += wx * wy
					for c, v := range l.pix[q*l.c:][:l.c] {
						sums[c] += wx * wy * int32(v)
					}
				}
			}
			if known < 32 { // of 64
				hole[y*w+x] = true
				known = l.mean(2*x, 2*y, sums)
			}
			for c, s := range sums {
				out.pix[(y*w+x)*l.c+c] = uint8((s + known/2) / known)
			}
		}
	}
	return newLevel(ctx, out, hole, barred)
}

// mean sums the four pixels at a position, known or not, and returns their number.
func (l *level) mean(x, y int, sums []int32) int32 {
	clear(sums)
	for j := range 2 {
		for i := range 2 {
			q := min(y+j, l.h-1)*l.w + min(x+i, l.w-1)
			for c, v := range l.pix[q*l.c:][:l.c] {
				sums[c] += int32(v)
			}
		}
	}
	return 4
}

// reach is the radius in which texture is measured.
const reach = 3

// textured adds two channels to a picture with a hole: twice the mean absolute gradient, along rows
// and along columns, of the known pixels around each.
func (p *picture) textured(ctx context.Context, hole []bool) (*picture, error) {
	out := newPicture(p.w, p.h, p.c+2)
	for i := range p.w * p.h {
		copy(out.pix[i*out.c:], p.pix[i*p.c:][:p.c])
	}
	differences, counted := make([]int32, p.w*p.h), make([]int32, p.w*p.h)
	for direction, step := range [2]int{1, p.w} {
		clear(differences)
		clear(counted)
		for y := range p.h {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			for x := range p.w {
				i := y*p.w + x
				if x+1 == p.w && step == 1 || y+1 == p.h && step == p.w || hole[i] || hole[i+step] {
					continue
				}
				sum := int32(0)
				for c := range p.c {
					d := int32(p.pix[i*p.c+c]) - int32(p.pix[(i+step)*p.c+c])
					sum += max(d, -d)
				}
				differences[i], counted[i] = sum, int32(p.c)
			}
		}
		around(differences, p.w, p.h)
		around(counted, p.w, p.h)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for i, n := range counted {
			if n > 0 {
				out.pix[i*out.c+p.c+direction] = uint8(min(2*differences[i]/n, 255))
			}
		}
	}
	return out, nil
}

// around replaces each value by the sum over the square around it.
func around(values []int32, w, h int) {
	sums := make([]int32, max(w, h)+1)
	line := func(first, step, n int) {
		for i := range n {
			sums[i+1] = sums[i] + values[first+i*step]
		}
		for i := range n {
			values[first+i*step] = sums[min(i+reach+1, n)] - sums[max(i-reach, 0)]
		}
	}
	for y := range h {
		line(y*w, 1, w)
	}
	for x := range w {
		line(x, w, h)
	}
}
