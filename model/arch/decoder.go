package arch

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/quant"
	"atelier/model/language"
	"atelier/model/nn"
)

// A place says where a variable is stored in the weights of a decoder.
type place struct {
	variable string // below the scope of the network
	// One of these, depending on its kind.
	vector *[]float32
	table  *quant.Matrix // stored like the variable
	matrix *quant.Matrix // [out, in], where the variable is [in, out]
	// The variable holds several weights: this is number part of parts, 0 of 0 if it holds only
	// one.
	part, parts int
}

// normPlaces are the places of a norm, whose bias variables are called offset.
func normPlaces(scope string, n *language.Norm, shifts bool) []place {
	all := []place{{variable: scope + "/scale", vector: &n.Scale}}
	if shifts {
		all = append(all, place{variable: scope + "/offset", vector: &n.Bias})
	}
	return all
}

// linearPlaces are the places of a linear map.
func linearPlaces(scope string, l *language.Linear, biases bool, part, parts int) []place {
	all := []place{{variable: scope + "/weight", matrix: &l.Weight, part: part, parts: parts}}
	if biases {
		all = append(all, place{variable: scope + "/bias", vector: &l.Bias, part: part, parts: parts})
	}
	return all
}

// decoderConfig implements [decoding].
func (m *gpt) decoderConfig() language.Config {
	return language.Config{
		Vocabulary: m.vocabulary, Context: m.context, Width: m.Width, Hidden: 4 * m.Width, Layers: m.Layers,
		Heads: m.Heads, KVHeads: m.Heads, HeadWidth: m.Width / m.Heads,
		LayerNorm: true, Epsilon: 1e-5, Activation: m.Activation,
	}
}

// places implements [decoding].
func (m *gpt) places(w *language.Weights) []place {
	all := append(normPlaces("norm", &w.Norm, true),
		place{variable: "token/table", table: &w.Tokens}, place{variable: "position/table", table: &w.Positions})
	for i := range w.Layers {
		l, scope := &w.Layers[i], fmt.Sprintf("layer_%d/", i)
		all = append(all, normPlaces(scope+"attention/norm", &l.AttentionNorm, true)...)
		for part, of := range []*language.Linear{&l.Q, &l.K, &l.V} {
			all = append(all, linearPlaces(scope+"attention/qkv", of, m.Biases, part, 3)...)
		}
		all = append(all, linearPlaces(scope+"attention/out", &l.O, m.Biases, 0, 0)...)
		all = append(all, normPlaces(scope+"feed/norm", &l.FeedNorm, true)...)
		all = append(all, linearPlaces(scope+"feed/up", &l.FeedUp, m.Biases, 0, 0)...)
		all = append(all, linearPlaces(scope+"feed/down", &l.FeedDown, m.Biases, 0, 0)...)
	}
	return all
}

// OfTokens reports whether a variable has a row per token, or per word of captions.
func OfTokens(path string) bool {
	return strings.HasSuffix(path, "/token/table") || strings.HasSuffix(path, "/output/table") || strings.HasSuffix(path, "/words/table")
}

// Decoder implements [LanguageModel].
func (m *gpt) Decoder(s *model.Scope) (language.Config, language.Weights, error) {
	return decoder(m, s)
}

// decoderConfig implements [decoding].
func (m *llama) decoderConfig() language.Config {
	return language.Config{
		Vocabulary: m.vocabulary, Context: m.context, Width: m.Width, Hidden: m.hidden(), Layers: m.Layers,
		Heads: m.Heads, KVHeads: m.kvHeads(), HeadWidth: m.headWidth(),
		Epsilon: m.Epsilon, Rotary: &language.Rotary{Base: m.Base, Halves: m.Halves}, Activation: language.Silu,
	}
}

