package train

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// An updater is a phase compiled for a store: a graph that takes a batch and
// moves the weights, or keeps them all if a loss or a gradient is not finite.
type updater struct {
	phase  *Phase
	exec   *model.Exec
	names  []string // of the statistics, in the order of the graph's output
	fields []string // of the batch's columns, in the order of the graph's inputs
}

// The fixed entries at the head of a graph's statistics.
const (
	statFinite = iota
	statLoss
	statNorm
	statFirstReport
)

func newUpdater(backend compute.Backend, store *model.Store, p *Phase) (*updater, error) {
	u := &updater{phase: p}
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		return u.build(store, in)
	})
	u.exec = exec
	return u, err
}

// build makes the graph of one update. in holds the learning rate's factor and
// then the columns; the result is the vector of statistics.
func (u *updater) build(store *model.Store, in []*graph.Node) *graph.Node {
	g := in[0].Graph()
	store.SetTraining(g, true)
	inputs := &Inputs{Store: store, Graph: g, columns: map[string]*graph.Node{}}
	for i, name := range u.fields {
		inputs.columns[name] = in[i+1]
	}
	loss := u.phase.Loss(inputs)
	square := u.phase.Optimizer.Descend(store, u.phase.Moves, loss, in[0])
	for _, a := range u.phase.Averages {
		a.update(store, g)
	}
	finite := graph.LogicalAnd(graph.IsFinite(loss), graph.IsFinite(square))
	u.guard(store, g, finite)

	u.names = append([]string{"finite", "loss", "norm"}, inputs.names...)
	stats := append([]*graph.Node{graph.ConvertDType(finite, loss.DType()), loss, graph.Sqrt(square)}, inputs.values...)
	return graph.Stack(stats, 0) // [statistics]
}

// guard discards what the graph did to variables that the phase does not move,
// and keeps the old value of every other one if the update is not finite.
func (u *updater) guard(store *model.Store, g *graph.Graph, finite *graph.Node) {
	scopes := append([]string{"optimizer/" + u.phase.Optimizer.Name}, u.phase.Moves...)
	for _, a := range u.phase.Averages {
		scopes = append(scopes, a.To)
	}
	for v := range store.IterVariables() {
		if !v.ChangedInGraph(g) {
			continue
		}
		old := g.GetParameterByName(v.Path())
		if under(v.Path(), scopes) {
			v.SetNodeValue(graph.Where(finite, v.NodeValue(g), old))
		} else {
			v.SetNodeValue(old)
		}
	}
}

// run does one update and returns its statistics, named "phase/statistic".
func (u *updater) run(b *data.Batch, rate float64) (Stats, error) {
	args, err := u.inputs(b, rate)
	if err != nil {
		return nil, err
	}
	out, err := u.exec.Call1(args...)
	if err != nil {
		return nil, fmt.Errorf("phase %s: %w", u.phase.Name, err)
	}
	values, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		return nil, err
	}
	stats := Stats{}
	for i, v := range values[statLoss:] {
		stats[u.phase.Name+"/"+u.names[statLoss+i]] = float64(v)
	}
	if values[statFinite] != 1 {
		return stats, &NotFiniteError{Phase: u.phase.Name, Loss: float64(values[statLoss]), Norm: float64(values[statNorm])}
	}
	return stats, nil
}

// inputs returns the graph's inputs: the factor of the learning rate and the
// columns of the batch, in the order of the first batch.
func (u *updater) inputs(b *data.Batch, rate float64) ([]any, error) {
	if u.fields == nil {
		for _, c := range b.Columns {
			u.fields = append(u.fields, c.Field.Name)
		}
	}
	args := []any{tensors.FromScalar(float32(rate))}
	for _, name := range u.fields {
		c := b.Column(name)
		if c == nil {
			return nil, fmt.Errorf("phase %s: the batch has no column %q", u.phase.Name, name)
		}
		args = append(args, Tensor(c, b.N))
	}
	return args, nil
}

// compile builds the graph for batches of size examples with the columns of b, and with
// it the variables. Only shapes are needed: it takes no more memory for large batches.
func (u *updater) compile(b *data.Batch, size int) (*graph.Graph, error) {
	if _, err := u.inputs(b, 1); err != nil {
		return nil, err
	}
	dims := []shapes.Shape{shapes.Make(dtypes.Float32)}
	for _, name := range u.fields {
		dims = append(dims, shapeOf(b.Column(name), size))
	}
	g, err := u.exec.Compile(dims...)
	if err != nil {
		return nil, fmt.Errorf("phase %s: %w", u.phase.Name, err)
	}
	return g, nil
}

// shapeOf is the shape of n examples of a column, [n, shape...].
func shapeOf(c *data.Column, n int) shapes.Shape {
	dtype := dtypes.Float32
	if c.Ints != nil {
		dtype = dtypes.Int32
	}
	return shapes.Make(dtype, append([]int{n}, c.Field.Shape...)...)
}

// Tensor returns a column of n examples as a tensor [n, shape...].
func Tensor(c *data.Column, n int) *tensors.Tensor {
	dims := append([]int{n}, c.Field.Shape...)
	if c.Ints != nil {
		return tensors.FromFlatDataAndDimensions(c.Ints, dims...)
	}
	return tensors.FromFlatDataAndDimensions(c.Floats, dims...)
}

// A NotFiniteError reports a loss or a gradient that is NaN or infinite. The
// weights are those from before the update.
type NotFiniteError struct {
	Step  int
	Phase string
	Loss  float64
	Norm  float64 // of the gradient
}

func (e *NotFiniteError) Error() string {
	return fmt.Sprintf("step %d, phase %s: loss %g, gradient norm %g", e.Step, e.Phase, e.Loss, e.Norm)
}
