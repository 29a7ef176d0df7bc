package arch

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TestStyleCentreFollowsTheMeanOfCodes in graphs of training, and stays in others.
func TestStyleCentreFollowsTheMeanOfCodes(t *testing.T) {
	g, err := (&StyleGenerator{Width: 2, Limit: 4, Patch: 1, Code: 3, Mapping: 2, MappingRate: 0.5}).Generator(pictures(28, 1))
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	z := normal(1, 64, latent)
	codes := func(training bool) (mean, centre []float32) {
		out, err := model.CallOnceN(ours(), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			store.SetTraining(in[0].Graph(), training)
			codes := g.Codes(s, in[0], nil) // [64, 6, 3]
			return []*graph.Node{graph.ReduceMean(codes, 0), g.Centre(s, in[0].Graph())}
		}, z)
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](out[1])
	}
	const steps = 300
	for range steps {
		codes(true)
	}
	mean, centre := codes(false)
	if len(mean) != 6*3 || len(centre) != len(mean) {
		t.Fatalf("%d and %d numbers, want 6 codes of 3", len(mean), len(centre))
	}
	for i := range mean {
		want := float64(mean[i]) * (1 - math.Pow(centreMomentum, steps))
		if math.Abs(float64(centre[i])-want) > 1e-4 || mean[i] == 0 {
			t.Errorf("number %d of the centre is %v, want %v", i, centre[i], want)
		}
	}
}

// TestStyleNoiseIsLearnt: it is silent at first, and has as many numbers as the layers
// have pixels.
func TestStyleNoiseIsLearnt(t *testing.T) {
	g, err := (&StyleGenerator{Width: 2, Limit: 4, Patch: 1, Code: 3, Mapping: 1, MappingRate: 1, Noise: true}).Generator(pictures(28, 1))
	if err != nil {
		t.Fatal(err)
	}
	if want := 7*7 + 2*14*14 + 2*28*28; g.Noise() != want {
		t.Fatalf("%d numbers of noise, want %d", g.Noise(), want)
	}
	store := model.NewStore()
	spread := func() float64 {
		out, err := model.CallOnce(ours(), store, func(s *model.Scope, in []*graph.Node) *graph.Node {
			codes := graph.BroadcastToDims(g.Codes(s, in[0], nil), 1, 6, 3)
			draw := func(noise *graph.Node) *graph.Node { return g.Samples(s.Store().RootScope(), codes, noise, nil) }
			return graph.ReduceAllMax(graph.Abs(graph.Sub(draw(in[1]), draw(graph.Neg(in[1])))))
		}, normal(1, 1, latent), normal(2, 1, g.Noise()))
		if err != nil {
			t.Fatal(err)
		}
		return float64(tensors.ToScalar[float32](out))
	}
	if d := spread(); d != 0 {
		t.Errorf("noise moves pixels by %v before anything is learnt", d)
	}
	for i := range 5 {
		v := store.GetVariable(model.JoinPath("/", "layer_"+string(rune('0'+i)), "noise"))
		if err := v.SetValue(tensors.FromScalar(float32(0.5))); err != nil {
			t.Fatal(err)
		}
		if d := spread(); d == 0 {
			t.Errorf("noise of layer %d moves nothing", i)
		}
	}
}
