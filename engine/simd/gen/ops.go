package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func (m *machine) add(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VADDPS, m.VADDPS_BCST, a, b)
}

func (m *machine) sub(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VSUBPS, m.VSUBPS_BCST, a, b)
}

func (m *machine) mul(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VMULPS, m.VMULPS_BCST, a, b)
}

func (m *machine) div(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VDIVPS, m.VDIVPS_BCST, a, b)
}

// and, or and xor work on bits.
func (m *machine) and(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VANDPS, m.VANDPS_BCST, a, b)
}

func (m *machine) or(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VORPS, m.VORPS_BCST, a, b)
}

func (m *machine) xor(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VXORPS, m.VXORPS_BCST, a, b)
}

func (m *machine) sqrt(a reg.Register) reg.VecVirtual {
	d := m.vec()
	m.VSQRTPS(a, d)
	return d
}

// max and min give b where the lanes are equal or one is NaN.
func (m *machine) max(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VMAXPS, m.VMAXPS_BCST, a, b)
}

func (m *machine) min(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VMINPS, m.VMINPS_BCST, a, b)
}

// Multiplications with an addition, rounded once. They change their first
// operand and return it.

// mulAdd is a = a*b + c.
func (m *machine) mulAdd(a, b reg.Register, c operand.Op) reg.Register {
	m.pick(m.VFMADD213PS, m.VFMADD213PS_BCST, c)(c, b, a)
	return a
}

// addMul is a = a + b*c.
func (m *machine) addMul(a, b reg.Register, c operand.Op) reg.Register {
	m.pick(m.VFMADD231PS, m.VFMADD231PS_BCST, c)(c, b, a)
	return a
}

// subMul is a = a - b*c.
func (m *machine) subMul(a, b reg.Register, c operand.Op) reg.Register {
	m.pick(m.VFNMADD231PS, m.VFNMADD231PS_BCST, c)(c, b, a)
	return a
}

// horner is the polynomial in x with these coefficients, the highest first.
func (m *machine) horner(x reg.Register, coefficients ...float64) reg.Register {
	p := reg.Register(m.set(m.constant(coefficients[0])))
	for _, c := range coefficients[1:] {
		p = m.mulAdd(p, x, m.constant(c))
	}
	return p
}

// Roundings of VROUNDPS and VRNDSCALEPS, without the inexact exception.
const (
	toEven operand.U8 = 8
	down   operand.U8 = 9
	up     operand.U8 = 10
)

func (m *machine) round(a reg.Register, how operand.U8) reg.VecVirtual {
	d := m.vec()
	if m.wide() {
		m.VRNDSCALEPS(how, a, d)
	} else {
		m.VROUNDPS(how, a, d)
	}
	return d
}

// Comparisons of VCMPPS that do not signal.
const (
	equal           operand.U8 = 0
	unordered       operand.U8 = 3 // one is NaN
	notEqual        operand.U8 = 4 // or unordered
	orderedUnequal  operand.U8 = 0x0c
	less            operand.U8 = 0x11
	lessEqual       operand.U8 = 0x12
	notGreaterEqual operand.U8 = 0x19 // less or unordered
	greaterEqual    operand.U8 = 0x1d
	greater         operand.U8 = 0x1e
)

// mask returns a new register for a mask: k for AVX-512, a vector of bits for
// AVX2.
func (m *machine) mask() reg.Register {
	if m.wide() {
		return m.K()
	}
	return m.vec()
}

// compare gives a mask.
func (m *machine) compare(a reg.Register, how operand.U8, b operand.Op) reg.Register {
	d := m.mask()
	m.pick(m.VCMPPS, m.VCMPPS_BCST, b)(how, b, a, d)
	return d
}

// blend is yes where the mask is set, and no elsewhere.
func (m *machine) blend(mask reg.Register, yes operand.Op, no reg.Register) reg.VecVirtual {
	d := m.vec()
	if m.wide() {
		m.pick(m.VBLENDMPS, m.VBLENDMPS_BCST, yes)(yes, no, mask, d)
	} else {
		m.VBLENDVPS(mask, yes, no, d)
	}
	return d
}

// ones is 1 where the mask is set, and 0 elsewhere.
func (m *machine) ones(mask reg.Register) reg.VecVirtual {
	d := m.vec()
	if m.wide() {
		m.VBROADCASTSS_Z(m.constant(1), mask, d)
	} else {
		m.VANDPS(m.constant(1), mask, d)
	}
	return d
}

// Operations on lanes as 32-bit integers.

func (m *machine) addInt(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VPADDD, m.VPADDD_BCST, a, b)
}

func (m *machine) subInt(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VPSUBD, m.VPSUBD_BCST, a, b)
}

func (m *machine) maxInt(a reg.Register, b operand.Op) reg.VecVirtual {
	return m.op3(m.VPMAXSD, m.VPMAXSD_BCST, a, b)
}

// equalInt is a mask of the lanes that are equal.
func (m *machine) equalInt(a reg.Register, b operand.Op) reg.Register {
	d := m.mask()
	m.pick(m.VPCMPEQD, m.VPCMPEQD_BCST, b)(b, a, d)
	return d
}

func (m *machine) shiftLeft(a reg.Register, n uint8) reg.VecVirtual {
	d := m.vec()
	m.VPSLLD(operand.U8(n), a, d)
	return d
}

func (m *machine) shiftRight(a reg.Register, n uint8) reg.VecVirtual {
	d := m.vec()
	m.VPSRLD(operand.U8(n), a, d)
	return d
}

// shiftRightSigned keeps the sign.
func (m *machine) shiftRightSigned(a reg.Register, n uint8) reg.VecVirtual {
	d := m.vec()
	m.VPSRAD(operand.U8(n), a, d)
	return d
}

// toInt converts to integers, rounding to even; toFloat converts back.
func (m *machine) toInt(a reg.Register) reg.VecVirtual {
	d := m.vec()
	m.VCVTPS2DQ(a, d)
	return d
}

func (m *machine) toFloat(a reg.Register) reg.VecVirtual {
	d := m.vec()
	m.VCVTDQ2PS(a, d)
	return d
}
