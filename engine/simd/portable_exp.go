package simd

import "math"

// Transcendental functions in plain Go, in float64 with polynomials just long enough for float32;
// those of package math are longer.

// rounder is 1.5 * 2^52: adding it rounds to an integer, in the low bits of the sum.
const rounder = 0x1.8p52

// reduce returns 2^n and e^r - 1 for a = n*log(2) + r, |r| <= log(2)/2, and |a| up to 700. The
// polynomial is Taylor's; its error is below 2^-32 of the result.
func reduce(a float64) (power, fraction float64) {
	t := a*math.Log2E + rounder
	n := t - rounder
	r := a - n*math.Ln2
	p := ((r*(1.0/40320)+1.0/5040)*r+1.0/720)*r + 1.0/120
	p = (((p*r+1.0/24)*r+1.0/6)*r+1.0/2)*r + 1
	return math.Float64frombits((math.Float64bits(t) + 1023) << 52), p * r
}

func exp(a float32) float32 { return float32(exp64(float64(a))) }

func exp64(a float64) float64 {
	power, fraction := reduce(max(-200, min(a, 200)))
	return power + power*fraction
}

func expm1(a float32) float32 {
	if a == 0 {
		return a // -0 stays -0
	}
	power, fraction := reduce(max(-200, min(float64(a), 200)))
	return float32(power*fraction + (power - 1))
}

func logistic(a float32) float32 { return float32(1 / (1 + exp64(-float64(a)))) }

func tanh32(a float32) float32 {
	power, fraction := reduce(min(2*math.Abs(float64(a)), 40))
	t := power*fraction + (power - 1)
	return float32(math.Copysign(t/(t+2), float64(a)))
}
