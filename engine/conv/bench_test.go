package conv

import (
	"fmt"
	"testing"

	"atelier/engine/simd"
)

// BenchmarkDCGAN runs the layers of a DCGAN on pictures of 64x64x3, as its
// discriminator has them. The generator's layers are the same ones with forward and
// inputGradient exchanged.
func BenchmarkDCGAN(b *testing.B) {
	e := engineOn(two, simd.Best())
	for _, l := range []layer{
		{batch: 32, side: 64, in: 3, out: 64, size: 4, stride: 2, padding: 1},
		{batch: 32, side: 32, in: 64, out: 128, size: 4, stride: 2, padding: 1},
		{batch: 32, side: 16, in: 128, out: 256, size: 4, stride: 2, padding: 1},
		{batch: 32, side: 8, in: 256, out: 512, size: 4, stride: 2, padding: 1},
		{batch: 32, side: 4, in: 512, out: 1, size: 4, stride: 1, padding: 0},
		{batch: 32, side: 4, in: 512, out: 100, size: 4, stride: 1, padding: 0}, // backwards: the generator's first
	} {
		for name, c := range map[string]call{"forward": l.forward(), "inputGradient": l.inputGradient(), "kernelGradient": l.kernelGradient(), "transposedKernelGradient": l.transposedKernelGradient()} {
			b.Run(fmt.Sprintf("%dto%d/%s", l.in, l.out, name), func(b *testing.B) { bench(b, e, c) })
		}
	}
}

func bench(b *testing.B, e *Engine, c call) {
	p := c.mustPlan(b)
	input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
	out := make([]float32, count(c.output()))
	p.Run(e, out, input, View{Data: kernel}, nil)
	for b.Loop() {
		p.Run(e, out, input, View{Data: kernel}, nil)
	}
	b.ReportMetric(p.Flops()*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
