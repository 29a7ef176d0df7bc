package scalar

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/tensor"
)

func benchmarkBinary(b *testing.B, op compute.OpType, dtype dtypes.DType, lhs, rhs []int) {
	x, y := tensor.New(shapes.Make(dtype, lhs...)), tensor.New(shapes.Make(dtype, rhs...))
	out := tensor.New(x.Shape)
	run, _ := Binary(op, dtype)
	b.SetBytes(int64(len(out.Bytes)))
	for b.Loop() {
		run(pool, out, x, y)
	}
}

func BenchmarkAddInt32(b *testing.B) {
	benchmarkBinary(b, compute.OpTypeAdd, dtypes.Int32, []int{1024, 1024}, []int{1024, 1024})
}

func BenchmarkAddRow(b *testing.B) {
	benchmarkBinary(b, compute.OpTypeAdd, dtypes.Float64, []int{1024, 1024}, []int{1, 1024})
}

func BenchmarkAddShortColumn(b *testing.B) {
	benchmarkBinary(b, compute.OpTypeAdd, dtypes.Int32, []int{1 << 18, 4}, []int{1 << 18, 1})
}

func BenchmarkMulBFloat16(b *testing.B) {
	benchmarkBinary(b, compute.OpTypeMul, dtypes.BFloat16, []int{1024, 1024}, []int{1024, 1024})
}

func BenchmarkConvertUint8(b *testing.B) {
	x, out := tensor.New(shapes.Make(dtypes.Uint8, 1<<20)), tensor.New(shapes.Make(dtypes.Float32, 1<<20))
	run, _ := Convert(dtypes.Uint8, dtypes.Float32)
	b.SetBytes(int64(len(out.Bytes)))
	for b.Loop() {
		run(pool, out, x)
	}
}

func BenchmarkConvertToInt32(b *testing.B) {
	x, out := tensor.New(shapes.Make(dtypes.Float32, 1<<20)), tensor.New(shapes.Make(dtypes.Int32, 1<<20))
	run, _ := Convert(dtypes.Float32, dtypes.Int32)
	b.SetBytes(int64(len(out.Bytes)))
	for b.Loop() {
		run(pool, out, x)
	}
}
