package brought

import (
	"fmt"

	"atelier/internal/quant"
)

// transpose returns a transposed copy of a floating-point matrix.
func transpose(m quant.Matrix) (quant.Matrix, error) {
	elements, size := m.Type.Block()
	if elements != 1 {
		return quant.Matrix{}, fmt.Errorf("a matrix of %s cannot be transposed", m.Type)
	}
	data := make([]byte, len(m.Data))
	for r := range m.Rows {
		for c := range m.Cols {
			copy(data[(c*m.Rows+r)*size:][:size], m.Data[(r*m.Cols+c)*size:])
		}
	}
	return quant.NewMatrix(m.Type, m.Cols, m.Rows, data)
}

// regroup returns a copy of a matrix whose rows are the dimensions of heads, with each head's
// reordered: from two halves to neighbouring pairs, as in Llama's files, or back.
func regroup(m quant.Matrix, headWidth int, toPairs bool) quant.Matrix {
	size := m.Type.Bytes(m.Cols)
	out := m
	out.Data = make([]byte, len(m.Data))
	for r := range m.Rows {
		from := r
		copy(out.Data[r*size:(r+1)*size], m.Data[source(from, headWidth, toPairs)*size:])
	}
	return out
}

// regroupVector is regroup for a bias.
func regroupVector(v []float32, headWidth int, toPairs bool) []float32 {
	if v == nil {
		return nil
	}
	out := make([]float32, len(v))
	for i := range v {
		out[i] = v[source(i, headWidth, toPairs)]
	}
	return out
}

// source is the original position of dimension i of the reordered heads.
func source(i, headWidth int, toPairs bool) int {
	head, d, half := i/headWidth*headWidth, i%headWidth, headWidth/2
	if toPairs {
		return head + d%2*half + d/2
	}
	return head + d%half*2 + d/half
}
