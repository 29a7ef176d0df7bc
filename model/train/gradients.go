package train

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/registry"
)

// Gradients holds the settings of gradient clipping and accumulation. Optimizers embed it.
type Gradients struct {
	// Clip is the largest global gradient norm (Pascanu, Mikolov and Bengio 2012,
	// arXiv:1211.5063); 0 turns clipping off.
	Clip float64 `help:"gradient clipping: largest global norm; 0 turns it off"`
	// Accumulate is the number of batches whose gradients are averaged; 0 means 1.
	Accumulate int `help:"gradient accumulation: steps whose gradients are averaged into one update; 0 and 1 update at each step"`
}

// mostAccumulated is an upper limit of accumulated batches.
const mostAccumulated = 1 << 20

// check reports a setting that is out of range.
func (g Gradients) check() error {
	switch {
	case !(g.Clip >= 0):
		return registry.Unfit("clip", fmt.Sprintf("want 0 or more, got %g", g.Clip))
	case g.Accumulate < 0 || g.Accumulate > mostAccumulated:
		return registry.Unfit("accumulate", fmt.Sprintf("want 0 to %d batches, got %d", mostAccumulated, g.Accumulate))
	}
	return nil
}

// Transforms implements part of [Optimizer].
func (g Gradients) Transforms() (all []Transform) {
	if g.Accumulate > 1 {
		all = append(all, accumulate(g.Accumulate))
	}
	if g.Clip != 0 {
		all = append(all, clip(g.Clip))
	}
	return all
}

// accumulated is the scope, below that of an optimizer, of accumulated gradients.
const accumulated = "accumulated"

// accumulate averages the gradients of several batches. In between, weights stay.
type accumulate int

// Apply implements [Transform]. Each phase accumulates separately, even if phases share an
// optimizer.
func (k accumulate) Apply(u *Update) {
	count := u.Variable(shapes.Make(dtypes.Float32), accumulated, u.phase, "count")
	n := graph.OnePlus(count.NodeValue(u.Graph)) // []
	u.Due = graph.GreaterOrEqual(n, graph.Scalar(u.Graph, n.DType(), float64(k)))
	count.SetNodeValue(graph.Where(u.Due, graph.ZerosLike(n), n))
	for i, v := range u.Vars {
		gathered := u.Variable(v.Shape(), accumulated, u.phase, "sum", v.Path())
		sum := graph.Add(gathered.NodeValue(u.Graph), u.Gradients[i]) // [shape of v]
		gathered.SetNodeValue(graph.Where(u.Due, graph.ZerosLike(sum), sum))
		u.Gradients[i] = graph.Div(sum, n)
	}
}

// clip scales down gradients with a larger norm.
type clip float64

// Apply implements [Transform].
func (most clip) Apply(u *Update) {
	norm := graph.Sqrt(graph.MaxScalar(u.Square(), 1e-30))
	scale := graph.MinScalar(graph.MulScalar(graph.Reciprocal(norm), float64(most)), 1) // []
	for i, grad := range u.Gradients {
		u.Gradients[i] = graph.Mul(grad, scale)
	}
}

// gathers reports whether the variable at path accumulates gradients, and so changes in
// every update.
func (d Descent) gathers(v *model.Variable) bool {
	own := optimizerScope + "/" + d.Name
	return under(v.Path(), own+"/"+accumulated) || !v.Trainable && under(v.Path(), d.Moves...)
}

// share reports whether x is at least 0 and below 1.
func share(x float64) bool { return x >= 0 && x < 1 }

// finiteRate reports whether x can be a learning rate.
func finiteRate(x float64) bool { return x >= 0 && x <= math.MaxFloat32 }
