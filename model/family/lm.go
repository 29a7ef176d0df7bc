package family

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/nn"
	"atelier/model/train"
)

func init() {
	Families.Add("lm", "a language model: predicts the next token, trained by maximum likelihood (Bengio et al. 2003, A Neural Probabilistic Language Model)",
		func() Family {
			return &LM{
				Network:   registry.Choose[arch.LanguageModelArch]("gpt"),
				Optimizer: train.NewAdam(1e-3, 0.9, 0.99, "decay=0.1"),
			}
		})
}

// languageScope is the scope of a language model's weights in the store.
const languageScope = "language"

// LM learns to predict the next token of a text.
type LM struct {
	Conditional bool                                    `help:"class-conditional: every text begins with a control token of its class (Keskar et al. 2019, arXiv:1909.05858); needs codec.labels"`
	LoRA        int                                     `toml:"lora" help:"rank of low-rank adapters (LoRA, Hu et al. 2021, arXiv:2106.09685): the weights stay as init gives them, and only the adapters learn; 0 trains all weights"`
	Dropout     float64                                 `help:"share of the numbers that are set to zero in training, in embeddings and residual branches; 0 turns it off"`
	Network     registry.Choice[arch.LanguageModelArch] `help:"the network that predicts the next token"`
	Optimizer   registry.Choice[train.Optimizer]        `help:"optimizer"`
}

// Check reports a setting that is out of range.
func (f *LM) Check() error {
	if !(f.Dropout >= 0 && f.Dropout < 1) {
		return registry.Unfit("dropout", fmt.Sprintf("want at least 0 and below 1, got %g", f.Dropout))
	}
	if f.LoRA < 0 || f.LoRA > mostRank {
		return registry.Unfit("lora", fmt.Sprintf("want 0 to %d, got %d", mostRank, f.LoRA))
	}
	return nil
}

// mostRank is an upper limit: adapters of a higher rank are no smaller than most weights.
const mostRank = 1024

// ByClass reports whether the model is class-conditional.
func (f *LM) ByClass() bool { return f.Conditional }

// Model implements [Family].
func (f *LM) Model(spec data.Spec) (Model, error) {
	target := spec.Target()
	if target.Kind != data.Tokens || target.Size() < 2 || target.Vocabulary < 1 {
		return nil, fmt.Errorf("an lm learns texts of two tokens or more, but the data is %s; a text codec such as chars makes tokens", spec)
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("lm %w", err)
	}
	m := &lm{LM: f, spec: spec}
	if f.Conditional {
		if m.classes = len(spec.ClassNames()); m.classes == 0 {
			return nil, fmt.Errorf("a conditional lm needs classes, but the data has no labels; set codec.labels=true, or model.conditional=false")
		}
	}
	var err error
	m.network, err = f.Network.Value.LanguageModel(m.read())
	return m, err
}

// lm is an LM for a data spec.
type lm struct {
	*LM
	spec    data.Spec
	network arch.LanguageModel
	classes int // control tokens, 0 unless it is conditional
}

// read is the spec of what the network reads: with classes, their control tokens follow the
// vocabulary, and one begins every text.
func (m *lm) read() data.Spec {
	target := m.spec.Target()
	if m.classes > 0 {
		target.Vocabulary += m.classes
		target.Shape = []int{target.Size() + 1}
	}
	return data.Spec{Fields: []data.Field{target}}
}

// dropoutColumn holds the key of a step's dropout.
const dropoutColumn = "dropout"

// Stages implements [Model].
func (m *lm) Stages() []train.Stage {
	phase := train.Phase{Name: "lm", Moves: []string{languageScope}, Optimizer: m.Optimizer.Value, Loss: m.loss}
	if m.LoRA > 0 {
		phase.Moves = []string{nn.AdapterScope}
	}
	if m.Dropout > 0 {
		phase.Prepare = m.prepare
	}
	return []train.Stage{{Name: "likelihood", Phases: []train.Phase{phase}}}
}

// prepare adds the key of the dropout, which depends only on the run's seed and the step.
func (m *lm) prepare(t train.Turn) error {
	field := data.Field{Name: dropoutColumn, Kind: data.Tokens, Shape: []int{nn.DropoutWords}, Vocabulary: math.MaxInt32}
	key, rng := data.NewColumn(field, t.Batch.N), noise.Stream(t.Seed, dropoutNoise, uint64(t.Step), uint64(t.Index))
	for i := range key.Ints {
		key.Ints[i] = rng.Int32()
	}
	t.Batch.Set(key)
	return nil
}

// loss is the mean cross-entropy of all tokens.
func (m *lm) loss(in *train.Inputs) *graph.Node {
	var drop *nn.Dropout
	if m.Dropout > 0 {
		key := graph.Slice(in.Column(dropoutColumn), graph.AxisElem(0)) // [1, words]
		drop = nn.NewDropout(m.Dropout, graph.Squeeze(key, 0))
	}
	return graph.ReduceAllMean(m.each(in.Store, in.Column(data.Target), in.Column(data.Label), drop))
}

// each is the cross-entropy of the tokens of a text [batch, context+1] but the first, of the
// first too if a class [batch] comes before it: [batch, context] or [batch, context+1].
func (m *lm) each(s *model.Store, text, class *graph.Node, drop *nn.Dropout) *graph.Node {
	nn.LowRank(s, m.LoRA)
	if m.classes > 0 {
		control := graph.AddScalar(class, m.spec.Target().Vocabulary)
		text = graph.Concatenate([]*graph.Node{graph.InsertAxes(control, -1), text}, 1)
	}
	read, follows := split(text)
	return crossEntropy(m.network.Logits(s.Scope(languageScope), read, drop), follows)
}

// split returns the inputs and the targets, the next tokens, of a text [batch, time+1],
// both [batch, time].
func split(text *graph.Node) (read, follows *graph.Node) {
	last := text.Shape().Dimensions[1] - 1
	return graph.Slice(text, graph.AxisRange(), graph.AxisRange(0, last)), graph.Slice(text, graph.AxisRange(), graph.AxisRange(1))
}

// crossEntropy is the negative log-probability of tokens [batch, time] under logits
// [batch, time, vocabulary]: [batch, time], in nats.
func crossEntropy(logits, tokens *graph.Node) *graph.Node {
	logits = graph.Sub(logits, graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1)))
	total := graph.Log(graph.ReduceSum(graph.Exp(logits), -1))                  // [batch, time]
	picks := graph.OneHot(tokens, logits.Shape().Dimensions[2], dtypes.Float32) // [batch, time, vocabulary]
	return graph.Sub(total, graph.ReduceSum(graph.Mul(picks, logits), -1))
}
