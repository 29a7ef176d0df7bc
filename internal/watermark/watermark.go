// Package watermark hides a keyed mark in pictures that only the key finds, and that survives lossy
// compression and cropping: a zero-bit spread-spectrum mark (Cox et al. 1997, IEEE TIP 6(12)) in the
// low frequencies of the 8×8 DCT, which repeats every 64 pixels, so that any part of a picture holds
// it. It survives no resizing, rotation or mirroring.
package watermark

import (
	"image"
	"math"

	"atelier/internal/badinput"
)

const (
	block = 8 // pixels
	cells = 8 // blocks on a side of a tile
	tile  = block * cells
	// Least is the shorter side in pixels from which a mark is embedded.
	Least = 64
	// Promised is the shorter side from which it is found again as measured.
	Promised = 256
	// fidelity is the peak signal-to-noise ratio in dB that an embedded mark is held to.
	fidelity = 42.3
	// mostSearched is how many pixels are searched: those in the middle.
	mostSearched = 4 << 20
)

// bands are the frequencies (horizontal, vertical) of the mark: high enough not to be seen, low enough
// to survive JPEG. The first lowBands have the finest steps in JPEG.
var bands = [...][2]int{{0, 2}, {2, 0}, {1, 1}, {1, 2}, {2, 1}, {0, 3}, {3, 0}, {2, 2}, {1, 3}, {3, 1}}

// highest is the number of different frequencies in one direction.
const highest = 4

// basis are the rows of the orthonormal DCT-II of 8 samples.
var basis = func() (b [highest][block]float32) {
	for u := range b {
		scale := math.Sqrt(2. / block)
		if u == 0 {
			scale = math.Sqrt(1. / block)
		}
		for x := range block {
			b[u][x] = float32(scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/(2*block)))
		}
	}
	return b
}()

// A pattern holds the sign of the mark, 1 or -1, of each band in each cell of a tile.
type pattern [len(bands)][cells * cells]float32

// The amplitudes of the mark in a block, of DCT coefficients of 8-bit pixels: a flat block shows it
// sooner than a busy one, and loses it sooner.
const (
	leastAmplitude = 3.
	mostAmplitude  = 14.
	ofActivity     = 0.35
	lowBands       = 5
	busy           = 6. // deviation in a block from which all bands have the same amplitude
	softness       = 6. // of the detector: coefficients far above it count as much as at it
	steps          = 12 // of the search for the strength
	mostMultiple   = 2.
)

// Fits returns an error that says how many pixels a picture needs if one of a size in pixels is too small
// for a mark.
func Fits(size image.Point) error {
	if min(size.X, size.Y) < Least {
		return badinput.Errorf("the watermark needs at least %d×%d pixels, the picture has %d×%d", Least, Least, size.X, size.Y)
	}
	return nil
}

// Embed returns a picture with the mark of a key, at a peak signal-to-noise ratio of 42 dB or more. Both
// sides must have at least [Least] pixels.
func (k *Key) Embed(img *image.NRGBA) (*image.NRGBA, error) {
	if err := Fits(img.Rect.Size()); err != nil {
		return nil, err
	}
	mark := k.mark(img)
	low, high := 0., mostMultiple
	best := add(img, mark, 0)
	for range steps {
		strength := (low + high) / 2
		if out := add(img, mark, float32(strength)); PSNR(img, out) >= fidelity {
			low, best = strength, out
		} else {
			high = strength
		}
	}
	return best, nil
}

// mark is what is added to each pixel at strength 1.
func (k *Key) mark(img *image.NRGBA) *plane {
	grey := luminance(img)
	out := newPlane(grey.w, grey.h)
	signs := k.pattern()
	for by := range grey.h / block {
		for bx := range grey.w / block {
			cell := by%cells*cells + bx%cells
			low, high := grey.amplitudes(bx*block, by*block)
			for i, band := range bands {
				a := low * signs[i][cell]
				if i >= lowBands {
					a = high * signs[i][cell]
				}
				for y := range block {
					row := out.row(by*block + y)[bx*block:]
					for x := range block {
						row[x] += float32(float32(a*basis[band[0]][x]) * basis[band[1]][y]) // no fused product: the same on every machine
					}
				}
			}
		}
	}
	return out
}

// amplitudes are how strong the mark of a block is in the first bands and in the others, by how busy the
// block is. In a flat one JPEG rounds what is small to nothing, so fewer bands get all of the energy.
func (p *plane) amplitudes(x0, y0 int) (low, high float32) {
	var sum, squares float64
	for y := range block {
		for _, v := range p.row(y0 + y)[x0 : x0+block] {
			sum += float64(v)
			squares += float64(float64(v) * float64(v))
		}
	}
	const n = block * block
	deviation := math.Sqrt(max(0, squares/n-float64(sum/n*sum/n)))
	amplitude := min(mostAmplitude, leastAmplitude+float64(ofActivity*deviation))
	share := min(1, deviation/busy)
	return float32(amplitude * math.Sqrt(2-float64(share*share))), float32(amplitude * share)
}

// add adds a multiple of a mark to the colours of a picture.
func add(img *image.NRGBA, mark *plane, strength float32) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: img.Rect.Size()})
	for y := range mark.h {
		from := img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y):]
		to := out.Pix[y*out.Stride:]
		for x, m := range mark.row(y) {
			d := int(math.Round(float64(strength * m)))
			for c := range 3 {
				to[4*x+c] = uint8(max(0, min(255, int(from[4*x+c])+d)))
			}
			to[4*x+3] = from[4*x+3]
		}
	}
	return out
}

// PSNR is the peak signal-to-noise ratio in dB between two pictures of the same size, in the colours of
// 8 bits; infinite if they are equal.
func PSNR(a, b *image.NRGBA) float64 {
	size, sum := a.Rect.Size(), 0
	for y := range size.Y {
		p := a.Pix[a.PixOffset(a.Rect.Min.X, a.Rect.Min.Y+y):]
		q := b.Pix[b.PixOffset(b.Rect.Min.X, b.Rect.Min.Y+y):]
		for i := range 4 * size.X {
			if i%4 < 3 {
				d := int(p[i]) - int(q[i])
				sum += d * d
			}
		}
	}
	return 10 * math.Log10(255*255*float64(3*size.X*size.Y)/float64(sum))
}
