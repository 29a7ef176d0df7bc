package scalar

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// pairs holds every pair of values of a type of 8 bits.
func pairs(dtype dtypes.DType) (a, b tensor.Tensor) {
	a, b = tensor.New(shapes.Make(dtype, 256, 1)), tensor.New(shapes.Make(dtype, 1, 256))
	for i := range 256 {
		a.Bytes[i], b.Bytes[i] = byte(i), byte(i)
	}
	return a, b
}

// integerReference is the definition of an operation on integers of 8 bits, before
// the result wraps around.
func integerReference(op compute.OpType, x, y int64) int64 {
	switch op {
	case compute.OpTypeAdd:
		return x + y
	case compute.OpTypeMul:
		return x * y
	case compute.OpTypeDiv:
		if y == 0 {
			return -1
		}
		return x / y
	case compute.OpTypeRem:
		if y == 0 {
			return x
		}
		return x % y
	case compute.OpTypePow:
		switch {
		case y < 0 && x*x != 1:
			return 0
		case y < 0:
			return int64(math.Pow(float64(x), float64(y&1)))
		}
		return new(big.Int).Exp(big.NewInt(x&255), big.NewInt(y), big.NewInt(256)).Int64()
	case compute.OpTypeShiftLeft:
		if y < 0 || y > 7 {
			return 0
		}
		return x << y
	case compute.OpTypeShiftRightArithmetic:
		if y < 0 || y > 7 {
			return x >> 63
		}
		return x >> y
	case compute.OpTypeShiftRightLogical:
		if y < 0 || y > 7 {
			return 0
		}
		return x & 255 >> y
	}
	panic(op)
}

func TestEveryPairOfBytes(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.Int8, dtypes.Uint8} {
		for _, op := range []compute.OpType{
			compute.OpTypeAdd, compute.OpTypeMul, compute.OpTypeDiv, compute.OpTypeRem, compute.OpTypePow,
			compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical,
		} {
			a, b := pairs(dtype)
			out := dirty(shapes.Make(dtype, 256, 256))
			run, _ := Binary(op, dtype)
			run(pool, out, a, b)
			x, y := get(a), get(b)
			for i, got := range out.Bytes {
				p, q := int64(x[i/256]), int64(y[i%256])
				if want := byte(integerReference(op, p, q)); got != want {
					t.Fatalf("%s of %d and %d as %s: got %d, want %d", op, p, q, dtype, got, want)
				}
			}
		}
	}
}

func TestWidestIntegers(t *testing.T) {
	x := tensor.FromFlat([]int64{math.MinInt64, math.MinInt64, math.MinInt64, 3, -1, -1}, shapes.Make(dtypes.Int64, 6))
	y := tensor.FromFlat([]int64{-1, 0, 63, 39, -3, 64}, shapes.Make(dtypes.Int64, 6))
	for op, want := range map[compute.OpType][]int64{
		compute.OpTypeDiv:               {math.MinInt64, -1, math.MinInt64 / 63, 0, 0, 0},
		compute.OpTypeRem:               {0, math.MinInt64, math.MinInt64 % 63, 3, -1, -1},
		compute.OpTypePow:               {0, 1, 0, 4052555153018976267, -1, 1},
		compute.OpTypeShiftRightLogical: {0, math.MinInt64, 1, 0, 0, 0},
	} {
		run, _ := Binary(op, dtypes.Int64)
		out := dirty(x.Shape)
		run(pool, out, x, y)
		if got := tensor.Of[int64](out); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", op, got, want)
		}
	}
}

