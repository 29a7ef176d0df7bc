package conv

import (
	"testing"

	"atelier/engine/simd"
)

// TestEdges compares convolutions of pictures of few channels, which are given their
// edges first, with the definition.
func TestEdges(t *testing.T) {
	for _, l := range []layer{
		{batch: 3, side: 16, in: 3, out: 20, size: 4, stride: 2, padding: 1},
		{batch: 2, side: 17, in: 1, out: 5, size: 9, stride: 3, padding: 2},
		{batch: 2, side: 13, in: 4, out: 33, size: 3, stride: 1, padding: 1},
		{batch: 0, side: 13, in: 4, out: 33, size: 3, stride: 1, padding: 1},
	} {
		for name, c := range map[string]call{"forward": l.forward(), "kernel gradient": l.kernelGradient()} {
			p := c.mustPlan(t)
			if p.edges == nil && l.batch > 0 && name == "forward" {
				t.Errorf("%+v, %s: no edges", l, name)
			}
			input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
			want, sizes := c.define(input, kernel)
			for path, e := range everyEngine() {
				out := nan(len(want))
				p.Run(e, out, input, View{Data: kernel}, nil)
				near(t, name+" on "+string(path), out, want, sizes)
			}
		}
	}
}

// TestEdgesOfAnyAxes gives edges to a tensor whose first axis has some too.
func TestEdgesOfAnyAxes(t *testing.T) {
	d := &edges{from: []int{2, 1, 2}, to: []int{3, 4, 2}, before: []int{1, 2, 0}, last: 1}
	got := nan(24)
	d.copy(engineOn(two, simd.Best()), got, []float32{1, 2, 3, 4})
	want := []float32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}
