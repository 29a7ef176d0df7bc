package family

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/train"
)

func init() {
	Families.Add("lm", "a language model: which token comes next, learned by likelihood (Bengio et al. 2003, A Neural Probabilistic Language Model)",
		func() Family {
			return &LM{
				Network:   registry.Choose[arch.LanguageModelArch]("gpt"),
				Optimizer: train.Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, Decay: 0.1},
			}
		})
}

// languageScope is where a language model's weights stand in the store.
const languageScope = "language"

// LM learns to tell the next token of a text.
type LM struct {
	Network   registry.Choice[arch.LanguageModelArch] `help:"the network that tells"`
	Optimizer train.Adam                              `help:"what moves it"`
}

// Model implements [Family].
func (f *LM) Model(spec data.Spec) (Model, error) {
	target := spec.Target()
	if target.Kind != data.Tokens || target.Size() < 2 || target.Vocabulary < 1 {
		return nil, fmt.Errorf("an lm learns texts of two tokens or more, and the data is %s; a codec of text such as chars makes tokens", spec)
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("lm %w", err)
	}
	network, err := f.Network.Value.LanguageModel(spec)
	if err != nil {
		return nil, err
	}
	return &lm{LM: f, spec: spec, network: network}, nil
}

// lm is an LM that knows its data.
type lm struct {
	*LM
	spec    data.Spec
	network arch.LanguageModel
}

// Stages implements [Model].
func (m *lm) Stages() []train.Stage {
	optimizer := m.Optimizer
	optimizer.Name = "lm"
	return []train.Stage{{Name: "likelihood", Phases: []train.Phase{{
		Name: "lm", Moves: []string{languageScope}, Optimizer: optimizer,
		Loss: func(in *train.Inputs) *graph.Node {
			text := in.Column(data.Target) // [batch, context+1]
			read, follows := split(text)
			logits := m.network.Logits(in.Store.Scope(languageScope), read) // [batch, context, vocabulary]
			return graph.ReduceAllMean(surprise(logits, follows))
		},
	}}}}
}

// split returns what is read of a text [batch, time+1], and what follows each token
// of it, both [batch, time].
func split(text *graph.Node) (read, follows *graph.Node) {
	last := text.Shape().Dimensions[1] - 1
	return graph.Slice(text, graph.AxisRange(), graph.AxisRange(0, last)), graph.Slice(text, graph.AxisRange(), graph.AxisRange(1))
}

// surprise is the negative logarithm of the probability that logits [batch, time,
// vocabulary] give to tokens [batch, time]: [batch, time], in nats.
func surprise(logits, tokens *graph.Node) *graph.Node {
	logits = graph.Sub(logits, graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1)))
	total := graph.Log(graph.ReduceSum(graph.Exp(logits), -1))                  // [batch, time]
	picks := graph.OneHot(tokens, logits.Shape().Dimensions[2], dtypes.Float32) // [batch, time, vocabulary]
	return graph.Sub(total, graph.ReduceSum(graph.Mul(picks, logits), -1))
}
