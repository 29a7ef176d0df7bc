package product

import (
	"fmt"
	"testing"

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
	{"column", 512, 1024, 1, "nn"},
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

func report(b *testing.B, multiplications int) {
	b.ReportMetric(2*float64(multiplications)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkMultiply(b *testing.B) {
	e := New(threads.New(2), simd.Best())
	for _, s := range shapes {
		p := s.product()
		b.Run(fmt.Sprintf("%s/%dx%dx%d/%s", s.name, s.m, s.k, s.n, s.layouts), func(b *testing.B) {
			for b.Loop() {
				e.Multiply(p)
			}
			report(b, s.m*s.n*s.k)
		})
	}
}

// BenchmarkAttention multiplies for 16 sequences of 4 heads.
func BenchmarkAttention(b *testing.B) {
	e := New(threads.New(2), simd.Best())
	const batch, time, heads, width = 16, 128, 4, 32
	qkv := operand(batch*time, 3*heads*width, true) // [batch, time, 3, heads, width]
	scores := floats(batch * heads * time * time)   // [batch, heads, time, time]
	out := floats(batch * time * heads * width)     // [batch, time, heads, width]
	vectors := func(i, part int) []float32 {
		return qkv.Data[i/heads*time*qkv.Vector+(part*heads+i%heads)*width:]
	}
	b.Run("scores", func(b *testing.B) {
		for b.Loop() {
			e.Batch(batch*heads, func(i int) Product {
				return Product{M: time, N: time, K: width, C: scores[i*time*time:],
					A: Strided{vectors(i, 0), qkv.Vector, 1}, B: Strided{vectors(i, 1), qkv.Vector, 1}}
			})
		}
		report(b, batch*heads*time*time*width)
	})
	b.Run("values", func(b *testing.B) {
		for b.Loop() {
			e.Batch(batch*heads, func(i int) Product {
				c := out[i/heads*time*heads*width+i%heads*width:]
				return Product{M: time, N: width, K: time, C: c, Row: func(i int) int { return i * heads * width },
					A: Strided{scores[i*time*time:], time, 1}, B: Strided{vectors(i, 2), 1, qkv.Vector}}
			})
		}
		report(b, batch*heads*time*time*width)
	})
}
