package product

import (
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// chopped vectors are read in place in runs of some length; every so many of these
// are absent.
type chopped struct {
	data           Strided
	length, absent int
}

func (c chopped) Memory() []float32 { return c.data.Data }

func (c chopped) Lengths(lengths []int, first, depth int) []int {
	for end := first + depth; first < end; {
		n := min(c.length-first%c.length, end-first)
		lengths = append(lengths, n)
		first += n
	}
	return lengths
}

func (c chopped) Places(places []int, v, n, group, first, depth int) []int {
	for ; n > 0; v, n = v+group, n-group {
		at := first
		for _, length := range c.Lengths(nil, first, depth) {
			for i := v; i < v+min(n, group); i++ {
				if (i+at/c.length)%c.absent == 0 {
					places = append(places, Absent)
				} else {
					places = append(places, i*c.data.Vector+at)
				}
			}
			at += length
		}
	}
	return places
}

// TestInPlace compares a product of vectors in place with that of the same vectors
// packed, bit for bit.
func TestInPlace(t *testing.T) {
	onEachEngine(t, func(t *rapid.T, e *Engine) {
		m, n, k := sizes(t)
		b := matrix(t, "b", n, k)
		a := chopped{operand(m, k, true), rapid.IntRange(1, BlockDepth).Draw(t, "length"), rapid.IntRange(2, 5).Draw(t, "absent")}
		same := operand(m, k, true)
		for i := range m {
			for p := range k {
				if (i+p/a.length)%a.absent == 0 {
					same.Data[i*k+p] = 0
				}
			}
		}
		packed, inPlace := make([]float32, m*n), make([]float32, m*n)
		e.Multiply(Product{M: m, N: n, K: k, A: same, B: b, C: packed})
		e.Multiply(Product{M: m, N: n, K: k, A: a, B: b, C: inPlace})
		equal(t, "in place", packed, inPlace)
	})
}

// Pack implements [Operand] for what is packed all the same.
func (c chopped) Pack(dst []float32, width, v, n, first, depth int) {
	for p := range depth {
		row := dst[p*width : (p+1)*width]
		clear(row)
		for i := range n {
			if (v+i+(first+p)/c.length)%c.absent != 0 {
				row[i] = c.data.at(v+i, first+p)
			}
		}
	}
}

// lying says that its runs are elsewhere.
type lying struct {
	chopped
	lengths func([]int) []int
	places  func([]int) []int
}

func (l lying) Lengths(lengths []int, first, depth int) []int {
	return l.lengths(l.chopped.Lengths(lengths, first, depth))
}

func (l lying) Places(places []int, v, n, group, first, depth int) []int {
	return l.places(l.chopped.Places(places, v, n, group, first, depth))
}

// TestInPlacePanics holds the engine to panic where runs are not in memory.
func TestInPlacePanics(t *testing.T) {
	e := New(threads.Single(), simd.Best())
	if e.kernel.inPlace == nil {
		t.Skip("packs all operands")
	}
	same := func(s []int) []int { return s }
	last := func(value int) func([]int) []int {
		return func(s []int) []int {
			s[len(s)-1] = value
			return s
		}
	}
	for name, l := range map[string]lying{
		"beyond":   {lengths: same, places: last(40*50 - 9)},
		"before":   {lengths: same, places: last(-1)},
		"longer":   {lengths: last(11), places: same},
		"negative": {lengths: last(-1), places: same},
		"too few":  {lengths: same, places: func(s []int) []int { return s[:len(s)-1] }},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			l.chopped = chopped{operand(40, 50, true), 10, 1000}
			e.Multiply(Product{M: 40, N: 30, K: 50, A: l, B: operand(30, 50, false), C: floats(40 * 30)})
		}()
	}
}
