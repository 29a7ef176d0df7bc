package watermark

import (
	"image"
	"math"
)

// Found is the z above which a mark counts as found: in one of a million pictures without one, z is
// above it.
const Found = 4.75

// A Detection is what the search for a mark found.
type Detection struct {
	// Z is how unlikely the best match is in a picture without the mark, in standard deviations of a
	// normal distribution, all places where the mark could begin taken into account.
	Z float64
	// X and Y are where the mark's tile begins at the best match, in pixels below 64.
	X, Y int
}

// Found reports whether the mark is there.
func (d Detection) Found() bool { return d.Z > Found }

// Detect looks for the mark of a key at every place where it could begin. The statistic is the
// correlation of the signs of the key with the limited coefficients of the picture, over its deviation
// for random signs, which is known: a picture without the mark has no part in how the signs were drawn.
func (k *Key) Detect(img *image.NRGBA) Detection {
	grey := luminance(middle(img))
	if grey.w < block || grey.h < block {
		return Detection{}
	}
	folded := grey.fold()
	signs := k.pattern()
	best := Detection{Z: math.Inf(-1)}
	for y := range tile {
		for x := range tile {
			if z := folded.correlate(signs, x, y); z > best.Z {
				best = Detection{z, x, y}
			}
		}
	}
	best.Z = corrected(best.Z)
	return best
}

// corrected is the z of one test that is as unlikely as the largest of as many as there are places.
func corrected(z float64) float64 {
	wanted := logTail(z) + math.Log(tile*tile)
	low, high := 0., max(0, z)
	for range 60 {
		if mid := (low + high) / 2; logTail(mid) > wanted {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// logTail is the logarithm of the probability that a standard normal variable is above z.
func logTail(z float64) float64 {
	if z < 20 {
		return math.Log(math.Erfc(z/math.Sqrt2) / 2)
	}
	return -z*z/2 - math.Log(z*math.Sqrt(2*math.Pi)) // relative error below 1/z²
}

// middle is the part of a picture that is searched.
func middle(img *image.NRGBA) *image.NRGBA {
	size := img.Rect.Size()
	if size.X*size.Y <= mostSearched {
		return img
	}
	side := int(math.Sqrt(mostSearched))
	w, h := min(size.X, max(side, mostSearched/size.Y)), min(size.Y, max(side, mostSearched/size.X))
	at := img.Rect.Min.Add(image.Pt((size.X-w)/2, (size.Y-h)/2))
	return img.SubImage(image.Rectangle{at, at.Add(image.Pt(w, h))}).(*image.NRGBA)
}

// A folding holds for each band the sum of limited coefficients of all blocks that begin at a pixel, by
// the pixel's place in a tile.
type folding [len(bands)][tile * tile]float64

// fold computes the coefficients of the blocks at all pixels, and sums them up.
func (p *plane) fold() *folding {
	var rows [highest]*plane
	for u := range rows {
		rows[u] = p.across(u)
	}
	out := new(folding)
	for i, band := range bands {
		h, weights := rows[band[0]], &basis[band[1]]
		for y := range p.h - block + 1 {
			sums := out[i][y%tile*tile : (y%tile+1)*tile]
			var in [block][]float32
			for k := range in {
				in[k] = h.row(y + k)
			}
			for x := range h.w {
				var c float32
				for k := range block {
					c += weights[k] * in[k][x]
				}
				sums[x%tile] += float64(c / (softness + max(c, -c)))
			}
		}
	}
	return out
}

// across is the horizontal frequency u of the 8 pixels from each pixel on.
func (p *plane) across(u int) *plane {
	out := newPlane(p.w-block+1, p.h)
	for y := range p.h {
		from, to := p.row(y), out.row(y)
		for x := range to {
			var c float32
			for k, v := range from[x : x+block] {
				c += basis[u][k] * v
			}
			to[x] = c
		}
	}
	return out
}

// correlate is z of a tile that begins at a place.
func (f *folding) correlate(signs *pattern, x0, y0 int) float64 {
	var sum, squares float64
	for i := range f {
		for cell, sign := range signs[i] {
			x, y := (x0+cell%cells*block)%tile, (y0+cell/cells*block)%tile
			v := f[i][y*tile+x]
			sum += float64(sign) * v
			squares += v * v
		}
	}
	if squares == 0 {
		return 0
	}
	return sum / math.Sqrt(squares)
}

// A plane is one value per pixel.
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) *plane { return &plane{w, h, make([]float32, w*h)} }

func (p *plane) row(y int) []float32 { return p.v[y*p.w : (y+1)*p.w] }

// luminance is the brightness of a picture by ITU-R BT.601, of 0 to 255.
func luminance(img *image.NRGBA) *plane {
	size := img.Rect.Size()
	out := newPlane(size.X, size.Y)
	for y := range size.Y {
		from := img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y):]
		for x := range size.X {
			out.v[y*size.X+x] = float32(0.299*float32(from[4*x])) + float32(0.587*float32(from[4*x+1])) + float32(0.114*float32(from[4*x+2]))
		}
	}
	return out
}
