package cpu

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/engine/simd"
)

// A profile counts the flops of products and convolutions, and no others'.
func TestProfileFlops(t *testing.T) {
	b, err := New(simd.Best(), 1)
	if err != nil {
		t.Fatal(err)
	}
	b.Profile()
	exec, err := graph.NewExec(b, func(x, w, image, kernel *graph.Node) []*graph.Node {
		return []*graph.Node{
			graph.Tanh(graph.Einsum("bij,bjk->bik", x, w)),
			graph.Convolve(image, kernel).NoPadding().Done(),
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := exec.Call(values(2, 3, 4), values(2, 4, 5), values(1, 6, 6, 2), values(3, 3, 2, 7)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]float64{"DotGeneral+Tanh": 3 * 2 * 2 * 3 * 4 * 5, "ConvGeneral": 3 * 2 * 4 * 4 * 3 * 3 * 2 * 7}
	for _, c := range b.Costs() {
		if c.Flops != want[c.Name] {
			t.Errorf("%s: %g flops, want %g", c.Name, c.Flops, want[c.Name])
		}
		if c.Calls != 3 || c.Bytes == 0 || c.Fallback {
			t.Errorf("%+v", c)
		}
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("not in the profile: %v", want)
	}
}
