package reduce

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

func benchmarkSum(b *testing.B, dtype dtypes.DType, dims, axes []int) {
	in := noise(1, shapes.Make(dtype, dims...))
	out := dirty(keptOf(in.Shape, axes))
	for _, path := range simd.Paths() {
		for _, n := range []int{1, 2} {
			pool := threads.New(n)
			run, _ := Reduce(compute.OpTypeReduceSum, dtype, path)
			b.Run(fmt.Sprintf("%s/threads=%d", path, n), func(b *testing.B) {
				b.SetBytes(int64(len(in.Bytes)))
				for b.Loop() {
					run(pool, out, in, axes)
				}
			})
		}
	}
}

func BenchmarkSumRows(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{2048, 128}, []int{1})
}

func BenchmarkSumLongColumns(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{131072, 64}, []int{0})
}

func BenchmarkSumColumns(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{64, 1024}, []int{0})
}

func BenchmarkSumAll(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{1 << 20}, []int{0})
}

func BenchmarkSumChannels(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{64, 32, 256}, []int{0, 2})
}

func BenchmarkSumAllBFloat16(b *testing.B) {
	benchmarkSum(b, dtypes.BFloat16, []int{1 << 20}, []int{0})
}

func BenchmarkSumShortRows(b *testing.B) {
	benchmarkSum(b, dtypes.Float32, []int{1 << 18, 4}, []int{1})
}

func BenchmarkArgMax(b *testing.B) {
	in := noise(1, shapes.Make(dtypes.Float32, 1024, 1024))
	out := dirty(shapes.Make(dtypes.Int32, 1024))
	run, _ := ArgMinMax(dtypes.Float32, dtypes.Int32)
	for axis, name := range []string{"columns", "rows"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in.Bytes)))
			for b.Loop() {
				run(pool, out, in, axis, false)
			}
		})
	}
}
