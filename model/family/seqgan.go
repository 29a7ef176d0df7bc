package family

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/train"
)

func init() {
	Families.Add("seqgan", "adversarial texts: an LSTM that a CNN judges learns by policy gradient with rollouts, after maximum likelihood (SeqGAN, Yu et al. 2017, arXiv:1609.05473)",
		func() Family {
			return &SeqGAN{
				Embedding: 32, Hidden: 32, Filters: 32, Gradient: policyGradient, Softness: 1, Rollouts: 4, Baseline: true, Pretrain: 1000, PretrainD: 1000, Critic: 5,
				POptimizer: train.NewAdam(5e-3, 0.9, 0.999), GOptimizer: train.NewAdam(1e-3, 0.9, 0.999), DOptimizer: train.NewAdam(1e-3, 0.9, 0.999),
			}
		})
}

// SeqGAN learns texts of a fixed length by what a discriminator says of them.
type SeqGAN struct {
	Embedding  int                              `help:"width of the generator's token embeddings"`
	Hidden     int                              `help:"width of the generator's LSTM"`
	Filters    int                              `help:"number of the discriminator's filters of each length"`
	Gradient   string                           `help:"how the generator learns from the discriminator: policy (the verdicts on rollouts are rewards) or gumbel (through sampled tokens, by the straight-through Gumbel-softmax, Jang et al. 2016, arXiv:1611.01144)"`
	Softness   float64                          `help:"temperature of the Gumbel-softmax: nearer to 0 its gradients are truer and noisier"`
	Rollouts   int                              `help:"number of ways in which the generator finishes each beginning of a text, over which the discriminator's verdict is averaged"`
	Baseline   bool                             `help:"rewards are measured against their mean over the batch at the same place of the text; false rewards every text, as in the paper"`
	Pretrain   int                              `help:"steps of maximum likelihood before the game"`
	PretrainD  int                              `toml:"pretrain_d" help:"steps of the discriminator alone before the game"`
	Critic     int                              `help:"D updates per G update"`
	POptimizer registry.Choice[train.Optimizer] `toml:"p_optimizer" help:"optimizer of maximum likelihood"`
	GOptimizer registry.Choice[train.Optimizer] `toml:"g_optimizer" help:"optimizer of G in the game"`
	DOptimizer registry.Choice[train.Optimizer] `toml:"d_optimizer" help:"optimizer of D"`
}

// Ways to learn from the discriminator.
const (
	policyGradient = "policy"
	gumbelGradient = "gumbel"
)

// longestText is how many tokens a text has at most: the LSTM is unrolled.
const longestText = 256

// Check reports a setting that is out of range.
func (f *SeqGAN) Check() error {
	for _, l := range []struct {
		key         string
		value, most int
	}{
		{"embedding", f.Embedding, 4096}, {"hidden", f.Hidden, 4096}, {"filters", f.Filters, 4096}, {"rollouts", f.Rollouts, 256},
		{"pretrain", f.Pretrain, math.MaxInt}, {"pretrain_d", f.PretrainD, math.MaxInt}, {"critic", f.Critic, 1000},
	} {
		if err := within(l.key, l.value, l.most); err != nil {
			return err
		}
	}
	if f.Gradient != policyGradient && f.Gradient != gumbelGradient {
		return registry.Unfit("gradient", fmt.Sprintf("want %s or %s, got %q", policyGradient, gumbelGradient, f.Gradient))
	}
	if !(f.Softness >= 0.01 && f.Softness <= 100) {
		return registry.Unfit("softness", fmt.Sprintf("want 0.01 to 100, got %g", f.Softness))
	}
	return nil
}

// Model implements [Family].
func (f *SeqGAN) Model(spec data.Spec) (Model, error) {
	target := spec.Target()
	if target.Kind != data.Tokens || target.Size() < 2 || target.Size() > longestText {
		return nil, fmt.Errorf("a seqgan learns texts of 2 to %d tokens, but the data is %s; a text codec such as chars makes tokens, codec.context is how many", longestText, spec)
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("seqgan %w", err)
	}
	return &seqgan{SeqGAN: f, target: target, net: arch.LSTM{Vocabulary: target.Vocabulary, Embedding: f.Embedding, Hidden: f.Hidden}}, nil
}

// seqgan is a SeqGAN for texts of a length.
type seqgan struct {
	*SeqGAN
	target data.Field
	net    arch.LSTM

	verdicts *graphs.Cache // of the discriminator with the weights of
	of       *model.Store
}

