package simd

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// A unaryCase is a kernel, what it should give in float64, and how far off it
// may be in units of the last place; 0.5 is rounded correctly.
type unaryCase struct {
	name   string
	kernel func(*Kernels) Unary
	exact  func(float64) float64
	ulp    float64
}

var unaryCases = []unaryCase{
	{"Not", func(k *Kernels) Unary { return k.Not }, nil, 0},
	{"Neg", func(k *Kernels) Unary { return k.Neg }, func(a float64) float64 { return -a }, 0},
	{"Abs", func(k *Kernels) Unary { return k.Abs }, math.Abs, 0},
	{"Sign", func(k *Kernels) Unary { return k.Sign }, func(a float64) float64 { return float64(sign(float32(a))) }, 0},
	{"Sqrt", func(k *Kernels) Unary { return k.Sqrt }, math.Sqrt, 0.5},
	{"Reciprocal", func(k *Kernels) Unary { return k.Reciprocal }, func(a float64) float64 { return 1 / a }, 0.5},
	{"Square", func(k *Kernels) Unary { return k.Square }, func(a float64) float64 { return a * a }, 0.5},
	{"Floor", func(k *Kernels) Unary { return k.Floor }, math.Floor, 0},
	{"Ceil", func(k *Kernels) Unary { return k.Ceil }, math.Ceil, 0},
	{"Round", func(k *Kernels) Unary { return k.Round }, math.RoundToEven, 0},
	{"Rsqrt", func(k *Kernels) Unary { return k.Rsqrt }, func(a float64) float64 { return 1 / math.Sqrt(a) }, 1.5},
	{"IsFinite", func(k *Kernels) Unary { return k.IsFinite }, func(a float64) float64 { return truth(a-a == 0) }, 0},
	{"IsNaN", func(k *Kernels) Unary { return k.IsNaN }, func(a float64) float64 { return truth(a != a) }, 0},
	{"Exp", func(k *Kernels) Unary { return k.Exp }, math.Exp, 1},
	{"Expm1", func(k *Kernels) Unary { return k.Expm1 }, math.Expm1, 1.5},
	{"Log", func(k *Kernels) Unary { return k.Log }, math.Log, 0.9},
	{"Log1p", func(k *Kernels) Unary { return k.Log1p }, math.Log1p, 1.5},
	{"Tanh", func(k *Kernels) Unary { return k.Tanh }, tanh, 2.5},
	{"Logistic", func(k *Kernels) Unary { return k.Logistic }, func(a float64) float64 { return 1 / (1 + math.Exp(-a)) }, 2.4},
	{"Erf", func(k *Kernels) Unary { return k.Erf }, math.Erf, 1.1},
	{"Sin", func(k *Kernels) Unary { return k.Sin }, math.Sin, 1.6},
	{"Cos", func(k *Kernels) Unary { return k.Cos }, math.Cos, 1.6},
}

func truth(b bool) float64 { return float64(mask(b)) }

// off is the distance of got from the exact value in units of the last place of
// float32 there, NaN and infinities and the sign of zero being exact or +Inf off.
func off(got float32, exact float64) float64 {
	want := float32(exact)
	switch {
	case want != want || got != got:
		if want != want && got != got {
			return 0
		}
		return math.Inf(1)
	case got == want:
		if got == 0 && exact == 0 && math.Signbit(float64(got)) != math.Signbit(exact) {
			return math.Inf(1)
		}
		if math.IsInf(float64(got), 0) {
			return 0
		}
	case math.IsInf(float64(got), 0) && math.Abs(exact) < math.MaxFloat32:
		return math.Inf(1)
	case math.IsInf(float64(got), 0):
		return math.Abs(exact-math.Copysign(0x1p128, float64(got))) / 0x1p104
	}
	_, exponent := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(exponent-24, -149))
}

