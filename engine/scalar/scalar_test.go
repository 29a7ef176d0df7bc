package scalar

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

var (
	integers = []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64,
		dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	floats  = []dtypes.DType{dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64}
	numbers = slices.Concat(integers, floats)
	all     = append(slices.Clone(numbers), dtypes.Bool)
	boolean = []dtypes.DType{dtypes.Bool}
)

// set stores a value that the dtype can hold, rounded.
func set(t tensor.Tensor, i int, v float64) {
	switch flat := t.Flat().(type) {
	case []bool:
		flat[i] = v != 0
	case []int8:
		flat[i] = int8(v)
	case []int16:
		flat[i] = int16(v)
	case []int32:
		flat[i] = int32(v)
	case []int64:
		flat[i] = int64(v)
	case []uint8:
		flat[i] = uint8(v)
	case []uint16:
		flat[i] = uint16(v)
	case []uint32:
		flat[i] = uint32(v)
	case []uint64:
		flat[i] = uint64(v)
	case []float16.Float16:
		flat[i] = float16.FromFloat64(v)
	case []bfloat16.BFloat16:
		flat[i] = bfloat16.FromFloat64(v)
	case []float32:
		flat[i] = float32(v)
	case []float64:
		flat[i] = v
	}
}

// get returns the values as float64: exact but for large 64-bit integers.
func get(t tensor.Tensor) []float64 {
	values := make([]float64, t.Shape.Size())
	for i := range values {
		switch flat := t.Flat().(type) {
		case []bool:
			if flat[i] {
				values[i] = 1
			}
		case []int8:
			values[i] = float64(flat[i])
		case []int16:
			values[i] = float64(flat[i])
		case []int32:
			values[i] = float64(flat[i])
		case []int64:
			values[i] = float64(flat[i])
		case []uint8:
			values[i] = float64(flat[i])
		case []uint16:
			values[i] = float64(flat[i])
		case []uint32:
			values[i] = float64(flat[i])
		case []uint64:
			values[i] = float64(flat[i])
		case []float16.Float16:
			values[i] = flat[i].Float64()
		case []bfloat16.BFloat16:
			values[i] = flat[i].Float64()
		case []float32:
			values[i] = float64(flat[i])
		case []float64:
			values[i] = flat[i]
		}
	}
	return values
}

// alike says whether two results agree. NaN does with NaN, and zeros of either
// sign do; subnormal float16, which gomlx converts wrongly, are not looked at.
func alike(t tensor.Tensor, a, b float64) bool {
	return a == b || a != a && b != b ||
		t.Shape.DType == dtypes.Float16 && math.Abs(a) < 0x1p-13 && math.Abs(b) < 0x1p-13
}

// random draws values from lowest up, special ones among the floats.
func random(t *rapid.T, shape shapes.Shape, lowest int) tensor.Tensor {
	x := tensor.New(shape)
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-6, -1e30, 300}
	seed := rapid.Uint64().Draw(t, "seed")
	for i := range shape.Size() {
		seed = seed*6364136223846793005 + 1442695040888963407
		r := int(seed >> 33)
		v := float64(lowest + r%(9-lowest))
		if shape.DType.IsUnsigned() {
			v = math.Abs(v)
		}
		if shape.DType.IsFloat() {
			v += float64(r>>8%16) / 16
			if r>>16%3 == 0 {
				v = special[r>>18%len(special)]
			}
		}
		set(x, i, v)
	}
	return x
}

// broadcasts draws an output's dimensions and those of operands that repeat to it.
func broadcasts(t *rapid.T, operands int) (out []int, in [][]int) {
	out = rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 1, 2, 3, 5, 40}), 0, 4).Draw(t, "dims")
	in = make([][]int, operands)
	for i := range in {
		in[i] = slices.Clone(out)
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0: // a scalar
			in[i] = nil
		case 1:
			for axis := range in[i] {
				if out[axis] != 0 && rapid.Bool().Draw(t, "repeat") {
					in[i][axis] = 1
				}
			}
		}
	}
	for axis := range out { // what every operand repeats is 1 in the output too
		if !slices.ContainsFunc(in, func(d []int) bool { return d != nil && d[axis] == out[axis] }) {
			out[axis] = 1
		}
	}
	if !slices.ContainsFunc(in, func(d []int) bool { return d != nil }) {
		out = nil
	}
	return out, in
}

