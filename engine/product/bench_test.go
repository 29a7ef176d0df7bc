package product

import (
	"fmt"
	"testing"
	"time"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// A bench is a product, and the layouts of its operands: n as in memory, t
// transposed.
type shape struct {
	name    string
	m, k, n int
	layouts string
}

var shapes = []shape{
	{"mlp", 64, 1024, 512, "nn"},
	{"mlp", 128, 784, 1024, "nn"},
	{"square", 512, 512, 512, "nn"},
	{"square", 1024, 1024, 1024, "nn"},
	{"square", 2048, 2048, 2048, "nn"},
	{"mlp-dx", 64, 512, 1024, "nt"},
	{"mlp-dw", 1024, 64, 512, "tn"},
	{"gpt-qkv", 2048, 128, 384, "nn"},
	{"gpt-mlp", 2048, 128, 512, "nn"},
	{"gpt-mlp2", 2048, 512, 128, "nn"},
	{"gpt-mlp-dx", 2048, 512, 128, "nt"},
	{"gpt-mlp-dw", 128, 2048, 512, "tn"},
	{"gpt-head", 2048, 128, 256, "nt"},
	{"dcgan-up", 512, 512, 4096, "nn"},
	{"dcgan-down", 8192, 1024, 128, "nn"},
	{"dcgan-dw", 128, 8192, 1024, "tn"},
	{"dcgan-rgb", 32768, 48, 64, "nn"},
	{"token", 1, 128, 384, "nn"},
	{"token", 1, 512, 128, "nn"},
	{"token-head", 1, 128, 256, "nt"},
	{"token-wide", 1, 1024, 4096, "nn"},
	{"token-wide", 1, 1024, 4096, "nt"},
	{"few", 4, 1024, 1024, "nn"},
	{"column", 512, 1024, 1, "nn"},
	{"column", 1024, 512, 1, "tn"},
	{"colours", 32768, 256, 3, "nn"},
	{"logit", 64, 256, 1, "nn"},
	{"small", 16, 64, 64, "nn"},
	{"small", 32, 64, 64, "nn"},
	{"small", 32, 64, 128, "nn"},
	{"small", 64, 64, 128, "nn"},
	{"small", 4, 512, 512, "nn"},
}

// operand is an operand of n vectors of k elements.
func operand(n, k int, contiguous bool) Strided {
	s := Strided{Data: floats(n * k), Vector: k, Depth: 1}
	if !contiguous {
		s.Vector, s.Depth = 1, n
	}
	for i := range s.Data {
		s.Data[i] = float32(i%17) - 8
	}
	return s
}

func (s shape) product() Product {
	return Product{M: s.m, N: s.n, K: s.k, C: floats(s.m * s.n),
		A: operand(s.m, s.k, s.layouts[0] == 'n'), B: operand(s.n, s.k, s.layouts[1] == 't')}
}

// run times a product of so many multiplications: the mean of all runs, and the
// best, which a busy machine disturbs less.
func run(b *testing.B, multiplications int, work func()) {
	flops, best := 2*float64(multiplications), time.Duration(1<<62)
	each := max(1, 1<<20/multiplications)
	for b.Loop() {
		start := time.Now()
		for range each {
			work()
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(flops*float64(each)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(flops*float64(each)/best.Seconds()/1e9, "best-GFLOP/s")
}

func BenchmarkMultiply(b *testing.B) {
	e := New(threads.New(2), simd.Best())
	for _, s := range shapes {
		p := s.product()
		b.Run(fmt.Sprintf("%s/%dx%dx%d/%s", s.name, s.m, s.k, s.n, s.layouts), func(b *testing.B) {
			b.ReportAllocs()
			run(b, s.m*s.n*s.k, func() { e.Multiply(p) })
		})
	}
}

// BenchmarkAttention multiplies for 16 sequences of 4 heads.
func BenchmarkAttention(b *testing.B) {
	e := New(threads.New(2), simd.Best())
	const batch, length, heads, width = 16, 128, 4, 32
	qkv := operand(batch*length, 3*heads*width, true) // [batch, length, 3, heads, width]
	scores := floats(batch * heads * length * length) // [batch, heads, length, length]
	out := floats(batch * length * heads * width)     // [batch, length, heads, width]
	vectors := func(i, part int) []float32 {
		return qkv.Data[i/heads*length*qkv.Vector+(part*heads+i%heads)*width:]
	}
	b.Run("scores", func(b *testing.B) {
		run(b, batch*heads*length*length*width, func() {
			e.Batch(batch*heads, func(i int) Product {
				return Product{M: length, N: length, K: width, C: scores[i*length*length:],
					A: Strided{vectors(i, 0), qkv.Vector, 1}, B: Strided{vectors(i, 1), qkv.Vector, 1}}
			})
		})
	})
	b.Run("values", func(b *testing.B) {
		run(b, batch*heads*length*length*width, func() {
			e.Batch(batch*heads, func(i int) Product {
				c := out[i/heads*length*heads*width+i%heads*width:]
				return Product{M: length, N: width, K: length, C: c, Row: func(i int) int { return i * heads * width },
					A: Strided{scores[i*length*length:], length, 1}, B: Strided{vectors(i, 2), 1, qkv.Vector}}
			})
		})
	})
}

func BenchmarkPeak(b *testing.B) {
	for _, path := range simd.Paths() {
		for _, n := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", path, n), func(b *testing.B) {
				best := 0.0
				for b.Loop() {
					best = max(best, Peak(threads.New(n), path))
				}
				b.ReportMetric(best, "GFLOP/s")
			})
		}
	}
}
