package conv

import "atelier/engine/product"

// direct is an operand whose vectors have contiguous runs long enough to be used without packing.
type direct struct{ *along }

// shortest is the minimum length of a contiguous run that is used directly.
const shortest = 8

// Memory implements product.InPlaceOperand.
func (l direct) Memory() []float32 { return l.data }

// Lengths implements product.InPlaceOperand.
func (l direct) Lengths(lengths []int, first, depth int) []int {
	for d := 0; d < depth; {
		n := l.run(first+d, depth-d)
		lengths = append(lengths, n)
		d += n
	}
	return lengths
}

// run is the length of the run that starts at an element, at most most.
func (l direct) run(element, most int) int {
	return min(most, l.unit-element%l.unit, product.BlockDepth)
}

// Places implements product.InPlaceOperand.
func (l direct) Places(places []int, v, n, group, first, depth int) []int {
	var memory [product.BlockDepth / shortest]spot
	spots := l.spots(memory[:0], first, depth)
	var p panel
	for ; n > 0; v, n = v+group, n-group {
		l.panel(&p, v, min(n, group))
		for _, s := range spots {
			if !l.whole(&p, s, l.tap, 1) {
				places = l.clippedPlaces(places, &p, s)
				continue
			}
			for _, offset := range p.offsets[:p.n] {
				places = append(places, offset+s.offset)
			}
		}
	}
	return places
}

// spots appends the offsets of runs from the start of their vector.
func (l direct) spots(spots []spot, first, depth int) []spot {
	for d := 0; d < depth; {
		unit, from := (first+d)/l.unit, (first+d)%l.unit
		s, _ := locate(l.outer, unit/l.tap.size)
		tap := unit % l.tap.size
		s.offset += tap*l.tap.stride + from
		if l.tap.bound >= 0 {
			s.at[l.tap.bound] += tap * l.tap.step
		}
		spots = append(spots, s)
		d += l.run(first+d, depth-d)
	}
	return spots
}

// clippedPlaces appends the places of a run that reaches beyond the edge for some vectors.
func (l direct) clippedPlaces(places []int, p *panel, s spot) []int {
	inner := l.vectors[len(l.vectors)-1]
	for _, r := range p.runs[:p.count] {
		at := r.spot.plus(s)
		lo, hi := 0, 0
		if l.present(at, inner.bound, -1) {
			lo, hi = l.lattice.along(inner, at, r.n)
		}
		for i := range r.n {
			if lo <= i && i < hi {
				places = append(places, at.offset+i*inner.stride)
			} else {
				places = append(places, product.Absent)
			}
		}
	}
	return places
}