type build func(f compute.Function, in []compute.Value) (compute.Value, error)

// reference runs an operation on gomlx's Go backend.
func reference(t interface{ Fatal(...any) }, b build, in ...tensor.Tensor) tensor.Tensor {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	backend, err := gobackend.New("ops_sequential")
	must(err)
	defer backend.Finalize()
	builder := backend.Builder("reference")
	var values []compute.Value
	var buffers []compute.Buffer
	for i, x := range in {
		v, err := builder.Main().Parameter(fmt.Sprint("x", i), x.Shape, nil)
		must(err)
		buffer, err := backend.BufferFromFlatData(0, x.Flat(), x.Shape)
		must(err)
		values, buffers = append(values, v), append(buffers, buffer)
	}
	y, err := b(builder.Main(), values)
	must(err)
	must(builder.Main().Return([]compute.Value{y}, nil))
	exec, err := builder.Compile()
	must(err)
	results, err := exec.Execute(buffers, nil, 0)
	must(err)
	shape, err := results[0].Shape()
	must(err)
	out := tensor.New(shape)
	must(results[0].ToFlatData(out.Flat()))
	return out
}

// dirty returns memory as the executor gives it: not zeroed.
func dirty(shape shapes.Shape) tensor.Tensor {
	x := tensor.New(shape)
	for i := range x.Bytes {
		x.Bytes[i] = 0xa5
	}
	return x
}

func expect(t *rapid.T, what string, got, want tensor.Tensor, in ...tensor.Tensor) {
	if !got.Shape.Equal(want.Shape) {
		t.Fatalf("%s: shape %s, want %s", what, got.Shape, want.Shape)
	}
	g, w := get(got), get(want)
	for i := range g {
		if !alike(got, g[i], w[i]) {
			var operands []any
			for _, x := range in {
				operands = append(operands, x.Shape, x.Flat())
			}
			t.Fatalf("%s: value %d is %v, want %v, of %v", what, i, g[i], w[i], operands)
		}
	}
}

var pool = threads.New(2)

// An operator is an operation that gomlx's Go backend has too.
type operator struct {
	op     compute.OpType
	dtypes []dtypes.DType
	build  any // of compute.Function
	lowest int // value that operands are drawn from
}

func TestUnaryAgainstGo(t *testing.T) {
	type method = func(compute.Function, compute.Value) (compute.Value, error)
	signed := slices.Concat(integers[:4], floats)
	operators := []operator{
		{op: compute.OpTypeAbs, dtypes: numbers, build: compute.Function.Abs},
		{op: compute.OpTypeNeg, dtypes: signed, build: compute.Function.Neg},
		{op: compute.OpTypeBitwiseNot, dtypes: integers, build: compute.Function.BitwiseNot},
		{op: compute.OpTypeBitCount, dtypes: integers, build: compute.Function.BitCount},
		{op: compute.OpTypeClz, dtypes: integers, build: compute.Function.Clz},
		{op: compute.OpTypeLogicalNot, dtypes: boolean, build: compute.Function.LogicalNot},
		{op: compute.OpTypeIsFinite, dtypes: floats, build: compute.Function.IsFinite},
		{op: compute.OpTypeIsNaN, dtypes: numbers, build: compute.Function.IsNaN},
		{op: compute.OpTypeSign, dtypes: integers, build: compute.Function.Sign},
		{op: compute.OpTypeExp, dtypes: floats, build: compute.Function.Exp},
		{op: compute.OpTypeExpm1, dtypes: floats, build: compute.Function.Expm1},
		{op: compute.OpTypeLog, dtypes: floats, build: compute.Function.Log},
		{op: compute.OpTypeLog1p, dtypes: floats, build: compute.Function.Log1p},
		{op: compute.OpTypeLogistic, dtypes: floats, build: compute.Function.Logistic},
		{op: compute.OpTypeCeil, dtypes: floats, build: compute.Function.Ceil},
		{op: compute.OpTypeFloor, dtypes: floats, build: compute.Function.Floor},
		{op: compute.OpTypeRound, dtypes: floats, build: compute.Function.Round},
		{op: compute.OpTypeRsqrt, dtypes: floats, build: compute.Function.Rsqrt},
		{op: compute.OpTypeSqrt, dtypes: floats, build: compute.Function.Sqrt},
		{op: compute.OpTypeCos, dtypes: floats, build: compute.Function.Cos},
		{op: compute.OpTypeSin, dtypes: floats, build: compute.Function.Sin},
		{op: compute.OpTypeTanh, dtypes: floats, build: compute.Function.Tanh},
		{op: compute.OpTypeErf, dtypes: floats, build: compute.Function.Erf},
	}
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom(operators).Draw(t, "operator")
		for _, dtype := range o.dtypes {
			dims, _ := broadcasts(t, 0)
			x := random(t, shapes.Make(dtype, dims...), -4)
			want := reference(t, func(f compute.Function, in []compute.Value) (compute.Value, error) {
				return o.build.(method)(f, in[0])
			}, x)
			run, ok := Unary(o.op, dtype)
			if !ok {
				t.Fatalf("no %s of %s", o.op, dtype)
			}
			got := dirty(want.Shape)
			run(pool, got, x)
			expect(t, fmt.Sprint(o.op, " of ", dtype), got, want, x)
		}
	})
}

