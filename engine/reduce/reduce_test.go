package reduce

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

var (
	integers = []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64,
		dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	floats  = []dtypes.DType{dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64}
	numbers = slices.Concat(integers, floats)
	boolean = []dtypes.DType{dtypes.Bool}
)

// fromFloats makes a tensor of values, rounded to the dtype.
func fromFloats(shape shapes.Shape, values []float64) tensor.Tensor {
	t := tensor.New(shape)
	switch shape.DType {
	case dtypes.Bool, dtypes.Uint8:
		setAll[uint8](t, values)
	case dtypes.Int8:
		setAll[int8](t, values)
	case dtypes.Int16:
		setAll[int16](t, values)
	case dtypes.Uint16:
		setAll[uint16](t, values)
	case dtypes.Int32:
		setAll[int32](t, values)
	case dtypes.Uint32:
		setAll[uint32](t, values)
	case dtypes.Int64:
		setAll[int64](t, values)
	case dtypes.Uint64:
		setAll[uint64](t, values)
	case dtypes.Float32:
		setAll[float32](t, values)
	case dtypes.Float64:
		setAll[float64](t, values)
	default:
		wide := make([]float32, len(values))
		for i, v := range values {
			wide[i] = float32(v)
		}
		formatOf(shape.DType, simd.Portable).narrow(tensor.As[uint16](t.Bytes), wide)
	}
	return t
}

func setAll[T number](t tensor.Tensor, values []float64) {
	for i, v := range values {
		if v < 0 {
			tensor.As[T](t.Bytes)[i] = T(int64(v)) // wraps around
		}
		if v >= 0 || T(1)/2 > 0 {
			tensor.As[T](t.Bytes)[i] = T(v)
		}
	}
}

func toFloats(t tensor.Tensor) []float64 {
	switch t.Shape.DType {
	case dtypes.Bool, dtypes.Uint8:
		return getAll[uint8](t)
	case dtypes.Int8:
		return getAll[int8](t)
	case dtypes.Int16:
		return getAll[int16](t)
	case dtypes.Uint16:
		return getAll[uint16](t)
	case dtypes.Int32:
		return getAll[int32](t)
	case dtypes.Uint32:
		return getAll[uint32](t)
	case dtypes.Int64:
		return getAll[int64](t)
	case dtypes.Uint64:
		return getAll[uint64](t)
	case dtypes.Float32:
		return getAll[float32](t)
	case dtypes.Float64:
		return getAll[float64](t)
	}
	wide := tensor.New(shapes.Make(dtypes.Float32, t.Shape.Size()))
	formatOf(t.Shape.DType, simd.Portable).widen(tensor.As[float32](wide.Bytes), tensor.As[uint16](t.Bytes))
	return toFloats(wide)
}

func getAll[T number](t tensor.Tensor) []float64 {
	values := make([]float64, t.Shape.Size())
	for i, v := range tensor.As[T](t.Bytes) {
		values[i] = float64(v)
	}
	return values
}

// An operator is a reduction with its definition on two values.
type operator struct {
	op       compute.OpType
	dtypes   []dtypes.DType
	identity float64
	join     func(a, b float64) float64
	values   []float64 // to draw from
}

func bitwise(f func(a, b int64) int64) func(a, b float64) float64 {
	return func(a, b float64) float64 { return float64(f(int64(a), int64(b))) }
}

var (
	andBits = bitwise(func(a, b int64) int64 { return a & b })
	orBits  = bitwise(func(a, b int64) int64 { return a | b })
	xorBits = bitwise(func(a, b int64) int64 { return a ^ b })
	anyOf   = []float64{-3, -2, -1, 0, 1, 2, 3}
	odd     = []float64{-3, -1.25, 0.5, 2, 7.75, math.Inf(1), math.NaN()}
	bits    = []float64{0, 1}
)

