package cpu

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// fallback runs a node as a separate graph on gomlx's Go backend, compiled on first use.
func (b *Backend) fallback(n *ir.Node) kernel {
	compiled := sync.OnceValues(func() (compute.Executable, error) { return b.alone(n) })
	return func(out, in []tensor.Tensor) error {
		e, err := compiled()
		if err != nil {
			return err
		}
		inputs := make([]compute.Buffer, len(in))
		for i, t := range in {
			if inputs[i], err = b.plain.BufferFromFlatData(0, t.Flat(), t.Shape); err != nil {
				return err
			}
		}
		results, err := e.Execute(inputs, nil, 0)
		if err != nil {
			return err
		}
		for i, r := range results {
			flat, err := r.Data()
			if err != nil {
				return err
			}
			if copied := copy(out[i].Bytes, tensor.BytesOf(flat)); copied != len(out[i].Bytes) {
				return errors.Errorf("result %d has %d bytes, want %d", i, copied, len(out[i].Bytes))
			}
		}
		return nil
	}
}

// alone compiles a graph of one node.
func (b *Backend) alone(n *ir.Node) (compute.Executable, error) {
	builder := b.plain.Builder(n.Op.String())
	f := builder.Main()
	in := make([]compute.Value, len(n.Inputs))
	var err error
	for i, v := range n.Inputs {
		if in[i], err = f.Parameter(fmt.Sprintf("x%d", i), v.Shape(), nil); err != nil {
			return nil, err
		}
	}
	results, err := n.Replay(f, in)
	if err != nil {
		return nil, err
	}
	if err := f.Return(results, nil); err != nil {
		return nil, err
	}
	return builder.Compile()
}
