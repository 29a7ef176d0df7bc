package vjp

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"pgregory.net/rapid"

	"atelier/internal/gradcheck"
)

func TestPoolsByHand(t *testing.T) {
	image := tensors.FromFlatDataAndDimensions([]float64{-1, -2, -3, -4, -5, -6, -7, -8, -9}, 1, 3, 3, 1)
	for _, c := range []struct {
		pool func(*graph.Node, Window) *graph.Node
		w    Window
		want []float64
	}{
		{MaxPool, Window{2, 1, 0}, []float64{-1, -2, -4, -5}},
		{MaxPool, Window{3, 2, 1}, []float64{-1, -2, -4, -5}},
		{MeanPool, Window{2, 1, 0}, []float64{-3, -4, -6, -7}},
		{MeanPool, Window{2, 2, 1}, []float64{-1. / 4, -5. / 4, -11. / 4, -28. / 4}},
	} {
		y := call(t, func(in []*graph.Node) *graph.Node { return c.pool(in[0], c.w) }, image)
		same(t, "pool", flat(y), c.want)
	}
}

func TestPoolGradients(t *testing.T) {
	for name, pool := range map[string]func(*graph.Node, Window) *graph.Node{"max": MaxPool, "mean": MeanPool} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			w := Window{Size: rapid.IntRange(1, 3).Draw(t, "size"), Stride: rapid.IntRange(1, 4).Draw(t, "stride")}
			w.Padding = rapid.IntRange(0, w.Size-1).Draw(t, "padding")
			dims := []int{2}
			for range rapid.IntRange(1, 3).Draw(t, "axes") {
				dims = append(dims, rapid.IntRange(max(1, w.Size-2*w.Padding), w.Size+3).Draw(t, "side"))
			}
			checkGradients(t, func(in []*graph.Node) *graph.Node { return pool(in[0], w) }, gradcheck.Normal(1, append(dims, 2)...))
		}))
	}
}

// TestMaxPoolOfEqualPixels: the first of them has the gradient, at both orders.
func TestMaxPoolOfEqualPixels(t *testing.T) {
	slopes := call(t, func(in []*graph.Node) *graph.Node {
		y := graph.ReduceAllSum(graph.Square(MaxPool(in[0], Window{2, 2, 0})))
		first := graph.Gradient(y, in[0])[0]
		weighted := graph.ReduceAllSum(graph.Mul(first, graph.IotaFull(first.Graph(), first.Shape())))
		return graph.Concatenate([]*graph.Node{first, graph.Gradient(weighted, in[0])[0]}, 0)
	}, tensors.FromFlatDataAndDimensions([]float64{0, 3, 3, 3}, 1, 4, 1))
	same(t, "slopes", flat(slopes), []float64{0, 6, 6, 0, 0, 2, 4, 0})
}

// TestGomlxPooling keeps the gradient that it has.
func TestGomlxPooling(t *testing.T) {
	slope := call(t, func(in []*graph.Node) *graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.MaxPool(in[0]).Window(2).Done()), in[0])[0]
	}, tensors.FromFlatDataAndDimensions([]float64{1, 3, 5, 4}, 1, 4, 1))
	same(t, "slope", flat(slope), []float64{0, 1, 1, 0})
}