// The total order of floats of every size: what stands further right is greater.
func TestTotalOrder(t *testing.T) {
	negative := math.Float64frombits(math.Float64bits(math.NaN()) | 1<<63)
	ordered := []float64{negative, math.Inf(-1), -2, -1e-4, math.Copysign(0, -1), 0, 1e-4, 2, math.Inf(1), math.NaN()}
	for _, dtype := range floats {
		n := len(ordered)
		a, b := tensor.New(shapes.Make(dtype, n, 1)), tensor.New(shapes.Make(dtype, 1, n))
		for i, v := range ordered {
			set(a, i, v)
			set(b, i, v)
		}
		for op, holds := range map[compute.OpType]func(i, j int) bool{
			compute.OpTypeEqualTotalOrder:          func(i, j int) bool { return i == j },
			compute.OpTypeNotEqualTotalOrder:       func(i, j int) bool { return i != j },
			compute.OpTypeLessThanTotalOrder:       func(i, j int) bool { return i < j },
			compute.OpTypeLessOrEqualTotalOrder:    func(i, j int) bool { return i <= j },
			compute.OpTypeGreaterThanTotalOrder:    func(i, j int) bool { return i > j },
			compute.OpTypeGreaterOrEqualTotalOrder: func(i, j int) bool { return i >= j },
		} {
			run, ok := Binary(op, dtype)
			if !ok {
				t.Fatalf("no %s of %s", op, dtype)
			}
			out := dirty(shapes.Make(dtypes.Bool, n, n))
			run(pool, out, a, b)
			for i, got := range tensor.Of[bool](out) {
				if got != holds(i/n, i%n) {
					t.Errorf("%s of %s: %v and %v: %v", op, dtype, ordered[i/n], ordered[i%n], got)
				}
			}
		}
	}
	run, _ := Binary(compute.OpTypeLessThanTotalOrder, dtypes.Int8) // the plain order
	out := dirty(shapes.Make(dtypes.Bool))
	run(pool, out, tensor.FromFlat([]int8{-3}, shapes.Make(dtypes.Int8)), tensor.FromFlat([]int8{2}, shapes.Make(dtypes.Int8)))
	if !tensor.Of[bool](out)[0] {
		t.Error("-3 is not less than 2")
	}
}

func TestZerosAndNaNs(t *testing.T) {
	minus := math.Copysign(0, -1)
	for op, want := range map[compute.OpType][]float64{
		compute.OpTypeSign: {minus, 0, math.NaN(), -1, 1},
		compute.OpTypeAbs:  {0, 0, math.NaN(), math.Inf(1), 2},
		compute.OpTypeNeg:  {0, minus, math.NaN(), math.Inf(1), -2},
		compute.OpTypeReal: {minus, 0, math.NaN(), math.Inf(-1), 2},
	} {
		for _, dtype := range floats {
			x := tensor.New(shapes.Make(dtype, 5))
			for i, v := range []float64{minus, 0, math.NaN(), math.Inf(-1), 2} {
				set(x, i, v)
			}
			run, _ := Unary(op, dtype)
			out := dirty(x.Shape)
			run(pool, out, x)
			for i, got := range get(out) {
				if got != want[i] && want[i] == want[i] || math.Signbit(got) != math.Signbit(want[i]) && got == got {
					t.Errorf("%s of %s: got %v, want %v", op, dtype, get(out), want)
				}
			}
		}
	}
}

func TestBooleansAreOrdered(t *testing.T) {
	a := tensor.FromFlat([]bool{false, false, true, true}, shapes.Make(dtypes.Bool, 4))
	b := tensor.FromFlat([]bool{false, true, false, true}, shapes.Make(dtypes.Bool, 4))
	for op, want := range map[compute.OpType][]bool{
		compute.OpTypeEqual:    {true, false, false, true},
		compute.OpTypeLessThan: {false, true, false, false},
		compute.OpTypeMax:      {false, true, true, true},
		compute.OpTypeMin:      {false, false, false, true},
	} {
		run, _ := Binary(op, dtypes.Bool)
		out := dirty(a.Shape)
		run(pool, out, a, b)
		if got := tensor.Of[bool](out); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", op, got, want)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	empty := tensor.New(shapes.Make(dtypes.Float32, 3, 0))
	one := tensor.New(shapes.Make(dtypes.Float32))
	add, _ := Binary(compute.OpTypeAdd, dtypes.Float32)
	add(pool, empty, empty, one)
	add(pool, empty, tensor.New(shapes.Make(dtypes.Float32, 3, 1)), empty)
	where, _ := Where(dtypes.Float32)
	where(pool, empty, tensor.New(shapes.Make(dtypes.Bool)), one, empty)
	Bitcast(pool, empty, empty)
}

// What float64 cannot hold is compared as big numbers.
func TestConvert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom(all).Draw(t, "from")
		x := random(t, shapes.Make(from, 7, 20), -4)
		if from != dtypes.Bool { // any bits, too
			bits := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "bits"), 0))
			for i := range len(x.Bytes) / 4 {
				x.Bytes[i] = byte(bits.Uint32())
			}
		}
		for _, to := range all {
			run, ok := Convert(from, to)
			if !ok {
				t.Fatalf("no conversion from %s to %s", from, to)
			}
			out := dirty(shapes.Make(to, 7, 20))
			run(threads.Single(), out, x)
			got, values := get(out), get(x)
			for i, v := range values {
				if want := converted(exact(x, i, v), v, to); !alike(out, got[i], want) && !rounded(to, got[i], want) {
					t.Fatalf("%v from %s to %s: got %v, want %v", v, from, to, got[i], want)
				}
			}
		}
	})
}

