package train

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// A second descent reads what the first has moved, and sends no gradient through it.
func TestDescendTwice(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	store, half := model.NewStore(), &Adam{Rate: 0.5, Epsilon: 1e-8}
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		rate, shared := in[0], nn.Filled(store.Scope("b"), "v", 3, dtypes.Float32).NodeValue(in[0])
		read := func() *graph.Node { return nn.Filled(store.Scope("a"), "w", 2, dtypes.Float32).NodeValue(in[0]) }
		first := Descent{Optimizer: half, Name: "a", Moves: []string{"a"}}.Down(store, graph.Mul(graph.Square(read()), shared), rate).Square() // slope 2·w·v = 12
		moved := read()                                                                                                                        // 2 - 0.5
		second := Descent{Optimizer: half, Name: "b", Moves: []string{"b"}}.Down(store, graph.Mul(moved, shared), rate).Square()               // slope w = 1.5
		return graph.Stack([]*graph.Node{first, second, moved}, 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call1(tensors.FromScalar(float32(1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{144, 2.25, 1.5} {
		if math.Abs(float64(got[i])-want) > 1e-5 {
			t.Errorf("value %d is %g, want %g", i, got[i], want)
		}
	}
	for scope, want := range map[string]float32{"/a/w": 1.5, "/b/v": 2.5} {
		if v := tensors.ToScalar[float32](store.GetVariable(scope).MustValue()); math.Abs(float64(v-want)) > 1e-5 {
			t.Errorf("%s is %g, want %g", scope, v, want)
		}
	}
}

// The gradient of all that moves together is shortened to the largest norm, and a shorter one
// is left; the norm that is told is that before.
func TestClip(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	for clip, share := range map[float64]float64{0: 1, 2.5: 0.5, 10: 1} {
		store := model.NewStore()
		exec, err := model.NewExec(backend, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
			at := func(name string) *graph.Node {
				return nn.Filled(store.Scope("a"), name, 0, dtypes.Float32).NodeValue(in[0])
			}
			loss := graph.Add(graph.MulScalar(at("x"), 3), graph.MulScalar(at("y"), 4)) // a gradient of norm 5
			return Descent{Optimizer: &Adam{Rate: 1, Epsilon: 1, Gradients: Gradients{Clip: clip}}, Name: "a", Moves: []string{"a"}}.Down(store, loss, in[0]).Square()
		})
		if err != nil {
			t.Fatal(err)
		}
		square, err := exec.Call1(tensors.FromScalar(float32(1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.ToScalar[float32](square); got != 25 {
			t.Errorf("clip %g: squared norm %g, want 25", clip, got)
		}
		for name, slope := range map[string]float64{"/a/x": 3, "/a/y": 4} {
			want := -slope * share / (slope*share + 1) // Adam without memory
			if got := float64(tensors.ToScalar[float32](store.GetVariable(name).MustValue())); math.Abs(got-want) > 1e-6 {
				t.Errorf("clip %g: %s is %g, want %g", clip, name, got, want)
			}
		}
	}
}
