package family

import (
	"context"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/graphs"
	"atelier/model/train"
)

// descend optimises codes towards the given sample, each independently, with Adam. The
// variable is the offset of a code from the centre, in standard deviations.
func (v *inverter) descend(ctx context.Context, codes, given *data.Batch, spread []float32, tell func()) error {
	column := codes.Column(Code)
	centres, err := v.steering.centres(ctx, codes)
	if err != nil {
		return err
	}
	away := slices.Clone(column.Floats)
	for i := range away {
		away[i] = (away[i] - centres[i]) / spread[i%len(spread)]
	}
	dims := append([]int{codes.N}, column.Field.Shape...)
	own, err := graphs.View(v.store) // the variable belongs to this search alone
	if err != nil {
		return err
	}
	variable, err := own.CreateVariable(model.JoinPath("/", inversionScope, "away"), tensors.FromFlatDataAndDimensions(away, dims...))
	if err != nil {
		return err
	}
	loop := &train.Loop{
		Backend: v.backend, Store: own, Stages: []train.Stage{{Phases: []train.Phase{v.phase(variable, centres, spread)}}},
		Batches: same{beside(codes, given)}, Schedule: registry.Choose[train.Schedule]("cosine").Value, Total: inversionSteps, Damping: 1,
		Hooks: []train.Hook{func(context.Context, train.Event) error { tell(); return nil }},
	}
	if err := loop.Run(ctx); err != nil {
		return err
	}
	value, err := variable.Value()
	if err != nil {
		return err
	}
	if away, err = tensors.CopyFlatData[float32](value); err != nil {
		return err
	}
	for i := range away {
		column.Floats[i] = centres[i] + away[i]*spread[i%len(spread)]
	}
	return nil
}

// phase optimises the variable [batch, layers, width], and no network.
func (v *inverter) phase(variable *model.Variable, centres, spread []float32) train.Phase {
	return train.Phase{
		Name: inversionScope, Moves: []string{inversionScope},
		Optimizer: train.NewAdam(inversionRate, 0.9, 0.999).Value,
		Loss: func(in *train.Inputs) *graph.Node {
			in.Store.SetTraining(in.Graph, false)
			away := variable.NodeValue(in.Graph) // [batch, layers, width]
			all := away.Shape().Dimensions
			one := append([]int{1}, all[1:]...)
			wide := graph.Reshape(graph.Const(in.Graph, spread), one...)           // [1, layers, width]
			centre := graph.Reshape(graph.Const(in.Graph, centres), all...)        // [batch, layers, width]
			codes := graph.Add(centre, graph.Mul(away, wide))                      // [batch, layers, width]
			far := v.distance(in.Store, codes, in.Column(givenColumn), v.told(in)) // [batch]
			return graph.ReduceAllSum(graph.Add(far, graph.MulScalar(meanSquare(away), inversionPull)))
		},
	}
}

// same yields one batch endlessly.
type same struct{ batch *data.Batch }

func (s same) Next(context.Context) (*data.Batch, error) { return s.batch, nil }
func (same) Position() uint64                            { return 0 }
