package arch

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/badinput"
	"atelier/model/language"
)

// Assign sets the variables of a network in a scope to pretrained weights. The variables exist;
// config and weights are those of one model. Tokens that only the network has, such as control
// tokens, keep their embeddings.
func Assign(network LanguageModel, s *model.Scope, c *language.Config, w *language.Weights) error {
	m, ok := network.(decoding)
	if !ok {
		return badinput.Errorf("this network cannot take pretrained weights")
	}
	if err := assignable(m.decoderConfig(), *c); err != nil {
		return err
	}
	given := *w
	if given.Output.Empty() {
		given.Output = given.Tokens
	}
	for _, p := range m.places(&given) {
		v := s.Store().GetVariable(model.JoinPath(s.Scope(), p.variable))
		if v == nil {
			return fmt.Errorf("the network has no %s", p.variable)
		}
		t, err := v.Value()
		if err != nil {
			return fmt.Errorf("%s: %w", p.variable, err)
		}
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return fmt.Errorf("%s: %w", p.variable, err)
		}
		dims := v.Shape().Dimensions
		if err := p.give(values, dims); err != nil {
			return err
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, dims...)); err != nil {
			return fmt.Errorf("%s: %w", p.variable, err)
		}
	}
	return nil
}

// assignable rejects a network that does not compute what the weights were trained for.
func assignable(network, given language.Config) error {
	for _, c := range []struct {
		name      string
		has, want any
	}{
		{"width", network.Width, given.Width},
		{"feed-forward width", network.Hidden, given.Hidden}, {"number of layers", network.Layers, given.Layers},
		{"number of heads", network.Heads, given.Heads}, {"number of key-value heads", network.KVHeads, given.KVHeads},
		{"head width", network.HeadWidth, given.HeadWidth}, {"layer norm", network.LayerNorm, given.LayerNorm},
		{"epsilon", network.Epsilon, given.Epsilon}, {"activation", network.Activation, given.Activation},
		{"rotary positions", network.Rotary != nil, given.Rotary != nil},
	} {
		if c.has != c.want {
			return badinput.Errorf("%s: the network has %v, the weights %v", c.name, c.has, c.want)
		}
	}
	switch a, b := network.Rotary, given.Rotary; {
	case network.Context > given.Context:
		return badinput.Errorf("context: the network reads %d tokens, the weights were trained for %d", network.Context, given.Context)
	case a != nil && (a.Base != b.Base || a.Halves != b.Halves || !slices.Equal(a.Scale, b.Scale)):
		return badinput.Errorf("rotary positions: the network has %+v, the weights %+v", *a, *b)
	}
	return nil
}

// give sets the values of a variable to the weights, the reverse of take.
func (p place) give(values []float32, dims []int) error {
	switch {
	case p.vector != nil:
		from, to := p.columns(len(values))
		if len(*p.vector) != to-from {
			return badinput.Errorf("%s: %d numbers; want %d", p.variable, len(*p.vector), to-from)
		}
		copy(values[from:to], *p.vector)
	case p.table != nil:
		if p.table.Cols != dims[1] {
			return badinput.Errorf("%s: %d × %d; want %d × %d", p.variable, p.table.Rows, p.table.Cols, dims[0], dims[1])
		}
		for i := range min(dims[0], p.table.Rows) {
			p.table.Row(i, values[i*dims[1]:(i+1)*dims[1]])
		}
	default:
		from, to := p.columns(dims[1])
		if p.matrix.Rows != to-from || p.matrix.Cols != dims[0] {
			return badinput.Errorf("%s: %d × %d; want %d × %d", p.variable, p.matrix.Rows, p.matrix.Cols, to-from, dims[0])
		}
		row := make([]float32, dims[0])
		for k := from; k < to; k++ {
			p.matrix.Row(k-from, row)
			for i, x := range row {
				values[i*dims[1]+k] = x
			}
		}
	}
	return nil
}
