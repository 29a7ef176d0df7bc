package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// unrolled is how many rows a turn of the loop takes.
const unrolled = 4

// rows writes what copies rows of n elements.
func (m *machine) rows(n int) {
	m.begin("rows", n, "func(dst *float32, width int, src *float32, stride int, count int)",
		fmt.Sprintf("copies rows of %d elements.", n))
	dst := m.Load(m.Param("dst"), m.GP64())
	width := m.bytes("width")
	src := m.Load(m.Param("src"), m.GP64())
	stride := m.bytes("stride")
	count := m.Load(m.Param("count"), m.GP64())
	next := func() {
		m.row(n, operand.Mem{Base: src}, operand.Mem{Base: dst})
		m.ADDQ(stride, src)
		m.ADDQ(width, dst)
	}
	m.SUBQ(operand.U8(unrolled), count)
	m.JLT(operand.LabelRef("rest"))
	m.Label("turn")
	for range unrolled {
		next()
	}
	m.SUBQ(operand.U8(unrolled), count)
	m.JGE(operand.LabelRef("turn"))
	m.Label("rest")
	m.ADDQ(operand.U8(unrolled), count)
	m.JZ(operand.LabelRef("done"))
	m.Label("single")
	next()
	m.DECQ(count)
	m.JNZ(operand.LabelRef("single"))
	m.Label("done")
	m.end()
}

// row copies a row in pieces: stores through a mask are slower.
func (m *machine) row(n int, from, to operand.Mem) {
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