// The columns that the phases of a seqgan add.
const (
	sampledColumn = "sampled" // texts of G
	rewardColumn  = "reward"  // of each of their tokens
	gumbelColumn  = "gumbel"  // noise of each token of each place
)

// Stages implements [Model]: maximum likelihood, the discriminator alone, and the game.
func (m *seqgan) Stages() []train.Stage {
	likelihood := train.Phase{Name: "P", Moves: []string{generatorScope}, Optimizer: m.POptimizer.Value, Loss: func(in *train.Inputs) *graph.Node {
		return graph.ReduceAllMean(m.each(in.Store, in.Column(data.Target)))
	}}
	critic := train.Phase{Name: dPhase, Moves: []string{discriminatorScope}, Optimizer: m.DOptimizer.Value, Prepare: m.sampled, Loss: m.lossD}
	several := critic
	several.Times = m.Critic
	game := train.Phase{Name: "G", Moves: []string{generatorScope}, Optimizer: m.GOptimizer.Value, Prepare: m.rewarded, Loss: m.lossG}
	if m.Gradient == gumbelGradient {
		game.Prepare, game.Loss = m.perturbed, m.lossRelaxed
	}
	return []train.Stage{
		{Name: "likelihood", Steps: m.Pretrain, Phases: []train.Phase{likelihood}},
		{Name: "discriminator", Steps: m.PretrainD, Phases: []train.Phase{critic}},
		{Name: "adversarial", Phases: []train.Phase{several, game}},
	}
}

// each is the negative log-probability of each token of texts [batch, length]: [batch, length].
func (m *seqgan) each(s *model.Store, text *graph.Node) *graph.Node {
	batch, length := text.Shape().Dimensions[0], text.Shape().Dimensions[1]
	begin := graph.AddScalar(graph.Zeros(text.Graph(), graph.Slice(text, graph.AxisRange(), graph.AxisRange(0, 1)).Shape()), m.net.Vocabulary) // [batch, 1]
	read := graph.Concatenate([]*graph.Node{begin, graph.Slice(text, graph.AxisRange(), graph.AxisRange(0, length-1))}, 1)
	logits := m.net.Logits(s.Scope(generatorScope), graph.Reshape(read, batch, length))
	return crossEntropy(logits, text)
}

// lossG is the policy gradient: the log-probabilities of what was sampled, weighted by rewards.
func (m *seqgan) lossG(in *train.Inputs) *graph.Node {
	nats := m.each(in.Store, in.Column(sampledColumn)) // [batch, length]
	in.Report("nats", graph.ReduceAllMean(nats))
	return graph.ReduceAllMean(graph.Mul(nats, in.Column(rewardColumn)))
}

// lossRelaxed is what D says of texts through whose tokens gradients pass.
func (m *seqgan) lossRelaxed(in *train.Inputs) *graph.Node {
	noise := in.Column(gumbelColumn) // [batch, length·vocabulary]
	noise = graph.Reshape(noise, noise.Shape().Dimensions[0], m.target.Size(), m.net.Vocabulary)
	fake := m.judged(in.Store, m.net.Relaxed(in.Store.Scope(generatorScope), noise, m.Softness)) // [batch, 1]
	in.Report("fake", graph.ReduceAllMean(graph.Sigmoid(fake)))
	return graph.ReduceAllMean(softplus(graph.Neg(fake)))
}

// lossD is the cross-entropy of D on real texts and on those of G.
func (m *seqgan) lossD(in *train.Inputs) *graph.Node {
	real, fake := m.judged(in.Store, in.Column(data.Target)), m.judged(in.Store, in.Column(sampledColumn)) // [batch, 1]
	in.Report("real", graph.ReduceAllMean(graph.Sigmoid(real)))
	in.Report("fake", graph.ReduceAllMean(graph.Sigmoid(fake)))
	return graph.Add(graph.ReduceAllMean(softplus(graph.Neg(real))), graph.ReduceAllMean(softplus(fake)))
}

// Likelihood implements [Likely].
func (m *seqgan) Likelihood(backend compute.Backend, store *model.Store) (Likelihood, error) {
	return likelihoodOf(backend, store, func(in []*graph.Node) *graph.Node {
		// The first token does not count, as for a language model, which has no context for it.
		return graph.Slice(m.each(store, in[0]), graph.AxisRange(), graph.AxisRange(1))
	}, data.Target), nil
}
