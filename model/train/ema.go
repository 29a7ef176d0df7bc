package train

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// An EMA keeps an exponential moving average of the weights of a scope in
// another scope (Yazıcı et al. 2018, arXiv:1806.04498). The decay is at most
// (1 + t) / (10 + t) after t updates, so that the random initial weights soon
// fade. Untrained variables, such as running statistics, are copied.
type EMA struct {
	From, To string
	Decay    float64
}

// Path returns the path of the average of the variable at path.
func (a EMA) Path(path string) string {
	return model.JoinPath("/", a.To, strings.TrimPrefix(path, "/"+a.From))
}

func (a EMA) update(s *model.Store, g *graph.Graph) {
	count := s.VariableWithShape(model.JoinPath("/", a.To, "count"), shapes.Make(dtypes.Float32), initializer.Zero).SetTrainable(false)
	t := count.NodeValue(g) // []
	count.SetNodeValue(graph.OnePlus(t))
	// The first update copies: until then there is no average.
	warm := graph.Mul(graph.Div(graph.OnePlus(t), graph.AddScalar(t, 10)), graph.MinScalar(t, 1)) // []
	keep := graph.MinScalar(warm, a.Decay)                                                        // []
	for _, v := range used(s, g, a.From) {
		avg := s.VariableWithShape(a.Path(v.Path()), v.Shape(), initializer.Zero).SetTrainable(false)
		value := v.NodeValue(g)
		if v.Trainable {
			value = graph.Add(value, graph.Mul(graph.Sub(avg.NodeValue(g), value), keep)) // [shape of v]
		}
		avg.SetNodeValue(value)
	}
}

// used returns the variables under the scopes that the graph uses, sorted by path.
func used(s *model.Store, g *graph.Graph, scopes ...string) []*model.Variable {
	var vars []*model.Variable
	for v := range s.IterVariables() {
		if v.InUseByGraph(g) && under(v.Path(), scopes...) {
			vars = append(vars, v)
		}
	}
	slices.SortFunc(vars, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	return vars
}
