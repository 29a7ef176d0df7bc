package arch

import (
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
	LanguageModels.Add("gpt", "decoder-only transformer with the norms before the layers, as GPT-2 (Vaswani et al. 2017, arXiv:1706.03762; Radford et al. 2019, Language Models are Unsupervised Multitask Learners)",
		func() LanguageModelArch { return &GPT{Layers: 4, Heads: 4, Width: 128} })
}

// gptStd is the standard deviation of GPT-2's first weights.
const gptStd = 0.02

// GPT is a decoder-only transformer: learned embeddings of tokens and positions,
// layers of causal attention and of a feed-forward network of four times the width
// with exact GELU, and the embedding of the tokens again as the output layer. Only
// the norms have offsets.
type GPT struct {
	Layers int `help:"how many pairs of attention and feed-forward network"`
	Heads  int `help:"heads of attention; they share the width"`
	Width  int `help:"numbers that stand for a token between the layers, a multiple of the heads"`
}

// Check reports a setting that is out of range.
func (a *GPT) Check() error {
	for _, limit := range []struct {
		key         string
		value, most int
	}{{"layers", a.Layers, 256}, {"heads", a.Heads, 256}, {"width", a.Width, 1 << 16}} {
		if limit.value < 1 || limit.value > limit.most {
			return registry.Unfit(limit.key, fmt.Sprintf("want 1 to %d, got %d", limit.most, limit.value))
		}
	}
	if a.Width%a.Heads != 0 {
		return registry.Unfit("width", fmt.Sprintf("want a multiple of the %d heads, got %d", a.Heads, a.Width))
	}
	return nil
}

// LanguageModel implements [LanguageModelArch].
func (a *GPT) LanguageModel(spec data.Spec) (LanguageModel, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("gpt: %w", err)
	}
	target := spec.Target()
	if target.Kind != data.Tokens {
		return nil, fmt.Errorf("gpt learns tokens, and the data is %s; a codec of text such as chars makes tokens", spec)
	}
	return &gpt{GPT: a, vocabulary: target.Vocabulary, context: target.Size() - 1, dtype: dtypes.Float32}, nil
}

// gpt is a GPT that knows its data.
type gpt struct {
	*GPT
	vocabulary, context int
	dtype               dtypes.DType // of the weights
}

// Context implements [LanguageModel].
func (m *gpt) Context() int { return m.context }

// Logits implements [LanguageModel].
func (m *gpt) Logits(s *model.Scope, tokens *graph.Node) *graph.Node {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	table, places := m.embeddings(s, tokens)
	x := rowsOf(table, graph.Reshape(tokens, batch*time))                                            // [batch·time, width]
	place := graph.InsertAxes(graph.Slice(places, graph.AxisRange(0, time)), 0)                      // [1, time, width]
	x = graph.Reshape(graph.Add(graph.Reshape(x, batch, time, m.Width), place), batch*time, m.Width) // [batch·time, width]
	mask := causal(x, time)
	for i := range m.Layers {
		x = m.layer(s.In("layer_%d", i), x, func(s *model.Scope, x *graph.Node) *graph.Node {
			return m.attend(s, x, mask, batch)
		})
	}
	return graph.Reshape(m.output(s, x, table), batch, time, m.vocabulary)
}

// embeddings returns the tables of tokens [vocabulary, width] and of positions
// [context, width].
func (m *gpt) embeddings(s *model.Scope, g graph.GraphProvider) (tokens, positions *graph.Node) {
	table := func(name string, rows int) *graph.Node {
		return nn.Weight(s.In("%s", name), "table", gptStd, m.dtype, rows, m.Width).NodeValue(g)
	}
	return table("token", m.vocabulary), table("position", m.context)
}

// layer adds attention and then the feed-forward network to x [rows, width].
func (m *gpt) layer(s *model.Scope, x *graph.Node, attend func(*model.Scope, *graph.Node) *graph.Node) *graph.Node {
	// What adds to the sum of all layers begins smaller the more of them there are.
	residual := gptStd / math.Sqrt(float64(2*m.Layers))
	attention, feed := s.In("attention"), s.In("feed")
	y := attend(attention, nn.LayerNorm(attention.In("norm"), x)) // [rows, width]
	x = graph.Add(x, nn.Linear(attention.In("out"), y, m.Width, residual))
	y = nn.Linear(feed.In("up"), nn.LayerNorm(feed.In("norm"), x), 4*m.Width, gptStd) // [rows, 4·width]
	return graph.Add(x, nn.Linear(feed.In("down"), nn.Gelu(y), m.Width, residual))
}

// output maps x [rows, width] to logits [rows, vocabulary] by the tokens' own
// embeddings (Press and Wolf 2016, arXiv:1608.05859).
func (m *gpt) output(s *model.Scope, x, table *graph.Node) *graph.Node {
	x = nn.LayerNorm(s.In("norm"), x)
	return graph.DotGeneral(x, []int{1}, nil, table, []int{1}, nil)
}

// rowsOf picks the rows indices [n] of a table [count, width]: [n, width].
func rowsOf(table, indices *graph.Node) *graph.Node {
	return graph.Gather(table, graph.InsertAxes(indices, -1))
}
