package main

import "github.com/mmcloughlin/avo/reg"

// Polynomials fitted by Remez exchange to the least relative error of erf: below
// erfMiddle erf(x) = x + x*P(x*x), 2^-25.3; above it, up to where erf is 1 in
// float32, erf(x) = 1 - exp(Q(x)), 2^-28.9.
var (
	erfSmall = []float64{-0.000620325503, 0.00503218127, -0.0267914627, 0.112824552, -0.376125515, 0.128379151}
	erfLarge = []float64{
		-2.04513508e-05, 0.000427082879, -0.00413564453, 0.025027141,
		-0.108139031, -0.633473456, -1.12945318, 0.000162024618,
	}
)

const (
	erfMiddle = 0.875
	erfOne    = 3.95
)

func (m *machine) errorFunction() {
	m.unary("erf", func(a reg.Register) reg.Register {
		p := m.horner(m.mul(a, a), erfSmall...)
		small := m.mulAdd(p, a, a)
		b := m.abs(a)
		e := m.exp(m.horner(m.min(m.set(m.constant(erfOne)), b), erfLarge...))
		large := m.withSign(m.sub(m.set(m.constant(1)), e), a)
		return m.blend(m.compare(b, less, m.constant(erfMiddle)), small, large)
	})
}
