// Package language runs decoder-only language models, trained here or elsewhere, without a graph:
// token by token with a key-value cache, several texts at once, on weights that may be quantized
// and memory-mapped.
package language

import (
	"fmt"

	"atelier/internal/quant"
)

// An Activation is the nonlinearity of a feed-forward network.
type Activation string

// The supported activations.
const (
	GeluExact Activation = "gelu"      // Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415)
	GeluTanh  Activation = "gelu_tanh" // its approximation by tanh, as in GPT-2
	Silu      Activation = "silu"      // x·sigmoid(x)
)

// Config is the shape of a decoder-only transformer.
type Config struct {
	Vocabulary int // tokens
	Context    int // longest text, in tokens
	Width      int // of the residual stream
	Hidden     int // width of the feed-forward network
	Layers     int
	Heads      int // of queries
	KVHeads    int // of keys and values; each serves Heads/KVHeads heads of queries
	HeadWidth  int

	// LayerNorm normalizes by mean and variance, with biases if the weights have them;
	// otherwise by the root mean square (RMSNorm, Zhang and Sennrich 2019, arXiv:1910.07467).
	LayerNorm bool
	Epsilon   float64 // of the norms
	// Rotary is how positions are rotated into queries and keys (Su et al. 2021,
	// arXiv:2104.09864); nil if positions are learned.
	Rotary     *Rotary
	Activation Activation
}

// Rotary is a rotary position embedding.
type Rotary struct {
	Base float64 // of the frequencies, 10000 in the paper
	// Halves pairs dimension i with i + half the head's width, as Hugging Face does;
	// otherwise 2i with 2i + 1, as llama2.c and the GGUF files of Llama do.
	Halves bool
	// Scale divides the frequencies, one number per pair; nil for none.
	Scale []float32
}

// Weights are those of a transformer. Matrices are stored [out, in].
type Weights struct {
	Tokens    quant.Matrix // [vocabulary, width]
	Positions quant.Matrix // [context, width]; empty with rotary positions
	Layers    []Layer
	Norm      Norm
	Output    quant.Matrix // [vocabulary, width]; empty if tied to Tokens
}

// A Norm scales, and shifts if it has a bias.
type Norm struct{ Scale, Bias []float32 }

// A Linear is a matrix [out, in] with a bias [out], nil for none.
type Linear struct {
	Weight quant.Matrix
	Bias   []float32
}

// A Layer is a block of attention and feed-forward network, each behind a norm and added to
// the residual stream.
type Layer struct {
	AttentionNorm    Norm
	Q, K, V, O       Linear // [heads·headWidth, width], [kvHeads·headWidth, width] twice, [width, heads·headWidth]
	QNorm, KNorm     Norm   // of each head's queries and keys [headWidth]; empty for none (Qwen3)
	FeedNorm         Norm
	Gate             Linear // [hidden, width]; empty without gating (SwiGLU: Shazeer 2020, arXiv:2002.05202)
	FeedUp, FeedDown Linear // [hidden, width], [width, hidden]
}

// Limits of a Config.
const (
	mostVocabulary = 1 << 20
	mostContext    = 1 << 20
	mostWidth      = 1 << 16
	mostLayers     = 1 << 10
)

