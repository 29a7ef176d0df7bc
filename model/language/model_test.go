package language

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"atelier/internal/quant"
)

// plain is the arithmetic in plain Go.
type plain struct{}

func (plain) Run(tasks int, work func(worker, task int)) {
	for i := range tasks {
		work(0, i)
	}
}

func (plain) Multiply(dst [][]float32, x []float32, rows int, all []quant.Matrix) {
	for i, m := range all {
		values := m.Values()
		for r := range rows {
			for o := range m.Rows {
				sum := 0.0
				for k := range m.Cols {
					sum += float64(x[r*m.Cols+k]) * float64(values[o*m.Cols+k])
				}
				dst[i][r*m.Rows+o] = float32(sum)
			}
		}
	}
}

func (plain) Mix(dst, weights, x []float32, stride int) {
	for i := range dst {
		sum := 0.0
		for k, w := range weights {
			sum += float64(w) * float64(x[k*stride+i])
		}
		dst[i] = float32(sum)
	}
}

func (plain) Softmax(x []float32) {
	sum, most := 0.0, float64(slices.Max(x))
	for _, v := range x {
		sum += math.Exp(float64(v) - most)
	}
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v)-most) / sum)
	}
}

func (plain) Exp(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

func (plain) Erf(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Erf(float64(v)))
	}
}

// shapesOf are models of each layout that is read.
var shapesOf = map[string]Config{
	"gpt":    {Vocabulary: 11, Context: 9, Width: 12, Hidden: 20, Layers: 2, Heads: 3, KVHeads: 3, HeadWidth: 4, LayerNorm: true, Epsilon: 1e-5, Activation: GeluExact},
	"gpt2":   {Vocabulary: 11, Context: 9, Width: 12, Hidden: 20, Layers: 2, Heads: 3, KVHeads: 3, HeadWidth: 4, LayerNorm: true, Epsilon: 1e-5, Activation: GeluTanh},
	"llama":  {Vocabulary: 11, Context: 9, Width: 12, Hidden: 20, Layers: 2, Heads: 6, KVHeads: 2, HeadWidth: 4, Epsilon: 1e-5, Rotary: &Rotary{Base: 10000}, Activation: Silu},
	"qwen3":  {Vocabulary: 11, Context: 9, Width: 12, Hidden: 20, Layers: 2, Heads: 4, KVHeads: 2, HeadWidth: 6, Epsilon: 1e-6, Rotary: &Rotary{Base: 1e6, Halves: true}, Activation: Silu},
	"scaled": {Vocabulary: 11, Context: 9, Width: 12, Hidden: 20, Layers: 1, Heads: 2, KVHeads: 1, HeadWidth: 4, Epsilon: 1e-5, Rotary: &Rotary{Base: 100, Halves: true, Scale: []float32{1, 8}}, Activation: Silu},
}

// randomWeights returns random weights of a shape, with every part that the name has.
func randomWeights(name string, c Config, rng *rand.Rand) *Weights {
	vector := func(n int, mean, deviation float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(mean + deviation*rng.NormFloat64())
		}
		return v
	}
	matrix := func(rows, cols int) quant.Matrix { return quant.Dense(vector(rows*cols, 0, 0.4), rows) }
	biased := name == "gpt2"
	linear := func(rows, cols int) Linear {
		l := Linear{Weight: matrix(rows, cols)}
		if biased || name == "qwen3" && rows < c.Hidden {
			l.Bias = vector(rows, 0, 0.3)
		}
		return l
	}
	norm := func(n int) Norm {
		v := Norm{Scale: vector(n, 1, 0.2)}
		if c.LayerNorm {
			v.Bias = vector(n, 0, 0.2)
		}
		return v
	}
	w := &Weights{Tokens: matrix(c.Vocabulary, c.Width), Norm: norm(c.Width)}
	if c.Rotary == nil {
		w.Positions = matrix(c.Context, c.Width)
	} else if name == "llama" {
		w.Output = matrix(c.Vocabulary, c.Width)
	}
	for range c.Layers {
		inner, kv := c.Heads*c.HeadWidth, c.KVHeads*c.HeadWidth
		l := Layer{AttentionNorm: norm(c.Width), Q: linear(inner, c.Width), K: linear(kv, c.Width), V: linear(kv, c.Width), O: linear(c.Width, inner), FeedNorm: norm(c.Width), FeedUp: linear(c.Hidden, c.Width), FeedDown: linear(c.Width, c.Hidden)}
		if c.Activation == Silu {
			l.Gate = linear(c.Hidden, c.Width)
		}
		if name == "qwen3" {
			l.QNorm, l.KNorm = norm(c.HeadWidth), norm(c.HeadWidth)
		}
		w.Layers = append(w.Layers, l)
	}
	return w
}

