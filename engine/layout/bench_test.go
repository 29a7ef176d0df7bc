package layout

import (
	"fmt"
	"testing"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// onThreads runs a benchmark that moves a tensor with one thread and with two.
func onThreads(b *testing.B, moved tensor.Tensor, work func(pool *threads.Pool)) {
	for _, n := range []int{1, 2} {
		pool := threads.New(n)
		b.Run(fmt.Sprintf("threads=%d", n), func(b *testing.B) {
			b.SetBytes(int64(2 * len(moved.Bytes))) // read and written
			for b.Loop() {
				work(pool)
			}
		})
	}
}

func benchmarkTranspose(b *testing.B, permutation []int, dims ...int) {
	in := noise(dtypes.Float32, dims...)
	to := make([]int, len(dims))
	for i, axis := range permutation {
		to[i] = dims[axis]
	}
	out := noise(dtypes.Float32, to...)
	onThreads(b, in, func(pool *threads.Pool) { Transpose(pool, out, in, permutation) })
}

func BenchmarkTransposeHeads(b *testing.B)  { benchmarkTranspose(b, []int{0, 2, 1, 3}, 16, 128, 4, 32) }
func BenchmarkTransposeSquare(b *testing.B) { benchmarkTranspose(b, []int{1, 0}, 1024, 1024) }
func BenchmarkTransposeBatch(b *testing.B)  { benchmarkTranspose(b, []int{0, 2, 1}, 64, 128, 32) }
func BenchmarkTransposeRGB(b *testing.B)    { benchmarkTranspose(b, []int{0, 3, 1, 2}, 32, 64, 64, 3) }

// BenchmarkCopy is what the others can reach at best.
func BenchmarkCopy(b *testing.B) {
	in, out := noise(dtypes.Float32, 1024, 1024), noise(dtypes.Float32, 1024, 1024)
	onThreads(b, in, func(pool *threads.Pool) { Copy(pool, out, in) })
}

// embedding is a table of 256 tokens and 2048 places of it.
func embedding() (table, tokens, rows tensor.Tensor) {
	table, rows = noise(dtypes.Float32, 256, 128), tensor.New(shapes.Make(dtypes.Float32, 2048, 128))
	tokens = tensor.New(shapes.Make(dtypes.Int32, 2048, 1))
	for i, t := 0, tensor.Of[int32](tokens); i < len(t); i++ {
		t[i] = int32(i * 131 % 256)
	}
	return table, tokens, rows
}

func BenchmarkGatherRows(b *testing.B) {
	table, tokens, rows := embedding()
	onThreads(b, rows, func(pool *threads.Pool) {
		Gather(pool, rows, table, tokens, GatherAxes{1, []int{1}, []int{0}, []int{0}, []int{1, 128}})
	})
}

func BenchmarkScatterRows(b *testing.B) {
	table, tokens, rows := embedding()
	clear(table.Bytes)
	onThreads(b, rows, func(pool *threads.Pool) {
		ScatterSum(pool, table, table, tokens, rows, ScatterAxes{1, []int{1}, []int{0}, []int{0}})
	})
}
