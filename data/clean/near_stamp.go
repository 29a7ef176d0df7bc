package clean

import (
	"image"
	"math"

	"atelier/data"
	"atelier/internal/picture"
)

// A stamp is a picture of 32 × 32 smoothed grey levels, whatever the shape of the picture, and 4 ×
// 4 means of both chroma components. The signature of a picture is its brief, grey levels, chroma,
// the mean and twice the deviation of the grey levels, and its outline.
const (
	stampSide   = 32
	stampArea   = stampSide * stampSide
	chromaSide  = 4
	chromaCells = 2 * chromaSide * chromaSide

	greyAt         = len(data.Brief{})
	chromaAt       = greyAt + stampArea
	meanAt         = chromaAt + chromaCells
	deviationAt    = meanAt + 1
	outlineAt      = deviationAt + 1
	signatureBytes = outlineAt + outlineBytes
)

type stamp struct {
	grey   [stampArea]uint8
	chroma [chromaCells]uint8

	sum, deviation int64 // of the grey levels, both times stampArea
}

func newStamp(r *raster) *stamp {
	s := &stamp{}
	smooth(r.grey().resample(stampSide, stampSide), &s.grey)
	s.chroma = chromaOf(r.pixels)
	squares := int64(0)
	for _, p := range s.grey {
		s.sum, squares = s.sum+int64(p), squares+int64(p)*int64(p)
	}
	s.deviation = int64(math.Sqrt(float64(stampArea*squares - s.sum*s.sum))) // exact below 1<<52
	return s
}

func (s *stamp) sketch() data.Sketch {
	t := s.traits()
	brief := brief(&t)
	b := append(make([]byte, 0, signatureBytes), brief[:]...)
	b = append(append(b, s.grey[:]...), s.chroma[:]...)
	b = append(b, uint8(s.sum/stampArea), uint8(2*s.deviation/stampArea))
	var o outline
	o.take(&s.grey)
	return data.Sketch{Bands: bandsOf(&t), Signature: o.append(b)}
}

// smooth blurs levels in 256ths with the kernel 1 2 1 in both directions: finer detail differs
// between copies.
func smooth(levels []uint16, to *[stampArea]uint8) {
	var rows [stampArea]uint32
	for y := range stampSide {
		row := levels[y*stampSide:][:stampSide]
		for x := range stampSide {
			rows[y*stampSide+x] = uint32(row[max(x-1, 0)]) + 2*uint32(row[x]) + uint32(row[min(x+1, stampSide-1)])
		}
	}
	for y := range stampSide {
		above, below := rows[max(y-1, 0)*stampSide:], rows[min(y+1, stampSide-1)*stampSide:]
		for x := range stampSide {
			to[y*stampSide+x] = uint8((above[x] + 2*rows[y*stampSide+x] + below[x] + 1<<11) >> 12)
		}
	}
}

// chromaOf averages the chroma of cells; grey is 128.
func chromaOf(img image.Image) (cells [chromaCells]uint8) {
	switch img := img.(type) {
	case *image.Gray, *image.Gray16:
		for i := range cells {
			cells[i] = 128
		}
	case *image.YCbCr:
		corner := img.COffset(img.Rect.Max.X-1, img.Rect.Max.Y-1)
		size := image.Pt(corner%img.CStride+1, corner/img.CStride+1)
		meanCells(img.Cb, img.CStride, size, cells[:chromaCells/2])
		meanCells(img.Cr, img.CStride, size, cells[chromaCells/2:])
	default:
		cb, cr, size := chromaPlanes(picture.NRGBA(img))
		meanCells(cb, size.X, size, cells[:chromaCells/2])
		meanCells(cr, size.X, size, cells[chromaCells/2:])
	}
	return cells
}

// chromaPlanes computes the chroma (ITU-R BT.601) of every other pixel, on white.
func chromaPlanes(img *image.NRGBA) (cb, cr []uint8, size image.Point) {
	size = img.Rect.Size().Add(image.Pt(1, 1)).Div(2)
	cb, cr = make([]uint8, 0, size.X*size.Y), make([]uint8, 0, size.X*size.Y)
	for y := range size.Y {
		for x := range size.X {
			p := img.Pix[2*y*img.Stride+8*x:][:4]
			r, g, b, a := int(p[0]), int(p[1]), int(p[2]), int(p[3])
			u, v := -11059*r-21709*g+32768*b, 32768*r-27439*g-5329*b
			cb = append(cb, uint8(min(255, 128+(u*a/255+1<<15)>>16)))
			cr = append(cr, uint8(min(255, 128+(v*a/255+1<<15)>>16)))
		}
	}
	return cb, cr, size
}

// meanCells averages a plane in 4 × 4 cells of whole pixels.
func meanCells(pix []uint8, stride int, size image.Point, cells []uint8) {
	for i := range cells {
		x, y := i%chromaSide, i/chromaSide
		left, right := x*size.X/chromaSide, max(x*size.X/chromaSide+1, (x+1)*size.X/chromaSide)
		top, bottom := y*size.Y/chromaSide, max(y*size.Y/chromaSide+1, (y+1)*size.Y/chromaSide)
		sum := 0
		for v := top; v < bottom; v++ {
			for _, p := range pix[v*stride+left : v*stride+right] {
				sum += int(p)
			}
		}
		area := (right - left) * (bottom - top)
		cells[i] = uint8((sum + area/2) / area)
	}
}
