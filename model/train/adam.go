package train

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
)

func init() {
	Optimizers.Add("adam", "steps by the first and second moments of gradients (Kingma & Ba 2014, arXiv:1412.6980), with the weight decay of AdamW",
		func() Optimizer { return &Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} })
}

// Adam updates weights by the first and second moments of their gradients
// (Kingma & Ba 2014, arXiv:1412.6980). Its moments are variables under
// "optimizer/<Name>", so a checkpoint of the store holds them.
type Adam struct {
	// Rate is the learning rate before the schedule.
	Rate float64 `help:"peak learning rate, which the schedule scales"`
	// Beta1 and Beta2 are the decays of the moments.
	Beta1 float64 `toml:"beta1" help:"decay rate of the first moment (beta1)"`
	Beta2 float64 `toml:"beta2" help:"decay rate of the second moment (beta2)"`
	// Epsilon keeps the quotient finite.
	Epsilon float64 `help:"epsilon: added to the root of the second moment"`
	// Decay is the weight decay of AdamW (Loshchilov & Hutter 2017,
	// arXiv:1711.05101). Biases, scales and other vectors are exempt.
	Decay float64 `help:"decoupled weight decay of matrices, as in AdamW; 0 turns it off"`
	Gradients
}

// NewAdam returns the choice of Adam with a learning rate, moment decays and other settings,
// such as "decay=0.1". It is for defaults in constructors, and panics on an invalid setting.
func NewAdam(rate, beta1, beta2 float64, settings ...string) registry.Choice[Optimizer] {
	c, err := registry.Make[Optimizer]("adam", settings...)
	if err == nil {
		a := c.Value.(*Adam)
		a.Rate, a.Beta1, a.Beta2 = rate, beta1, beta2
		err = a.Check()
	}
	if err != nil {
		panic(err)
	}
	return c
}

// Check reports a setting that is out of range.
func (a *Adam) Check() error {
	switch {
	case !finiteRate(a.Rate):
		return registry.Unfit("rate", fmt.Sprintf("want 0 or more, got %g", a.Rate))
	case !share(a.Beta1):
		return registry.Unfit("beta1", fmt.Sprintf("want at least 0 and below 1, got %g", a.Beta1))
	case !share(a.Beta2):
		return registry.Unfit("beta2", fmt.Sprintf("want at least 0 and below 1, got %g", a.Beta2))
	case !(a.Epsilon > 0):
		return registry.Unfit("epsilon", fmt.Sprintf("want more than 0, got %g", a.Epsilon))
	case !finiteRate(a.Decay):
		return registry.Unfit("decay", fmt.Sprintf("want 0 or more, got %g", a.Decay))
	}
	return a.Gradients.check()
}

// Paced implements [Optimizer].
func (a *Adam) Paced(share float64) Optimizer {
	b := *a
	b.Rate *= share
	b.Beta1 = math.Pow(b.Beta1, share)
	b.Beta2 = math.Pow(b.Beta2, share)
	return &b
}

// The numbers of Adam.
const (
	rateNumber  = "rate"
	decayNumber = "decay" // times the rate
)

// Numbers implements [Optimizer].
func (a *Adam) Numbers() []Number {
	all := []Number{{rateNumber, func() float64 { return a.Rate }}}
	if a.Decay > 0 {
		all = append(all, Number{decayNumber, func() float64 { return a.Rate * a.Decay }})
	}
	return all
}

// Update implements [Optimizer].
func (a *Adam) Update(u *Update) {
	g := u.Graph
	count := u.Variable(shapes.Make(dtypes.Float32), "count")
	t := graph.OnePlus(count.NodeValue(g)) // []
	count.SetNodeValue(t)
	power := func(beta float64) *graph.Node { return graph.Exp(graph.MulScalar(t, math.Log(beta))) }
	stepSize := graph.Mul(graph.Mul(u.Factor, graph.Div(graph.Sqrt(graph.OneMinus(power(a.Beta2))), graph.OneMinus(power(a.Beta1)))), u.Number(rateNumber)) // []
	// Epsilon is scaled as in the paper's efficient form, so that it is added
	// to the bias-corrected root.
	epsilon := graph.MulScalar(graph.Sqrt(graph.OneMinus(power(a.Beta2))), a.Epsilon) // []
	for i, v := range u.Vars {
		m := u.Variable(v.Shape(), "first", v.Path())
		n := u.Variable(v.Shape(), "second", v.Path())
		first := graph.Add(graph.MulScalar(m.NodeValue(g), a.Beta1), graph.MulScalar(u.Gradients[i], 1-a.Beta1))                // [shape of v]
		second := graph.Add(graph.MulScalar(n.NodeValue(g), a.Beta2), graph.MulScalar(graph.Square(u.Gradients[i]), 1-a.Beta2)) // [shape of v]
		m.SetNodeValue(first)
		n.SetNodeValue(second)
		old := v.NodeValue(g)
		if a.Decay > 0 && old.Rank() > 1 {
			old = graph.Sub(old, graph.Mul(old, graph.Mul(u.Factor, u.Number(decayNumber))))
		}
		v.SetNodeValue(graph.Sub(old, graph.Div(graph.Mul(first, stepSize), graph.Add(graph.Sqrt(second), epsilon))))
	}
}
