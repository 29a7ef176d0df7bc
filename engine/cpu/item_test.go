package cpu

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"pgregory.net/rapid"

	"atelier/engine/simd"
)

// judged is a network that draws no item into another one's result: a convolution, a
// norm of each item, a product, a softmax.
func judged(x, kernel, w *graph.Node) *graph.Node {
	h := graph.Convolve(x, kernel).PadSame().Done() // [batch, side, side, channels]
	mean := graph.ReduceAndKeep(h, graph.ReduceMean, 1, 2, 3)
	centred := graph.Sub(h, mean)
	h = graph.Div(centred, graph.Sqrt(graph.AddScalar(graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, 1, 2, 3), 1e-5)))
	h = graph.Add(h, graph.ReduceAndKeep(graph.Tanh(h), graph.ReduceMax, -1))
	h = graph.Reshape(h, x.Shape().Dimensions[0], -1)
	return graph.Softmax(graph.Tanh(graph.Dot(h, w).Product()), -1) // [batch, classes]
}

// Item i of a batch is the same bits as alone, however the graphs of the two sizes are
// cut into chains.
func TestItemAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batch, side := rapid.IntRange(2, 9).Draw(t, "batch"), rapid.SampledFrom([]int{1, 3, 8}).Draw(t, "side")
		in, channels := rapid.IntRange(1, 4).Draw(t, "in"), rapid.SampledFrom([]int{1, 2, 16, 33}).Draw(t, "channels")
		classes := rapid.SampledFrom([]int{1, 5, 16, 40}).Draw(t, "classes")
		b, err := New(rapid.SampledFrom(simd.Paths()).Draw(t, "path"), rapid.IntRange(1, 3).Draw(t, "threads"))
		if err != nil {
			t.Fatal(err)
		}
		exec, err := graph.NewExec(b, judged)
		if err != nil {
			t.Fatal(err)
		}
		x, kernel, w := values(batch, side, side, in), values(3, 3, in, channels), values(side*side*channels, classes)
		run := func(x *tensors.Tensor) []float32 {
			out, err := exec.Call(x, kernel, w)
			if err != nil {
				t.Fatal(err)
			}
			flat, err := tensors.CopyFlatData[float32](out[0])
			if err != nil {
				t.Fatal(err)
			}
			return flat
		}
		all := run(x)
		pixels, err := tensors.CopyFlatData[float32](x)
		if err != nil {
			t.Fatal(err)
		}
		size := side * side * in
		for i := range batch {
			one := run(tensors.FromFlatDataAndDimensions(pixels[i*size:(i+1)*size], 1, side, side, in))
			if !slices.Equal(one, all[i*classes:(i+1)*classes]) {
				t.Fatalf("item %d alone is %v, in the batch %v", i, one, all[i*classes:(i+1)*classes])
			}
		}
	})
}
