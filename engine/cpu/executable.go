package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// A kernel computes a node: out is allocated, of the right shapes, and holds anything.
type kernel func(out, in []tensor.Tensor) error

// A step is a kernel with its place in the graph. Values are kept in slots.
type step struct {
	name     string
	run      kernel
	fallback bool
	alias    bool // the result is the first input under another shape
	in, out  []int
	shapes   []shapes.Shape
	dead     []int // slots that nobody reads after this step
	bytes    int   // read and written
}

// An Executable is a compiled graph. It implements compute.Executable and is safe
// for use by several goroutines.
type Executable struct {
	backend   *Backend
	graph     *ir.Graph
	steps     []step
	slots     int
	constants map[int]tensor.Tensor
	outputs   []int
}

// compile chooses a kernel for each node and finds out when each value dies.
func (b *Backend) compile(g *ir.Graph) (*Executable, error) {
	e := &Executable{backend: b, graph: g, constants: map[int]tensor.Tensor{}}
	slot := map[ir.Value]int{}
	place := func(n *ir.Node) (out []int) {
		for i := range n.Outputs {
			slot[ir.Value{Node: n, Index: i}] = e.slots
			out = append(out, e.slots)
			e.slots++
		}
		return out
	}
	for _, p := range g.Parameters {
		place(p)
	}
	for _, n := range g.Nodes {
		switch {
		case n.Op == compute.OpTypeParameter:
			continue
		case n.Constant != nil:
			e.constants[place(n)[0]] = *n.Constant
			continue
		}
		s := b.step(n)
		for _, v := range n.Inputs {
			s.in = append(s.in, slot[v])
			s.bytes += tensor.Size(v.Shape())
		}
		s.out = place(n)
		e.steps = append(e.steps, s)
	}
	for _, o := range g.Outputs {
		e.outputs = append(e.outputs, slot[o])
	}
	e.bury()
	return e, nil
}

// step chooses the kernel of a node.
func (b *Backend) step(n *ir.Node) step {
	s := step{name: n.Op.String(), shapes: n.Outputs}
	for _, o := range n.Outputs {
		s.bytes += tensor.Size(o)
	}
	if moves(n) {
		s.alias = true
		return s
	}
	if choose := kernels[n.Op]; choose != nil {
		s.run = choose(b, n)
	}
	if s.run == nil {
		s.run, s.fallback = b.fallback(n), true
	}
	return s
}

// moves reports whether a node gives its input another shape and nothing else.
func moves(n *ir.Node) bool {
	if n.Op == compute.OpTypeReshape {
		return true
	}
	if n.Op != compute.OpTypeTranspose {
		return false
	}
	last := -1
	for _, axis := range ir.Attribute[[]int](n, "permutation") {
		if n.Inputs[0].Shape().Dimensions[axis] == 1 {
			continue
		}
		if axis < last {
			return false
		}
		last = axis
	}
	return true
}

// bury notes after which step each slot is dead. Parameters, constants and outputs
// are not buried, nor is memory that they share.
func (e *Executable) bury() {
	last := make([]int, e.slots)
	for i := range last {
		last[i] = -1
	}
	for i, s := range e.steps {
		for _, v := range append(append([]int(nil), s.in...), s.out...) {
			last[v] = i
		}
	}
	for v, i := range last {
		if i >= 0 {
			e.steps[i].dead = append(e.steps[i].dead, v)
		}
	}
}

// Finalize implements compute.Executable.
func (e *Executable) Finalize() {}

// Inputs implements compute.Executable.
func (e *Executable) Inputs() (names []string, inputs []shapes.Shape) {
	for _, p := range e.graph.Parameters {
		names = append(names, ir.Attribute[string](p, "name"))
		inputs = append(inputs, p.Outputs[0])
	}
	return names, inputs
}

// Outputs implements compute.Executable.
func (e *Executable) Outputs() (outputs []shapes.Shape) {
	for _, o := range e.graph.Outputs {
		outputs = append(outputs, o.Shape())
	}
	return outputs
}

// Execute implements compute.Executable. Inputs that are donated stay usable if
// it fails.
func (e *Executable) Execute(inputs []compute.Buffer, donate []bool, _ compute.DeviceNum) (out []compute.Buffer, err error) {
	f, err := e.begin(inputs)
	if err != nil {
		return nil, err
	}
	at := ""
	defer func() {
		if v := recover(); v != nil {
			out, err = nil, errors.Errorf("%s: %v", at, v)
		}
	}()
	for i := range e.steps {
		at = e.steps[i].name
		if err := f.do(&e.steps[i]); err != nil {
			return nil, errors.WithMessage(err, describe(&e.steps[i], f))
		}
	}
	out = f.results()
	for i := range donate {
		if donate[i] {
			_ = inputs[i].Finalize()
		}
	}
	return out, nil
}

func describe(s *step, f *frame) string {
	text := s.name + " of"
	for _, v := range s.in {
		text += fmt.Sprintf(" %s", f.values[v].Shape)
	}
	return text
}

// begin checks the inputs.
func (e *Executable) begin(inputs []compute.Buffer) (*frame, error) {
	if len(inputs) != len(e.graph.Parameters) {
		return nil, errors.Errorf("the graph takes %d inputs, got %d", len(e.graph.Parameters), len(inputs))
	}
	f := &frame{e: e, values: make([]tensor.Tensor, e.slots), shared: map[*byte]int{}}
	for i, p := range e.graph.Parameters {
		b, ok := inputs[i].(*Buffer)
		if !ok || b == nil {
			return nil, errors.Errorf("input %d is a %T, not a buffer of this backend", i, inputs[i])
		}
		if err := b.usable(); err != nil {
			return nil, errors.WithMessagef(err, "input %d", i)
		}
		want := p.Outputs[0]
		if b.value.Shape.DType != want.DType || !b.value.Shape.EqualDimensions(want) {
			return nil, errors.Errorf("input %d has the shape %s, want %s", i, b.value.Shape, want)
		}
		f.values[i] = b.value
	}
	for v, t := range e.constants {
		f.values[v] = t
	}
	return f, nil
}
