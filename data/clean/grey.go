package clean

import (
	"image"

	"atelier/internal/picture"
)

// greySide is how many pixels the longer side of a grey copy has at least, unless the
// picture is smaller; it has less than twice as many.
const greySide = 256

// A grey is a small grey copy of a picture, what is transparent laid on white. Each
// pixel is the mean of a square of the picture's.
type grey struct {
	width, height int
	pix           []uint8 // row-major, without gaps
}

// newGrey averages the luma of a picture; that of a JPEG is read from its Y plane.
func newGrey(img image.Image) *grey {
	size := img.Bounds().Size()
	pix, stride := luma(img)
	step := max(1, max(size.X, size.Y)/greySide)
	g := &grey{width: max(1, size.X/step), height: max(1, size.Y/step)}
	g.pix = make([]uint8, g.width*g.height)
	if step == 1 {
		for y := range g.height {
			copy(g.pix[y*g.width:][:g.width], pix[y*stride:])
		}
		return g
	}
	g.average(pix, stride, size, step)
	return g
}

// average fills in the means of squares of step pixels a side.
func (g *grey) average(pix []uint8, stride int, size image.Point, step int) {
	sums := make([]uint32, g.width)
	wide, high := min(step, size.X), min(step, size.Y)
	area := uint32(wide * high)
	for y := range g.height {
		clear(sums)
		for v := range high {
			row := pix[(y*step+v)*stride:]
			for x := range sums {
				sum := uint32(0)
				for _, p := range row[x*step:][:wide] {
					sum += uint32(p)
				}
				sums[x] += sum
			}
		}
		for x, sum := range sums {
			g.pix[y*g.width+x] = uint8((sum + area/2) / area)
		}
	}
}

// luma returns the luma of a picture (ITU-R BT.601), without copying it where it is
// there already.
func luma(img image.Image) (pix []uint8, stride int) {
	switch img := img.(type) {
	case *image.YCbCr:
		return img.Y, img.YStride
	case *image.Gray:
		return img.Pix, img.Stride
	}
	src := picture.NRGBA(img)
	width := src.Rect.Dx()
	pix = make([]uint8, width*src.Rect.Dy())
	for y := range src.Rect.Dy() {
		row := src.Pix[y*src.Stride:][:4*width]
		for x := range width {
			p := row[4*x : 4*x+4 : 4*x+4]
			v := (19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16
			pix[y*width+x] = uint8((v*uint32(p[3]) + 255*(255-uint32(p[3])) + 127) / 255)
		}
	}
	return pix, width
}

// resample writes the means of equal cells, width × height of them, times 256. Cells
// need not lie on whole pixels, and may be smaller than one.
func (g *grey) resample(width, height int) []uint16 {
	rows := make([]uint64, width*g.height) // sums along x, in 1/width of a pixel
	spans(g.width, width, func(cell, pixel int, share uint64) {
		for y := range g.height {
			rows[y*width+cell] += share * uint64(g.pix[y*g.width+pixel])
		}
	})
	sums := make([]uint64, width*height)
	spans(g.height, height, func(cell, pixel int, share uint64) {
		for x := range width {
			sums[cell*width+x] += share * rows[pixel*width+x]
		}
	})
	area := uint64(g.width * g.height)
	out := make([]uint16, len(sums))
	for i, sum := range sums {
		out[i] = uint16((256*sum + area/2) / area)
	}
	return out
}

// spans calls add for each cell and each pixel that it covers a share of, when so many
// pixels are divided into so many cells. The shares of a cell add up to pixels.
func spans(pixels, cells int, add func(cell, pixel int, share uint64)) {
	for cell := range cells {
		from, to := cell*pixels, (cell+1)*pixels // in 1/cells of a pixel
		for pixel := from / cells; pixel*cells < to; pixel++ {
			share := min(to, (pixel+1)*cells) - max(from, pixel*cells)
			add(cell, pixel, uint64(share))
		}
	}
}
