package brought

import (
	"fmt"

	"atelier/internal/quant"
)

// finite rejects NaN and infinite weights, naming their tensor. For quantized matrices only the
// scales are checked.
func (o *Opened) finite() error {
	names := inGGUF(o.Facts.Architecture)
	if o.Facts.Format == FormatHF {
		names = inHF(o.Facts.Architecture)
	}
	for p := range names.parts(&o.Weights) {
		var matrices []quant.Matrix
		var vectors [][]float32 // biases
		switch {
		case p.norm != nil:
			matrices, vectors = []quant.Matrix{quant.Floats32(p.norm.Scale)}, [][]float32{p.norm.Bias}
		case p.table != nil:
			matrices = []quant.Matrix{*p.table}
		default:
			for _, l := range p.linears {
				matrices, vectors = append(matrices, l.Weight), append(vectors, l.Bias)
			}
		}
		for _, m := range matrices {
			if !m.Finite() {
				return notFinite(p.name + ".weight")
			}
		}
		for _, v := range vectors {
			if !quant.Floats32(v).Finite() {
				return notFinite(p.name + ".bias")
			}
		}
	}
	return nil
}

func notFinite(tensor string) error {
	return fmt.Errorf("tensor %q holds NaN or infinite numbers: the file is damaged, or the training of the model failed", tensor)
}
