package arch

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/noise"
	"atelier/internal/quant"
	"atelier/model/language"
)

// uneven is a store whose norms and biases have values of their own.
func uneven(t *testing.T, m LanguageModel) *model.Store {
	t.Helper()
	store := seeded(t, m)
	for v := range store.IterVariables() {
		if v.Shape().Rank() != 1 {
			continue
		}
		values, rng := tensors.MustCopyFlatData[float32](v.MustValue()), noise.Stream(uint64(len(v.Path())))
		for i := range values {
			values[i] += float32(rng.NormFloat64() / 2)
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// TestDecoderComputesTheLogits: the weights that a decoder gets, run by plain loops in float64,
// give the logits of the graph.
func TestDecoderComputesTheLogits(t *testing.T) {
	const time, vocabulary = 6, 7
	eachLanguageModel(t, texts(time, vocabulary), func(t *testing.T, m LanguageModel) {
		store, text := uneven(t, m), tokensOf(3, time, vocabulary)
		c, w, err := m.Decoder(store.Scope("net"))
		if err != nil {
			t.Fatal(err)
		}
		var want []float32
		for _, row := range plainLogits(&c, &w, text) {
			for _, x := range row {
				want = append(want, float32(x))
			}
		}
		if got := logits(t, store, m, text, 1); !near(got, want, 1e-4) {
			t.Errorf("the graph gives %v, the weights %v", got, want)
		}
	})
}

// TestAssignReversesDecoder: a network given the weights of another computes the same.
func TestAssignReversesDecoder(t *testing.T) {
	const time, vocabulary = 6, 7
	eachLanguageModel(t, texts(time, vocabulary), func(t *testing.T, m LanguageModel) {
		store, text := uneven(t, m), tokensOf(3, time, vocabulary)
		c, w, err := m.Decoder(store.Scope("net"))
		if err != nil {
			t.Fatal(err)
		}
		other := seeded(t, m)
		if err := Assign(m, other.Scope("net"), &c, &w); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(logits(t, store, m, text, 1), logits(t, other, m, text, 1)) {
			t.Error("other logits with the same weights")
		}
		c.Hidden++
		if err := Assign(m, other.Scope("net"), &c, &w); err == nil || !strings.Contains(err.Error(), "feed-forward width: the network has") {
			t.Errorf("another width: %v", err)
		}
	})
}

// plainLogits runs a decoder by its definition.
func plainLogits(c *language.Config, w *language.Weights, text []int32) [][]float64 {
	var stream [][]float64
	for i, token := range text {
		x := row(w.Tokens, int(token))
		if c.Rotary == nil {
			x = plus(x, row(w.Positions, i))
		}
		stream = append(stream, x)
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		var q, k, v [][]float64
		for at, x := range stream {
			x = normed(c, l.AttentionNorm, x)
			q = append(q, placed(c, l.QNorm, apply(l.Q, x), at))
			k = append(k, placed(c, l.KNorm, apply(l.K, x), at))
			v = append(v, apply(l.V, x))
		}
		for at := range stream {
			stream[at] = plus(stream[at], apply(l.O, attended(c, q[at], k[:at+1], v)))
		}
		for at, x := range stream {
			y := normed(c, l.FeedNorm, x)
			up := apply(l.FeedUp, y)
			if l.Gate.Weight.Empty() {
				for j := range up {
					up[j] = activated(c, up[j])
				}
			} else {
				for j, g := range apply(l.Gate, y) {
					up[j] *= activated(c, g)
				}
			}
			stream[at] = plus(x, apply(l.FeedDown, up))
		}
	}
	output := w.Output
	if output.Empty() {
		output = w.Tokens
	}
	var out [][]float64
	for _, x := range stream {
		out = append(out, apply(language.Linear{Weight: output}, normed(c, w.Norm, x)))
	}
	return out
}

func row(m quant.Matrix, i int) []float64 {
	values, out := make([]float32, m.Cols), make([]float64, m.Cols)
	m.Row(i, values)
	for k, x := range values {
		out[k] = float64(x)
	}
	return out
}

func plus(a, b []float64) []float64 {
	out := slices.Clone(a)
	for i := range b {
		out[i] += b[i]
	}
	return out
}

func apply(l language.Linear, x []float64) []float64 {
	out := make([]float64, l.Weight.Rows)
	for i := range out {
		for k, w := range row(l.Weight, i) {
			out[i] += w * x[k]
		}
		if l.Bias != nil {
			out[i] += float64(l.Bias[i])
		}
	}
	return out
}

func normed(c *language.Config, n language.Norm, x []float64) []float64 {
	mean, square := 0.0, 0.0
	if c.LayerNorm {
		for _, v := range x {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = (v - mean) / math.Sqrt(square+c.Epsilon) * float64(n.Scale[i])
		if n.Bias != nil {
			out[i] += float64(n.Bias[i])
		}
	}
	return out
}

// placed normalizes each head of x and rotates it by its position.
func placed(c *language.Config, n language.Norm, x []float64, at int) []float64 {
	size := c.HeadWidth
	for h := 0; h < len(x); h += size {
		if head := x[h : h+size]; n.Scale != nil {
			copy(head, normed(&language.Config{Epsilon: c.Epsilon}, n, head))
		}
		if c.Rotary == nil {
			continue
		}
		for i := range size / 2 {
			a, b := h+2*i, h+2*i+1
			if c.Rotary.Halves {
				a, b = h+i, h+i+size/2
			}
			sin, cos := math.Sincos(float64(at) * math.Pow(c.Rotary.Base, -2*float64(i)/float64(size)))
			x[a], x[b] = x[a]*cos-x[b]*sin, x[a]*sin+x[b]*cos
		}
	}
	return x
}

// attended is the attention of one token's queries to keys and values.
func attended(c *language.Config, q []float64, keys, values [][]float64) []float64 {
	out, size := make([]float64, len(q)), c.HeadWidth
	for h := range c.Heads {
		from := h / (c.Heads / c.KVHeads) * size
		weights, total := make([]float64, len(keys)), 0.0
		for i, k := range keys {
			dot := 0.0
			for j := range size {
				dot += q[h*size+j] * k[from+j]
			}
			weights[i] = math.Exp(dot / math.Sqrt(float64(size)))
			total += weights[i]
		}
		for i, weight := range weights {
			for j := range size {
				out[h*size+j] += weight / total * values[i][from+j]
			}
		}
	}
	return out
}

func activated(c *language.Config, x float64) float64 {
	switch c.Activation {
	case language.GeluExact:
		return x / 2 * math.Erfc(-x/math.Sqrt2)
	case language.GeluTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	return x / (1 + math.Exp(-x))
}
