package arch

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/nn"
)

func init() {
	LanguageModels.Add("llama", "decoder-only transformer with RMSNorm, rotary positions, SwiGLU and grouped-query attention (Touvron et al. 2023, arXiv:2302.13971; Ainslie et al. 2023, arXiv:2305.13245)",
		func() LanguageModelArch {
			return &Llama{Layers: 4, Heads: 4, Width: 128, QKNorm: true, Tied: true, Halves: true, Base: 10000, Epsilon: 1e-5}
		})
}

// Llama is a decoder-only transformer like Llama: blocks of causal attention with rotary positions
// and a gated feed-forward network, each behind an RMSNorm, without biases.
type Llama struct {
	Layers    int     `help:"number of transformer blocks"`
	Heads     int     `help:"number of attention heads, of queries"`
	KVHeads   int     `toml:"kv_heads" help:"number of heads of keys and values, a divisor of that of queries (grouped-query attention); 0 is as many"`
	Width     int     `help:"embedding width"`
	HeadWidth int     `toml:"head_width" help:"width of a head, even; 0 is an equal part of the embedding width"`
	Hidden    int     `help:"width of the feed-forward network; 0 is 8/3 of the embedding width, rounded up to a multiple of 32"`
	QKNorm    bool    `toml:"qk_norm" help:"RMSNorm of each head's queries and keys, which bounds attention logits (Dehghani et al. 2023, arXiv:2302.05442), as in Qwen3"`
	Tied      bool    `help:"output layer tied to the token embeddings (Press and Wolf 2016, arXiv:1608.05859)"`
	Halves    bool    `help:"rotary positions pair number i of a head with i plus half its width, as Hugging Face's models; otherwise neighbours, as in llama2.c"`
	Base      float64 `toml:"rotary_base" help:"base of the frequencies of rotary positions"`
	Epsilon   float64 `help:"epsilon: added to the mean square in norms"`
}

// Check reports a setting that is out of range.
func (a *Llama) Check() error {
	if err := within(limit{"layers", a.Layers, 256}, limit{"heads", a.Heads, 256}, limit{"width", a.Width, 1 << 16}); err != nil {
		return err
	}
	switch {
	case a.KVHeads < 0 || a.Heads%a.kvHeads() != 0:
		return registry.Unfit("kv_heads", fmt.Sprintf("want a divisor of the %d heads, or 0, got %d", a.Heads, a.KVHeads))
	case a.HeadWidth == 0 && a.Width%(2*a.Heads) != 0:
		return registry.Unfit("width", fmt.Sprintf("want a multiple of twice the %d heads, got %d; or set head_width", a.Heads, a.Width))
	case a.HeadWidth < 0 || a.HeadWidth > 1<<12 || a.HeadWidth%2 != 0:
		return registry.Unfit("head_width", fmt.Sprintf("want an even number up to %d, or 0, got %d", 1<<12, a.HeadWidth))
	case a.Hidden < 0 || a.Hidden > 1<<19:
		return registry.Unfit("hidden", fmt.Sprintf("want 0 to %d, got %d", 1<<19, a.Hidden))
	case !(a.Base >= 1 && a.Base < 1e12):
		return registry.Unfit("rotary_base", fmt.Sprintf("want 1 to 1e12, got %g", a.Base))
	case !(a.Epsilon > 0 && a.Epsilon < 1):
		return registry.Unfit("epsilon", fmt.Sprintf("want more than 0 and below 1, got %g", a.Epsilon))
	}
	return nil
}

func (a *Llama) kvHeads() int   { return cmp.Or(a.KVHeads, a.Heads) }
func (a *Llama) headWidth() int { return cmp.Or(a.HeadWidth, a.Width/a.Heads) }

// hidden is the width of the feed-forward network. With three matrices instead of two, 8/3 of
// the width has as many weights as four times the width.
func (a *Llama) hidden() int { return cmp.Or(a.Hidden, (a.Width*8/3+31)/32*32) }

// LanguageModel implements [LanguageModelArch].
func (a *Llama) LanguageModel(spec data.Spec) (LanguageModel, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	if err := wantsTokens("llama", spec); err != nil {
		return nil, err
	}
	target := spec.Target()
	return &llama{Llama: a, vocabulary: target.Vocabulary, context: target.Size() - 1, dtype: dtypes.Float32}, nil
}