var operators = []operator{
	{compute.OpTypeReduceSum, integers, 0, func(a, b float64) float64 { return a + b }, anyOf},
	{compute.OpTypeReduceSum, floats, 0, func(a, b float64) float64 { return a + b }, []float64{-3, -1.25, 0.5, 2, 7.75}},
	{compute.OpTypeReduceProduct, floats, 1, func(a, b float64) float64 { return a * b }, append(slices.Repeat([]float64{1, -1}, 100), 2, 0.5)},
	{compute.OpTypeReduceProduct, integers, 1, func(a, b float64) float64 { return a * b }, []float64{1, -1}},
	{compute.OpTypeReduceMax, floats, math.Inf(-1), math.Max, odd[:6]},
	{compute.OpTypeReduceMin, floats, math.Inf(1), math.Min, odd[:6]},
	{compute.OpTypeReduceMax, floats, math.Inf(-1), func(a, b float64) float64 { return max(a, b) }, odd},
	{compute.OpTypeReduceMin, floats, math.Inf(1), func(a, b float64) float64 { return min(a, b) }, odd},
	{compute.OpTypeReduceMax, integers[:4], math.NaN(), math.Max, anyOf},
	{compute.OpTypeReduceMin, integers[:4], math.NaN(), math.Min, anyOf},
	{compute.OpTypeReduceMax, integers[4:], 0, math.Max, anyOf},
	{compute.OpTypeReduceMin, integers[4:], math.NaN(), math.Min, anyOf},
	{compute.OpTypeReduceBitwiseAnd, integers, -1, andBits, []float64{-1, -1, -1, -5, -2}},
	{compute.OpTypeReduceBitwiseOr, integers, 0, orBits, []float64{0, 0, 0, 4, 1}},
	{compute.OpTypeReduceBitwiseXor, integers, 0, xorBits, anyOf},
	{compute.OpTypeReduceLogicalAnd, boolean, 1, andBits, []float64{1, 1, 1, 0}},
	{compute.OpTypeReduceLogicalOr, boolean, 0, orBits, []float64{0, 0, 0, 1}},
	{compute.OpTypeReduceLogicalXor, boolean, 0, xorBits, bits},
	{compute.OpTypeReduceMax, boolean, 0, orBits, bits},
	{compute.OpTypeReduceMin, boolean, 1, andBits, bits},
}

// identityOf completes the identities that depend on the dtype.
func (o operator) identityOf(dtype dtypes.DType) float64 {
	if o.identity == o.identity {
		return o.identity
	}
	if o.op == compute.OpTypeReduceMax {
		return -math.Ldexp(1, dtype.Bits()-1)
	}
	width := dtype.Bits()
	if !dtype.IsUnsigned() {
		width--
	}
	return math.Ldexp(1, width) - 1
}

// definition reduces one value after another, and returns the sizes of what was
// added up, by which the error of a sum is bounded.
func (o operator) definition(in tensor.Tensor, axes []int) (results, sizes []float64) {
	n := 1
	for axis, size := range in.Shape.Dimensions {
		if !slices.Contains(axes, axis) {
			n *= size
		}
	}
	results, sizes = make([]float64, n), make([]float64, n)
	for i := range results {
		results[i] = o.identityOf(in.Shape.DType)
	}
	for i, v := range toFloats(in) {
		at, rest, stride := 0, i, 1
		for axis := in.Shape.Rank() - 1; axis >= 0; axis-- {
			size := in.Shape.Dimensions[axis]
			if !slices.Contains(axes, axis) {
				at += rest % size * stride
				stride *= size
			}
			rest /= size
		}
		results[at] = o.join(results[at], v)
		sizes[at] += math.Abs(v)
	}
	return results, sizes
}

func draw(seed uint64, shape shapes.Shape, from []float64) tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	values := make([]float64, shape.Size())
	for i := range values {
		values[i] = from[r.IntN(len(from))]
		if math.IsNaN(values[i]) && r.IntN(20) > 0 {
			values[i] = from[0]
		}
		if shape.DType.IsUnsigned() {
			values[i] = math.Abs(values[i])
		}
	}
	return fromFloats(shape, values)
}

func keptOf(in shapes.Shape, axes []int) shapes.Shape {
	var dims []int
	for axis, size := range in.Dimensions {
		if !slices.Contains(axes, axis) {
			dims = append(dims, size)
		}
	}
	return shapes.Make(in.DType, dims...)
}

func dirty(shape shapes.Shape) tensor.Tensor {
	t := tensor.New(shape)
	for i := range t.Bytes {
		t.Bytes[i] = 0xa5
	}
	return t
}

var pool = threads.New(2)

// precision is half a last place of values near 1.
var precision = map[dtypes.DType]float64{
	dtypes.Float16: 0x1p-11, dtypes.BFloat16: 0x1p-8, dtypes.Float32: 0x1p-24, dtypes.Float64: 0x1p-53,
}