func randomModel(t *testing.T, name string) *Model {
	t.Helper()
	m, err := New(shapesOf[name], randomWeights(name, shapesOf[name], rand.New(rand.NewPCG(1, 2))), plain{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAsReference compares the logits of every layout with those of [reference], which
// computes each token from the whole text in float64.
func TestAsReference(t *testing.T) {
	text := []int32{3, 0, 10, 7, 7, 1, 2, 9, 5}
	for name := range shapesOf {
		m := randomModel(t, name)
		all := make([]float32, len(text)*m.Vocabulary)
		if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: text, Logits: all}); err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= len(text); n++ {
			want := reference(m.Config, m.weights, text[:n])
			got := all[(n-1)*m.Vocabulary : n*m.Vocabulary]
			for i := range want {
				if math.Abs(float64(got[i])-want[i]) > 1e-4 {
					t.Fatalf("%s: logits after %d tokens are %v, want %v", name, n, got, want)
				}
			}
		}
	}
}

// TestReadInParts: the logits are the same to the last bit whether a text is read at once,
// in parts or among others.
func TestReadInParts(t *testing.T) {
	text := []int32{3, 0, 10, 7, 7, 1, 2, 9, 5}
	for name := range shapesOf {
		m := randomModel(t, name)
		once := make([]float32, m.Vocabulary)
		if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: text, Logits: once}); err != nil {
			t.Fatal(err)
		}
		a, b := m.NewText(), m.NewText()
		inParts, other := make([]float32, m.Vocabulary), make([]float32, m.Vocabulary)
		for i := range text {
			err := m.Read(t.Context(), Reading{Text: b, Tokens: []int32{int32(i)}, Logits: other}, Reading{Text: a, Tokens: text[i : i+1], Logits: inParts})
			if err != nil {
				t.Fatal(err)
			}
			if i == 4 { // a copy goes on alike
				a = a.Clone()
			}
		}
		if !slices.Equal(once, inParts) {
			t.Errorf("%s: the logits are %v at once and %v in parts", name, once, inParts)
		}
	}
}

