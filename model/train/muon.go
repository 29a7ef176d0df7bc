package train

import (
	"fmt"
	"math"
	"path"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/registry"
)

func init() {
	Optimizers.Add("muon", "momentum whose matrices are made orthogonal by Newton-Schulz iterations (Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks); Adam for embeddings, norms and biases",
		func() Optimizer {
			return &Muon{Rate: 0.02, Momentum: 0.95, Iterations: 5, AdamRate: 3e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
		})
}

// Muon updates the matrices of hidden layers by their orthogonalized momentum, so that all
// directions of a matrix learn at the same speed. Embedding tables, including output layers, and
// vectors are updated by [Adam].
type Muon struct {
	Rate       float64 `help:"peak learning rate of matrices, which the schedule scales"`
	Momentum   float64 `help:"decay rate of the momentum, with Nesterov's step"`
	Iterations int     `help:"Newton-Schulz iterations"`
	Decay      float64 `help:"decoupled weight decay of matrices; 0 turns it off"`
	AdamRate   float64 `toml:"adam_rate" help:"peak learning rate of embeddings, norms and biases, which the schedule scales"`
	Beta1      float64 `toml:"beta1" help:"decay rate of their first moment (beta1)"`
	Beta2      float64 `toml:"beta2" help:"decay rate of their second moment (beta2)"`
	Epsilon    float64 `help:"epsilon: added to the root of their second moment"`
	Gradients
}

// mostIterations is an upper limit: further ones gain nothing in float32.
const mostIterations = 20

// Check reports a setting that is out of range.
func (m *Muon) Check() error {
	switch {
	case !finiteRate(m.Rate):
		return registry.Unfit("rate", fmt.Sprintf("want 0 or more, got %g", m.Rate))
	case !share(m.Momentum):
		return registry.Unfit("momentum", fmt.Sprintf("want at least 0 and below 1, got %g", m.Momentum))
	case m.Iterations < 1 || m.Iterations > mostIterations:
		return registry.Unfit("iterations", fmt.Sprintf("want 1 to %d, got %d", mostIterations, m.Iterations))
	case !finiteRate(m.Decay):
		return registry.Unfit("decay", fmt.Sprintf("want 0 or more, got %g", m.Decay))
	case !finiteRate(m.AdamRate):
		return registry.Unfit("adam_rate", fmt.Sprintf("want 0 or more, got %g", m.AdamRate))
	}
	return m.rest().Check()
}

// rest is the optimizer of everything but matrices of hidden layers.
func (m *Muon) rest() *Adam {
	return &Adam{Rate: m.AdamRate, Beta1: m.Beta1, Beta2: m.Beta2, Epsilon: m.Epsilon, Gradients: m.Gradients}
}

// Paced implements [Optimizer].
func (m *Muon) Paced(share float64) Optimizer {
	n, rest := *m, m.rest().Paced(share).(*Adam)
	n.Rate *= share
	n.Momentum = math.Pow(n.Momentum, share)
	n.AdamRate, n.Beta1, n.Beta2 = rest.Rate, rest.Beta1, rest.Beta2
	return &n
}

// adamRateNumber is the learning rate of the rest.
const adamRateNumber = "adam_rate"

// Numbers implements [Optimizer].
func (m *Muon) Numbers() []Number {
	all := []Number{{rateNumber, func() float64 { return m.Rate }}, {adamRateNumber, func() float64 { return m.AdamRate }}}
	if m.Decay > 0 {
		all = append(all, Number{decayNumber, func() float64 { return m.Rate * m.Decay }})
	}
	return all
}

// hidden reports whether a variable is a matrix of a hidden layer.
func hidden(v *model.Variable) bool { return v.Shape().Rank() == 2 && path.Base(v.Path()) != "table" }

// Update implements [Optimizer].
func (m *Muon) Update(u *Update) {
	rest := *u
	rest.Vars, rest.Gradients = nil, nil
	rest.numbers = map[string]*graph.Node{rateNumber: u.Number(adamRateNumber)}
	for i, v := range u.Vars {
		if hidden(v) {
			m.turn(u, v, u.Gradients[i])
			continue
		}
		rest.Vars, rest.Gradients = append(rest.Vars, v), append(rest.Gradients, u.Gradients[i])
	}
	if len(rest.Vars) > 0 {
		m.rest().Update(&rest)
	}
}

// turn updates a matrix [in, out]. Wide ones get a larger step, as the entries of their orthogonal
// update are smaller.
func (m *Muon) turn(u *Update, v *model.Variable, gradient *graph.Node) {
	momentum := u.Variable(v.Shape(), "momentum", v.Path())
	mixed := func(old, new *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(old, m.Momentum), graph.MulScalar(new, 1-m.Momentum))
	}
	next := mixed(momentum.NodeValue(u.Graph), gradient) // [in, out]
	momentum.SetNodeValue(next)
	d := v.Shape().Dimensions
	step := graph.MulScalar(orthogonal(mixed(next, gradient), m.Iterations), math.Sqrt(max(1, float64(d[1])/float64(d[0]))))
	old := v.NodeValue(u.Graph)
	if m.Decay > 0 {
		old = graph.Sub(old, graph.Mul(old, graph.Mul(u.Factor, u.Number(decayNumber))))
	}
	v.SetNodeValue(graph.Sub(old, graph.Mul(step, graph.Mul(u.Factor, u.Number(rateNumber)))))
}

// The polynomial a·x + b·x³ + c·x⁵ of an iteration maps every singular value in (0, 1] near 1, to
// between about 0.7 and 1.2; its slope at 0 is maximal.
const newtonA, newtonB, newtonC = 3.4445, -4.7750, 2.0315

// orthogonal replaces the singular values of a matrix x by numbers near 1.
func orthogonal(x *graph.Node, iterations int) *graph.Node {
	d := x.Shape().Dimensions
	near, far := 0, 1 // products are summed over the longer axis
	if d[0] > d[1] {
		near, far = 1, 0
	}
	x = graph.Mul(x, graph.Reciprocal(graph.AddScalar(graph.Sqrt(graph.ReduceAllSum(graph.Square(x))), 1e-7)))
	for range iterations {
		gram := graph.DotGeneral(x, []int{far}, nil, x, []int{far}, nil) // [near, near], symmetric
		inner := graph.Add(graph.MulScalar(gram, newtonB), graph.MulScalar(graph.DotGeneral(gram, []int{1}, nil, gram, []int{0}, nil), newtonC))
		left, right := inner, x
		if near == 1 {
			left, right = x, inner
		}
		turned := graph.DotGeneral(left, []int{1}, nil, right, []int{0}, nil) // [shape of x]
		x = graph.Add(graph.MulScalar(x, newtonA), turned)
	}
	return x
}
