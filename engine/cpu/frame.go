package cpu

import (
	"time"

	"github.com/gomlx/compute"

	"atelier/engine/tensor"
)

// A frame is one execution.
type frame struct {
	e      *Executable
	values []tensor.Tensor
	shared map[*byte]int // slots that hold memory which was taken for this execution
}

func (f *frame) do(s *step) error {
	began := time.Time{}
	if f.e.backend.profile.on.Load() {
		began = time.Now()
	}
	if s.alias {
		t := f.values[s.in[0]].Reshaped(s.shapes[0])
		f.values[s.out[0]] = t
		f.hold(t, 1)
	} else {
		in := make([]tensor.Tensor, len(s.in))
		for i, v := range s.in {
			in[i] = f.values[v]
		}
		out := make([]tensor.Tensor, len(s.out))
		for i, v := range s.out {
			out[i] = tensor.Tensor{Shape: s.shapes[i], Bytes: f.e.backend.memory.take(tensor.Size(s.shapes[i]))}
			f.values[v] = out[i]
			if len(out[i].Bytes) > 0 {
				f.shared[&out[i].Bytes[0]] = 1
			}
		}
		if err := s.run(out, in); err != nil {
			return err
		}
	}
	for _, v := range s.dead {
		f.release(v)
	}
	if !began.IsZero() {
		f.e.backend.profile.add(s, time.Since(began))
	}
	return nil
}

// hold counts another slot of memory that was taken for this execution.
func (f *frame) hold(t tensor.Tensor, n int) int {
	if len(t.Bytes) == 0 {
		return -1
	}
	at := &t.Bytes[0]
	if f.shared[at] == 0 {
		return -1 // a parameter or a constant
	}
	f.shared[at] += n
	return f.shared[at]
}

// release gives memory back when its last slot is dead and it is no output.
func (f *frame) release(v int) {
	for _, o := range f.e.outputs {
		if o == v {
			return
		}
	}
	t := f.values[v]
	f.values[v] = tensor.Tensor{}
	if f.hold(t, -1) == 0 {
		delete(f.shared, &t.Bytes[0])
		f.e.backend.memory.give(t.Bytes)
	}
}

// results are the outputs, each with memory of its own.
func (f *frame) results() []compute.Buffer {
	out := make([]compute.Buffer, len(f.e.outputs))
	given := map[*byte]bool{}
	for i, v := range f.e.outputs {
		t := tensor.Tensor{Shape: f.e.graph.Outputs[i].Shape(), Bytes: f.values[v].Bytes}
		if len(t.Bytes) > 0 && (f.shared[&t.Bytes[0]] == 0 || given[&t.Bytes[0]]) {
			t.Bytes = append(tensor.Memory(len(t.Bytes))[:0], t.Bytes...)
		}
		if len(t.Bytes) > 0 {
			given[&t.Bytes[0]] = true
		}
		out[i] = &Buffer{backend: f.e.backend, value: t}
	}
	return out
}
