package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// Pi/2 in three parts of 24 bits. Subtracting whole multiples of the first is
// exact below mostAngle, where angles and multiples have few enough places:
// Cody and Waite, Software Manual for the Elementary Functions, 1980.
const (
	halfPi1 = 0x1.921fb6p+0
	halfPi2 = -0x1.777a5cp-25
	halfPi3 = -0x1.ee59dap-50
)

// mostAngle is the largest operand of sine and cosine whose result is computed.
const mostAngle = 65536

// Polynomials for |r| <= Pi/4, fitted by Remez exchange to the least relative
// error: sin(r) = r + r*s*P(s), 2^-27.6, and cos(r) = 1 + s*Q(s), 2^-29.9, with
// s = r*r.
var (
	sinPolynomial = []float64{-0.000195069428, 0.00833209977, -0.166666538}
	cosPolynomial = []float64{2.44236253e-05, -0.00138872338, 0.0416666456, -0.5}
)

func (m *machine) trigonometry() {
	m.unary("sin", func(a reg.Register) reg.Register {
		tiny := m.compare(m.abs(a), less, m.constant(0x1p-13)) // and -0
		return m.blend(tiny, a, m.sine(a, 0))
	})
	m.unary("cos", func(a reg.Register) reg.Register { return m.sine(a, 1) })
}

// sine is sin(a + quarters*Pi/2), or a itself where that is more than mostAngle.
func (m *machine) sine(a reg.Register, quarters uint32) reg.Register {
	n := m.round(m.mul(a, m.constant(2/math.Pi)), toEven)
	r := m.subMul(m.copied(a), n, m.constant(halfPi1))
	r = m.subMul(r, n, m.constant(halfPi2))
	r = m.subMul(r, n, m.constant(halfPi3))
	s := m.mul(r, r)

	p := m.horner(s, sinPolynomial...)
	sin := m.mulAdd(m.mul(p, s), r, r)
	q := m.horner(s, cosPolynomial...)
	cos := m.mulAdd(q, s, m.constant(1))

	turn := reg.Register(m.toInt(n))
	if quarters > 0 {
		turn = m.addInt(turn, m.bits(quarters))
	}
	odd := m.equalInt(m.and(turn, m.bits(1)), m.bits(1))
	y := m.blend(odd, cos, sin)
	y = m.xor(y, m.shiftLeft(m.and(turn, m.bits(2)), 30))
	return m.blend(m.compare(m.abs(a), greater, m.constant(mostAngle)), a, y)
}