// Check rejects an impossible config.
func (c *Config) Check() error {
	for _, v := range []struct {
		name        string
		value, most int
	}{
		{"vocabulary", c.Vocabulary, mostVocabulary}, {"context", c.Context, mostContext}, {"width", c.Width, mostWidth},
		{"feed-forward width", c.Hidden, 8 * mostWidth}, {"number of layers", c.Layers, mostLayers}, {"number of heads", c.Heads, mostWidth},
		{"number of key-value heads", c.KVHeads, mostWidth}, {"head width", c.HeadWidth, mostWidth},
	} {
		if v.value < 1 || v.value > v.most {
			return fmt.Errorf("the %s is %d; want 1 to %d", v.name, v.value, v.most)
		}
	}
	switch {
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("%d heads are not a multiple of %d key-value heads", c.Heads, c.KVHeads)
	case !(c.Epsilon >= 0 && c.Epsilon < 1):
		return fmt.Errorf("the epsilon of the norms is %g; want 0 to 1", c.Epsilon)
	case c.Activation != GeluExact && c.Activation != GeluTanh && c.Activation != Silu:
		return fmt.Errorf("the activation %q is unknown; known are %s, %s and %s", c.Activation, GeluExact, GeluTanh, Silu)
	case c.Rotary != nil && c.HeadWidth%2 != 0:
		return fmt.Errorf("the head width %d is odd, which rotary positions can't be", c.HeadWidth)
	case c.Rotary != nil && !(c.Rotary.Base >= 1 && c.Rotary.Base < 1e12):
		return fmt.Errorf("the base of the rotary positions is %g; want 1 to 1e12", c.Rotary.Base)
	case c.Rotary != nil && c.Rotary.Scale != nil && len(c.Rotary.Scale) != c.HeadWidth/2:
		return fmt.Errorf("the rotary positions have %d scales, but a head has %d pairs", len(c.Rotary.Scale), c.HeadWidth/2)
	}
	return nil
}

// Fit rejects weights whose shapes do not match the config.
func (w *Weights) Fit(c *Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	check := shapes{}
	check.matrix("token embeddings", w.Tokens, c.Vocabulary, c.Width)
	if c.Rotary == nil {
		check.matrix("position embeddings", w.Positions, c.Context, c.Width)
	}
	if !w.Output.Empty() {
		check.matrix("output", w.Output, c.Vocabulary, c.Width)
	}
	check.norm("last norm", w.Norm, c.Width)
	if len(w.Layers) != c.Layers {
		return fmt.Errorf("%d layers have weights; there should be %d", len(w.Layers), c.Layers)
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		check.prefix = fmt.Sprintf("layer %d: ", i)
		check.norm("attention norm", l.AttentionNorm, c.Width)
		check.linear("queries", l.Q, c.Heads*c.HeadWidth, c.Width)
		check.linear("keys", l.K, c.KVHeads*c.HeadWidth, c.Width)
		check.linear("values", l.V, c.KVHeads*c.HeadWidth, c.Width)
		check.linear("attention output", l.O, c.Width, c.Heads*c.HeadWidth)
		if l.QNorm.Scale != nil || l.KNorm.Scale != nil {
			check.norm("norm of queries", l.QNorm, c.HeadWidth)
			check.norm("norm of keys", l.KNorm, c.HeadWidth)
		}
		check.norm("feed-forward norm", l.FeedNorm, c.Width)
		if !l.Gate.Weight.Empty() {
			check.linear("feed-forward gate", l.Gate, c.Hidden, c.Width)
		}
		check.linear("feed-forward up", l.FeedUp, c.Hidden, c.Width)
		check.linear("feed-forward down", l.FeedDown, c.Width, c.Hidden)
	}
	return check.err
}

// shapes collects the first error.
type shapes struct {
	prefix string
	err    error
}

func (s *shapes) matrix(name string, m quant.Matrix, rows, cols int) {
	if s.err == nil && (m.Rows != rows || m.Cols != cols) {
		s.err = fmt.Errorf("%s%s: %d × %d; want %d × %d", s.prefix, name, m.Rows, m.Cols, rows, cols)
	}
}

func (s *shapes) vector(name string, v []float32, n int) {
	if s.err == nil && len(v) != n {
		s.err = fmt.Errorf("%s%s: %d numbers; want %d", s.prefix, name, len(v), n)
	}
}

func (s *shapes) norm(name string, n Norm, width int) {
	s.vector(name, n.Scale, width)
	if n.Bias != nil {
		s.vector(name+" bias", n.Bias, width)
	}
}

func (s *shapes) linear(name string, l Linear, out, in int) {
	s.matrix(name, l.Weight, out, in)
	if l.Bias != nil {
		s.vector(name+" bias", l.Bias, out)
	}
}
