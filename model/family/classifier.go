package family

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/feature"
	"atelier/model/graphs"
	"atelier/model/train"
)

func init() {
	Families.Add("classifier", "a classifier of samples: used to measure scores, never to train generators",
		func() Family {
			return &Classifier{
				Network:   registry.Choose[arch.ClassifierArch]("convnet"),
				Smoothing: 0.05,
				Optimizer: train.NewAdam(2e-3, 0.9, 0.999),
			}
		})
}

// ClassifierScope is the scope of a classifier's weights in the store.
const ClassifierScope = "classifier"

// Classifier predicts the class of a sample.
type Classifier struct {
	Smoothing float64                              `help:"label smoothing: share of the target spread over all classes (Szegedy et al. 2015, arXiv:1512.00567)"`
	Network   registry.Choice[arch.ClassifierArch] `help:"classifier network"`
	Optimizer registry.Choice[train.Optimizer]     `help:"optimizer"`
}

// Model implements [Family].
func (f *Classifier) Model(spec data.Spec) (Model, error) {
	if len(spec.ClassNames()) < 2 {
		return nil, fmt.Errorf("a classifier needs at least 2 classes, but the data has %d", len(spec.ClassNames()))
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("classifier %w", err)
	}
	network, err := arch.ClassifierOf(f.Network, spec)
	if err != nil {
		return nil, err
	}
	return &classifier{Classifier: f, spec: spec, network: network}, nil
}

// classifier is a Classifier for a data spec.
type classifier struct {
	*Classifier
	spec    data.Spec
	network arch.Classifier
}

// Stages implements [Model].
func (m *classifier) Stages() []train.Stage {
	return []train.Stage{{Name: "supervised", Phases: []train.Phase{{
		Name: "classifier", Moves: []string{ClassifierScope}, Optimizer: m.Optimizer.Value,
		Loss: func(in *train.Inputs) *graph.Node {
			x, y := in.Column(data.Target), in.Column(data.Label)
			_, logits := m.network(in.Store.Scope(ClassifierScope), x) // [batch, classes]
			classes := len(m.spec.ClassNames())
			in.Report("accuracy", graph.ReduceAllMean(graph.ConvertDType(graph.Equal(graph.ArgMax(logits, -1, dtypes.Int32), y), dtypes.Float32)))
			target := graph.OneHot(y, classes, dtypes.Float32) // [batch, classes]
			target = graph.AddScalar(graph.MulScalar(target, 1-m.Smoothing), m.Smoothing/float64(classes))
			return graph.Neg(graph.ReduceAllMean(graph.ReduceSum(graph.Mul(target, graph.LogSoftmax(logits)), -1)))
		},
	}}}}
}

// Predictor implements [Predictive].
func (m *classifier) Predictor(backend compute.Backend, store *model.Store) (Predictor, error) {
	named := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, x *graph.Node) *graph.Node {
		store.SetTraining(x.Graph(), false)
		_, logits := m.network(store.Scope(ClassifierScope), x)                           // [batch, classes]
		return graph.ConvertDType(graph.ArgMax(logits, -1, dtypes.Int32), dtypes.Float32) // [batch]
	})
	return func(ctx context.Context, b *data.Batch) ([]int, error) {
		classes, err := numbers(ctx, b, AtOnce, func(part *data.Batch) ([]float32, error) {
			return call(named, part, data.Target)
		})
		out := make([]int, len(classes))
		for i, c := range classes {
			out[i] = int(c)
		}
		return out, err
	}, nil
}

// NetworkOf returns the network of a trained classifier for a data spec, as a function of
// its store and samples.
func NetworkOf(f Family, spec data.Spec) (feature.Network, error) {
	m, err := f.Model(spec)
	if err != nil {
		return nil, err
	}
	c, ok := m.(*classifier)
	if !ok {
		return nil, fmt.Errorf("a %T has no classifier", f)
	}
	return func(s *model.Store, x *graph.Node) (features, logits *graph.Node) {
		return c.network(s.Scope(ClassifierScope), x)
	}, nil
}