type failer interface{ Fatalf(string, ...any) }

// check runs a reduction on every path and compares it with its definition.
func (o operator) check(t failer, in tensor.Tensor, axes []int) {
	if in.Shape.Size() == 0 && in.Shape.DType.Bits() == 64 {
		return // float64 cannot tell the limits of 64-bit integers
	}
	want, sizes := o.definition(in, axes)
	exact := fromFloats(shapes.Make(in.Shape.DType, len(want)), want) // wraps around, and rounds
	rounded := toFloats(exact)
	for _, path := range simd.Paths() {
		run, ok := Reduce(o.op, in.Shape.DType, path)
		if !ok {
			t.Fatalf("no %s of %s", o.op, in.Shape.DType)
		}
		out := dirty(keptOf(in.Shape, axes))
		run(pool, out, in, axes)
		for i, got := range toFloats(out) {
			bound := 0.0
			if o.op == compute.OpTypeReduceSum && in.Shape.DType.IsFloat() {
				bound = 64*min(precision[in.Shape.DType], 0x1p-24)*sizes[i] + 2*precision[in.Shape.DType]*math.Abs(want[i])
			}
			if !(math.Abs(got-rounded[i]) <= bound || got == rounded[i] || got != got && rounded[i] != rounded[i]) {
				t.Fatalf("%s of %s over %v on %s: value %d is %v, want %v", o.op, in.Shape, axes, path, i, got, rounded[i])
			}
		}
	}
}

// shapeAndAxes draws a shape and some of its axes, in any order.
func shapeAndAxes(t *rapid.T) (dims, axes []int) {
	dims = rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 1, 2, 3, 7, 20}), 0, 5).Draw(t, "dims")
	for axis := range dims {
		if rapid.Bool().Draw(t, "reduced") {
			axes = append(axes, axis)
		}
	}
	if len(axes) == 0 {
		for axis := range dims {
			axes = append(axes, axis)
		}
	}
	return dims, rapid.Permutation(axes).Draw(t, "axes")
}

func TestReduce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims, axes := shapeAndAxes(t)
		o := rapid.SampledFrom(operators).Draw(t, "operator")
		dtype := rapid.SampledFrom(o.dtypes).Draw(t, "dtype")
		o.check(t, draw(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtype, dims...), o.values), axes)
	})
}

// Shapes that are cut into parts, groups, strips and tiles.
var long = []struct{ dims, axes []int }{
	{[]int{200_001}, []int{0}},
	{[]int{3, 70_000}, []int{1}},
	{[]int{5, 3, 30_000}, []int{0, 2}},
	{[]int{40_000, 3, 2}, []int{0, 2}},
	{[]int{70_001, 3}, []int{0}},
	{[]int{9_000, 64}, []int{0}},
	{[]int{130, 1_100}, []int{0}},
	{[]int{300, 600}, []int{0}},
	{[]int{2, 5_001}, []int{0}},
	{[]int{2, 20_000, 5}, []int{1}},
	{[]int{50, 3, 70, 20}, []int{0, 2}},
	{[]int{1_000, 7, 10}, []int{1}},
}

func TestReduceLong(t *testing.T) {
	for i, c := range long {
		for _, o := range operators[:8] {
			for _, dtype := range o.dtypes {
				if dtype == dtypes.Int32 || dtype == dtypes.Float32 || dtype == dtypes.BFloat16 {
					o.check(t, draw(uint64(i), shapes.Make(dtype, c.dims...), o.values), c.axes)
				}
			}
		}
	}
}

func noise(seed uint64, shape shapes.Shape) tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 1))
	values := make([]float64, shape.Size())
	for i := range values {
		values[i] = r.NormFloat64()
	}
	return fromFloats(shape, values)
}

func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	many := threads.New(5)
	for i, c := range long {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float16} {
			in := noise(uint64(i), shapes.Make(dtype, c.dims...))
			for _, path := range simd.Paths() {
				run, _ := Reduce(compute.OpTypeReduceSum, dtype, path)
				one, five := dirty(keptOf(in.Shape, c.axes)), dirty(keptOf(in.Shape, c.axes))
				run(threads.Single(), one, in, c.axes)
				run(many, five, in, c.axes)
				if !bytes.Equal(one.Bytes, five.Bytes) {
					t.Errorf("%v over %v of %s on %s: results differ", c.dims, c.axes, dtype, path)
				}
			}
		}
	}
}

