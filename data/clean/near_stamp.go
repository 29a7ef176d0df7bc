package clean

import (
	"image"
	"math"
	"slices"

	"atelier/internal/picture"
)

// A stamp is a picture of 32 × 32 smoothed grey levels, whatever the shape of the
// picture, and 4 × 4 means of both chroma components.
const (
	stampSide   = 32
	stampArea   = stampSide * stampSide
	chromaSide  = 4
	chromaCells = 2 * chromaSide * chromaSide
	stampBytes  = stampArea + chromaCells
)

type stamp struct {
	grey   [stampArea]uint8
	chroma [chromaCells]uint8
}

func newStamp(r *raster) *stamp {
	s := &stamp{}
	smooth(r.grey().resample(stampSide, stampSide), &s.grey)
	s.chroma = chromaOf(r.pixels)
	return s
}

func (s *stamp) bytes() []byte { return append(s.grey[:], s.chroma[:]...) }

// smooth blurs levels in 256ths with the kernel 1 2 1 both ways: what is finer differs
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

// chromaOf averages the chroma of cells; what has no colour has 128 everywhere.
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

// chromaPlanes computes the chroma (ITU-R BT.601) of every other pixel, laid on white.
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

// mostColour is by how many levels the chroma of two copies differs at most, in the mean.
const mostColour = 8

// coloured reports whether any cell is more than slightly coloured.
func coloured(cells []byte) bool {
	return slices.Max(cells) > 128+mostColour || slices.Min(cells) < 128-mostColour
}

func sameColours(a, b []byte) bool {
	sum := 0
	for i := range a {
		sum += max(int(a[i]), int(b[i])) - min(int(a[i]), int(b[i]))
	}
	return sum <= mostColour*len(a)
}

// Cells of the space of low frequencies: each band looks at some of them, divided into
// steps. A step is wide against the differences between copies.
const (
	frequencies = 4
	bandCount   = 16
	bandTerms   = 6
	bandStep    = 56
)

// cosines are those of the discrete cosine transform, times 1024, exact to the integer.
var cosines = func() (c [frequencies][stampSide]int64) {
	for k := range c {
		for x := range c[k] {
			c[k][x] = int64(math.Round(1024 * math.Cos(math.Pi*float64(k)*(float64(x)+0.5)/stampSide)))
		}
	}
	return c
}()

// bands returns for each band the cell that the picture lies in, and the one that it is
// nearest to besides.
func (s *stamp) bands() []uint64 {
	low := s.low()
	bands := make([]uint64, 0, 2*bandCount)
	for band := range uint64(bandCount) {
		key, other := scatter(band+1), scatter(band+1)
		nearest, at := int64(bandStep), uint64(0)
		var cells [bandTerms]int64
		var terms [bandTerms]uint64
		pick := scatter(band)
		for i := range uint64(bandTerms) {
			pick = scatter(pick + i)
			terms[i] = pick % uint64(len(low))
			v := low[terms[i]] + int64(pick>>32%bandStep) + 1<<20*bandStep
			cells[i] = v / bandStep
			if in := v % bandStep; min(in, bandStep-1-in) < nearest {
				nearest, at = min(in, bandStep-1-in), i
			}
		}
		for i, cell := range cells {
			key = scatter(key ^ uint64(cell))
			if uint64(i) == at {
				v := low[terms[i]] + int64(pickAt(band, uint64(i))>>32%bandStep) + 1<<20*bandStep
				if v%bandStep < bandStep/2 {
					cell--
				} else {
					cell++
				}
			}
			other = scatter(other ^ uint64(cell))
		}
		bands = append(bands, key, other)
	}
	return bands
}

func pickAt(band, i uint64) uint64 {
	pick := scatter(band)
	for j := range i + 1 {
		pick = scatter(pick + j)
	}
	return pick
}

// low returns the low frequencies but the mean, in 1024ths of the deviation of the
// picture.
func (s *stamp) low() (low [frequencies*frequencies - 1]int64) {
	var rows [frequencies][stampSide]int64
	sum, squares := int64(0), int64(0)
	for y := range stampSide {
		row := s.grey[y*stampSide:][:stampSide]
		for x, p := range row {
			sum, squares = sum+int64(p), squares+int64(p)*int64(p)
			for k := range rows {
				rows[k][y] += cosines[k][x] * int64(p)
			}
		}
	}
	variance := max(stampArea*squares-sum*sum, 4*stampArea*stampArea) // of at least 2 levels
	deviation := int64(math.Sqrt(float64(variance)))                  // times stampArea; exact below 1<<52
	for i := range low {
		u, v := (i+1)%frequencies, (i+1)/frequencies
		total := int64(0)
		for y := range stampSide {
			total += rows[u][y] * cosines[v][y] >> 10
		}
		low[i] = total / deviation
	}
	return low
}

// scatter mixes the bits of a number (SplitMix64, Steele, Lea, Flood 2014).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