// llama is a Llama for a data spec.
type llama struct {
	*Llama
	vocabulary, context int
	dtype               dtypes.DType // of the weights
}

// Context implements [LanguageModel].
func (m *llama) Context() int { return m.context }

// Logits implements [LanguageModel].
func (m *llama) Logits(s *model.Scope, tokens *graph.Node, drop *nn.Dropout) *graph.Node {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	table := nn.Weight(s.In("token"), "table", gptStd, m.dtype, m.vocabulary, m.Width).NodeValue(tokens)
	x := drop.Of(rowsOf(table, graph.Reshape(tokens, batch*time))) // [batch·time, width]
	mask := graph.InsertAxes(causal(x, time), 0)                   // [1, 1, 1, time, time]
	for i := range m.Layers {
		layer := s.In("layer_%d", i)
		x = graph.Add(x, drop.Of(m.attend(layer.In("attention"), x, mask, batch)))
		x = graph.Add(x, drop.Of(m.feed(layer.In("feed"), x)))
	}
	x = nn.RMSNorm(s.In("norm"), x, m.Epsilon)
	if !m.Tied {
		table = nn.Weight(s.In("output"), "table", gptStd, m.dtype, m.vocabulary, m.Width).NodeValue(tokens)
	}
	return graph.Reshape(graph.DotGeneral(x, []int{1}, nil, table, []int{1}, nil), batch, time, m.vocabulary)
}

// residual is the standard deviation of the last weights of a residual branch.
func (m *llama) residual() float64 { return gptStd / math.Sqrt(float64(2*m.Layers)) }

// attend is causal attention within each sequence of x [batch·time, width].
func (m *llama) attend(s *model.Scope, x, mask *graph.Node, batch int) *graph.Node {
	time, size, groups := x.Shape().Dimensions[0]/batch, m.headWidth(), m.kvHeads()
	x = nn.RMSNorm(s.In("norm"), x, m.Epsilon)
	part := func(name string, heads int) *graph.Node { // [batch, heads, time, size]
		y := graph.Reshape(nn.Linear(s.In("%s", name), x, heads*size, gptStd), batch, time, heads, size)
		return graph.TransposeAllAxes(y, 0, 2, 1, 3)
	}
	placed := func(name string, heads int) *graph.Node {
		y := part(name, heads)
		if m.QKNorm {
			y = nn.RMSNorm(s.In("%s_norm", name), y, m.Epsilon)
		}
		return nn.Rotate(y, m.Base, m.Halves)
	}
	// Queries that share keys and values become rows of one product.
	shared := m.Heads / groups
	q := graph.MulScalar(graph.Reshape(placed("q", m.Heads), batch, groups, shared*time, size), 1/math.Sqrt(float64(size)))
	both := []int{0, 1}
	scores := graph.DotGeneral(q, []int{3}, both, placed("k", groups), []int{3}, both) // [batch, groups, shared·time, time]
	scores = graph.Add(graph.Reshape(scores, batch, groups, shared, time, time), mask)
	weights := graph.Reshape(nn.Softmax(scores), batch, groups, shared*time, time)
	y := graph.DotGeneral(weights, []int{3}, both, part("v", groups), []int{2}, both)                // [batch, groups, shared·time, size]
	y = graph.TransposeAllAxes(graph.Reshape(y, batch, m.Heads, time, size), 0, 2, 1, 3)             // [batch, time, heads, size]
	return nn.Linear(s.In("out"), graph.Reshape(y, batch*time, m.Heads*size), m.Width, m.residual()) // [batch·time, width]
}

// feed is the gated feed-forward network (SwiGLU, Shazeer 2020, arXiv:2002.05202) of x
// [rows, width].
func (m *llama) feed(s *model.Scope, x *graph.Node) *graph.Node {
	x = nn.RMSNorm(s.In("norm"), x, m.Epsilon)
	gate := nn.Silu(nn.Linear(s.In("gate"), x, m.hidden(), gptStd)) // [rows, hidden]
	up := nn.Linear(s.In("up"), x, m.hidden(), gptStd)
	return nn.Linear(s.In("down"), graph.Mul(gate, up), m.Width, m.residual())
}
