package language

import (
	"fmt"
	"math"
	"sync"

	"atelier/internal/quant"
)

// Kernels is the arithmetic of a model; [atelier/engine/dots] implements it.
type Kernels interface {
	// Run runs every task in [0, tasks) once, on several threads.
	Run(tasks int, work func(worker, task int))
	// Multiply sets each dst [rows, m.Rows] to x [rows, m.Cols] · mᵀ, on several threads, of matrices
	// that have as many columns each. Each row of dst depends only on its row of x, not on the number
	// of rows or threads.
	Multiply(dst [][]float32, x []float32, rows int, all []quant.Matrix)
	// Mix sets dst [n] to the weighted sum of len(weights) rows of x, which are a stride apart. Each
	// number depends only on its column.
	Mix(dst, weights, x []float32, stride int)
	// Softmax turns at least one logit into probabilities.
	Softmax(x []float32)
	// Exp and Erf set dst to the function of x, of the same length; dst may be x.
	Exp(dst, x []float32)
	Erf(dst, x []float32)
}

// A Model reads texts and predicts their next tokens. It is safe for concurrent use.
type Model struct {
	Config
	weights     *Weights
	kernels     Kernels
	frequencies []float64 // of rotary positions, one per pair
	spaces      sync.Pool // of *space
	scratches   sync.Pool // of *scratch
}

// New returns a model with weights, which are not copied.
func New(c Config, w *Weights, k Kernels) (*Model, error) {
	if err := w.Fit(&c); err != nil {
		return nil, err
	}
	m := &Model{Config: c, weights: w, kernels: k}
	m.scratches.New = func() any { return &scratch{} }
	if c.Rotary != nil {
		m.frequencies = c.Rotary.frequencies(c.HeadWidth)
	}
	return m, nil
}

// Weights are those of the model, which must not be changed.
func (m *Model) Weights() *Weights { return m.weights }

// frequencies are the angles per position of a head's pairs.
func (r *Rotary) frequencies(width int) []float64 {
	out := make([]float64, width/2)
	for i := range out {
		out[i] = math.Pow(r.Base, -float64(2*i)/float64(width))
		if r.Scale != nil {
			out[i] /= float64(r.Scale[i])
		}
	}
	return out
}

// Parameters is the number of weights.
func (m *Model) Parameters() int {
	n := 0
	w := m.weights
	for _, x := range []quant.Matrix{w.Tokens, w.Positions, w.Output} {
		n += x.Rows * x.Cols
	}
	norm := func(all ...Norm) {
		for _, x := range all {
			n += len(x.Scale) + len(x.Bias)
		}
	}
	norm(w.Norm)
	for i := range w.Layers {
		l := &w.Layers[i]
		norm(l.AttentionNorm, l.QNorm, l.KNorm, l.FeedNorm)
		for _, x := range []Linear{l.Q, l.K, l.V, l.O, l.Gate, l.FeedUp, l.FeedDown} {
			n += x.Weight.Rows*x.Weight.Cols + len(x.Bias)
		}
	}
	return n
}

// A Text is a text that is being read or written: its key-value cache. It is not safe for
// concurrent use.
type Text struct {
	keys   [][]float32 // of layer·KVHeads + head: [time/keysAtOnce, headWidth, keysAtOnce]
	values [][]float32 // of layer·KVHeads + head: [time, headWidth]
	n      int
}

// NewText returns an empty text.
func (m *Model) NewText() *Text {
	return &Text{keys: make([][]float32, m.Layers*m.KVHeads), values: make([][]float32, m.Layers*m.KVHeads)}
}

// Len is the number of tokens read.
func (t *Text) Len() int { return t.n }

// Clone returns an independent copy.
func (t *Text) Clone() *Text {
	c := &Text{n: t.n, keys: make([][]float32, len(t.keys)), values: make([][]float32, len(t.values))}
	for i := range t.keys {
		c.keys[i] = append([]float32(nil), t.keys[i]...)
		c.values[i] = append([]float32(nil), t.values[i]...)
	}
	return c
}

// Bytes is the memory of a text of n tokens.
func (m *Model) Bytes(tokens int) int64 {
	return int64(tokens) * int64(m.Layers) * int64(m.KVHeads) * int64(m.HeadWidth) * 8
}

// A space holds the activations of some rows, one token each.
type space struct {
	x, normed, mixed []float32      // [rows, width], [rows, width], [rows, max(width, heads·headWidth)]
	q, k, v          []float32      // [rows, heads·headWidth], [rows, kvHeads·headWidth] twice
	gate, up, exp    []float32      // [rows, hidden]
	sin, cos         []float32      // [rows, headWidth/2]
	last             []float32      // logits of the wanted rows
	products         [][]float32    // of linear
	matrices         []quant.Matrix // of linear
}

// space returns a space for n rows.
func (m *Model) space(rows int) *space {
	s, _ := m.spaces.Get().(*space)
	if s == nil {
		s = &space{}
	}
	inner, kv := m.Heads*m.HeadWidth, m.KVHeads*m.HeadWidth
	for _, b := range []struct {
		to *[]float32
		n  int
	}{
		{&s.x, m.Width}, {&s.normed, m.Width}, {&s.mixed, max(m.Width, inner)}, {&s.q, inner}, {&s.k, kv}, {&s.v, kv},
		{&s.gate, m.Hidden}, {&s.up, m.Hidden}, {&s.exp, m.Hidden}, {&s.sin, len(m.frequencies)}, {&s.cos, len(m.frequencies)},
	} {
		*b.to = resized(*b.to, rows*b.n)
	}
	return s
}

// resized returns a slice of n elements, the same one if it is large enough.
func resized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func errTooLong(context, n int) error {
	return fmt.Errorf("the text has %d tokens; the model reads at most %d", n, context)
}