func TestBinaryAgainstGo(t *testing.T) {
	type method = func(compute.Function, compute.Value, compute.Value) (compute.Value, error)
	operators := []operator{
		{op: compute.OpTypeAdd, dtypes: numbers, build: compute.Function.Add, lowest: -4},
		{op: compute.OpTypeSub, dtypes: numbers, build: compute.Function.Sub, lowest: -4},
		{op: compute.OpTypeMul, dtypes: numbers, build: compute.Function.Mul, lowest: -4},
		{op: compute.OpTypeMax, dtypes: numbers, build: compute.Function.Max, lowest: -4},
		{op: compute.OpTypeMin, dtypes: numbers, build: compute.Function.Min, lowest: -4},
		{op: compute.OpTypeDiv, dtypes: numbers, build: compute.Function.Div, lowest: 1},
		{op: compute.OpTypeRem, dtypes: numbers, build: compute.Function.Rem, lowest: 1},
		{op: compute.OpTypePow, dtypes: numbers, build: compute.Function.Pow, lowest: 0},
		{op: compute.OpTypeAtan2, dtypes: floats, build: compute.Function.Atan2, lowest: -4},
		{op: compute.OpTypeBitwiseAnd, dtypes: integers, build: compute.Function.BitwiseAnd, lowest: -4},
		{op: compute.OpTypeBitwiseOr, dtypes: integers, build: compute.Function.BitwiseOr, lowest: -4},
		{op: compute.OpTypeBitwiseXor, dtypes: integers, build: compute.Function.BitwiseXor, lowest: -4},
		{op: compute.OpTypeShiftLeft, dtypes: integers, build: compute.Function.ShiftLeft, lowest: -4},
		{op: compute.OpTypeShiftRightArithmetic, dtypes: integers, build: compute.Function.ShiftRightArithmetic, lowest: -4},
		{op: compute.OpTypeShiftRightLogical, dtypes: integers, build: compute.Function.ShiftRightLogical, lowest: -4},
		{op: compute.OpTypeLogicalAnd, dtypes: boolean, build: compute.Function.LogicalAnd},
		{op: compute.OpTypeLogicalOr, dtypes: boolean, build: compute.Function.LogicalOr},
		{op: compute.OpTypeLogicalXor, dtypes: boolean, build: compute.Function.LogicalXor},
		{op: compute.OpTypeEqual, dtypes: numbers, build: compute.Function.Equal, lowest: -4},
		{op: compute.OpTypeNotEqual, dtypes: numbers, build: compute.Function.NotEqual, lowest: -4},
		{op: compute.OpTypeLessThan, dtypes: numbers, build: compute.Function.LessThan, lowest: -4},
		{op: compute.OpTypeLessOrEqual, dtypes: numbers, build: compute.Function.LessOrEqual, lowest: -4},
		{op: compute.OpTypeGreaterThan, dtypes: numbers, build: compute.Function.GreaterThan, lowest: -4},
		{op: compute.OpTypeGreaterOrEqual, dtypes: numbers, build: compute.Function.GreaterOrEqual, lowest: -4},
	}
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom(operators).Draw(t, "operator")
		for _, dtype := range o.dtypes {
			_, dims := broadcasts(t, 2)
			x := random(t, shapes.Make(dtype, dims[0]...), o.lowest)
			y := random(t, shapes.Make(dtype, dims[1]...), o.lowest)
			want := reference(t, func(f compute.Function, in []compute.Value) (compute.Value, error) {
				return o.build.(method)(f, in[0], in[1])
			}, x, y)
			run, ok := Binary(o.op, dtype)
			if !ok {
				t.Fatalf("no %s of %s", o.op, dtype)
			}
			got := dirty(want.Shape)
			run(pool, got, x, y)
			expect(t, fmt.Sprint(o.op, " of ", dtype), got, want, x, y)
		}
	})
}

func TestWhereAndClampAgainstGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dtype := rapid.SampledFrom(numbers).Draw(t, "dtype")
		out, in := broadcasts(t, 3)
		if slices.Contains(out, 0) {
			t.Skip("where the Go backend panics")
		}
		for i := range in { // the interface knows scalars alone
			if len(in[i]) > 0 {
				in[i] = out
			}
		}
		condition := random(t, shapes.Make(dtypes.Bool, in[0]...), 0)
		x, y := random(t, shapes.Make(dtype, in[1]...), -4), random(t, shapes.Make(dtype, in[2]...), -4)
		want := reference(t, func(f compute.Function, in []compute.Value) (compute.Value, error) {
			return f.Where(in[0], in[1], in[2])
		}, condition, x, y)
		run, _ := Where(dtype)
		got := dirty(want.Shape)
		run(pool, got, condition, x, y)
		expect(t, "Where", got, want, condition, x, y)

		low := random(t, shapes.Make(dtype, in[0]...), -4)
		want = reference(t, func(f compute.Function, in []compute.Value) (compute.Value, error) {
			return f.Clamp(in[0], in[1], in[2])
		}, low, x, y)
		run, _ = Clamp(dtype)
		got = dirty(want.Shape)
		run(pool, got, low, x, y)
		expect(t, "Clamp", got, want, low, x, y)
	})
}

func TestSameBitsOnAnyNumberOfThreadsAndInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dtype := rapid.SampledFrom(numbers).Draw(t, "dtype")
		x := random(t, shapes.Make(dtype, 3, 2*block/7, 5), -4)
		y := random(t, shapes.Make(dtype, 3, 1, 5), -4)
		run, _ := Binary(compute.OpTypeMul, dtype)
		one, two := dirty(x.Shape), dirty(x.Shape)
		run(threads.Single(), one, x, y)
		run(threads.New(3), two, x, y)
		run(pool, x, x, y)
		if !bytes.Equal(one.Bytes, two.Bytes) || !bytes.Equal(one.Bytes, x.Bytes) {
			t.Fatalf("%s: results differ", dtype)
		}
	})
}

func TestNotSupported(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.Complex64, dtypes.Int4, dtypes.Uint4} {
		_, a := Unary(compute.OpTypeAbs, dtype)
		_, b := Binary(compute.OpTypeAdd, dtype)
		_, c := Binary(compute.OpTypeEqual, dtype)
		_, d := Where(dtype)
		_, e := Clamp(dtype)
		_, f := Convert(dtype, dtypes.Float32)
		_, g := Convert(dtypes.Float32, dtype)
		_, h := Unary(compute.OpTypeIsNaN, dtype)
		if a || b || c || d || e || f || g || h {
			t.Errorf("%s is supported in parts", dtype)
		}
	}
	for op, dtype := range map[compute.OpType]dtypes.DType{
		compute.OpTypeLogicalAnd: dtypes.Float32, compute.OpTypeBitwiseAnd: dtypes.Float16,
		compute.OpTypeAtan2: dtypes.Int32, compute.OpTypeAdd: dtypes.Bool, compute.OpTypeExp: dtypes.Int8,
		compute.OpTypeDotGeneral: dtypes.Float32,
	} {
		_, one := Unary(op, dtype)
		_, two := Binary(op, dtype)
		if one || two {
			t.Errorf("there is a %s of %s", op, dtype)
		}
	}
}
