package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// The natural logarithm of 2 in two parts, the first of 9 bits, so that whole
// multiples of it are exact: Moshier, Cephes mathematical library, expf.
const (
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
)

// Polynomials P with exp(r) = 1 + r + r*r*P(r) for |r| <= log(2)/2, fitted by
// Remez exchange to the least relative error of exp, 2^-28.0, and of exp(r)-1,
// 2^-28.8.
var (
	expPolynomial   = []float64{0.00138145708, 0.00836873055, 0.041668389, 0.166665211, 0.49999994}
	expm1Polynomial = []float64{0.000198458802, 0.00139406463, 0.00833338965, 0.0416663624, 0.166666657, 0.5}
)

func (m *machine) exponentials() {
	m.unary("exp", func(a reg.Register) reg.Register {
		// Beyond these limits the result is 0 or +Inf. NaN passes both.
		return m.exp(m.between(a, -104, 89))
	})
	m.unary("logistic", m.logistic)
	m.unary("expm1", m.expm1)
	m.unary("tanh", m.tanh)
}

// between is a within the limits, or NaN.
func (m *machine) between(a reg.Register, least, most float64) reg.Register {
	return m.min(m.set(m.constant(most)), m.max(m.set(m.constant(least)), a))
}

// reduce splits a into n*log(2) + r, n whole and |r| <= log(2)/2.
func (m *machine) reduce(a reg.Register) (n, r reg.Register) {
	n = m.round(m.mul(a, m.constant(math.Log2E)), toEven)
	r = m.subMul(m.copied(a), n, m.constant(ln2High))
	return n, m.subMul(r, n, m.constant(ln2Low))
}

// exp is e^a for -104 <= a <= 89.
func (m *machine) exp(a reg.Register) reg.Register {
	n, r := m.reduce(a)
	p := m.horner(r, expPolynomial...)
	p = m.mulAdd(p, m.mul(r, r), r)
	return m.scale(m.add(p, m.constant(1)), n)
}

// scale is a * 2^n, rounded once, for whole n from -150 to 128 and a about 1.
func (m *machine) scale(a, n reg.Register) reg.Register {
	if m.wide() {
		d := m.vec()
		m.VSCALEFPS(n, a, d)
		return d
	}
	whole := m.toInt(n)
	half := m.shiftRightSigned(whole, 1)
	return m.mul(m.mul(a, m.power(half, 0)), m.power(m.subInt(whole, half), 0))
}

// power is 2^(n+offset) for an integer n+offset from -126 to 127.
func (m *machine) power(n reg.Register, offset int) reg.Register {
	return m.shiftLeft(m.addInt(n, m.bits(uint32(127+offset))), 23)
}

// logistic is 1/(1+e) for a >= 0 and e/(1+e) below, e = exp(-|a|), which does
// not overflow.
func (m *machine) logistic(a reg.Register) reg.Register {
	e := m.exp(m.max(m.set(m.constant(-104)), m.or(a, m.bits(signBit))))
	top := m.blend(m.compare(a, less, m.constant(0)), e, m.set(m.constant(1)))
	return m.div(top, m.add(e, m.constant(1)))
}

// fraction is exp(r)-1 for |r| <= log(2)/2.
func (m *machine) fraction(r reg.Register) reg.Register {
	p := m.horner(r, expm1Polynomial...)
	return m.mulAdd(p, m.mul(r, r), r)
}

// expm1 is 2^n*q + (2^n-1) where q = exp(r)-1, all halved until the end, since
// 2^128 is no float32.
func (m *machine) expm1(a reg.Register) reg.Register {
	n, r := m.reduce(m.between(a, -18, 89))
	half := m.power(m.toInt(n), -1)
	y := m.mulAdd(m.fraction(r), half, m.sub(half, m.constant(0.5)))
	tiny := m.compare(m.abs(a), less, m.constant(0x1p-25))
	return m.blend(tiny, a, m.add(y, y))
}

// tanh is t/(t+2), t = exp(2|a|)-1, with the sign of a. Beyond 10 it is 1.
func (m *machine) tanh(a reg.Register) reg.Register {
	b := m.min(m.set(m.constant(10)), m.abs(a))
	n, r := m.reduce(m.add(b, b))
	power := m.power(m.toInt(n), 0)
	t := m.mulAdd(m.fraction(r), power, m.sub(power, m.constant(1)))
	return m.withSign(m.div(t, m.add(t, m.constant(2))), a)
}
