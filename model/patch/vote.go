package patch

import (
	"context"
	"math"
)

// The standard deviations of the weights of votes, in pixels: over a whole patch or, for sharper
// results, mainly its centre.
const (
	wide = side / 3.
	near = .45
)

// mixture are the weights of the pixels of a patch in a vote.
func mixture(deviation float64) []int32 {
	g := make([]int32, pixels)
	for i := range g {
		dx, dy := i%side-side/2, i/side-side/2
		g[i] = int32(math.Round(1<<16*math.Exp(-float64(dx*dx+dy*dy)/(2*deviation*deviation)))) + 1
	}
	return g
}

// voted reconstructs a picture of w by h pixels from the chosen patches of source: each pixel is
// the weighted mean of the patches over it. With wrapping, a patch begins at every pixel, and those
// at the right and bottom continue at the left and top.
func voted(ctx context.Context, m Matcher, to []int32, source *picture, w, h int, torus bool, weights []int32) (*picture, error) {
	out := newPicture(w, h, 4)
	tw, th := w-side+1, h-side+1
	if torus {
		tw, th = w, h
	}
	kw, _ := source.places()
	corners := make([]int32, len(to)) // of the patches in source, in bytes
	for i, place := range to {
		corners[i] = int32((int(place)/kw*source.w + int(place)%kw) * 4)
	}
	err := blocks(ctx, m, h, rows(4*w), func(from, until int) {
		for y := from; y < until; y++ {
			for x := range w {
				var sum, s0, s1, s2, s3 int32
				for j := range side {
					ty := y - j
					if torus && ty < 0 {
						ty += h
					}
					if ty < 0 || ty >= th {
						continue
					}
					for i := range side {
						tx := x - i
						if torus && tx < 0 {
							tx += w
						}
						if tx < 0 || tx >= tw {
							continue
						}
						q, g := int(corners[ty*tw+tx])+(j*source.w+i)*4, weights[j*side+i]
						px := source.pix[q : q+4 : q+4]
						sum += g
						s0 += g * int32(px[0])
						s1 += g * int32(px[1])
						s2 += g * int32(px[2])
						s3 += g * int32(px[3])
					}
				}
				o := out.pix[(y*w+x)*4:][:4]
				o[0], o[1] = uint8((s0+sum/2)/sum), uint8((s1+sum/2)/sum)
				o[2], o[3] = uint8((s2+sum/2)/sum), uint8((s3+sum/2)/sum)
			}
		}
	})
	return out, err
}

// wrapped is the picture with its first rows and columns repeated at the end, so that a patch
// begins at every pixel.
func (p *picture) wrapped() *picture {
	out := newPicture(p.w+side-1, p.h+side-1, p.c)
	for y := range out.h {
		row := p.pix[y%p.h*p.stride():][:p.stride()]
		to := out.pix[y*out.stride():][:out.stride()]
		copy(to[copy(to, row):], row)
	}
	return out
}
