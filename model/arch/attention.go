package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/graphs"
	"atelier/model/nn"
)

// unseen is added to the scores of what must not be attended to: its exponential is
// 0, and it is finite, as gradients have to be.
const unseen = -1e9

// projection is the weight [width, 3·width] of queries, keys and values.
func (m *gpt) projection(s *model.Scope, g graph.GraphProvider) *graph.Node {
	return nn.Weight(s.In("qkv"), "weight", gptStd, m.dtype, m.Width, 3*m.Width).NodeValue(g)
}

// attend is causal attention within each sequence of x [batch·time, width].
func (m *gpt) attend(s *model.Scope, x, mask *graph.Node, batch int) *graph.Node {
	time, size := x.Shape().Dimensions[0]/batch, m.Width/m.Heads
	weight := m.projection(s, x)
	// The weight is cut in three and not the product: what the cuts cost in the
	// gradient goes with the size of what is cut.
	part := func(i int) *graph.Node {
		w := graph.Slice(weight, graph.AxisRange(), graph.AxisRange(i*m.Width, (i+1)*m.Width)) // [width, width]
		y := graph.Reshape(nn.LinearWith(x, w), batch, time, m.Heads, size)
		return graph.TransposeAllAxes(y, 0, 2, 1, 3) // [batch, heads, time, size]
	}
	heads := []int{0, 1}
	q := graph.MulScalar(part(0), 1/math.Sqrt(float64(size)))
	scores := graph.DotGeneral(q, []int{3}, heads, part(1), []int{3}, heads)                              // [batch, heads, time, time]
	y := graph.DotGeneral(nn.Softmax(graph.Add(scores, mask)), []int{3}, heads, part(2), []int{2}, heads) // [batch, heads, time, size]
	return graph.Reshape(graph.TransposeAllAxes(y, 0, 2, 1, 3), batch*time, m.Width)
}

// causal is what is added to scores [..., time, time] so that nothing attends to
// what comes after it: [1, 1, time, time].
func causal(x *graph.Node, time int) *graph.Node {
	square := shapes.Make(dtypes.Int32, time, time)
	later := graph.GreaterThan(graph.Iota(x.Graph(), square, 1), graph.Iota(x.Graph(), square, 0))
	return graph.InsertAxes(graph.MulScalar(graph.ConvertDType(later, x.DType()), unseen), 0, 0)
}

// Cache implements [LanguageModel]: of each layer the keys [heads, size, capacity]
// and the values [heads, capacity, size], as the products read them, for all positions
// of the context, made a power of two.
func (m *gpt) Cache() []shapes.Shape {
	var out []shapes.Shape
	size, capacity := m.Width/m.Heads, graphs.Bucket(m.context)
	for range m.Layers {
		out = append(out, shapes.Make(m.dtype, m.Heads, size, capacity), shapes.Make(m.dtype, m.Heads, capacity, size))
	}
	return out
}

// Continue implements [LanguageModel].
func (m *gpt) Continue(s *model.Scope, tokens, position, last *graph.Node, cache []*graph.Node) (*graph.Node, []*graph.Node) {
	n := tokens.Shape().Dimensions[0]
	table, places := m.embeddings(s, tokens)
	at := graph.Add(position, graph.Iota(tokens.Graph(), shapes.Make(dtypes.Int32, n), 0)) // [n]
	// Padding may reach beyond the context.
	x := graph.Add(rowsOf(table, tokens), rowsOf(places, graph.MinScalar(at, m.context-1))) // [n, width]
	mask := m.filled(at)
	next := make([]*graph.Node, len(cache))
	for i := range m.Layers {
		x = m.layer(s.In("layer_%d", i), x, func(s *model.Scope, x *graph.Node) *graph.Node {
			y, k, v := m.recall(s, x, position, mask, cache[2*i], cache[2*i+1])
			next[2*i], next[2*i+1] = k, v
			return y
		})
	}
	if n > 1 {
		x = graph.DynamicSlice(x, []*graph.Node{last, graph.ScalarZero(x.Graph(), dtypes.Int32)}, []int{1, m.Width})
	}
	return graph.Reshape(m.output(s, x, table), m.vocabulary), next
}

// filled is what is added to scores [heads, n, capacity] so that the tokens at [n]
// attend to themselves and to what comes before: [1, n, capacity].
func (m *gpt) filled(at *graph.Node) *graph.Node {
	n, capacity := at.Shape().Dimensions[0], graphs.Bucket(m.context)
	places := graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, 1, capacity), 1)
	later := graph.GreaterThan(places, graph.InsertAxes(at, -1)) // [n, capacity]
	mask := graph.MulScalar(graph.ConvertDType(later, m.dtype), unseen)
	return graph.Reshape(mask, 1, n, capacity)
}

// recall is attention of x [n, width] to all that the cache holds, once the tokens'
// own keys and values are written into it.
func (m *gpt) recall(s *model.Scope, x, position, mask, keys, values *graph.Node) (y, k, v *graph.Node) {
	n, size := x.Shape().Dimensions[0], m.Width/m.Heads
	all := nn.LinearWith(x, m.projection(s, x)) // [n, 3·width]
	part := func(i int, axes ...int) *graph.Node {
		y := graph.Slice(all, graph.AxisRange(), graph.AxisRange(i*m.Width, (i+1)*m.Width))
		return graph.TransposeAllAxes(graph.Reshape(y, n, m.Heads, size), axes...)
	}
	q := graph.MulScalar(part(0, 1, 0, 2), 1/math.Sqrt(float64(size))) // [heads, n, size]
	zero := graph.ScalarZero(x.Graph(), dtypes.Int32)
	k = graph.DynamicUpdateSlice(keys, part(1, 1, 2, 0), []*graph.Node{zero, zero, position})   // [heads, size, capacity]
	v = graph.DynamicUpdateSlice(values, part(2, 1, 0, 2), []*graph.Node{zero, position, zero}) // [heads, capacity, size]
	heads := []int{0}
	scores := graph.DotGeneral(q, []int{2}, heads, k, []int{1}, heads)                             // [heads, n, capacity]
	y = graph.DotGeneral(nn.Softmax(graph.Add(scores, mask)), []int{2}, heads, v, []int{1}, heads) // [heads, n, size]
	return graph.Reshape(graph.TransposeAllAxes(y, 1, 0, 2), n, m.Width), k, v
}
