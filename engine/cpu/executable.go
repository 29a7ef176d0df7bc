package cpu

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/conv"
	"atelier/engine/ir"
	"atelier/engine/tensor"
)

const opReshape = compute.OpTypeReshape

// A kernel computes a step: out is allocated with the right shapes and arbitrary contents.
type kernel func(out, in []tensor.Tensor) error

// An Executable is a compiled graph. It implements compute.Executable and is safe for concurrent
// use.
type Executable struct {
	backend *Backend
	graph   *ir.Graph
	steps   []draft
	bytes   []int // read and written by each step
	places  *placing
	arena   int
	mu      sync.Mutex
	free    []*frame
}

// compile optimizes a graph and makes it ready to run.
func (b *Backend) compile(g *ir.Graph) (*Executable, error) {
	g = ir.Simplify(ir.Live(g))
	g, err := b.fold(g)
	if err != nil {
		return nil, err
	}
	g = ir.Live(ir.Common(ir.Simplify(layOut(g))))
	return b.ready(ir.Live(ir.Apart(turn(g)))), nil
}

// ready makes a graph ready to run without optimizing it.
func (b *Backend) ready(g *ir.Graph) *Executable {
	e := &Executable{backend: b, graph: g, steps: b.drafts(g)}
	// A step that can fail must not overwrite donated memory.
	fails := slices.ContainsFunc(e.steps, func(s draft) bool { return s.fallback })
	e.places = place(g, e.steps, !fails)
	e.arena = e.places.arena()
	for _, s := range e.steps {
		n := 0
		for _, v := range slices.Concat(s.reads, s.makes) {
			n += tensor.Size(v.Shape())
		}
		e.bytes = append(e.bytes, n)
	}
	return e
}

// Memory is the number of bytes of an execution besides its inputs: the arena, the constants, the
// results that reuse no donated input, and the scratch memory of convolutions.
func (e *Executable) Memory() int64 {
	n := int64(e.arena)
	for _, s := range e.places.storages {
		if s.constant != nil || s.output && s.over < 0 {
			n += int64(s.size)
		}
	}
	var scratch []int
	for _, s := range e.steps {
		scratch = append(scratch, s.scratch)
	}
	slices.Sort(scratch)
	for _, size := range scratch[max(0, len(scratch)-conv.Kept):] {
		n += int64(size)
	}
	return n
}

// Finalize implements compute.Executable: it frees the memory kept for the next execution.
func (e *Executable) Finalize() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.free = nil
}

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

// Execute implements compute.Executable. Donated inputs stay valid if it fails; only a kernel that
// panics may have written to them.
func (e *Executable) Execute(inputs []compute.Buffer, donate []bool, _ compute.DeviceNum) (out []compute.Buffer, err error) {
	if err := e.check(inputs); err != nil {
		return nil, err
	}
	f := e.take()
	f.bind(inputs, donate)
	at := 0
	defer func() {
		if v := recover(); v != nil {
			out, err = nil, errors.Errorf("%s: %v", e.describe(at), v)
		}
	}()
	for ; at < len(e.steps); at++ {
		if err := f.do(at); err != nil {
			return nil, errors.WithMessage(err, e.describe(at))
		}
	}
	out = f.results()
	for i := range donate {
		if donate[i] {
			f.handOver(inputs[i].(*Buffer), i)
		}
	}
	f.unbind()
	e.give(f)
	return out, nil
}

// check validates the inputs.
func (e *Executable) check(inputs []compute.Buffer) error {
	if len(inputs) != len(e.graph.Parameters) {
		return errors.Errorf("the graph takes %d inputs, got %d", len(e.graph.Parameters), len(inputs))
	}
	for i, p := range e.graph.Parameters {
		b, ok := inputs[i].(*Buffer)
		if !ok || b == nil {
			return errors.Errorf("input %d is a %T, not a buffer of this backend", i, inputs[i])
		}
		if err := b.usable(); err != nil {
			return errors.WithMessagef(err, "input %d", i)
		}
		want := p.Outputs[0]
		if b.value.Shape.DType != want.DType || !b.value.Shape.EqualDimensions(want) {
			return errors.Errorf("input %d has the shape %s, want %s", i, b.value.Shape, want)
		}
	}
	return nil
}

func (e *Executable) describe(step int) string {
	s := e.steps[step]
	text := s.name + " of"
	for _, v := range s.reads {
		text += fmt.Sprintf(" %s", v.Shape())
	}
	return text
}

func (e *Executable) take() *frame {
	if f := e.kept(); f != nil {
		return f
	}
	return e.frame()
}

// kept returns a free frame, or nil.
func (e *Executable) kept() *frame {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.free)
	if n == 0 {
		return nil
	}
	f := e.free[n-1]
	e.free = e.free[:n-1]
	return f
}

func (e *Executable) give(f *frame) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.free = append(e.free, f)
}
