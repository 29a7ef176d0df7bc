package simd

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestConversions compares the paths over many lengths with plain Go, which
// TestHalves compares with arithmetic.
func TestConversions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 100).Draw(t, "n")
		a := floats(t, n, "a")
		bools := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "bools")
		ints := rapid.SliceOfN(rapid.Int32(), n, n).Draw(t, "ints")
		halves := rapid.SliceOfN(rapid.Uint16(), n, n).Draw(t, "halves")
		for _, p := range Paths() {
			k := For(p)
			converts(t, p, bools, k.FromBool, fromBoolGo)
			converts(t, p, a, k.ToBool, toBoolGo)
			converts(t, p, ints, k.FromInt32, fromInt32Go)
			converts(t, p, a, k.ToInt32, toInt32Go)
			converts(t, p, halves, k.FromFloat16, fromFloat16Go)
			converts(t, p, a, k.ToFloat16, toFloat16Go)
			converts(t, p, halves, k.FromBfloat16, fromBfloat16Go)
			converts(t, p, a, k.ToBfloat16, toBfloat16Go)
		}
	})
}

type bitsOf interface {
	bool | int32 | uint16 | float32
}

func converts[D, S bitsOf](t *rapid.T, p Path, src []S, kernel, plain func([]D, []S)) {
	t.Helper()
	memory, want := make([]D, len(src)+32), make([]D, len(src))
	got := memory[16 : 16+len(src)]
	kernel(got, src)
	plain(want, src)
	var zero D
	for i, x := range memory {
		if (i < 16 || i >= 16+len(src)) && x != zero {
			t.Fatalf("on %s: wrote at %d of %d", p, i-16, len(src))
		}
	}
	for i := range want {
		if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("on %s: %v gives %v, not %v", p, src[i], got[i], want[i])
		}
	}
}

// TestHalves: all float16 and bfloat16 widen to what their bits say, come back
// as they were, and what lies between two is rounded to the nearer, or the even.
func TestHalves(t *testing.T) {
	all := make([]uint16, 1<<16)
	for i := range all {
		all[i] = uint16(i)
	}
	wide, back := make([]float32, len(all)), make([]uint16, len(all))
	for _, p := range Paths() {
		k := For(p)
		for _, f := range []struct {
			name           string
			widen          func([]float32, []uint16)
			narrow         func([]uint16, []float32)
			fraction, bias int
		}{
			{"float16", k.FromFloat16, k.ToFloat16, 10, 15},
			{"bfloat16", k.FromBfloat16, k.ToBfloat16, 7, 127},
		} {
			f.widen(wide, all)
			f.narrow(back, wide)
			top := uint16(0x7fff) >> f.fraction << f.fraction // infinity
			for i, h := range all {
				if h&0x7fff > top {
					if wide[i] == wide[i] || back[i]&0x7fff <= top {
						t.Fatalf("%s on %s: NaN %#x widens to %g, and back to %#x", f.name, p, h, wide[i], back[i])
					}
					continue
				}
				if want := value(h, f.fraction, f.bias); float64(wide[i]) != want || back[i] != h {
					t.Fatalf("%s on %s: %#x widens to %g, not %g, and back to %#x", f.name, p, h, wide[i], want, back[i])
				}
			}
			between := make([]float32, 0, 3*int(top))
			want := make([]uint16, 0, 3*int(top))
			for h := range top - 1 {
				low, high := float64(wide[h]), float64(wide[h+1])
				middle := float32((low + high) / 2)
				between = append(between, math.Nextafter32(middle, 0), middle, math.Nextafter32(middle, math.MaxFloat32))
				want = append(want, h, h+h&1, h+1)
			}
			got := make([]uint16, len(between))
			f.narrow(got, between)
			for i, h := range got {
				if h != want[i] {
					t.Fatalf("%s on %s: %g narrows to %#x, not %#x", f.name, p, between[i], h, want[i])
				}
			}
		}
	}
}

// value is what the bits of a small float mean.
func value(h uint16, fraction, bias int) float64 {
	exponent, rest := int(h&0x7fff)>>fraction, float64(h&(1<<fraction-1))
	sign := 1 - 2*float64(h>>15)
	switch {
	case exponent == 2*bias+1:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(rest, 1-bias-fraction)
	}
	return sign * math.Ldexp(rest+float64(int(1)<<fraction), exponent-bias-fraction)
}
