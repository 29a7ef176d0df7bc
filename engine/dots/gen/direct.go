package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// blockBytes is the size of a block of Q8_0: a scale, and 32 weights.
const blockBytes = 34

// direct writes the products of a vector with blocks of Q8_0 where they lie, for a panel of as many
// outputs as a register has lanes; blocks is at least 1. What takes the time is reading memory, and
// of so many outputs read in turn the processor guesses too few by itself: what is two panels further
// on is fetched into the L2 cache meanwhile, line after line. The L1 cache would be too small.
func (m *machine) direct() {
	m.begin("directQ80", "func(blocks int, data *uint8, stride int, quants *int8, groups *float32, dst *float32)")
	blocks, data, stride := m.param("blocks"), m.param("data"), m.param("stride")
	rows := m.vectors(m.lanes, data, stride)
	quants, groups := m.param("quants"), m.param("groups")
	ahead := m.GP64()
	m.MOVQ(stride, ahead)
	m.IMUL3Q(operand.U8(2*m.lanes), ahead, ahead)
	m.ADDQ(data, ahead)
	result := m.zero()
	m.Label("block")
	for line := 0; line < blockBytes*m.lanes; line += 64 {
		m.PREFETCHT1(at(ahead, line))
	}
	scales := m.times(at(groups, groupScale), m.halves(source{rows: rows}, 0))
	sum := m.summed(m.blockSums(rows, quants))
	if m.wide() {
		m.VPADDD_BCST(at(groups, groupOffset), sum, sum)
	}
	m.VCVTDQ2PS(sum, sum)
	m.VMULPS(scales, sum, sum)
	m.VADDPS(sum, result, result)
	m.advance(rows, blockBytes)
	m.ADDQ(operand.U32(blockBytes*m.lanes), ahead)
	m.ADDQ(operand.U8(32), quants)
	m.ADDQ(operand.U8(groupBytes), groups)
	m.DECQ(blocks)
	m.JNZ(operand.LabelRef("block"))
	m.VMOVUPS(result, at(m.param("dst"), 0))
	m.end()
}

// blockSums are the sums of a block's products, eight numbers for each output. A wide register has
// those of outputs i and i+4.
func (m *machine) blockSums(rows vectors, quants reg.Register) (sums [8]reg.VecVirtual) {
	x := m.vec()
	if !m.wide() {
		m.VMOVDQU(at(quants, 0), x)
		for i := range sums { // |w| times x with the sign of w: pairs of these fit 16 bits
			w, signed := m.vec(), m.vec()
			m.VMOVDQU(rows.at(i, 2), w)
			m.VPSIGNB(w, x, signed)
			m.VPABSB(w, w)
			m.VPMADDUBSW(signed, w, w)
			m.VPMADDWD(m.bits(0x00010001), w, w)
			sums[i] = w
		}
		return sums
	}
	m.VBROADCASTI64X4(at(quants, 0), x)
	flip := m.vec()
	m.VMOVUPS(m.bits(0x80808080), flip)
	for i := range sums {
		w, lower := m.vec(), i/4*8+i%4
		m.VMOVUPS(rows.at(lower, 2), w.AsY())
		m.VINSERTI64X4(operand.U8(1), rows.at(lower+4, 2), w, w)
		m.VPXORD(flip, w, w)
		sums[i] = m.zero()
		m.VPDPBUSD(x, w, sums[i])
	}
	return sums
}

// summed adds the eight numbers of each output.
func (m *machine) summed(sums [8]reg.VecVirtual) reg.VecVirtual {
	var fours [2]reg.VecVirtual
	for i := range fours {
		four := sums[4*i : 4*i+4]
		fours[i] = m.paired(m.paired(four[0], four[1], m.VPUNPCKLDQ, m.VPUNPCKHDQ),
			m.paired(four[2], four[3], m.VPUNPCKLDQ, m.VPUNPCKHDQ), m.VPUNPCKLQDQ, m.VPUNPCKHQDQ)
	}
	even, odd := m.vec(), m.vec()
	if m.wide() {
		m.VSHUFI32X4(operand.U8(0b_10_00_10_00), fours[1], fours[0], even)
		m.VSHUFI32X4(operand.U8(0b_11_01_11_01), fours[1], fours[0], odd)
	} else {
		m.VPERM2I128(operand.U8(0x20), fours[1], fours[0], even)
		m.VPERM2I128(operand.U8(0x31), fours[1], fours[0], odd)
	}
	m.VPADDD(odd, even, even)
	return even
}

// paired adds what two ways of taking turns make of two registers.
func (m *machine) paired(a, b reg.VecVirtual, lower, upper func(ops ...operand.Op)) reg.VecVirtual {
	even, odd := m.vec(), m.vec()
	lower(b, a, even)
	upper(b, a, odd)
	m.VPADDD(odd, even, even)
	return even
}
