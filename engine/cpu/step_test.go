package cpu

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/engine/simd"
)

// values are not random, but no two are alike and none is large.
func values(dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	flat := make([]float32, n)
	for i := range flat {
		flat[i] = float32(math.Sin(float64(i)*1.7 + float64(n)))
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// trained is a small training step: a dense network with a norm and a softmax loss,
// its gradients and the updated weights.
func trained(t *testing.T, backend compute.Backend) [][]float32 {
	t.Helper()
	exec, err := graph.NewExec(backend, func(x, w, b, v *graph.Node) []*graph.Node {
		h := graph.Add(graph.Dot(x, w).Product(), graph.ExpandLeftToRank(b, 2)) // [37, 65]
		mean := graph.ReduceAndKeep(h, graph.ReduceMean, -1)
		centred := graph.Sub(h, mean)
		h = graph.Div(centred, graph.Sqrt(graph.AddScalar(graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, -1), 1e-5)))
		h = graph.Where(graph.GreaterThan(h, graph.ScalarZero(h.Graph(), h.DType())), h, graph.MulScalar(h, 0.2))
		logits := graph.Dot(graph.Tanh(h), v).Product()                   // [37, 7]
		loss := graph.ReduceAllMean(graph.Exp(graph.Softmax(logits, -1))) // []
		slopes := graph.Gradient(loss, w, b, v)
		out := []*graph.Node{loss}
		for i, weight := range []*graph.Node{w, b, v} {
			out = append(out, graph.Sub(weight, graph.MulScalar(slopes[i], 0.5)))
		}
		return out
	})
	if err != nil {
		t.Fatal(err)
	}
	results, err := exec.Call(values(37, 50), values(50, 65), values(65), values(65, 7))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float32
	for _, r := range results {
		flat, err := tensors.CopyFlatData[float32](r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, flat)
	}
	return out
}

func TestStepAsOnGomlx(t *testing.T) {
	plain, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	want := trained(t, plain)
	for _, path := range simd.Paths() {
		var first [][]float32
		for _, n := range []int{1, 2, 4} {
			b, err := New(path, n)
			if err != nil {
				t.Fatal(err)
			}
			b.Profile()
			got := trained(t, b)
			for i := range want {
				for k := range want[i] {
					if d := math.Abs(float64(got[i][k] - want[i][k])); !(d <= 1e-5) {
						t.Fatalf("%s, %d threads: result %d[%d] is %g, want %g", path, n, i, k, got[i][k], want[i][k])
					}
				}
			}
			if first == nil {
				first = got
			}
			for i := range first {
				if !slices.Equal(first[i], got[i]) {
					t.Errorf("%s: result %d with %d threads is not that of one thread", path, i, n)
				}
			}
			for _, c := range b.Costs() {
				if c.Fallback {
					t.Errorf("%s has no kernel", c.Name)
				}
			}
		}
	}
}

func TestAtOnce(t *testing.T) {
	b, err := New(simd.Best(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := trained(t, b)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				for i, got := range trained(t, b) {
					if !slices.Equal(got, want[i]) {
						t.Error("the result depends on concurrent executions")
					}
				}
			}
		})
	}
	all.Wait()
}

func TestDonated(t *testing.T) {
	b, err := New(simd.Best(), 1)
	if err != nil {
		t.Fatal(err)
	}
	shape := shapes.Make(dtypes.Float32, 3)
	builder := b.Builder("double")
	f := builder.Main()
	x, err := f.Parameter("x", shape, nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := f.Add(x, x)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Return([]compute.Value{y}, nil); err != nil {
		t.Fatal(err)
	}
	e, err := builder.Compile()
	if err != nil {
		t.Fatal(err)
	}
	in, err := b.BufferFromFlatData(0, []float32{1, 2, 3}, shape)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := b.BufferFromFlatData(0, []float32{1, 2}, shapes.Make(dtypes.Float32, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]compute.Buffer{{wrong}, {in, in}, {nil}} {
		if _, err := e.Execute(bad, []bool{true, true}, 0); err == nil {
			t.Error("wrong inputs were taken")
		}
	}
	if _, err := in.Data(); err != nil {
		t.Errorf("a failed execution took its donated input: %v", err)
	}
	out, err := e.Execute([]compute.Buffer{in}, []bool{true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := out[0].Data(); !slices.Equal(got.([]float32), []float32{2, 4, 6}) {
		t.Errorf("got %v", got)
	}
	if _, err := in.Data(); err == nil {
		t.Error("a donated input is still usable")
	}
}

// A weight that is a constant is packed once, and gives the same bits as one that is
// an input.
func TestConstantWeight(t *testing.T) {
	b, err := New(simd.Best(), 2)
	if err != nil {
		t.Fatal(err)
	}
	w := values(70, 50)
	product := func(constant bool) []float32 {
		exec, err := graph.NewExec(b, func(x, given *graph.Node) *graph.Node {
			if constant {
				given = graph.ConstTensor(x.Graph(), w)
			}
			return graph.Tanh(graph.Dot(x, given).Product()) // [33, 50]
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call(values(33, 70), w)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if !slices.Equal(product(false), product(true)) {
		t.Error("other bits")
	}
}
