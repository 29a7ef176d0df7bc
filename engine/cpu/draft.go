package cpu

import (
	"slices"

	"github.com/gomlx/compute"

	"atelier/engine/chain"
	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// A draft is a step whose memory has not been assigned yet.
type draft struct {
	name     string
	run      kernel
	fallback bool
	flops    float64 // additions and multiplications of products and convolutions
	scratch  int     // bytes of scratch, if large
	reads    []ir.Value
	makes    []ir.Value
	// inPlace reports whether a result may overwrite an operand that nothing reads afterwards.
	inPlace func(operand, result int) bool
	// run with or without an epilogue, for a step that supports one
	finish func(out tensor.Tensor, in []tensor.Tensor, done epilogue) error
	// the program, if the step is a chain
	program *chain.Program
}

// drafts lowers a graph to steps, in order: only those that an output depends on.
func (b *Backend) drafts(g *ir.Graph) []draft {
	d := drafting{b: b, wanted: map[ir.Value]bool{}, moved: map[ir.Value]bool{}}
	for _, o := range g.Outputs {
		d.want(o)
	}
	var steps []draft // from the last on, since later steps decide what a unit has to produce
	for _, u := range slices.Backward(ir.Fuse(g)) {
		if s, ok := d.unit(u); ok {
			steps = append(steps, s)
		}
	}
	for _, s := range slices.Backward(steps) {
		d.emit(s)
	}
	for _, o := range g.Outputs {
		d.move(o)
	}
	return fuse(d.out, g.Outputs)
}

type drafting struct {
	b      *Backend
	wanted map[ir.Value]bool // in memory
	moved  map[ir.Value]bool // moves that have been drafted
	out    []draft
}

// want marks a value as read from memory.
func (d *drafting) want(v ir.Value) {
	for !d.wanted[v] {
		d.wanted[v] = true
		if !v.Node.Moves() {
			return
		}
		v = v.Node.Inputs[0]
	}
}

// unit drafts a unit if any of its values is wanted.
func (d *drafting) unit(u *ir.Unit) (draft, bool) {
	wanted := func(v ir.Value) bool { return d.wanted[v] }
	u.Prune(wanted)
	if len(u.Nodes) == 0 {
		return draft{}, false
	}
	var s draft
	if n := u.Nodes[0]; !u.Chained() || len(u.Nodes) == 1 && chain.Reduces(n.Op) {
		s = d.b.single(n)
	} else {
		s = d.b.chained(u.Chain(d.b.kernels, wanted))
	}
	for _, v := range s.reads {
		d.want(v)
	}
	return s, true
}

// emit adds a step, after those that move its operands.
func (d *drafting) emit(s draft) {
	for _, v := range s.reads {
		d.move(v)
	}
	d.out = append(d.out, s)
}

// move drafts the move that produces a wanted value.
func (d *drafting) move(v ir.Value) {
	if !v.Node.Moves() || d.moved[v] {
		return
	}
	d.moved[v] = true
	d.move(v.Node.Inputs[0])
	if v.Node.Op == compute.OpTypeReshape {
		return // the same memory
	}
	d.out = append(d.out, d.b.single(v.Node))
}

// chained is the step of a chain.
func (b *Backend) chained(c ir.Chain) draft {
	return draft{
		name: nameOf(c.Ops), reads: c.Reads, makes: c.Makes, inPlace: c.Program.InPlace, program: c.Program,
		run: func(out, in []tensor.Tensor) error {
			c.Program.Run(b.pool, out, in)
			return nil
		},
	}
}

// nameOf names a chain by its distinct operations, if they are few.
func nameOf(ops []compute.OpType) string {
	name, seen := "", map[compute.OpType]bool{}
	for _, op := range ops {
		if seen[op] {
			continue
		}
		if seen[op] = true; len(seen) > 4 {
			return name + "+..."
		}
		if name != "" {
			name += "+"
		}
		name += op.String()
	}
	return name
}

// single is the step of a node.
func (b *Backend) single(n *ir.Node) draft {
	if read := readers[n.Op]; read != nil {
		if s, ok := read(b, n); ok {
			return s
		}
	}
	s := draft{name: n.Op.String(), reads: n.Inputs, inPlace: func(operand, result int) bool { return operand == 0 && inPlace[n.Op] }}
	for i := range n.Outputs {
		s.makes = append(s.makes, ir.Value{Node: n, Index: i})
	}
	if choose := kernels[n.Op]; choose != nil {
		s.run = choose(b, n)
	}
	if s.run == nil {
		s.run, s.fallback = b.fallback(n), true
	}
	return s
}

// kernels choose how a node is computed; a choice returns nil if there is no kernel for the node's
// types. Each file of kernels adds its own.
var kernels = map[compute.OpType]func(*Backend, *ir.Node) kernel{}

// readers draft operations that can read their operands through views. Each file of such operations
// adds its own.
var readers = map[compute.OpType]func(*Backend, *ir.Node) (draft, bool){}

// inPlace are operations whose only result may overwrite their first operand.
var inPlace = map[compute.OpType]bool{
	compute.OpTypeDynamicUpdateSlice: true,
	compute.OpTypeScatterSum:         true, compute.OpTypeScatterMax: true, compute.OpTypeScatterMin: true,
}