// TestUnaryEverywhere walks over all bit patterns of float32 in strides, and all
// that are near where something special happens.
func TestUnaryEverywhere(t *testing.T) {
	const stride = 4093 * 2 // not of a power of two, so that all fractions occur
	var a []float32
	for bits := 0; bits < 1<<32; bits += stride {
		a = append(a, math.Float32frombits(uint32(bits)))
	}
	for _, x := range special {
		bits := math.Float32bits(x)
		for d := range uint32(64) {
			a = append(a, math.Float32frombits(bits-d), math.Float32frombits(bits+d))
		}
	}
	for _, c := range unaryCases[1:] {
		exact := make([]float64, len(a))
		for i, x := range a {
			exact[i] = c.exact(float64(x))
		}
		for _, p := range Paths() {
			got := make([]float32, len(a))
			c.kernel(For(p))(got, a)
			worst, at := -1.0, 0
			for i := range a {
				if e := off(got[i], exact[i]); e > worst {
					worst, at = e, i
				}
			}
			if worst > max(c.ulp, 0) {
				t.Errorf("%s on %s: %g gives %g, not %g: %.3g ulp off", c.name, p, a[at], got[at], exact[at], worst)
			}
			if testing.Verbose() {
				t.Logf("%-10s %-8s %.3f ulp at %g", c.name, p, worst, a[at])
			}
		}
	}
}

// special are operands near which kernels change what they do.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -0.5, 1.5, 2.5, 10, -10, 88.72284, 89, -87.33655, -103.97, -104, -18, 17,
	0x1p-149, -0x1p-149, 0x1p-126, -0x1p-126, 0x1p-25, -0x1p-25, 0x1p23, 0x1p24, 0x1p31, -0x1p31, math.MaxFloat32, -math.MaxFloat32,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.Sqrt2, math.Sqrt2 / 2, math.Sqrt2 - 1, math.Sqrt2/2 - 1,
	0.875, -0.875, 3.95, 3.92, 0.34657, -0.34657, 0.1732868, math.Pi, math.Pi / 2,
}

// floats draws slices of n elements, some of them special, that start at any
// place of the memory that they share with others.
func floats(t *rapid.T, n int, label string) []float32 {
	at := rapid.IntRange(0, 17).Draw(t, label+" offset")
	values := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(special), rapid.Float32(), rapid.Float32Range(-20, 20)), n, n).Draw(t, label)
	memory := make([]float32, at+n)
	copy(memory[at:], values)
	return memory[at:]
}

// same reports whether two floats are the same bits, or both NaN.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// TestUnaryLanes: an element's result depends on nothing else, whatever the
// place, the length, and whether it is written over the operand; AVX-512 and
// AVX2 agree.
func TestUnaryLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := floats(t, rapid.IntRange(0, 200).Draw(t, "n"), "a")
		c := rapid.SampledFrom(unaryCases).Draw(t, "kernel")
		if c.name == "Not" {
			toMasks(a)
		}
		var best []float32
		for _, p := range Paths() {
			guard := guarded(len(a))
			c.kernel(For(p))(guard.dst, a)
			guard.check(t)
			got := append([]float32(nil), guard.dst...)
			for i := range a {
				var one [1]float32
				c.kernel(For(p))(one[:], a[i:i+1])
				if !same(one[0], got[i]) {
					t.Fatalf("%s on %s: %g alone gives %g, at %d of %d %g", c.name, p, a[i], one[0], i, len(a), got[i])
				}
			}
			place := append([]float32(nil), a...)
			c.kernel(For(p))(place, place)
			equalSlices(t, fmt.Sprintf("%s on %s in place", c.name, p), place, got)
			if p != Portable && best == nil {
				best = got
			} else if p != Portable {
				equalSlices(t, fmt.Sprintf("%s on %s and the better path", c.name, p), got, best)
			}
		}
	})
}

func toMasks(a []float32) {
	for i, x := range a {
		a[i] = mask(x > 0)
	}
}

func equalSlices(t *rapid.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d of %d is %g, not %g", what, i, len(want), got[i], want[i])
		}
	}
}

// A guard is a slice with memory before and behind it that must not change.
type guard struct {
	memory, dst []float32
}

const untouched = 12345.678

func guarded(n int) guard {
	memory := make([]float32, n+64)
	Fill(memory, untouched)
	return guard{memory, memory[32 : 32+n : 32+n]}
}

func (g guard) check(t *rapid.T) {
	t.Helper()
	for i, x := range g.memory {
		if x != untouched && (i < 32 || i >= 32+len(g.dst)) {
			t.Fatalf("wrote %g at %d of a slice of %d", x, i-32, len(g.dst))
		}
	}
}
