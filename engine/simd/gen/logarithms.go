package main

import "github.com/mmcloughlin/avo/reg"

// The polynomial P with log(1+f) = f - f*f/2 + f*f*f*P(f) for sqrt(1/2) <= 1+f <=
// sqrt(2), then -1/2, fitted by Remez exchange to the least relative error,
// 2^-27.0. The form is that of Moshier, Cephes mathematical library, logf.
var logPolynomial = []float64{
	-0.0763461515, 0.127617538, -0.131602213, 0.142017379, -0.16623351, 0.200012282, -0.250008225, 0.333333313, -0.5,
}

const (
	sqrtHalf    = 0x3f3504f3 // the bits of sqrt(1/2)
	exponent    = 0xff800000 // the bits of sign and exponent
	leastNormal = 0x1p-126
	quietNaN    = 0x7fc00000
)

func (m *machine) logarithms() {
	m.unary("log", func(a reg.Register) reg.Register {
		small := m.compare(a, less, m.constant(leastNormal))
		normal := m.blend(small, m.mul(a, m.constant(0x1p23)), a)
		shift, f := m.mantissa(normal)
		n := m.toFloat(m.shiftRightSigned(shift, 23))
		n = m.blend(small, m.sub(n, m.constant(23)), n)
		return m.logSpecial(a, a, m.logOf(n, f))
	})
	m.unary("log1p", m.log1p)
}

// mantissa splits a normal a into 2^n*(1+f), sqrt(1/2) <= 1+f < sqrt(2). shift
// has n in its upper 9 bits.
func (m *machine) mantissa(a reg.Register) (shift, f reg.Register) {
	shift = m.subInt(a, m.bits(sqrtHalf))
	return shift, m.sub(m.subInt(a, m.and(shift, m.bits(exponent))), m.constant(1))
}

// logOf is n*log(2) + log(1+f).
func (m *machine) logOf(n, f reg.Register) reg.Register {
	p := m.horner(f, logPolynomial...)
	p = m.mulAdd(p, m.mul(f, f), m.mul(n, m.constant(ln2Low)))
	return m.addMul(m.add(p, f), n, m.constant(ln2High))
}

// logSpecial is y, but for what has no finite logarithm: a is the operand, u what
// the logarithm is taken of.
func (m *machine) logSpecial(a, u, y reg.Register) reg.Register {
	y = m.blend(m.compare(a, equal, m.constant(inf)), a, y)
	y = m.blend(m.compare(u, equal, m.constant(0)), m.constant(-inf), y)
	return m.blend(m.compare(u, notGreaterEqual, m.constant(0)), m.bits(quietNaN), y)
}

// log1p is log(u) with u = 1+a rounded, and what the rounding took, d, brought to
// the scale of f: Knuth's sum of two, The Art of Computer Programming 2, 4.2.2.
func (m *machine) log1p(a reg.Register) reg.Register {
	u := m.add(a, m.constant(1))
	b := m.sub(u, m.constant(1)) // the part of u that is a's
	one := m.sub(u, b)
	d := m.add(m.sub(m.set(m.constant(1)), one), m.sub(a, b))
	shift, f := m.mantissa(u)
	// 2^-n, or 0 where that is not a normal number: there d does not count.
	scale := m.maxInt(m.subInt(m.set(m.constant(1)), m.and(shift, m.bits(exponent))), m.bits(0))
	f = m.addMul(f, d, scale)
	y := m.logOf(m.toFloat(m.shiftRightSigned(shift, 23)), f)
	y = m.or(y, m.and(a, m.bits(signBit))) // of -0
	return m.logSpecial(a, u, y)
}
