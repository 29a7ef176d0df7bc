package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// copyRows writes what packs vectors that stand side by side: a number of
// registers from every row. What is beyond a panel's width is overwritten by the
// next row.
func (m *machine) copyRows(registers int) {
	m.begin(fmt.Sprintf("copy%d", registers), "func(dst *float32, width int, src *float32, stride int, rows int)",
		fmt.Sprintf("copies %d elements of each row; rows is at least 1.", registers*m.lanes))
	dst := m.Load(m.Param("dst"), m.GP64())
	width := m.Load(m.Param("width"), m.GP64())
	m.SHLQ(operand.U8(2), width)
	src := m.Load(m.Param("src"), m.GP64())
	stride := m.Load(m.Param("stride"), m.GP64())
	m.SHLQ(operand.U8(2), stride)
	rows := m.Load(m.Param("rows"), m.GP64())
	m.Label("row")
	for i := range registers {
		v := m.vec()
		m.VMOVUPS(at(src, 4*i*m.lanes), v)
		m.VMOVUPS(v, at(dst, 4*i*m.lanes))
	}
	m.PREFETCHT0(operand.Mem{Base: src, Index: stride, Scale: 8})
	m.ADDQ(stride, src)
	m.ADDQ(width, dst)
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.end()
}
