package cpu

import (
	"cmp"
	"slices"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// A storage is memory that holds one value after another.
type storage struct {
	size        int
	first, last int            // first and last step of its use
	at          int            // offset in the arena
	parameter   int            // the parameter that it is; -1: none
	constant    *tensor.Tensor // the constant that it is, or nil
	output      bool           // it is returned to the caller and not in the arena
	over        int            // the parameter whose memory it reuses if donated; -1: none
}

// A placing assigns storages to values.
type placing struct {
	storages []*storage
	of       map[ir.Value]*storage
	uses     map[ir.Value]int // the last step that reads a value
}

// home is the value whose memory a value shares: a reshape shares that of its operand.
func home(v ir.Value) ir.Value {
	for v.Node.Op == opReshape {
		v = v.Node.Inputs[0]
	}
	return v
}

// never is after the last step.
const never = 1 << 62

// place assigns storages to the values of a graph. donated says whether memory of parameters may be
// reused at all.
func place(g *ir.Graph, steps []draft, donated bool) *placing {
	p := &placing{of: map[ir.Value]*storage{}, uses: map[ir.Value]int{}}
	for i, s := range steps {
		for _, v := range s.reads {
			p.uses[home(v)] = i
		}
	}
	outputs := map[ir.Value]bool{}
	for _, o := range g.Outputs {
		outputs[home(o)] = true
	}
	for i, n := range g.Parameters {
		v := ir.Value{Node: n}
		s := &storage{parameter: i, over: -1, last: p.uses[v]}
		if outputs[v] {
			s.last = never
		}
		p.add(v, s)
	}
	for _, n := range g.Nodes {
		if n.Constant != nil {
			p.add(ir.Value{Node: n}, &storage{parameter: -1, over: -1, constant: n.Constant, last: never})
		}
	}
	for i := range steps {
		p.step(i, &steps[i], outputs, donated)
	}
	p.arrange()
	return p
}

func (p *placing) add(v ir.Value, s *storage) {
	s.size = tensor.Size(v.Shape())
	p.storages = append(p.storages, s)
	p.of[v] = s
}

// step assigns storages to the results of a step.
func (p *placing) step(i int, s *draft, outputs map[ir.Value]bool, donated bool) {
	taken := map[*storage]bool{}
	for k, v := range s.makes {
		last, used := p.uses[v]
		if !used {
			last = i
		}
		if outputs[v] {
			last = never
		}
		from := p.takenOver(i, s, k, donated, taken)
		if from != nil && from.parameter < 0 {
			from.last, from.output = last, from.output || outputs[v]
			p.of[v] = from
			continue
		}
		made := &storage{parameter: -1, over: -1, first: i, last: last, output: outputs[v]}
		if from != nil {
			made.over, from.over = from.parameter, from.parameter
		}
		p.add(v, made)
	}
}

// takenOver finds an operand whose memory result k of step i may overwrite: nothing reads it
// afterwards, nor at the same time through another operand.
func (p *placing) takenOver(i int, s *draft, k int, donated bool, taken map[*storage]bool) *storage {
	if s.inPlace == nil {
		return nil
	}
	for o, v := range s.reads {
		from := p.of[home(v)]
		switch {
		case from.size != tensor.Size(s.makes[k].Shape()) || from.size == 0 || from.last > i || from.constant != nil || taken[from]:
			continue
		case from.parameter >= 0 && (!donated || from.over >= 0):
			continue
		case p.readTwice(s, o, from) || !s.inPlace(o, k):
			continue
		}
		taken[from] = true
		return from
	}
	return nil
}

func (p *placing) readTwice(s *draft, operand int, from *storage) bool {
	for o, v := range s.reads {
		if o != operand && p.of[home(v)] == from {
			return true
		}
	}
	return false
}

// arrange lets storages with disjoint lifetimes share arena memory: the largest first, each at the
// lowest free offset.
func (p *placing) arrange() {
	var inside []*storage
	for _, s := range p.storages {
		if s.inArena() {
			inside = append(inside, s)
		}
	}
	slices.SortStableFunc(inside, func(a, b *storage) int { return cmp.Compare(b.size, a.size) })
	var placed []*storage // by offset
	for _, s := range inside {
		at := 0
		for _, other := range placed {
			if other.last < s.first || s.last < other.first {
				continue
			}
			if at+s.size <= other.at {
				break
			}
			at = max(at, aligned(other.at+other.size))
		}
		s.at = at
		i, _ := slices.BinarySearchFunc(placed, at, func(o *storage, at int) int { return cmp.Compare(o.at, at) })
		placed = slices.Insert(placed, i, s)
	}
}

func (s *storage) inArena() bool { return s.parameter < 0 && s.constant == nil && !s.output }

// arena is the total size of the arranged storages.
func (p *placing) arena() int {
	end := 0
	for _, s := range p.storages {
		if s.inArena() {
			end = max(end, s.at+s.size)
		}
	}
	return end
}

func aligned(n int) int { return (n + tensor.Alignment - 1) &^ (tensor.Alignment - 1) }
