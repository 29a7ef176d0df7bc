package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SelfAttention adds to each pixel of x [batch, height, width, channels] a mean of what
// all pixels hold, weighted by how their keys match its query, and times a factor that
// is learnt and at first 0 (Zhang et al. 2018, arXiv:1805.08318). Queries and keys have
// an eighth of the channels, values half of them. Where both sides are even, the keys and values are the
// largest of each 2×2 pixels, as in the paper's program. The weights are made by w.
func (w Weighing) SelfAttention(s *model.Scope, x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	pixel := Kernel{Size: 1, Stride: 1}
	part := func(name string, share int, pool bool) *graph.Node { // [batch, pixels, channels/share]
		channels := max(d[3]/share, 1)
		y := w.Conv(s.In("%s", name), x, channels, pixel, Fan(d[3]))
		if pool && d[1]%2 == 0 && d[2]%2 == 0 {
			y = MaxPool(y, Kernel{Size: 2, Stride: 2})
		}
		return graph.Reshape(y, d[0], -1, channels)
	}
	batch := []int{0}
	scores := graph.DotGeneral(part("query", 8, false), []int{2}, batch, part("key", 8, true), []int{2}, batch) // [batch, pixels, keys]
	seen := graph.DotGeneral(Softmax(scores), []int{2}, batch, part("value", 2, true), []int{1}, batch)         // [batch, pixels, channels/2]
	seen = graph.Reshape(seen, d[0], d[1], d[2], -1)
	seen = w.Conv(s.In("out"), seen, d[3], pixel, Fan(seen.Shape().Dimensions[3]))
	return graph.Add(x, graph.Mul(seen, Filled(s, "gamma", 0, x.DType()).NodeValue(x)))
}
