package clean

import "math"

// Candidates lie in a cell of a space of traits: low frequencies, and what the whole
// picture is like. Each band looks at some frequencies and at the whole, and divides
// every trait into steps that are wide against the differences between copies, from a
// begin of its own.
const (
	frequencies = 4 // each way
	bandCount   = 20
	bandTerms   = 8 // frequencies of a band
	traitStep   = 80
)

// A cell is where a band has a picture.
type cell struct {
	at     []int64
	edge   int   // the trait that is nearest to another step
	beyond int64 // which one: -1 or 1
	gap    int64 // how far it is
}

func (c *cell) add(trait int64, begin uint64) {
	v := trait + int64(begin%traitStep) + traitStep<<20 // not negative
	below, above := v%traitStep, traitStep-1-v%traitStep
	if gap := min(below, above); len(c.at) == 0 || gap < c.gap {
		c.gap, c.edge, c.beyond = gap, len(c.at), 1
		if gap == below {
			c.beyond = -1
		}
	}
	c.at = append(c.at, v/traitStep)
}

func (c *cell) key(band uint64) uint64 {
	key := scatter(band + 1)
	for _, at := range c.at {
		key = scatter(key ^ uint64(at))
	}
	return key
}

// bands returns for each band the cell that the picture lies in, and the one that it is
// nearest to besides.
func (s *stamp) bands() []uint64 {
	low, whole := s.low(), s.whole()
	bands := make([]uint64, 0, 2*bandCount)
	for band := range uint64(bandCount) {
		var c cell
		pick := scatter(band)
		for range bandTerms {
			pick = scatter(pick)
			c.add(low[pick%uint64(len(low))], pick>>32)
		}
		for _, trait := range whole {
			pick = scatter(pick)
			c.add(trait, pick>>32)
		}
		bands = append(bands, c.key(band))
		c.at[c.edge] += c.beyond
		bands = append(bands, c.key(band))
	}
	return bands
}

// whole returns mean, deviation and both chromas, so that brightening by a tenth moves
// each by less than a step.
func (s *stamp) whole() [4]int64 {
	var chroma [2]int64
	for i, c := range s.chroma {
		chroma[i/(chromaCells/2)] += int64(c)
	}
	return [4]int64{5 * s.sum / (2 * stampArea), 4 * s.deviation / stampArea, chroma[0] / 4, chroma[1] / 4}
}

// cosines are those of the discrete cosine transform, times 1024, exact to the integer.
var cosines = func() (c [frequencies][stampSide]int64) {
	for k := range c {
		for x := range c[k] {
			c[k][x] = int64(math.Round(1024 * math.Cos(math.Pi*float64(k)*(float64(x)+0.5)/stampSide)))
		}
	}
	return c
}()

// low returns the low frequencies but the mean, in 1024ths of the deviation of the
// picture.
func (s *stamp) low() (low [frequencies*frequencies - 1]int64) {
	var rows [frequencies][stampSide]int64
	for y := range stampSide {
		for x, p := range s.grey[y*stampSide:][:stampSide] {
			for k := range rows {
				rows[k][y] += cosines[k][x] * int64(p)
			}
		}
	}
	for i := range low {
		u, v := (i+1)%frequencies, (i+1)/frequencies
		total := int64(0)
		for y := range stampSide {
			total += rows[u][y] * cosines[v][y] >> 10
		}
		low[i] = total / max(s.deviation, 2*stampArea) // of what is flat, noise is no trait
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
