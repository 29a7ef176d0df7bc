package train

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"atelier/internal/registry"
)

// Optimizers registers the optimizers.
var Optimizers = registry.New[Optimizer]("optimizer")

// An Optimizer updates weights by their gradients. Its exported fields are its settings.
type Optimizer interface {
	// Update sets the new values of the variables of an update.
	Update(u *Update)
	// Transforms are applied to the gradients first, in order.
	Transforms() []Transform
	// Numbers are the settings that may change during training, such as the learning rate.
	Numbers() []Number
	// Paced returns an optimizer whose 1/share updates equal one of this one: with share 8/9,
	// nine updates move weights as far, and decay moments as much, as eight of this one.
	Paced(share float64) Optimizer
}

// A Transform is a stage between gradient and update, such as clipping. It changes the
// gradients of an update.
type Transform interface {
	Apply(u *Update)
}

// A Number is a setting that is an input of a graph, not a constant: it can change between
// steps without recompilation.
type Number struct {
	Name  string
	Value func() float64
}

// An Update is one step of an optimizer, in a graph.
type Update struct {
	Store *model.Store
	Graph *graph.Graph
	// Vars are the variables to update, sorted by path, and Gradients the gradients of the
	// loss with respect to each.
	Vars      []*model.Variable
	Gradients []*graph.Node
	// Factor [] multiplies the learning rate.
	Factor *graph.Node
	// Due [] is false while the update only accumulates gradients; nil means always true.
	Due *graph.Node

	phase   string // whose gradients they are
	path    string // of the optimizer's variables
	numbers map[string]*graph.Node
	square  *graph.Node
}

// Number is the named setting of the optimizer, [].
func (u *Update) Number(name string) *graph.Node { return u.numbers[name] }

// Square is the squared global norm of the gradients [], when first called.
func (u *Update) Square() *graph.Node {
	if u.square == nil {
		u.square = graph.ScalarZero(u.Graph, u.Factor.DType())
		for _, grad := range u.Gradients {
			u.square = graph.Add(u.square, graph.ReduceAllSum(graph.Square(grad)))
		}
	}
	return u.square
}

// Variable returns a variable of the optimizer, named below its path and initially zero. It
// is part of checkpoints.
func (u *Update) Variable(shape shapes.Shape, name ...string) *model.Variable {
	path := model.JoinPath(append([]string{u.path}, name...)...)
	return u.Store.VariableWithShape(path, shape, initializer.Zero).SetTrainable(false)
}

// A Descent is an optimizer with the variables that it updates.
type Descent struct {
	Optimizer Optimizer
	// Name is the scope of the optimizer's variables: "optimizer/<Name>".
	Name string
	// Moves are the scopes whose trainable variables are updated.
	Moves []string

	phase   string
	numbers map[string]*graph.Node // inputs; missing ones are constants
}

// optimizerScope is the scope of the variables of optimizers.
const optimizerScope = "optimizer"

// Down updates the variables by gradient descent on a loss. Afterwards the graph reads
// their new values, to which no gradient flows. factor is a scalar that multiplies the
// learning rate. The update gives the norm of the gradient before clipping.
func (d Descent) Down(s *model.Store, loss, factor *graph.Node) *Update {
	g := loss.Graph()
	u := &Update{Store: s, Graph: g, Vars: moving(s, g, d.Moves), Factor: factor,
		phase: d.phase, path: model.JoinPath("/", optimizerScope, d.Name), numbers: map[string]*graph.Node{}}
	for _, n := range d.Optimizer.Numbers() {
		u.numbers[n.Name] = d.numbers[n.Name]
		if u.numbers[n.Name] == nil {
			u.numbers[n.Name] = graph.Scalar(g, factor.DType(), n.Value())
		}
	}
	nodes := make([]*graph.Node, len(u.Vars))
	for i, v := range u.Vars {
		nodes[i] = v.NodeValue(g)
	}
	u.Gradients = graph.Gradient(loss, nodes...)
	for _, t := range d.Optimizer.Transforms() {
		t.Apply(u)
	}
	u.Square()
	d.Optimizer.Update(u)
	for _, v := range u.Vars {
		v.SetNodeValue(graph.StopGradient(v.NodeValue(g)))
	}
	return u
}

// moving returns the trainable variables under the scopes that the graph uses,
// sorted by path.
func moving(s *model.Store, g *graph.Graph, scopes []string) []*model.Variable {
	return slices.DeleteFunc(used(s, g, scopes...), func(v *model.Variable) bool { return !v.Trainable })
}

// under reports whether the path of a variable lies in one of the scopes.
func under(path string, scopes ...string) bool {
	path = strings.TrimPrefix(path, "/")
	return slices.ContainsFunc(scopes, func(s string) bool { return strings.HasPrefix(path, s+"/") })
}