// An item of a batch is reduced as it is alone.
func TestSameBitsInAnyBatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 30, 70, 300}), 1, 3).Draw(t, "dims")
		batch := rapid.IntRange(2, 5).Draw(t, "batch")
		var axes []int
		for axis := range dims {
			if axis == len(dims)-1 && len(axes) == 0 || rapid.Bool().Draw(t, "reduced") {
				axes = append(axes, axis+1)
			}
		}
		in := noise(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtypes.Float32, append([]int{batch}, dims...)...))
		run, _ := Reduce(compute.OpTypeReduceSum, dtypes.Float32, rapid.SampledFrom(simd.Paths()).Draw(t, "path"))
		out := dirty(keptOf(in.Shape, axes))
		run(pool, out, in, axes)
		size, results := len(in.Bytes)/batch, len(out.Bytes)/batch
		for i := range batch {
			item := tensor.Tensor{Shape: shapes.Make(dtypes.Float32, append([]int{1}, dims...)...), Bytes: in.Bytes[i*size : (i+1)*size]}
			alone := dirty(keptOf(item.Shape, axes))
			run(pool, alone, item, axes)
			if !bytes.Equal(alone.Bytes, out.Bytes[i*results:(i+1)*results]) {
				t.Fatalf("item %d of %v over %v differs", i, in.Shape, axes)
			}
		}
	})
}

func TestNoAxes(t *testing.T) {
	in := fromFloats(shapes.Make(dtypes.Int32, 2, 2), []float64{1, 2, 3, 4})
	run, _ := Reduce(compute.OpTypeReduceSum, dtypes.Int32, simd.Best())
	sum, copied := dirty(shapes.Make(dtypes.Int32)), dirty(in.Shape)
	run(pool, sum, in, nil)
	run(pool, copied, in, nil)
	if got := fmt.Sprint(toFloats(sum), toFloats(copied)); got != "[10] [1 2 3 4]" {
		t.Errorf("got %s", got)
	}
}

func TestLimitsOfWideIntegers(t *testing.T) {
	for dtype, want := range map[dtypes.DType][2]uint64{
		dtypes.Int64:  {1 << 63, 1<<63 - 1},
		dtypes.Uint64: {0, math.MaxUint64},
	} {
		for i, op := range []compute.OpType{compute.OpTypeReduceMax, compute.OpTypeReduceMin} {
			run, _ := Reduce(op, dtype, simd.Best())
			out := dirty(shapes.Make(dtype, 3))
			run(pool, out, tensor.New(shapes.Make(dtype, 3, 0)), []int{1})
			if got := tensor.As[uint64](out.Bytes); !slices.Equal(got, slices.Repeat(want[i:i+1], 3)) {
				t.Errorf("%s of no %s: got %#x, want %#x", op, dtype, got, want[i])
			}
		}
	}
}

func TestNotSupported(t *testing.T) {
	for op, dtype := range map[compute.OpType]dtypes.DType{
		compute.OpTypeReduceSum: dtypes.Complex64, compute.OpTypeReduceMax: dtypes.Int4,
		compute.OpTypeReduceBitwiseAnd: dtypes.Float32, compute.OpTypeReduceLogicalOr: dtypes.Int8,
		compute.OpTypeReduceProduct: dtypes.Bool, compute.OpTypeReduceBitwiseOr: dtypes.BFloat16,
		compute.OpTypeAdd: dtypes.Float32,
	} {
		if _, ok := Reduce(op, dtype, simd.Best()); ok {
			t.Errorf("there is a %s of %s", op, dtype)
		}
	}
	_, complex := CumSum(dtypes.Complex64)
	_, truth := CumSum(dtypes.Bool)
	_, small := ArgMinMax(dtypes.Int4, dtypes.Int32)
	_, place := ArgMinMax(dtypes.Float32, dtypes.Float32)
	if complex || truth || small || place {
		t.Error("unsupported types are supported")
	}
}

func TestWrongOutput(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an output of the wrong shape was filled")
		}
	}()
	run, _ := Reduce(compute.OpTypeReduceSum, dtypes.Int8, simd.Best())
	run(pool, tensor.New(shapes.Make(dtypes.Int8, 3)), tensor.New(shapes.Make(dtypes.Int8, 3, 2)), []int{0})
}
