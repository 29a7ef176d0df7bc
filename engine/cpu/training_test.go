package cpu

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine/simd"
)

// A training moves the weights of a small dense network by momentum. The weights
// are variables, whose old values the graph is given for good.
type training struct {
	t    *testing.T
	exec *model.Exec
	vars []*model.Variable
	seed float64
}

func newTraining(t *testing.T, b *Backend, seed float64) *training {
	t.Helper()
	store := model.NewStore()
	tr := &training{t: t, seed: seed}
	first := func(g *graph.Graph, shape shapes.Shape) *graph.Node {
		return graph.MulScalar(graph.Sin(graph.IotaFull(g, shape)), 0.3)
	}
	variable := func(name string, dims ...int) *model.Variable {
		return store.RootScope().WithInitializer(first).VariableWithShape(name, shapes.Make(dtypes.Float32, dims...))
	}
	for _, layer := range []struct {
		name string
		dims []int
	}{{"w0", []int{8, 16}}, {"b0", []int{16}}, {"w1", []int{16, 1}}} {
		tr.vars = append(tr.vars, variable(layer.name, layer.dims...), variable("speed_"+layer.name, layer.dims...))
	}
	exec, err := model.NewExec(b, store, func(_ *model.Scope, x *graph.Node) *graph.Node {
		g := x.Graph()
		var weights []*graph.Node
		for i := 0; i < len(tr.vars); i += 2 {
			weights = append(weights, tr.vars[i].NodeValue(g))
		}
		h := graph.Tanh(graph.Add(graph.Dot(x, weights[0]).Product(), graph.ExpandLeftToRank(weights[1], 2))) // [batch, 16]
		y := graph.Dot(h, weights[2]).Product()                                                               // [batch, 1]
		target := graph.ReduceAndKeep(x, graph.ReduceSum, -1)                                                 // [batch, 1]
		loss := graph.ReduceAllMean(graph.Square(graph.Sub(y, graph.Tanh(target))))
		for i, slope := range graph.Gradient(loss, weights...) {
			v, speed := tr.vars[2*i], tr.vars[2*i+1]
			next := graph.Add(graph.MulScalar(speed.NodeValue(g), 0.9), slope)
			speed.SetNodeValue(next)
			v.SetNodeValue(graph.Sub(v.NodeValue(g), graph.MulScalar(next, 0.01)))
		}
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	tr.exec = exec
	return tr
}

// step does step i and returns its loss.
func (tr *training) step(i int) float32 {
	x := make([]float32, 4*8)
	for k := range x {
		x[k] = float32(math.Sin(tr.seed + float64(i*len(x)+k)*1.3))
	}
	out, err := tr.exec.Call1(tensors.FromFlatDataAndDimensions(x, 4, 8))
	if err != nil {
		tr.t.Error(err)
		return 0
	}
	return tensors.ToScalar[float32](out)
}

// values are the weights and speeds.
func (tr *training) values() (all []float32) {
	for _, v := range tr.vars {
		flat, err := tensors.CopyFlatData[float32](v.MustValue())
		if err != nil {
			tr.t.Error(err)
		}
		all = append(all, flat...)
	}
	return all
}

func TestTrainingsAtOnce(t *testing.T) {
	b, err := New(simd.Best(), 2)
	if err != nil {
		t.Fatal(err)
	}
	const steps = 200
	run := func(seed float64) []float32 {
		tr := newTraining(t, b, seed)
		for i := range steps {
			tr.step(i)
		}
		return tr.values()
	}
	alone := [][]float32{run(1), run(2)}
	if slices.Equal(alone[0], alone[1]) {
		t.Fatal("two trainings on different data are the same")
	}
	together := make([][]float32, 2)
	var both sync.WaitGroup
	for i := range together {
		both.Go(func() { together[i] = run(float64(i + 1)) })
	}
	both.Wait()
	for i := range together {
		if !slices.Equal(together[i], alone[i]) {
			t.Errorf("training %d has other weights beside another one", i+1)
		}
	}
}

// A long training takes no more memory at its end than at its beginning.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	b, err := New(simd.Best(), 2)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTraining(t, b, 1)
	inUse := func() (bytes uint64, goroutines int) {
		runtime.GC()
		runtime.GC() // what a finalizer holds goes in the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	first := tr.step(0)
	const steps = 20_000
	var bytes uint64
	var goroutines int
	for i := 1; i < steps; i++ {
		if i == steps/10 {
			bytes, goroutines = inUse()
		}
		tr.step(i)
	}
	last := tr.step(steps)
	if !(last < first/2) {
		t.Errorf("the loss fell from %g to %g only", first, last)
	}
	used, running := inUse()
	for range 100 { // finalizers take their time on a busy machine
		if used <= bytes+64<<10 && running <= goroutines {
			return
		}
		runtime.Gosched()
		used, running = inUse()
	}
	t.Errorf("after %d steps %d bytes and %d goroutines are in use, after a tenth of them %d and %d", steps, used, running, bytes, goroutines)
}
