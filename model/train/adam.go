package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"atelier/internal/registry"
)

// Adam moves weights by the first and second moments of their gradients
// (Kingma & Ba 2014, arXiv:1412.6980). Its moments are variables under
// "optimizer/<Name>", so a checkpoint of the store holds them.
type Adam struct {
	// Name tells the moments of one optimizer from another's.
	Name string `toml:"-"`
	// Rate is the learning rate before the schedule.
	Rate float64 `help:"learning rate before the schedule"`
	// Beta1 and Beta2 are the decays of the moments.
	Beta1 float64 `toml:"beta1" help:"decay of the first moment"`
	Beta2 float64 `toml:"beta2" help:"decay of the second moment"`
	// Epsilon keeps the quotient finite.
	Epsilon float64 `help:"added to the root of the second moment"`
	// Decay is the weight decay of AdamW (Loshchilov & Hutter 2017,
	// arXiv:1711.05101). Biases, scales and whatever else has one axis keep off it.
	Decay float64 `help:"weight decay: what a step takes off a matrix, as a share of it times the rate; 0 takes nothing"`
	// Clip bounds the norm of the gradient of all that is moved together (Pascanu, Mikolov
	// and Bengio 2012, arXiv:1211.5063); 0 does not.
	Clip float64 `help:"largest norm of the gradient: a longer one is shortened to it; 0 leaves all as they are"`
}

// Check reports a setting that is out of range.
func (a Adam) Check() error {
	share := func(x float64) bool { return x >= 0 && x < 1 }
	switch {
	case !(a.Rate >= 0 && a.Rate <= math.MaxFloat32):
		return registry.Unfit("rate", fmt.Sprintf("want 0 or more, got %g", a.Rate))
	case !share(a.Beta1):
		return registry.Unfit("beta1", fmt.Sprintf("want at least 0 and below 1, got %g", a.Beta1))
	case !share(a.Beta2):
		return registry.Unfit("beta2", fmt.Sprintf("want at least 0 and below 1, got %g", a.Beta2))
	case !(a.Epsilon > 0):
		return registry.Unfit("epsilon", fmt.Sprintf("want more than 0, got %g", a.Epsilon))
	case !(a.Decay >= 0 && a.Decay <= math.MaxFloat32):
		return registry.Unfit("decay", fmt.Sprintf("want 0 or more, got %g", a.Decay))
	case !(a.Clip >= 0):
		return registry.Unfit("clip", fmt.Sprintf("want 0 or more, got %g", a.Clip))
	}
	return nil
}

// Paced is the optimizer whose 1/share updates come to one of a: with share 8/9, nine
// updates move weights as far, and forget as much, as eight of a.
func (a Adam) Paced(share float64) Adam {
	a.Rate *= share
	a.Beta1 = math.Pow(a.Beta1, share)
	a.Beta2 = math.Pow(a.Beta2, share)
	return a
}

// clipped are gradients of the squared norm [], shortened to the largest norm.
func (a Adam) clipped(grads []*graph.Node, square *graph.Node) []*graph.Node {
	if a.Clip == 0 {
		return grads
	}
	norm := graph.Sqrt(graph.MaxScalar(square, 1e-30))
	scale := graph.MinScalar(graph.MulScalar(graph.Reciprocal(norm), a.Clip), 1) // []
	out := make([]*graph.Node, len(grads))
	for i, grad := range grads {
		out[i] = graph.Mul(grad, scale)
	}
	return out
}

// update sets the new values of the variables, whose gradients are given in
// the same order. rate is a scalar that multiplies the learning rate.
func (a Adam) update(s *model.Store, vars []*model.Variable, grads []*graph.Node, rate *graph.Node) {
	g := rate.Graph()
	scope := s.Scope("optimizer").In("%s", a.Name)
	count := scope.WithInitializer(initializer.Zero).VariableWithShape("count", shapes.Make(dtypes.Float32)).SetTrainable(false)
	t := graph.OnePlus(count.NodeValue(g)) // []
	count.SetNodeValue(t)
	power := func(beta float64) *graph.Node { return graph.Exp(graph.MulScalar(t, math.Log(beta))) }
	stepSize := graph.MulScalar(graph.Mul(rate, graph.Div(graph.Sqrt(graph.OneMinus(power(a.Beta2))), graph.OneMinus(power(a.Beta1)))), a.Rate) // []
	// Epsilon is scaled as in the paper's efficient form, so that it stands
	// beside the bias-corrected root.
	epsilon := graph.MulScalar(graph.Sqrt(graph.OneMinus(power(a.Beta2))), a.Epsilon) // []
	for i, v := range vars {
		m := a.moment(scope, "first", v)
		n := a.moment(scope, "second", v)
		first := graph.Add(graph.MulScalar(m.NodeValue(g), a.Beta1), graph.MulScalar(grads[i], 1-a.Beta1))                // [shape of v]
		second := graph.Add(graph.MulScalar(n.NodeValue(g), a.Beta2), graph.MulScalar(graph.Square(grads[i]), 1-a.Beta2)) // [shape of v]
		m.SetNodeValue(first)
		n.SetNodeValue(second)
		old := v.NodeValue(g)
		if a.Decay > 0 && old.Rank() > 1 {
			old = graph.Sub(old, graph.Mul(old, graph.MulScalar(rate, a.Rate*a.Decay)))
		}
		v.SetNodeValue(graph.Sub(old, graph.Div(graph.Mul(first, stepSize), graph.Add(graph.Sqrt(second), epsilon))))
	}
}

func (a Adam) moment(scope *model.Scope, name string, v *model.Variable) *model.Variable {
	path := model.JoinPath(scope.Scope(), name, v.Path())
	return scope.Store().VariableWithShape(path, v.Shape(), initializer.Zero).SetTrainable(false)
}

// moving returns the trainable variables under the scopes that the graph uses,
// sorted by path.
func moving(s *model.Store, g *graph.Graph, scopes []string) []*model.Variable {
	return slices.DeleteFunc(used(s, g, scopes...), func(v *model.Variable) bool { return !v.Trainable })
}

// under reports whether the path of a variable lies in one of the scopes.
func under(path string, scopes []string) bool {
	path = strings.TrimPrefix(path, "/")
	return slices.ContainsFunc(scopes, func(s string) bool { return strings.HasPrefix(path, s+"/") })
}

// Descend moves the trainable variables under the scopes down the slope of a loss
// and returns the squared norm of its gradient. What the graph reads of them
// afterwards is their new values, to which no gradient flows. rate is a scalar that
// multiplies the learning rate. The norm is that before clipping.
func (a Adam) Descend(s *model.Store, scopes []string, loss, rate *graph.Node) (square *graph.Node) {
	g := loss.Graph()
	vars := moving(s, g, scopes)
	nodes := make([]*graph.Node, len(vars))
	for i, v := range vars {
		nodes[i] = v.NodeValue(g)
	}
	grads := graph.Gradient(loss, nodes...)
	square = graph.ScalarZero(g, loss.DType())
	for _, grad := range grads {
		square = graph.Add(square, graph.ReduceAllSum(graph.Square(grad)))
	}
	a.update(s, vars, a.clipped(grads, square), rate)
	for _, v := range vars {
		v.SetNodeValue(graph.StopGradient(v.NodeValue(g)))
	}
	return square
}
