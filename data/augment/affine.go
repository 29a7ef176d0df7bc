// Package augment holds random augmentations of training pictures, one per file.
package augment

import (
	"math"
	"math/rand/v2"
	"sync"

	"atelier/data"
)

// An affine map takes the position of a pixel in the new picture to its position in the old one, in
// pixels from the centre, x to the right and y down: (x, y) → (xx·x + xy·y + dx, yx·x + yy·y + dy).
type affine struct {
	xx, xy, dx float64
	yx, yy, dy float64
}

// scratch holds copies of old pictures.
var scratch = sync.Pool{New: func() any { return new([]float32) }}

// resample replaces the picture by its image under the map, with bilinear interpolation. Values
// stay within the range of the field.
func resample(pixels []float32, f data.Field, m affine, fill string) {
	held := scratch.Get().(*[]float32)
	defer scratch.Put(held)
	*held = append((*held)[:0], pixels...)
	old := picture{*held, f.Shape[0], f.Shape[1], f.Shape[2], f.Low, f.High, fill == fillLow}

	midX, midY := float64(old.width-1)/2, float64(old.height-1)/2
	at := 0
	for row := range old.height {
		for col := range old.width {
			x, y := float64(col)-midX, float64(row)-midY
			old.bilinear(m.xx*x+m.xy*y+m.dx+midX, m.yx*x+m.yy*y+m.dy+midY, pixels[at:at+old.channels])
			at += old.channels
		}
	}
}

// A picture is an old picture with the fill beyond its edge.
type picture struct {
	pixels                  []float32 // [height, width, channels]
	height, width, channels int
	low, high               float32
	bounded                 bool // the fill is low, not the nearest pixel
}

// bilinear interpolates the colour at a position between pixels.
func (p picture) bilinear(x, y float64, to []float32) {
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-left), float32(y-top)
	col, row := int(left), int(top)
	for ch := range to {
		upper := p.at(col, row, ch)*(1-fx) + p.at(col+1, row, ch)*fx
		lower := p.at(col, row+1, ch)*(1-fx) + p.at(col+1, row+1, ch)*fx
		to[ch] = min(max(upper*(1-fy)+lower*fy, p.low), p.high) // rounding may overshoot
	}
}

func (p picture) at(col, row, ch int) float32 {
	if col < 0 || col >= p.width || row < 0 || row >= p.height {
		if p.bounded {
			return p.low
		}
		col, row = min(max(col, 0), p.width-1), min(max(row, 0), p.height-1)
	}
	return p.pixels[(row*p.width+col)*p.channels+ch]
}

// symmetric returns a uniform random number in [-most, most).
func symmetric(rng *rand.Rand, most float64) float64 { return (2*rng.Float64() - 1) * most }
