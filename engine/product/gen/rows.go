package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packRows writes what packs n vectors that stand side by side, for one panel after the
// other: n elements of each row, which may be anywhere.
func (m *machine) packRows(n int) {
	m.begin(fmt.Sprintf("rows%d", n), "func(dst *float32, width, panel int, src *float32, step int, offsets *int, count, panels int)",
		fmt.Sprintf("packs %d elements of each row for each panel; count and panels are at least 1.", n))
	dst := m.Load(m.Param("dst"), m.GP64())
	width := m.bytes("width")
	width3 := m.triple(width)
	panel := m.bytes("panel")
	src := m.Load(m.Param("src"), m.GP64())
	step := m.bytes("step")
	panels := m.Load(m.Param("panels"), m.GP64())
	m.Label("panel")
	to, offsets, count := m.GP64(), m.Load(m.Param("offsets"), m.GP64()), m.Load(m.Param("count"), m.GP64())
	m.MOVQ(dst, to)
	row := func(k int, to operand.Mem) {
		offset := m.GP64()
		m.MOVQ(at(offsets, 8*k), offset)
		m.pieces(n, operand.Mem{Base: src, Index: offset, Scale: 4}, to)
	}
	m.SUBQ(operand.U8(unrolled), count)
	m.JLT(operand.LabelRef("rest"))
	m.Label("turn")
	for k := range unrolled {
		row(k, along(to, k, width, width3))
	}
	m.ADDQ(operand.U8(8*unrolled), offsets)
	m.LEAQ(operand.Mem{Base: to, Index: width, Scale: 4}, to)
	m.SUBQ(operand.U8(unrolled), count)
	m.JGE(operand.LabelRef("turn"))
	m.Label("rest")
	m.ADDQ(operand.U8(unrolled), count)
	m.JZ(operand.LabelRef("packed"))
	m.Label("single")
	row(0, at(to, 0))
	m.ADDQ(operand.U8(8), offsets)
	m.ADDQ(width, to)
	m.DECQ(count)
	m.JNZ(operand.LabelRef("single"))
	m.Label("packed")
	m.ADDQ(panel, dst)
	m.ADDQ(step, src)
	m.DECQ(panels)
	m.JNZ(operand.LabelRef("panel"))
	m.end()
}

// bytes loads a parameter that counts float32.
func (m *machine) bytes(param string) reg.Register {
	r := m.Load(m.Param(param), m.GP64())
	m.SHLQ(operand.U8(2), r)
	return r
}

// pieces copies n elements in pieces: stores through a mask are slower.
func (m *machine) pieces(n int, from, to operand.Mem) {
	for done := 0; done < n; {
		piece := m.lanes
		for piece > n-done {
			piece /= 2
		}
		f, t := from.Offset(4*done), to.Offset(4*done)
		switch v := m.vec(); piece {
		case 1:
			m.VMOVSS(f, v.AsX())
			m.VMOVSS(v.AsX(), t)
		case 2:
			m.VMOVSD(f, v.AsX())
			m.VMOVSD(v.AsX(), t)
		case 4:
			m.VMOVUPS(f, v.AsX())
			m.VMOVUPS(v.AsX(), t)
		case 8:
			m.VMOVUPS(f, v.AsY())
			m.VMOVUPS(v.AsY(), t)
		default:
			m.VMOVUPS(f, v)
			m.VMOVUPS(v, t)
		}
		done += piece
	}
}
