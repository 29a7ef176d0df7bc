package conv

import "testing"

// TestExchange compares kernel gradients of transposed convolutions to few channels
// with the definition.
func TestExchange(t *testing.T) {
	for _, l := range []layer{
		{batch: 2, side: 32, in: 3, out: 33, size: 4, stride: 2, padding: 1},
		{batch: 3, side: 37, in: 1, out: 20, size: 5, stride: 2, padding: 1},
		{batch: 1, side: 50, in: 4, out: 70, size: 3, stride: 3, padding: 0},
	} {
		c := l.transposedKernelGradient()
		p := c.mustPlan(t)
		if p.exchange == nil {
			t.Errorf("%+v: nothing is exchanged", l)
		}
		input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
		want, sizes := c.define(input, kernel)
		for path, e := range everyEngine() {
			out := nan(len(want))
			p.Run(e, out, input, View{Data: kernel}, nil)
			near(t, string(path), out, want, sizes)
		}
	}
}
