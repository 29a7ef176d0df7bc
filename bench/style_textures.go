package bench

import (
	"image"
	"math"
)

// textures is how far two pictures are apart in colours and textures: the distance of the means and
// covariances of the responses of each pixel to differences at four scales, which is no measure
// that anything was painted by.
func textures(a, b *image.NRGBA) float64 {
	x, y := responses(a), responses(b)
	sum := 0.
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return math.Sqrt(sum)
}

// responses are the roots of the mean squares of the differences of each channel, across and
// down at four scales, and its mean and deviation.
func responses(img *image.NRGBA) (all []float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	at := func(x, y, c int) float64 { return float64(img.Pix[y*img.Stride+4*x+c]) }
	for c := range 3 {
		mean, square := 0., 0.
		for i := range w * h {
			v := at(i%w, i/w, c)
			mean, square = mean+v/float64(w*h), square+v*v/float64(w*h)
		}
		all = append(all, mean, math.Sqrt(max(square-mean*mean, 0)))
		for step := 1; step <= 8; step *= 2 {
			across, down := 0., 0.
			for y := range h - step {
				for x := range w - step {
					p, q := at(x, y, c)-at(x+step, y, c), at(x, y, c)-at(x, y+step, c)
					across, down = across+p*p, down+q*q
				}
			}
			n := float64(max((w-step)*(h-step), 1))
			all = append(all, math.Sqrt(across/n), math.Sqrt(down/n))
		}
	}
	return all
}

// contours is the correlation of the lightness of two pictures, seen from afar: of the means of
// blocks of an eighth of the shorter side.
func contours(a, b *image.NRGBA) float64 {
	const blocks = 16
	means := func(img *image.NRGBA) (all [blocks * blocks]float64) {
		w, h := img.Rect.Dx(), img.Rect.Dy()
		var n [blocks * blocks]float64
		for i := range w * h {
			k := i/w*blocks/h*blocks + i%w*blocks/w
			p := img.Pix[i/w*img.Stride+4*(i%w):]
			all[k] += 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
			n[k]++
		}
		for k := range all {
			all[k] /= max(n[k], 1)
		}
		return all
	}
	x, y := means(a), means(b)
	var sx, sy, xx, yy, xy float64
	for k := range x {
		sx, sy = sx+x[k]/float64(len(x)), sy+y[k]/float64(len(x))
	}
	for k := range x {
		xx, yy, xy = xx+(x[k]-sx)*(x[k]-sx), yy+(y[k]-sy)*(y[k]-sy), xy+(x[k]-sx)*(y[k]-sy)
	}
	return xy / math.Sqrt(max(xx*yy, 1e-12))
}
