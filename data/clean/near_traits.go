package clean

import (
	"encoding/binary"
	"math"

	"atelier/data"
)

// Pictures are first compared by traits: low frequencies, mean, deviation and chroma, each weighted
// so that copies, cropped ones above all, differ by about 45.
const (
	frequencies = 5 // in each direction
	lowCount    = frequencies*frequencies - 1
	traitCount  = lowCount + 4
)

// traits returns the low frequencies, then mean, deviation and the two chromas.
func (s *stamp) traits() (t [traitCount]int64) {
	low := s.low()
	for i, v := range low {
		t[i] = v * weights[i]
	}
	var chroma [2]int64
	for i, c := range s.chroma {
		chroma[i/(chromaCells/2)] += int64(c) - 128
	}
	copy(t[lowCount:], []int64{
		8 * (s.sum - 128*stampArea) / stampArea, 13 * (s.deviation - 48*stampArea) / stampArea,
		38 * chroma[0] / (chromaCells / 2), 38 * chroma[1] / (chromaCells / 2),
	})
	return t
}

// frequency is the number of half-waves of the i-th low frequency, across and down.
func frequency(i int) (u, v int) { return (i + 1) % frequencies, (i + 1) / frequencies }

// weights are those of the low frequencies. A crop shifts the picture, which changes the lowest
// frequencies and those in one direction the most.
var weights = func() (w [lowCount]int64) {
	for i := range w {
		switch u, v := frequency(i); {
		case u+v == 1:
			w[i] = 2
		case u == 0 || v == 0:
			w[i] = 3
		default:
			w[i] = 6
		}
	}
	return w
}()

// Low frequencies are computed from a copy of half the side.
const halfSide = stampSide / 2

// cosines are those of the discrete cosine transform, times 1024, rounded to integers, for one half
// of the side: the other mirrors them.
var cosines = func() (c [frequencies][halfSide / 2]int32) {
	for k := range c {
		for x := range c[k] {
			c[k][x] = int32(math.Round(1024 * math.Cos(math.Pi*float64(k)*(float64(x)+0.5)/halfSide)))
		}
	}
	return c
}()

// low returns the low frequencies without the mean, in 1024ths of the deviation of the picture.
func (s *stamp) low() (low [lowCount]int64) {
	var rows [frequencies][halfSide]int32
	for y := range halfSide {
		upper, lower := (*[stampSide]uint8)(s.grey[2*y*stampSide:]), (*[stampSide]uint8)(s.grey[(2*y+1)*stampSide:])
		for x := range halfSide / 2 {
			l, r := 2*x, stampSide-2-2*x
			p := int32(upper[l]) + int32(upper[l+1]) + int32(lower[l]) + int32(lower[l+1])
			q := int32(upper[r]) + int32(upper[r+1]) + int32(lower[r]) + int32(lower[r+1])
			for k := range rows {
				if k%2 == 0 {
					rows[k][y] += cosines[k][x] * (p + q)
				} else {
					rows[k][y] += cosines[k][x] * (p - q)
				}
			}
		}
	}
	for i := range low {
		u, v := frequency(i)
		total := int64(0)
		for y, c := range cosines[v] {
			mirrored := rows[u][halfSide-1-y]
			if v%2 != 0 {
				mirrored = -mirrored
			}
			total += int64(rows[u][y]+mirrored) * int64(c)
		}
		low[i] = total >> 10 / max(s.deviation, 2*stampArea) // the noise of a flat picture is not a trait
	}
	return low
}

// Candidates share a cell in the space of some traits. Each band quantises its traits in steps that
// are wide compared with the differences between copies, with an offset of its own.
const (
	bandCount  = 20
	bandLowest = 4 // half-waves, both directions together, of the frequencies that bands use
	traitStep  = 500
)

// A grid is how a band quantises its traits.
type grid [traitCount]struct {
	begin  int64  // offset of the steps; makes every trait positive
	factor uint64 // of the step in the key; 0 if the band does not use the trait
}

var grids = func() (all [bandCount]grid) {
	random := uint64(0)
	for band := range all {
		for i := range all[band] {
			if u, v := frequency(i); i < lowCount && u+v > bandLowest {
				continue
			}
			random += 2
			all[band][i].begin = int64(scatter(random)%traitStep) + traitStep<<20
			all[band][i].factor = scatter(random+1) | 1
		}
	}
	return all
}()

// bandsOf returns, for each band, the cell of the picture and the next nearest one.
func bandsOf(t *[traitCount]int64) []uint64 {
	bands := make([]uint64, 0, 2*bandCount)
	for band := range grids {
		key, beyond, nearest := uint64(band), uint64(0), uint64(traitStep)
		for i := range grids[band] {
			g := &grids[band][i]
			if g.factor == 0 {
				continue
			}
			at := uint64(t[i] + g.begin)
			step := at / traitStep
			key += step * g.factor
			below := at - step*traitStep
			if below < nearest {
				nearest, beyond = below, -g.factor
			}
			if above := traitStep - 1 - below; above < nearest {
				nearest, beyond = above, g.factor
			}
		}
		bands = append(bands, scatter(key), scatter(key+beyond))
	}
	return bands
}

// scatter mixes the bits of a number (SplitMix64, Steele, Lea, Flood 2014).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// In a brief, a trait is a byte.
const (
	briefStep = 30
	farApart  = 9 // steps; traits of copies differ by less
	bytesEach = 0x0101010101010101
)

// brief returns the traits as bytes of up to 127-farApart.
func brief(t *[traitCount]int64) (b data.Brief) {
	for i, v := range t {
		b[i] = uint8(min(max(64+v/briefStep, 0), 127-farApart))
	}
	return b
}

// Unlike implements [data.Hasty]: it reports whether a trait differs by more than between copies.
// Eight are subtracted at a time; each has a spare bit to borrow from.
func (*NearPictures) Unlike(a, b *data.Brief) bool {
	const slack, top = farApart * bytesEach, 0x80 * bytesEach
	for i := 0; i < len(a); i += 8 {
		x, y := binary.LittleEndian.Uint64(a[i:]), binary.LittleEndian.Uint64(b[i:])
		if ((x+slack|top)-y)&((y+slack|top)-x)&top != top {
			return true
		}
	}
	return false
}
