package cpu

import (
	"time"
	"unsafe"

	"github.com/gomlx/compute"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// A frame is the state of one execution, reused for the next. The arguments of all steps are
// prepared once; before each execution, the changing memory is filled in.
type frame struct {
	e      *Executable
	args   []arguments
	refs   map[*storage][]*tensor.Tensor // the arguments backed by each storage
	moving []*storage                    // parameters and outputs, whose memory differs each time
	arena  []byte
	taken  []bool // parameters whose memory now belongs to an output
	memory map[*storage][]byte
}

// arguments of a step.
type arguments struct{ out, in []tensor.Tensor }

func (e *Executable) frame() *frame {
	f := &frame{e: e, args: make([]arguments, len(e.steps)), refs: map[*storage][]*tensor.Tensor{}, memory: map[*storage][]byte{}, taken: make([]bool, len(e.graph.Parameters))}
	list := func(values []ir.Value) []tensor.Tensor {
		out := make([]tensor.Tensor, len(values))
		for k, v := range values {
			out[k].Shape = v.Shape()
			s := e.places.of[home(v)]
			if s.constant != nil {
				out[k].Bytes = s.constant.Bytes
				continue
			}
			f.refs[s] = append(f.refs[s], &out[k])
		}
		return out
	}
	for i, s := range e.steps {
		f.args[i] = arguments{out: list(s.makes), in: list(s.reads)}
	}
	for _, s := range e.places.storages {
		if s.parameter >= 0 || s.output {
			f.moving = append(f.moving, s)
		}
	}
	return f
}

func (f *frame) set(s *storage, b []byte) {
	f.memory[s] = b
	for _, t := range f.refs[s] {
		t.Bytes = b
	}
}

// bind fills in the memory of an execution.
func (f *frame) bind(inputs []compute.Buffer, donate []bool) {
	arena := f.e.backend.memory.arena(f.e.arena)
	if len(arena) != len(f.arena) || unsafe.SliceData(arena) != unsafe.SliceData(f.arena) {
		for _, s := range f.e.places.storages {
			if s.inArena() {
				f.set(s, arena[s.at:s.at+s.size:s.at+s.size])
			}
		}
	}
	f.arena = arena
	clear(f.taken)
	for _, s := range f.moving {
		switch p := max(s.parameter, s.over); {
		case s.parameter >= 0:
			f.set(s, inputs[p].(*Buffer).value.Bytes)
		case p >= 0 && p < len(donate) && donate[p] && alone(inputs, p):
			f.taken[p] = true
			f.set(s, inputs[p].(*Buffer).value.Bytes)
		default:
			f.set(s, f.e.backend.memory.take(s.size))
		}
	}
}

// alone reports whether no other input has the same memory.
func alone(inputs []compute.Buffer, p int) bool {
	own := unsafe.SliceData(inputs[p].(*Buffer).value.Bytes)
	for i, in := range inputs {
		if i != p && unsafe.SliceData(in.(*Buffer).value.Bytes) == own {
			return false
		}
	}
	return true
}

// unbind drops references to memory that now belongs to others.
func (f *frame) unbind() {
	for _, s := range f.moving {
		f.set(s, nil)
	}
	f.e.backend.memory.giveArena(f.arena)
}

// do takes a step.
func (f *frame) do(i int) error {
	s, a := &f.e.steps[i], &f.args[i]
	if !f.e.backend.profile.on.Load() {
		return s.run(a.out, a.in)
	}
	began := time.Now()
	if err := s.run(a.out, a.in); err != nil {
		return err
	}
	f.e.backend.profile.add(s, f.e.bytes[i], time.Since(began))
	return nil
}

// results are the outputs, each with its own memory.
func (f *frame) results() []compute.Buffer {
	out := make([]compute.Buffer, len(f.e.graph.Outputs))
	given := make(map[*storage]bool, len(out))
	for i, v := range f.e.graph.Outputs {
		s := f.e.places.of[home(v)]
		t := tensor.Tensor{Shape: v.Shape()}
		switch {
		case s.constant != nil:
			t.Bytes = append(tensor.Memory(s.size)[:0], s.constant.Bytes...)
		case !s.output || given[s]:
			t.Bytes = append(tensor.Memory(s.size)[:0], f.memory[s]...)
		default:
			given[s] = true
			t.Bytes = f.memory[s]
		}
		out[i] = &Buffer{backend: f.e.backend, value: t}
	}
	return out
}

// handOver ends the use of a donated input. Its memory is reused unless a result has it.
func (f *frame) handOver(b *Buffer, i int) {
	if !f.taken[i] {
		f.e.backend.memory.give(b.value.Bytes)
	}
	b.gone, b.value.Bytes = true, nil
}