// places implements [decoding].
func (m *llama) places(w *language.Weights) []place {
	all := append(normPlaces("norm", &w.Norm, false), place{variable: "token/table", table: &w.Tokens})
	if !m.Tied {
		all = append(all, place{variable: "output/table", table: &w.Output})
	}
	for i := range w.Layers {
		l, scope := &w.Layers[i], fmt.Sprintf("layer_%d/", i)
		all = append(all, normPlaces(scope+"attention/norm", &l.AttentionNorm, false)...)
		all = append(all, normPlaces(scope+"feed/norm", &l.FeedNorm, false)...)
		if m.QKNorm {
			all = append(all, normPlaces(scope+"attention/q_norm", &l.QNorm, false)...)
			all = append(all, normPlaces(scope+"attention/k_norm", &l.KNorm, false)...)
		}
		for _, of := range []struct {
			name   string
			linear *language.Linear
		}{
			{"attention/q", &l.Q}, {"attention/k", &l.K}, {"attention/v", &l.V}, {"attention/out", &l.O},
			{"feed/gate", &l.Gate}, {"feed/up", &l.FeedUp}, {"feed/down", &l.FeedDown},
		} {
			all = append(all, linearPlaces(scope+of.name, of.linear, false, 0, 0)...)
		}
	}
	return all
}

// Decoder implements [LanguageModel].
func (m *llama) Decoder(s *model.Scope) (language.Config, language.Weights, error) {
	return decoder(m, s)
}

// decoding is a network whose weights can be used by a decoder.
type decoding interface {
	// decoderConfig is the network's shape.
	decoderConfig() language.Config
	// places are the places of all its variables in weights with the same number of layers.
	places(*language.Weights) []place
}

// decoder copies the weights of a network in a scope.
func decoder(m decoding, s *model.Scope) (language.Config, language.Weights, error) {
	c := m.decoderConfig()
	w := language.Weights{Layers: make([]language.Layer, c.Layers)}
	for _, p := range m.places(&w) {
		v := s.Store().GetVariable(model.JoinPath(s.Scope(), p.variable))
		if v == nil {
			return c, w, fmt.Errorf("the weights have no %s", p.variable)
		}
		t, err := v.Value()
		if err != nil {
			return c, w, fmt.Errorf("%s: %w", p.variable, err)
		}
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return c, w, fmt.Errorf("%s: %w", p.variable, err)
		}
		if p.matrix != nil {
			if err := adapt(s.Store(), v, values); err != nil {
				return c, w, err
			}
		}
		p.take(values, v.Shape().Dimensions)
	}
	return c, w, w.Fit(&c)
}

// adapt adds the product of the low-rank adapter of a variable, if the store has one, to its
// values.
func adapt(store *model.Store, v *model.Variable, values []float32) error {
	rank := nn.Rank(store)
	if rank == 0 {
		return nil
	}
	var sides [2][]float32
	down, up := nn.AdapterPaths(v.Path())
	for i, path := range []string{down, up} {
		side := store.GetVariable(path)
		if side == nil {
			return fmt.Errorf("the weights have no %s", path)
		}
		t, err := side.Value()
		if err == nil {
			sides[i], err = tensors.CopyFlatData[float32](t)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	in, out := v.Shape().Dimensions[0], v.Shape().Dimensions[1]
	for i := range in {
		for k, x := range sides[0][i*rank : (i+1)*rank] {
			for j, y := range sides[1][k*out : (k+1)*out] {
				values[i*out+j] += x * y
			}
		}
	}
	return nil
}

// columns returns the first column of the place and the end of its columns, given their total
// number.
func (p place) columns(n int) (from, to int) {
	parts := max(p.parts, 1)
	return p.part * n / parts, (p.part + 1) * n / parts
}

// take sets the weights to the values of their variable.
func (p place) take(values []float32, dims []int) {
	switch {
	case p.vector != nil:
		from, to := p.columns(len(values))
		*p.vector = values[from:to]
	case p.table != nil:
		*p.table = quant.Dense(values, dims[0])
	default:
		from, to := p.columns(dims[1])
		out := make([]float32, (to-from)*dims[0])
		for i := range dims[0] {
			for k := from; k < to; k++ {
				out[(k-from)*dims[0]+i] = values[i*dims[1]+k]
			}
		}
		*p.matrix = quant.Dense(out, to-from)
	}
}
