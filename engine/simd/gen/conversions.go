package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// conversions write kernels that convert whole registers and leave the rest: it
// is exact in Go.
func (m *machine) conversions() {
	m.conversion("fromBool", "func(dst []float32, src []bool)", func(dst, src, at reg.Register) {
		v := m.vec()
		m.VPMOVZXBD(operand.Mem{Base: src, Index: at, Scale: 1}, v)
		m.VMOVUPS(m.toFloat(v), element(dst, at))
	})
	m.conversion("toBool", "func(dst []bool, src []float32)", func(dst, src, at reg.Register) {
		ones := m.ones(m.compare(m.lanesAt(src, at), notEqual, m.constant(0)))
		m.storeBytes(m.toInt(ones), operand.Mem{Base: dst, Index: at, Scale: 1})
	})
	m.conversion("fromInt32", "func(dst []float32, src []int32)", func(dst, src, at reg.Register) {
		m.VMOVUPS(m.toFloat(m.lanesAt(src, at)), element(dst, at))
	})
	m.conversion("toInt32", "func(dst []int32, src []float32)", func(dst, src, at reg.Register) {
		a, d := m.lanesAt(src, at), m.vec()
		m.VCVTTPS2DQ(a, d) // the least integer where a does not fit
		d = m.blend(m.compare(a, greaterEqual, m.constant(0x1p31)), m.bits(1<<31-1), d)
		m.VMOVUPS(m.blend(m.compare(a, unordered, a), m.bits(0), d), element(dst, at))
	})
	m.conversion("fromFloat16", "func(dst []float32, src []uint16)", func(dst, src, at reg.Register) {
		v := m.vec()
		m.VCVTPH2PS(operand.Mem{Base: src, Index: at, Scale: 2}, v)
		m.VMOVUPS(v, element(dst, at))
	})
	m.conversion("toFloat16", "func(dst []uint16, src []float32)", func(dst, src, at reg.Register) {
		m.VCVTPS2PH(operand.U8(0), m.lanesAt(src, at), operand.Mem{Base: dst, Index: at, Scale: 2})
	})
	m.conversion("fromBfloat16", "func(dst []float32, src []uint16)", func(dst, src, at reg.Register) {
		v := m.vec()
		m.VPMOVZXWD(operand.Mem{Base: src, Index: at, Scale: 2}, v)
		m.VMOVUPS(m.shiftLeft(v, 16), element(dst, at))
	})
	m.conversion("toBfloat16", "func(dst []uint16, src []float32)", func(dst, src, at reg.Register) {
		a := m.lanesAt(src, at)
		odd := m.and(m.shiftRight(a, 16), m.bits(1))
		rounded := m.addInt(m.addInt(a, m.bits(0x7fff)), odd)
		quiet := m.or(a, m.bits(1<<22))
		v := m.blend(m.compare(a, unordered, a), quiet, rounded)
		m.storeWords(m.shiftRight(v, 16), operand.Mem{Base: dst, Index: at, Scale: 2})
	})
}

func (m *machine) conversion(name, signature string, do func(dst, src, at reg.Register)) {
	m.begin(name, signature)
	dst := m.Load(m.Param("dst").Base(), m.GP64())
	src := m.Load(m.Param("src").Base(), m.GP64())
	n := m.Load(m.Param("dst").Len(), m.GP64())
	m.loop(n, m.lanes, func(at reg.Register) { do(dst, src, at) })
	m.end()
}

func (m *machine) lanesAt(base, at reg.Register) reg.VecVirtual {
	v := m.vec()
	m.VMOVUPS(element(base, at), v)
	return v
}

// storeWords stores the lower 16 bits of every lane; the upper ones are 0.
func (m *machine) storeWords(v reg.Register, to operand.Mem) {
	if m.wide() {
		m.VPMOVDW(v, to)
		return
	}
	m.VMOVUPS(m.words(v), to)
}

// storeBytes stores the lowest byte of every lane; the others are 0.
func (m *machine) storeBytes(v reg.Register, to operand.Mem) {
	if m.wide() {
		m.VPMOVDB(v, to)
		return
	}
	x := m.words(v)
	m.VPACKUSWB(x, x, x)
	m.VMOVQ(x, to)
}

// words packs eight lanes of AVX2, each below 2^16, into half a register.
func (m *machine) words(v reg.Register) reg.VecVirtual {
	upper, d := m.XMM(), m.XMM()
	m.VEXTRACTI128(operand.U8(1), v, upper)
	m.VPACKUSDW(upper, v.(reg.VecVirtual).AsX(), d)
	return d
}
