package conv

import "atelier/engine/product"

// An axis is one of the axes that an index is decomposed into, and how memory is traversed along
// it.
type axis struct {
	size, stride int
	bound        int // the spatial axis along which it may cross the edge; -1: none
	step         int // step along that axis
}

// A spot is a position along some axes.
type spot struct {
	offset int           // in memory
	at     [spatials]int // along the bounded spatial axes
}

func (s spot) plus(t spot) spot {
	s.offset += t.offset
	for i, at := range t.at {
		s.at[i] += at
	}
	return s
}

// locate returns the spot of index number, where the last axis counts fastest, and the digit of
// that axis.
func locate(axes []axis, i int) (s spot, digit int) {
	last := len(axes) - 1
	for n := last; n >= 0; n-- {
		a := axes[n]
		d := i
		if n > 0 {
			d = i % a.size
			i /= a.size
		}
		if n == last {
			digit = d
		}
		s.offset += d * a.stride
		if a.bound >= 0 {
			s.at[a.bound] += d * a.step
		}
	}
	return s, digit
}

// A lattice is an operand's vectors and their elements in memory. Everything beyond an edge is
// zero.
type lattice struct {
	data           []float32
	origin         spot // of element 0 of vector 0, possibly beyond an edge
	limit          [spatials]int
	vectors, depth []axis // never empty; the last counts fastest
	packer         *packer
}

// present reports whether a spot is within the edges, along all spatial axes except those left out.
func (l *lattice) present(s spot, except1, except2 int) bool {
	for b, at := range s.at {
		if b != except1 && b != except2 && uint(at) >= uint(l.limit[b]) {
			return false
		}
	}
	return true
}

// along is the range of n consecutive positions along an axis that are within the edges.
func (l *lattice) along(a axis, at spot, n int) (lo, hi int) {
	if a.bound < 0 {
		return 0, n
	}
	return within(at.at[a.bound], a.step, n, l.limit[a.bound])
}

// merged merges adjacent axes that are one axis in memory, and drops axes of size 1.
func merged(axes []axis) []axis {
	var m []axis
	for _, a := range axes {
		if a.size == 1 {
			continue
		}
		if n := len(m) - 1; n >= 0 && m[n].bound < 0 && a.bound < 0 && m[n].stride == a.size*a.stride {
			m[n] = axis{m[n].size * a.size, a.stride, -1, 0}
			continue
		}
		m = append(m, a)
	}
	if m == nil {
		return []axis{{size: 1, bound: -1}}
	}
	return m
}

// operand returns the best packer for the lattice.
func (l lattice) operand() product.Operand {
	if a := newAlong(l); a != nil && a.unit >= shortest {
		return direct{a}
	} else if a != nil {
		return a
	}
	if r := newRows(l); r != nil {
		return r
	}
	return &across{l}
}
