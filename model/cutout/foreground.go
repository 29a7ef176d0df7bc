package cutout

import (
	"image"
	"math"
)

// The settings of the estimation (Germer et al. 2020, table 1).
const (
	flatness   = 1e-5
	smallSide  = 32 // up to which a level is improved often
	smallTimes = 10
	largeTimes = 2
)

// A level is an estimate of both colours at some size.
type level struct {
	w, h        int
	front, back []colour
}

// Foreground estimates the colours of a subject from a picture, in which they are mixed with
// those of what is behind it, and from its transparency: level by level from one pixel to the
// whole picture, so that both are smooth and the mixture is the picture. It returns the subject
// with its transparency.
func Foreground(img *image.NRGBA, alpha []float64) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	now := means(img, alpha)
	levels := max(1, int(math.Ceil(math.Log2(float64(max(w, h))))))
	for l := 0; l <= levels; l++ {
		width := max(1, int(math.Round(math.Pow(float64(w), float64(l)/float64(levels)))))
		height := max(1, int(math.Round(math.Pow(float64(h), float64(l)/float64(levels)))))
		now = now.enlarged(width, height)
		colours, mixed := sampled(img, alpha, width, height)
		times := largeTimes
		if width <= smallSide && height <= smallSide {
			times = smallTimes
		}
		for range times {
			now.improve(colours, mixed)
		}
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i, a := range alpha {
		p := out.Pix[4*i:]
		for c := range 3 {
			p[c] = uint8(min(max(now.front[i][c], 0), 1)*255 + 0.5)
		}
		if p[3] = uint8(a*255 + 0.5); p[3] == 255 { // nothing is mixed in
			copy(p[:3], img.Pix[i/w*img.Stride+4*(i%w):])
		}
	}
	return out
}

// means is the level of one pixel: the mean colours of what is certain.
func means(img *image.NRGBA, alpha []float64) *level {
	var sum [2]colour
	var n [2]float64
	for i, a := range alpha {
		side := 0
		if a > 0.9 {
			side = 1
		} else if a >= 0.1 {
			continue
		}
		c := colourAt(img, i)
		for j := range c {
			sum[side][j] += c[j]
		}
		n[side]++
	}
	for side := range sum {
		for j := range sum[side] {
			sum[side][j] /= max(n[side], 1)
		}
	}
	return &level{1, 1, []colour{sum[1]}, []colour{sum[0]}}
}

func colourAt(img *image.NRGBA, i int) colour {
	w := img.Rect.Dx()
	p := img.Pix[i/w*img.Stride+4*(i%w):]
	return colour{float64(p[0]) / 255, float64(p[1]) / 255, float64(p[2]) / 255}
}

// sampled takes the nearest pixels of a picture in another size.
func sampled(img *image.NRGBA, alpha []float64, width, height int) (colours []colour, mixed []float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	colours, mixed = make([]colour, width*height), make([]float64, width*height)
	for y := range height {
		for x := range width {
			i := y*h/height*w + x*w/width
			colours[y*width+x], mixed[y*width+x] = colourAt(img, i), alpha[i]
		}
	}
	return colours, mixed
}

// enlarged repeats the nearest estimates in another size.
func (l *level) enlarged(width, height int) *level {
	out := &level{width, height, make([]colour, width*height), make([]colour, width*height)}
	for y := range height {
		for x := range width {
			from, to := y*l.h/height*l.w+x*l.w/width, y*width+x
			out.front[to], out.back[to] = l.front[from], l.back[from]
		}
	}
	return out
}

// improve solves for both colours of each pixel in turn, as its neighbours are.
func (l *level) improve(colours []colour, alpha []float64) {
	for y := range l.h {
		for x := range l.w {
			i := y*l.w + x
			a, b := alpha[i], 1-alpha[i]
			aa, ab, bb := a*a, a*b, b*b
			var right [2]colour
			for c := range 3 {
				right[0][c], right[1][c] = a*colours[i][c], b*colours[i][c]
			}
			for _, n := range [4]int{i - min(x, 1), i + min(l.w-1-x, 1), i - min(y, 1)*l.w, i + min(l.h-1-y, 1)*l.w} {
				weight := flatness + math.Abs(a-alpha[n])
				aa += weight
				bb += weight
				for c := range 3 {
					right[0][c] += weight * l.front[n][c]
					right[1][c] += weight * l.back[n][c]
				}
			}
			det := aa*bb - ab*ab
			for c := range 3 {
				l.front[i][c] = min(max((bb*right[0][c]-ab*right[1][c])/det, 0), 1)
				l.back[i][c] = min(max((aa*right[1][c]-ab*right[0][c])/det, 0), 1)
			}
		}
	}
}
