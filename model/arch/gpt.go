package arch

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/nn"
)

func init() {
	LanguageModels.Add("gpt", "decoder-only transformer with pre-layer norm, as GPT-2 (Vaswani et al. 2017, arXiv:1706.03762; Radford et al. 2019, Language Models are Unsupervised Multitask Learners)",
		func() LanguageModelArch { return &GPT{Layers: 4, Heads: 4, Width: 128, Activation: language.GeluExact} })
}

// gptStd is the standard deviation of GPT-2's initial weights.
const gptStd = 0.02

// GPT is a decoder-only transformer: learned embeddings of tokens and positions, blocks of
// causal attention and a feed-forward network of four times the width with GELU, and an output
// layer tied to the token embeddings. GPT-2 itself has biases and gelu_tanh.
type GPT struct {
	Layers     int                 `help:"number of transformer blocks"`
	Heads      int                 `help:"number of attention heads; each gets an equal part of the width"`
	Width      int                 `help:"embedding width, a multiple of the number of heads"`
	Biases     bool                `help:"biases in attention and the feed-forward network, as in GPT-2; otherwise only the norms have them"`
	Activation language.Activation `help:"gelu, or gelu_tanh, its approximation in GPT-2"`
}

// A limit is the largest value of a setting, 1 being the least.
type limit struct {
	key         string
	value, most int
}

// within reports the first setting beyond its limit.
func within(limits ...limit) error {
	for _, l := range limits {
		if l.value < 1 || l.value > l.most {
			return registry.Unfit(l.key, fmt.Sprintf("want 1 to %d, got %d", l.most, l.value))
		}
	}
	return nil
}

// Check reports a setting that is out of range.
func (a *GPT) Check() error {
	if err := within(limit{"layers", a.Layers, 256}, limit{"heads", a.Heads, 256}, limit{"width", a.Width, 1 << 16}); err != nil {
		return err
	}
	if a.Width%a.Heads != 0 {
		return registry.Unfit("width", fmt.Sprintf("want a multiple of the %d heads, got %d", a.Heads, a.Width))
	}
	if a.Activation != language.GeluExact && a.Activation != language.GeluTanh {
		return registry.Unfit("activation", fmt.Sprintf("want %s or %s, got %q", language.GeluExact, language.GeluTanh, a.Activation))
	}
	return nil
}

// LanguageModel implements [LanguageModelArch].
func (a *GPT) LanguageModel(spec data.Spec) (LanguageModel, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("gpt: %w", err)
	}
	if err := wantsTokens("gpt", spec); err != nil {
		return nil, err
	}
	target := spec.Target()
	return &gpt{GPT: a, vocabulary: target.Vocabulary, context: target.Size() - 1, dtype: dtypes.Float32}, nil
}

// wantsTokens reports data that a language model cannot learn.
func wantsTokens(name string, spec data.Spec) error {
	if spec.Target().Kind != data.Tokens {
		return fmt.Errorf("%s learns tokens, but the data is %s; a text codec such as chars makes tokens", name, spec)
	}
	return nil
}

// gpt is a GPT for a data spec.
type gpt struct {
	*GPT
	vocabulary, context int
	dtype               dtypes.DType // of the weights
}

// Context implements [LanguageModel].
func (m *gpt) Context() int { return m.context }

// Logits implements [LanguageModel].
func (m *gpt) Logits(s *model.Scope, tokens *graph.Node, drop *nn.Dropout) *graph.Node {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	x, table := m.embed(s, tokens)
	x, mask := drop.Of(x), causal(x, time)
	for i := range m.Layers {
		x = m.layer(s.In("layer_%d", i), x, mask, batch, drop)
	}
	return graph.Reshape(m.output(s, x, table), batch, time, m.vocabulary)
}

// embed maps tokens [batch, time] to the sums of the embeddings of token and position
// [batch·time, width], by the table of tokens [vocabulary, width].
func (m *gpt) embed(s *model.Scope, tokens *graph.Node) (x, table *graph.Node) {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	table, places := m.embeddings(s, tokens)
	x = rowsOf(table, graph.Reshape(tokens, batch*time))                        // [batch·time, width]
	place := graph.InsertAxes(graph.Slice(places, graph.AxisRange(0, time)), 0) // [1, time, width]
	return graph.Reshape(graph.Add(graph.Reshape(x, batch, time, m.Width), place), batch*time, m.Width), table
}

// embeddings returns the tables of tokens [vocabulary, width] and of positions
// [context, width].
func (m *gpt) embeddings(s *model.Scope, g graph.GraphProvider) (tokens, positions *graph.Node) {
	table := func(name string, rows int) *graph.Node {
		return nn.Weight(s.In("%s", name), "table", gptStd, m.dtype, rows, m.Width).NodeValue(g)
	}
	return table("token", m.vocabulary), table("position", m.context)
}

// layer adds attention and then the feed-forward network to x [batch·time, width].
func (m *gpt) layer(s *model.Scope, x, mask *graph.Node, batch int, drop *nn.Dropout) *graph.Node {
	// The initial weights of residual branches are scaled down with the number of layers.
	residual := gptStd / math.Sqrt(float64(2*m.Layers))
	attention, feed := s.In("attention"), s.In("feed")
	y := m.attend(attention, nn.LayerNorm(attention.In("norm"), x), mask, batch) // [batch·time, width]
	x = graph.Add(x, drop.Of(m.linear(attention.In("out"), y, m.Width, residual)))
	y = m.linear(feed.In("up"), nn.LayerNorm(feed.In("norm"), x), 4*m.Width, gptStd) // [batch·time, 4·width]
	if m.Activation == language.GeluTanh {
		y = nn.GeluTanh(y)
	} else {
		y = nn.Gelu(y)
	}
	return graph.Add(x, drop.Of(m.linear(feed.In("down"), y, m.Width, residual)))
}

// linear is a linear map of x [rows, in], with a bias if the network has them: [rows, width].
func (m *gpt) linear(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	y := nn.Linear(s, x, width, std)
	if m.Biases {
		y = nn.Bias(s, y)
	}
	return y
}

// output maps x [rows, width] to logits [rows, vocabulary], with weights tied to the token
// embeddings (Press and Wolf 2016, arXiv:1608.05859).
func (m *gpt) output(s *model.Scope, x, table *graph.Node) *graph.Node {
	x = nn.LayerNorm(s.In("norm"), x)
	return graph.DotGeneral(x, []int{1}, nil, table, []int{1}, nil)
}

// rowsOf picks the rows indices [n] of a table [count, width]: [n, width].
func rowsOf(table, indices *graph.Node) *graph.Node {
	return graph.Gather(table, graph.InsertAxes(indices, -1))
}
