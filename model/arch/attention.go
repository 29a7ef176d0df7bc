package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// unseen is added to masked attention scores: its exponential is 0, but it is finite, as
// gradients require.
const unseen = -1e9

// projection is the weight [width, 3·width] and the bias [3·width] of queries, keys and values,
// the bias nil if there is none.
func (m *gpt) projection(s *model.Scope, g graph.GraphProvider) (weight, bias *graph.Node) {
	s = s.In("qkv")
	weight = nn.LinearWeight(s, g, gptStd, m.dtype, m.Width, 3*m.Width)
	if m.Biases {
		bias = nn.Filled(s, "bias", 0, m.dtype, 3*m.Width).NodeValue(g)
	}
	return weight, bias
}

// attend is causal attention within each sequence of x [batch·time, width].
func (m *gpt) attend(s *model.Scope, x, mask *graph.Node, batch int) *graph.Node {
	time, size := x.Shape().Dimensions[0]/batch, m.Width/m.Heads
	weight, bias := m.projection(s, x)
	// The weight is sliced, not the product: the gradient of a slice costs as much as the
	// size of what is sliced.
	part := func(i int) *graph.Node {
		w := graph.Slice(weight, graph.AxisRange(), graph.AxisRange(i*m.Width, (i+1)*m.Width)) // [width, width]
		y := nn.LinearWith(x, w)                                                               // [batch·time, width]
		if bias != nil {
			y = graph.Add(y, graph.ExpandLeftToRank(graph.Slice(bias, graph.AxisRange(i*m.Width, (i+1)*m.Width)), 2))
		}
		y = graph.Reshape(y, batch, time, m.Heads, size)
		return graph.TransposeAllAxes(y, 0, 2, 1, 3) // [batch, heads, time, size]
	}
	heads := []int{0, 1}
	q := graph.MulScalar(part(0), 1/math.Sqrt(float64(size)))
	scores := graph.DotGeneral(q, []int{3}, heads, part(1), []int{3}, heads)                              // [batch, heads, time, time]
	y := graph.DotGeneral(nn.Softmax(graph.Add(scores, mask)), []int{3}, heads, part(2), []int{2}, heads) // [batch, heads, time, size]
	return graph.Reshape(graph.TransposeAllAxes(y, 0, 2, 1, 3), batch*time, m.Width)
}

// causal is the causal mask added to scores [..., time, time]: [1, 1, time, time].
func causal(x *graph.Node, time int) *graph.Node {
	square := shapes.Make(dtypes.Int32, time, time)
	later := graph.GreaterThan(graph.Iota(x.Graph(), square, 1), graph.Iota(x.Graph(), square, 0))
	return graph.InsertAxes(graph.MulScalar(graph.ConvertDType(later, x.DType()), unseen), 0, 0)
}