// TestLongPrompt reads more tokens than go through the layers at once, and than have their keys together.
func TestLongPrompt(t *testing.T) {
	c := shapesOf["llama"]
	c.Context = 3 * mostRows
	m, err := New(c, randomWeights("llama", c, rand.New(rand.NewPCG(1, 2))), plain{})
	if err != nil {
		t.Fatal(err)
	}
	text := make([]int32, 2*mostRows+7)
	for i := range text {
		text[i] = int32(i * i % m.Vocabulary)
	}
	once, byToken := make([]float32, m.Vocabulary), make([]float32, m.Vocabulary)
	if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: text, Logits: once}); err != nil {
		t.Fatal(err)
	}
	slow := m.NewText()
	for i := range text {
		if err := m.Read(t.Context(), Reading{Text: slow, Tokens: text[i : i+1], Logits: byToken}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(once, byToken) {
		t.Error("a long prompt is read otherwise than token by token")
	}
	for i, want := range reference(c, m.weights, text) {
		if math.Abs(float64(once[i])-want) > 1e-4 {
			t.Fatalf("logit %d is %g, want %g", i, once[i], want)
		}
	}
}

// A text that was interrupted can be read on.
func TestInterrupted(t *testing.T) {
	m := randomModel(t, "llama")
	text, want, got := m.NewText(), make([]float32, m.Vocabulary), make([]float32, m.Vocabulary)
	if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: []int32{1, 2, 3}, Logits: want}); err != nil {
		t.Fatal(err)
	}
	if err := m.Read(t.Context(), Reading{Text: text, Tokens: []int32{1}}); err != nil {
		t.Fatal(err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Read(stopped, Reading{Text: text, Tokens: []int32{5, 6}}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := m.Read(t.Context(), Reading{Text: text, Tokens: []int32{2, 3}, Logits: got}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

func TestRefused(t *testing.T) {
	m := randomModel(t, "gpt")
	for _, tokens := range [][]int32{{11}, {-1}, make([]int32, 10)} {
		if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: tokens}); err == nil {
			t.Errorf("%v is read", tokens)
		}
	}
	for name, spoil := range map[string]func(c *Config, w *Weights){
		"heads":   func(c *Config, _ *Weights) { c.KVHeads = 2 },
		"width":   func(c *Config, _ *Weights) { c.Width++ },
		"layers":  func(_ *Config, w *Weights) { w.Layers = w.Layers[1:] },
		"keys":    func(_ *Config, w *Weights) { w.Layers[1].K.Weight.Rows-- },
		"norm":    func(_ *Config, w *Weights) { w.Norm.Scale = nil },
		"epsilon": func(c *Config, _ *Weights) { c.Epsilon = math.NaN() },
		"tokens":  func(c *Config, _ *Weights) { c.Vocabulary = 1 << 60 },
	} {
		c := shapesOf["gpt"]
		w := randomWeights("gpt", c, rand.New(rand.NewPCG(1, 2)))
		spoil(&c, w)
		if _, err := New(c, w, plain{}); err == nil {
			t.Errorf("%s: weights that don't fit are taken", name)
		}
	}
}

// written collects what is written of several texts, of n tokens each.
func written(t *testing.T, w *Writer, n int, starts ...Start) [][]int32 {
	t.Helper()
	all := make([][]int32, len(starts))
	err := w.Write(t.Context(), starts, func(i int, token Token) (bool, error) {
		all[i] = append(all[i], token.ID)
		return len(all[i]) < n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAloneAndTogether: a text depends on its seed and its prompt alone, whatever is written
// beside it and however much of it was given.
func TestAloneAndTogether(t *testing.T) {
	w := &Writer{Model: randomModel(t, "llama"), Sampling: Sampling{Temperature: 0.8, TopP: 0.9, TopK: 7, Repetition: 1.1, Presence: 0.1}, Slide: true}
	starts := []Start{{Prompt: []int32{1}, Seed: 5}, {Prompt: []int32{1, 2, 3}, Seed: 6}, {Prompt: []int32{1}, Seed: 7}, {Prompt: make([]int32, 23), Seed: 8}}
	together := written(t, w, 30, starts...)
	var group sync.WaitGroup
	for i, s := range starts {
		group.Go(func() {
			if alone := written(t, w, 30, s); !slices.Equal(alone[0], together[i]) {
				t.Errorf("text %d is %v alone and %v among others", i, alone[0], together[i])
			}
		})
	}
	group.Wait()
	if slices.Equal(together[0], together[2]) {
		t.Error("two seeds write the same text")
	}
	greedy := &Writer{Model: w.Model, Sampling: Sampling{TopP: 1}, Slide: true}
	text := written(t, greedy, 25, Start{Prompt: []int32{2}})[0]
	rest := written(t, greedy, 15, Start{Prompt: append([]int32{2}, text[:10]...)})[0]
	if !slices.Equal(rest, text[10:]) {
		t.Error("the continuation depends on how much of the text was the prompt")
	}
}

// TestFullContext: without sliding a text ends where the context does, and a prompt that is
// longer is refused.
func TestFullContext(t *testing.T) {
	w := &Writer{Model: randomModel(t, "gpt"), Sampling: Plain}
	if all := written(t, w, 100, Start{Prompt: []int32{1, 2}}, Start{Prompt: []int32{1, 2, 3, 4}}); len(all[0]) != 8 || len(all[1]) != 6 {
		t.Errorf("%d and %d tokens were written; the context has room for 8 and 6", len(all[0]), len(all[1]))
	}
	err := w.Write(t.Context(), []Start{{Prompt: make([]int32, 10)}}, func(int, Token) (bool, error) { return true, nil })
	if err == nil {
		t.Error("a prompt longer than the context is taken")
	}
}

func TestBeginOf(t *testing.T) {
	for _, c := range []struct{ n, context, want int }{{1, 6, 0}, {6, 6, 0}, {7, 6, 3}, {9, 6, 3}, {10, 6, 6}, {8, 5, 3}, {3, 1, 2}} {
		if got := beginOf(c.n, c.context); got != c.want {
			t.Errorf("%d tokens, context %d: begins at %d, want %d", c.n, c.context, got, c.want)
		}
	}
}

// even allows even tokens, and three of them.
type even struct{ n int }

func (*even) Allows(token int32) bool { return token%2 == 0 }
func (e *even) Accept(int32)          { e.n++ }
func (e *even) Done() bool            { return e.n == 3 }

// Guidance writes the likeliest tokens of logits led away from those of the prompt without what is
// asked for, as reading both texts anew at each token gives them.
func TestGuidance(t *testing.T) {
	m := randomModel(t, "llama")
	asked, against := []int32{3, 1, 2}, []int32{1, 2}
	logits := func(prompt []int32) []float32 {
		out := make([]float32, m.Vocabulary)
		if err := m.Read(t.Context(), Reading{Text: m.NewText(), Tokens: prompt, Logits: out}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	const scale = 3
	var want []int32
	for range 6 {
		a, b, best := logits(append(slices.Clip(asked), want...)), logits(append(slices.Clip(against), want...)), 0
		for i := range a {
			if a[i] = b[i] + scale*(a[i]-b[i]); a[i] > a[best] {
				best = i
			}
		}
		want = append(want, int32(best))
	}
	guided := &Writer{Model: m, Sampling: Sampling{TopP: 1, Guidance: scale}}
	start := Start{Prompt: asked, Against: against}
	together := written(t, guided, 6, start, Start{Prompt: against}, start)
	if !slices.Equal(together[0], want) || !slices.Equal(together[2], want) {
		t.Errorf("writes %v and %v, want %v", together[0], together[2], want)
	}
	plain := &Writer{Model: m, Sampling: Sampling{TopP: 1}}
	unguided := written(t, plain, 6, start, Start{Prompt: against})
	if !slices.Equal(unguided[1], together[1]) || slices.Equal(unguided[0], want) {
		t.Errorf("without guidance %v and %v are written, with it %v and %v", unguided[0], unguided[1], want, together[1])
	}
	if one := (&Writer{Model: m, Sampling: Sampling{TopP: 1, Guidance: 1}}); !slices.Equal(written(t, one, 6, start)[0], unguided[0]) {
		t.Error("a guidance of 1 changes what is written")
	}
	sliding := &Writer{Model: m, Sampling: guided.Sampling, Slide: true}
	if text := written(t, sliding, 30, start)[0]; len(text) != 30 || !slices.Equal(text[:6], want) {
		t.Errorf("behind a full context %v is written", text)
	}
}

func TestConstraint(t *testing.T) {
	w := &Writer{Model: randomModel(t, "gpt"), Sampling: Plain, LogProbabilities: true}
	for seed := range uint64(20) {
		text := written(t, w, 8, Start{Prompt: []int32{1}, Seed: seed, Constraint: &even{}})[0]
		if len(text) != 3 || slices.ContainsFunc(text, func(token int32) bool { return token%2 != 0 }) {
			t.Fatal(text)
		}
	}
}
