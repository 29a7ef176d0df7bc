package simd

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

type binaryCase struct {
	name   string
	kernel func(*Kernels) Binary
	exact  func(a, b float64) float64
	ulp    float64
}

var binaryCases = []binaryCase{
	{"Add", func(k *Kernels) Binary { return k.Add }, func(a, b float64) float64 { return a + b }, 0.5},
	{"Sub", func(k *Kernels) Binary { return k.Sub }, func(a, b float64) float64 { return a - b }, 0.5},
	{"Mul", func(k *Kernels) Binary { return k.Mul }, func(a, b float64) float64 { return a * b }, 0.5},
	{"Div", func(k *Kernels) Binary { return k.Div }, func(a, b float64) float64 { return a / b }, 0.5},
	{"Rem", func(k *Kernels) Binary { return k.Rem }, math.Mod, 0},
	{"Pow", func(k *Kernels) Binary { return k.Pow }, math.Pow, 0.6},
	{"Max", func(k *Kernels) Binary { return k.Max }, func(a, b float64) float64 { return max(a, b) }, 0},
	{"Min", func(k *Kernels) Binary { return k.Min }, func(a, b float64) float64 { return min(a, b) }, 0},
	{"Equal", func(k *Kernels) Binary { return k.Equal }, func(a, b float64) float64 { return truth(a == b) }, 0},
	{"NotEqual", func(k *Kernels) Binary { return k.NotEqual }, func(a, b float64) float64 { return truth(a != b) }, 0},
	{"Less", func(k *Kernels) Binary { return k.Less }, func(a, b float64) float64 { return truth(a < b) }, 0},
	{"LessEqual", func(k *Kernels) Binary { return k.LessEqual }, func(a, b float64) float64 { return truth(a <= b) }, 0},
	{"Greater", func(k *Kernels) Binary { return k.Greater }, func(a, b float64) float64 { return truth(a > b) }, 0},
	{"GreaterEqual", func(k *Kernels) Binary { return k.GreaterEqual }, func(a, b float64) float64 { return truth(a >= b) }, 0},
	{"And", func(k *Kernels) Binary { return k.And }, func(a, b float64) float64 { return truth(a*b != 0) }, 0},
	{"Or", func(k *Kernels) Binary { return k.Or }, func(a, b float64) float64 { return truth(a+b != 0) }, 0},
	{"Xor", func(k *Kernels) Binary { return k.Xor }, func(a, b float64) float64 { return truth(a != b) }, 0},
}

// close fails unless got is within some units of the last place of the exact
// value; either zero will do.
func close(t *rapid.T, what string, got float32, exact, ulp float64) {
	t.Helper()
	if e := off(got, exact); e > ulp && (got != 0 || exact != 0) {
		t.Fatalf("%s gives %g, not %g: %.3g ulp off", what, got, exact, e)
	}
}

func TestBinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		a, b := floats(t, n, "a"), floats(t, n, "b")
		for i := range a { // or they would never be equal
			if rapid.IntRange(0, 9).Draw(t, "equal") == 0 {
				b[i] = a[i]
			}
		}
		for _, c := range binaryCases {
			a, b := append([]float32(nil), a...), append([]float32(nil), b...)
			if c.name == "And" || c.name == "Or" || c.name == "Xor" {
				toMasks(a)
				toMasks(b)
			}
			for _, p := range Paths() {
				what := c.name + " on " + string(p)
				guard := guarded(n)
				c.kernel(For(p))(guard.dst, a, b)
				guard.check(t)
				for i, got := range guard.dst {
					close(t, what, got, c.exact(float64(a[i]), float64(b[i])), c.ulp)
				}
				over := append([]float32(nil), a...)
				c.kernel(For(p))(over, over, b)
				equalSlices(t, what+" over a", over, guard.dst)
				over = append(over[:0], b...)
				c.kernel(For(p))(over, a, over)
				equalSlices(t, what+" over b", over, guard.dst)
			}
		}
	})
}

func TestTernary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		a, b, c := floats(t, n, "a"), floats(t, n, "b"), floats(t, n, "c")
		for _, p := range Paths() {
			k, guard := For(p), guarded(n)
			k.Select(guard.dst, a, b, c)
			guard.check(t)
			for i, got := range guard.dst {
				want := c[i]
				if a[i] != 0 {
					want = b[i]
				}
				if !same(got, want) {
					t.Fatalf("Select on %s: %g ? %g : %g gives %g", p, a[i], b[i], c[i], got)
				}
			}
			k.MulAdd(guard.dst, a, b, c)
			guard.check(t)
			for i, got := range guard.dst {
				close(t, "MulAdd on "+string(p), got, fma(a[i], b[i], c[i]), 0.5001)
			}
			over := append([]float32(nil), c...)
			k.MulAdd(over, a, b, over)
			equalSlices(t, "MulAdd over c", over, guard.dst)
			if n > 1 {
				k.MulAddScalar(guard.dst, a, b[0], c[1])
				guard.check(t)
				for i, got := range guard.dst {
					close(t, "MulAddScalar on "+string(p), got, fma(a[i], b[0], c[1]), 0.5001)
				}
			}
		}
	})
}

// fma is a*b+c; only the sum is rounded, to float64.
func fma(a, b, c float32) float64 { return math.FMA(float64(a), float64(b), float64(c)) }

// TestLengths: every kernel refuses operands of another length.
func TestLengths(t *testing.T) {
	three, two := make([]float32, 3), make([]float32, 2)
	for _, p := range Paths() {
		k := For(p)
		for _, c := range unaryCases {
			refuses(t, c.name, func() { c.kernel(k)(three, two) })
		}
		for _, c := range binaryCases {
			refuses(t, c.name, func() { c.kernel(k)(three, two, three) })
			refuses(t, c.name, func() { c.kernel(k)(three, three, two) })
		}
		refuses(t, "Select", func() { k.Select(two, two, two, three) })
		refuses(t, "MulAdd", func() { k.MulAdd(two, three, two, two) })
		refuses(t, "MulAddScalar", func() { k.MulAddScalar(two, three, 1, 1) })
		refuses(t, "Dot", func() { k.Dot(two, three) })
		refuses(t, "Transpose", func() { k.Transpose(three, 2, make([]float32, 4), 2, 2, 2) })
		refuses(t, "Transpose", func() { k.Transpose(make([]float32, 4), 2, three, 2, 2, 2) })
		refuses(t, "Transpose", func() { k.Transpose(make([]float32, 4), 1, make([]float32, 4), 2, 2, 2) })
		refuses(t, "FromBool", func() { k.FromBool(two, make([]bool, 3)) })
		refuses(t, "ToBool", func() { k.ToBool(make([]bool, 3), two) })
		refuses(t, "FromInt32", func() { k.FromInt32(two, make([]int32, 3)) })
		refuses(t, "ToInt32", func() { k.ToInt32(make([]int32, 3), two) })
		refuses(t, "FromFloat16", func() { k.FromFloat16(two, make([]uint16, 3)) })
		refuses(t, "ToFloat16", func() { k.ToFloat16(make([]uint16, 3), two) })
		refuses(t, "FromBfloat16", func() { k.FromBfloat16(two, make([]uint16, 3)) })
		refuses(t, "ToBfloat16", func() { k.ToBfloat16(make([]uint16, 3), two) })
	}
}

func refuses(t *testing.T, what string, call func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s takes operands of different lengths", what)
		}
	}()
	call()
}
