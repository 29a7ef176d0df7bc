//go:build xla && cgo

package xla

import (
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// step is a loss with gradients through convolution, rectifier, product, softmax
// and reductions: x [2, 6, 6, 3], kernel [3, 3, 3, 4], w [4, 5].
func step(x, kernel, w *graph.Node) []*graph.Node {
	y := graph.Convolve(x, kernel).PadSame().Done()        // [2, 6, 6, 4]
	y = graph.Max(y, graph.ZerosLike(y))                   // [2, 6, 6, 4]
	y = graph.Dot(graph.ReduceMean(y, 1, 2), w).Product()  // [2, 5]
	p := graph.Softmax(graph.Add(graph.Tanh(y), y))        // [2, 5]
	loss := graph.ReduceAllSum(graph.Mul(graph.Log(p), p)) // []
	return append([]*graph.Node{loss}, graph.Gradient(loss, x, kernel, w)...)
}

// stepOn runs step on fixed inputs and returns all its numbers.
func stepOn(t *testing.T, backend compute.Backend) []float32 {
	t.Helper()
	exec, err := graph.NewExec(backend, step)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	var in []any
	for _, dims := range [][]int{{2, 6, 6, 3}, {3, 3, 3, 4}, {4, 5}} {
		n := 1
		for _, d := range dims {
			n *= d
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(math.Sin(float64(i*i + n)))
		}
		in = append(in, tensors.FromFlatDataAndDimensions(values, dims...))
	}
	out, err := exec.Call(in...)
	if err != nil {
		t.Fatal(err)
	}
	var all []float32
	for _, o := range out {
		values, err := tensors.CopyFlatData[float32](o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, values...)
	}
	return all
}

// Each device whose plugin is installed gives the numbers of gomlx's Go backend.
func TestDevices(t *testing.T) {
	reference, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer reference.Finalize()
	want := stepOn(t, reference)
	for platform := range install {
		t.Run(platform, func(t *testing.T) {
			if _, err := find(platform, folders(os.Getenv)); err != nil {
				t.Skip(err)
			}
			backend, err := Open(platform)
			if err != nil {
				t.Fatal(err)
			}
			defer backend.Finalize()
			worst := 0.0
			for i, v := range stepOn(t, backend) {
				worst = max(worst, math.Abs(float64(v-want[i])))
			}
			if !(worst < 1e-3) { // convolutions may be done in TF32
				t.Errorf("off by up to %g", worst)
			}
			t.Logf("%s: off by up to %.2g", backend.Description(), worst)
		})
	}
}
