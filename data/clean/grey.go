package clean

import (
	"image"

	"atelier/internal/picture"
)

// greySide is the minimum length of a grey copy's longer side, unless the picture is smaller; the
// maximum is just below twice that.
const greySide = 256

// A grey is a small grey copy of a picture on white. Each pixel is the mean of a square of the
// picture's.
type grey struct {
	width, height int
	pix           []uint8 // row-major, contiguous
}

// newGrey averages the luma of a picture; for a JPEG it is the Y plane.
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

// average computes the means of squares of step × step pixels.
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

// luma returns the luma of a picture (ITU-R BT.601), without a copy if the picture already holds
// it.
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

// resample computes the means of width × height equal cells, times 256. Cells need not be aligned
// to pixels, and may be smaller than one.
func (g *grey) resample(width, height int) []uint16 {
	rows := make([]uint32, width*g.height) // sums along x, in 1/width of a pixel
	var shares []uint32
	for cell := range width {
		first := 0
		first, shares = covered(g.width, width, cell, shares[:0])
		if len(shares) == 2 {
			left, right := shares[0], shares[1]
			for y := range g.height {
				at := y*g.width + first
				rows[y*width+cell] = left*uint32(g.pix[at]) + right*uint32(g.pix[at+1])
			}
			continue
		}
		for y := range g.height {
			pix, sum := g.pix[y*g.width+first:][:len(shares)], uint32(0)
			for i, share := range shares {
				sum += share * uint32(pix[i])
			}
			rows[y*width+cell] = sum
		}
	}
	out := make([]uint16, width*height)
	sums := make([]uint32, width)
	area := uint64(g.width * g.height)
	for cell := range height {
		first := 0
		first, shares = covered(g.height, height, cell, shares[:0])
		clear(sums)
		for i, share := range shares {
			row := rows[(first+i)*width:][:width]
			for x, v := range row {
				sums[x] += share * v
			}
		}
		for x, sum := range sums {
			out[cell*width+x] = uint16((256*uint64(sum) + area/2) / area)
		}
	}
	return out
}

// covered returns the first pixel that a cell overlaps when a row of pixels is divided into cells,
// and appends the overlaps of that pixel and the following ones, which add up to pixels.
func covered(pixels, cells, cell int, to []uint32) (first int, shares []uint32) {
	begin, end := cell*pixels, (cell+1)*pixels // in 1/cells of a pixel
	first = begin / cells
	for pixel := first; pixel*cells < end; pixel++ {
		to = append(to, uint32(min(end, (pixel+1)*cells)-max(begin, pixel*cells)))
	}
	return first, to
}
