package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposition writes transposeRows: blocks squares of lanes x lanes, beside one
// another in src and below one another in dst. A register gathers four columns of
// the rows k, k+4, k+8, ..., so that what is left to do is to transpose 4 x 4
// within the quarters of four registers.
func (m *machine) transposition() {
	m.begin("transposeRows", "func(dst *float32, dstStride int, src *float32, srcStride int, blocks int)")
	dst := m.Load(m.Param("dst"), m.GP64())
	dstRow := m.rowBytes("dstStride")
	dstRow3 := m.triple(dstRow)
	src := m.Load(m.Param("src"), m.GP64())
	srcRow := m.rowBytes("srcStride")
	srcRow3 := m.triple(srcRow)
	blocks := m.Load(m.Param("blocks"), m.GP64())

	quarters := []reg.Register{src} // rows 0, 4, 8, ...
	for i := 1; i < m.lanes/4; i++ {
		next := m.GP64()
		m.LEAQ(operand.Mem{Base: quarters[i-1], Index: srcRow, Scale: 4}, next)
		quarters = append(quarters, next)
	}
	m.Label("block")
	for group := range m.lanes / 4 {
		var rows [4]reg.Register
		for k := range rows {
			rows[k] = m.gather(quarters, k, srcRow, srcRow3, 16*group)
		}
		columns := m.transposed(rows)
		for k, c := range columns {
			m.VMOVUPS(c, rowOf(dst, k, dstRow, dstRow3))
		}
		m.LEAQ(operand.Mem{Base: dst, Index: dstRow, Scale: 4}, dst)
	}
	for _, q := range quarters {
		m.ADDQ(operand.U8(m.bytes()), q)
	}
	m.DECQ(blocks)
	m.JNZ(operand.LabelRef("block"))
	m.VZEROUPPER()
	m.RET()
}

// rowBytes is a stride in bytes.
func (m *machine) rowBytes(param string) reg.Register {
	r := m.Load(m.Param(param), m.GP64())
	m.SHLQ(operand.U8(2), r)
	return r
}

func (m *machine) triple(r reg.Register) reg.Register {
	d := m.GP64()
	m.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, d)
	return d
}

// rowOf is where row k of four starts.
func rowOf(base reg.Register, k int, row, row3 reg.Register) operand.Mem {
	return []operand.Mem{
		{Base: base}, {Base: base, Index: row, Scale: 1},
		{Base: base, Index: row, Scale: 2}, {Base: base, Index: row3, Scale: 1},
	}[k]
}

// gather loads four elements of row k of every quarter.
func (m *machine) gather(quarters []reg.Register, k int, row, row3 reg.Register, offset int) reg.Register {
	v := m.vec()
	m.VMOVUPS(rowOf(quarters[0], k, row, row3).Offset(offset), v.AsX())
	for i, q := range quarters[1:] {
		from := rowOf(q, k, row, row3).Offset(offset)
		if m.wide() {
			m.VINSERTF32X4(operand.U8(i+1), from, v, v)
		} else {
			m.VINSERTF128(operand.U8(i+1), from, v, v)
		}
	}
	return v
}

// transposed transposes the 4 x 4 elements in each quarter of four registers.
func (m *machine) transposed(r [4]reg.Register) [4]reg.Register {
	low := func(a, b reg.Register) reg.Register { d := m.vec(); m.VUNPCKLPS(b, a, d); return d }
	high := func(a, b reg.Register) reg.Register { d := m.vec(); m.VUNPCKHPS(b, a, d); return d }
	pair := func(a, b reg.Register, half operand.U8) reg.Register {
		d := m.vec()
		m.VSHUFPS(half, b, a, d)
		return d
	}
	const lower, upper = 0b_01_00_01_00, 0b_11_10_11_10
	a, b := low(r[0], r[1]), low(r[2], r[3])
	c, d := high(r[0], r[1]), high(r[2], r[3])
	return [4]reg.Register{pair(a, b, lower), pair(a, b, upper), pair(c, d, lower), pair(c, d, upper)}
}
