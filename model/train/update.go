package train

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// An updater is a phase compiled for a store: a graph that takes a batch and updates the
// weights, or keeps them all if a loss or a gradient is not finite.
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

// numbers are the settings that are inputs of the graph: those of the optimizer, then those
// of the loss.
func (u *updater) numbers() (ofOptimizer, ofLoss []Number) {
	return u.phase.Optimizer.Numbers(), u.phase.Numbers
}

// build makes the graph of one update. in holds the learning rate factor, the numbers and
// then the columns; the result is the vector of statistics.
func (u *updater) build(store *model.Store, in []*graph.Node) *graph.Node {
	g := in[0].Graph()
	store.SetTraining(g, true)
	descent := u.phase.descent()
	factor, in := in[0], in[1:]
	ofOptimizer, ofLoss := u.numbers()
	take := func(numbers []Number) map[string]*graph.Node {
		taken := map[string]*graph.Node{}
		for i, n := range numbers {
			taken[n.Name] = in[i]
		}
		in = in[len(numbers):]
		return taken
	}
	descent.numbers = take(ofOptimizer)
	inputs := &Inputs{Store: store, Graph: g, numbers: take(ofLoss), columns: map[string]*graph.Node{}}
	for i, name := range u.fields {
		inputs.columns[name] = in[i]
	}
	loss := u.phase.Loss(inputs)
	update := descent.Down(store, loss, factor)
	square := update.Square()
	for _, a := range u.phase.EMAs {
		a.update(store, g)
	}
	finite := graph.LogicalAnd(graph.IsFinite(loss), graph.IsFinite(square))
	u.guard(store, g, descent, finite, update.Due)

	u.names = append([]string{"finite", "loss", "norm"}, inputs.names...)
	stats := append([]*graph.Node{graph.ConvertDType(finite, loss.DType()), loss, graph.Sqrt(square)}, inputs.values...)
	return graph.Stack(stats, 0) // [statistics]
}

// guard discards changes to variables that the phase does not update. It keeps the old value
// of the others if the update is not finite, or not due, except for accumulators.
func (u *updater) guard(store *model.Store, g *graph.Graph, descent Descent, finite, due *graph.Node) {
	moves := finite
	if due != nil {
		moves = graph.LogicalAnd(finite, due)
	}
	scopes := append([]string{optimizerScope + "/" + descent.Name}, u.phase.Moves...)
	for _, a := range u.phase.EMAs {
		scopes = append(scopes, a.To)
	}
	for v := range store.IterVariables() {
		if !v.ChangedInGraph(g) {
			continue
		}
		old := g.GetParameterByName(v.Path())
		switch {
		case !under(v.Path(), scopes...):
			v.SetNodeValue(old)
		case descent.gathers(v):
			v.SetNodeValue(graph.Where(finite, v.NodeValue(g), old))
		default:
			v.SetNodeValue(graph.Where(moves, v.NodeValue(g), old))
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

// inputs returns the graph's inputs: the learning rate factor, the current numbers and the
// columns of the batch, in the order of the first batch.
func (u *updater) inputs(b *data.Batch, rate float64) ([]any, error) {
	if u.fields == nil {
		for _, c := range b.Columns {
			u.fields = append(u.fields, c.Field.Name)
		}
	}
	args := []any{tensors.FromScalar(float32(rate))}
	ofOptimizer, ofLoss := u.numbers()
	for _, n := range slices.Concat(ofOptimizer, ofLoss) {
		args = append(args, tensors.FromScalar(float32(n.Value())))
	}
	for _, name := range u.fields {
		c := b.Column(name)
		if c == nil {
			return nil, fmt.Errorf("phase %s: the batch has no column %q", u.phase.Name, name)
		}
		args = append(args, Tensor(c, b.N))
	}
	return args, nil
}

// compile builds the graph and its variables for batches of size examples with the columns
// of b. It uses only shapes, and takes no more memory for large batches.
func (u *updater) compile(b *data.Batch, size int) (*graph.Graph, error) {
	args, err := u.inputs(b, 1)
	if err != nil {
		return nil, err
	}
	var dims []shapes.Shape
	for range len(args) - len(u.fields) {
		dims = append(dims, shapes.Make(dtypes.Float32))
	}
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
