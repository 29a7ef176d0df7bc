package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// least is the constant of that name in the package.
const least = 1e-36

// quantize writes what quantizes blocks of 32 numbers to 8 bits, kept as bytes or as words in the
// order of [machine.words], with groups of 32 or 16; blocks is at least 1. The offset is negated.
func (m *machine) quantize(name string, order operand.Mem, words bool, size int) {
	m.begin(name, "func(blocks int, x *float32, quants *int8, groups *float32, offset int32)")
	blocks, x, quants, groups := m.param("blocks"), m.param("x"), m.param("quants"), m.param("groups")
	offset := m.XMM()
	m.VMOVD(m.Load(m.Param("offset"), m.GP32()), offset)
	m.Label("block")
	var v [4]reg.VecVirtual
	for i := range v {
		v[i] = m.vec()
		m.VMOVUPS(at(x, 32*i), v[i])
	}
	scale, inverse := m.largest(v)
	for i := range v {
		m.VMULPS(inverse, v[i], v[i])
		m.VCVTPS2DQ(v[i], v[i])
	}
	m.VPACKSSDW(v[1], v[0], v[0])
	m.VPACKSSDW(v[3], v[2], v[2])
	m.VPACKSSWB(v[2], v[0], v[0])
	places, whole := m.vec(), m.vec()
	m.VMOVDQU(order, places)
	m.VPERMD(v[0], places, whole)
	m.aboutGroups(groups, whole, scale, offset, size)
	if words {
		m.storeWords(whole, quants)
		m.ADDQ(operand.U8(64), quants)
	} else {
		m.VMOVDQU(whole, at(quants, 0))
		m.ADDQ(operand.U8(32), quants)
	}
	m.ADDQ(operand.U32(128), x)
	m.ADDQ(operand.U8(32/size*groupBytes), groups)
	m.DECQ(blocks)
	m.JNZ(operand.LabelRef("block"))
	m.end()
}

// largest returns the scale of a block, and 127 over its largest absolute value in every
// lane. As whole numbers, floats are in the order of their absolute values, NaN last.
func (m *machine) largest(v [4]reg.VecVirtual) (scale, inverse reg.VecVirtual) {
	most, other := m.vec(), m.vec()
	m.VANDPS(m.bits(1<<31-1), v[0], most)
	for _, w := range v[1:] {
		m.VANDPS(m.bits(1<<31-1), w, other)
		m.VPMAXSD(other, most, most)
	}
	turned := m.vec()
	m.VPERM2I128(operand.U8(1), most, most, turned)
	m.VPMAXSD(turned, most, most)
	for _, order := range []uint8{0b_01_00_11_10, 0b_10_11_00_01} {
		m.VPSHUFD(operand.U8(order), most, turned)
		m.VPMAXSD(turned, most, most)
	}
	notLess, hundred := m.vec(), m.vec()
	m.VMOVUPS(m.bits(math.Float32bits(127)), hundred)
	m.VCMPPS(operand.U8(0x15), m.bits(math.Float32bits(least)), most, notLess) // not less or no number
	scale, inverse = m.vec(), m.vec()
	m.VDIVPS(most, hundred, inverse)
	m.VANDPS(notLess, inverse, inverse)
	m.VDIVPS(hundred, most, scale)
	m.VANDPS(notLess, scale, scale)
	m.VSUBPS(most, most, most) // NaN of what is not finite
	m.VADDPS(most, scale, scale)
	return scale, inverse
}

// order is that of the quarters of packed bytes.
func (m *machine) order() operand.Mem {
	order := m.StaticGlobal("order")
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, i := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		m.AppendDatum(operand.U32(i))
	}
	return order
}

// aboutGroups stores the scale, the sum and the offset of the groups of a block.
func (m *machine) aboutGroups(groups reg.Register, whole, scale reg.VecVirtual, offset reg.Register, size int) {
	sums, ones := m.vec(), m.vec()
	m.VMOVDQU(m.bits(0x01010101), ones)
	m.VPMADDUBSW(whole, ones, sums)
	m.VPMADDWD(m.bits(0x00010001), sums, sums)
	m.VPHADDD(sums, sums, sums)
	m.VPHADDD(sums, sums, sums) // of each half
	high := m.XMM()
	m.VEXTRACTI128(operand.U8(1), sums, high)
	parts := []reg.Register{sums.AsX(), high}
	if size == 32 {
		m.VPADDD(high, sums.AsX(), high)
		parts = parts[1:]
	}
	for i, sum := range parts {
		number, product := m.XMM(), m.XMM()
		m.VMOVSS(scale.AsX(), at(groups, i*groupBytes+groupScale))
		m.VCVTDQ2PS(sum, number)
		m.VMULPS(scale.AsX(), number, number)
		m.VMOVSS(number, at(groups, i*groupBytes+groupSum))
		m.VPMULLD(offset, sum, product)
		m.VMOVD(product, at(groups, i*groupBytes+groupOffset))
	}
}

// storeWords stores bytes as words; of four the second and third change places.
func (m *machine) storeWords(whole reg.VecVirtual, to reg.Register) {
	for i := range 2 {
		half, words := m.XMM(), m.vec()
		m.VEXTRACTI128(operand.U8(i), whole, half)
		m.VPMOVSXBW(half, words)
		m.VPSHUFLW(operand.U8(0b_11_01_10_00), words, words)
		m.VPSHUFHW(operand.U8(0b_11_01_10_00), words, words)
		m.VMOVDQU(words, at(to, 32*i))
	}
}