// exact returns an integer without the loss of float64; v is its value with it.
func exact(t tensor.Tensor, i int, v float64) *big.Int {
	switch flat := t.Flat().(type) {
	case []int64:
		return big.NewInt(flat[i])
	case []uint64:
		return new(big.Int).SetUint64(flat[i])
	}
	if t.Shape.DType.IsFloat() {
		return nil
	}
	return big.NewInt(int64(v))
}

// converted is what a value becomes: n where it was an integer, v otherwise.
func converted(n *big.Int, v float64, to dtypes.DType) float64 {
	out := tensor.New(shapes.Make(to, 1))
	switch {
	case to == dtypes.Bool:
		if v != 0 {
			return 1
		}
		return 0
	case to.IsFloat():
		set(out, 0, v)
		return get(out)[0]
	}
	low, size := new(big.Int), new(big.Int).Lsh(big.NewInt(1), uint(to.Bits()))
	if !to.IsUnsigned() {
		low.Rsh(size, 1).Neg(low)
	}
	high := new(big.Int).Sub(new(big.Int).Add(low, size), big.NewInt(1))
	switch {
	case n != nil: // wraps around
		n = new(big.Int).Mod(n, size)
		if n.Cmp(high) > 0 {
			n.Sub(n, size)
		}
	case v != v:
		n = new(big.Int)
	case math.IsInf(v, 1):
		n = high
	case math.IsInf(v, -1):
		n = low
	default:
		n, _ = new(big.Float).SetFloat64(v).Int(nil)
		if n.Cmp(high) > 0 {
			n = high
		}
		if n.Cmp(low) < 0 {
			n = low
		}
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}

// rounded allows for a 64-bit integer that was rounded to float64 on its way to a
// smaller float: half a last place more.
func rounded(to dtypes.DType, got, want float64) bool {
	return to.IsFloat() && math.Abs(want) > 1<<52 && math.Abs(got-want) <= math.Abs(want)/(1<<7)
}

func TestBitcast(t *testing.T) {
	x := tensor.FromFlat([]uint32{0xdeadbeef, 1}, shapes.Make(dtypes.Uint32, 2))
	out := dirty(shapes.Make(dtypes.Uint16, 2, 2))
	Bitcast(pool, out, x)
	if got, want := tensor.Of[uint16](out), []uint16{0xbeef, 0xdead, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func TestWhereRepeatsAxes(t *testing.T) {
	condition := tensor.FromFlat([]bool{true, false}, shapes.Make(dtypes.Bool, 2, 1))
	yes := tensor.FromFlat([]int16{1, 2, 3}, shapes.Make(dtypes.Int16, 1, 3))
	no := tensor.FromFlat([]int16{7}, shapes.Make(dtypes.Int16))
	out := dirty(shapes.Make(dtypes.Int16, 2, 3))
	run, _ := Where(dtypes.Int16)
	run(pool, out, condition, yes, no)
	if got, want := tensor.Of[int16](out), []int16{1, 2, 3, 7, 7, 7}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
