package dots

import (
	"fmt"
	"testing"
	"time"

	"atelier/engine/simd"
	"atelier/engine/threads"
	"atelier/internal/quant"
)

// timed reports the mean speed of some work and the best, which a busy machine disturbs less.
func timed(b *testing.B, amount float64, unit string, work func()) {
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		work()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(amount*float64(b.N)/b.Elapsed().Seconds()/1e9, unit)
	b.ReportMetric(amount/best.Seconds()/1e9, "best-"+unit)
}

// BenchmarkOne multiplies one vector by matrices of 500 MB together, as decoding does: GB/s
// of the matrix.
func BenchmarkOne(b *testing.B) {
	const cols, bytes = 4096, 500_000_000
	for _, path := range simd.Paths()[:len(simd.Paths())-1] {
		d := New(path, 2)
		for _, kind := range types {
			b.Run(fmt.Sprintf("%s/%s", kind, path), func(b *testing.B) {
				rows := bytes / kind.Bytes(cols) / 16 * 16
				few := weights(kind, 64, cols, 1)
				data := make([]byte, rows*kind.Bytes(cols))
				for at := 0; at < len(data); at += len(few.Data) {
					copy(data[at:], few.Data)
				}
				m := quant.Matrix{Type: kind, Rows: rows, Cols: cols, Data: data}
				x, dst := normal(cols, 2), make([]float32, rows)
				b.ReportAllocs()
				timed(b, float64(len(data)), "GB/s", func() { d.one(dst, x, 1, m) })
			})
		}
		d.Close()
	}
}

// BenchmarkRead sums a large buffer: what a matrix can be read at.
func BenchmarkRead(b *testing.B) {
	data := make([]float32, 125_000_000)
	for i := range data {
		data[i] = 1
	}
	for _, n := range []int{1, 2} {
		pool, k := threads.New(n), simd.For(simd.Best())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const part = 1 << 16
			timed(b, float64(4*len(data)), "GB/s", func() {
				pool.Run(len(data)/part, func(_, i int) { k.Sum(data[i*part : (i+1)*part]) })
			})
		})
		pool.Close()
	}
}

// BenchmarkMany multiplies many vectors by a matrix, as reading a prompt does. BenchmarkPeak
// of engine/product measures what float32 arithmetic could reach.
func BenchmarkMany(b *testing.B) {
	const cols, outs = 2048, 2048
	for _, path := range simd.Paths()[:len(simd.Paths())-1] {
		d := New(path, 2)
		for _, kind := range types {
			for _, rows := range []int{2, 8, 32, 128, 512} {
				b.Run(fmt.Sprintf("%s/%s/%d", kind, path, rows), func(b *testing.B) {
					m, x, dst := weights(kind, outs, cols, 1), normal(rows*cols, 2), make([]float32, rows*outs)
					b.ReportAllocs()
					flops := 2 * float64(rows*outs*cols)
					timed(b, flops, "GFLOP/s", func() { d.one(dst, x, rows, m) })
				})
			}
		}
		d.Close()
	}
}

// BenchmarkSmall multiplies as a token of a tiny model does: 5 layers of width 64.
func BenchmarkSmall(b *testing.B) {
	for _, path := range simd.Paths() {
		d := New(path, 2)
		b.Run(string(path), func(b *testing.B) {
			const width, hidden, vocabulary = 64, 172, 512
			shape := func(outs, in int) quant.Matrix { return weights(quant.F32, outs, in, 1) }
			all := []quant.Matrix{shape(vocabulary, width)}
			for range 5 {
				all = append(all, shape(width, width), shape(32, width), shape(32, width), shape(width, width),
					shape(hidden, width), shape(hidden, width), shape(width, hidden))
			}
			x, dst := normal(vocabulary, 2), make([]float32, vocabulary)
			b.ReportAllocs()
			for b.Loop() {
				for _, m := range all {
					d.one(dst[:m.Rows], x[:m.Cols], 1, m)
				}
			}
		})
		d.Close()
	}
}

// BenchmarkMix mixes 128 values of a head.
func BenchmarkMix(b *testing.B) {
	d := New(simd.Best(), 1)
	for _, n := range []int{8, 64, 128} {
		w, x, dst := normal(128, 1), normal(128*n, 2), normal(n, 3)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				d.Mix(dst, w, x, n)
			}
		})
	}
}
