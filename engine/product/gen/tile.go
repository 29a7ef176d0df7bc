package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unrolled is how many steps along the depth a turn of the loop takes.
const unrolled = 4

// A tile is the shape of a part of C: rows, and columns in registers.
type tile struct{ rows, registers int }

// tile writes the product of panels of A, each of so many vectors, with a panel
// of B. Every element of C is one chain of fused multiplications and additions
// along the depth, which starts at zero.
func (m *machine) tile(t tile) {
	m.begin(fmt.Sprintf("tile%dx%d", t.rows, t.registers*m.lanes),
		"func(panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)",
		"computes tiles of C, one below the other; panels and depth are at least 1.")
	panels := m.Load(m.Param("panels"), m.GP64())
	a := m.Load(m.Param("a"), m.GP64())
	bStep := m.Load(m.Param("bStride"), m.GP64())
	m.SHLQ(operand.U8(2), bStep)
	bStep3 := m.triple(bStep)
	c := m.Load(m.Param("c"), m.GP64())
	offsets := m.Load(m.Param("offsets"), m.GP64())

	m.Label("panel")
	m.prefetch(c, offsets, t)
	sums := m.zeros(t)
	m.alongDepth(a, bStep, bStep3, sums)
	m.store(c, offsets, sums)
	m.ADDQ(operand.U8(8*t.rows), offsets)
	m.DECQ(panels)
	m.JNZ(operand.LabelRef("panel"))
	m.end()
}

// prefetch fetches the rows of the tile.
func (m *machine) prefetch(c, offsets reg.Register, t tile) {
	for i := range t.rows {
		row := m.row(c, offsets, i)
		m.PREFETCHT0(row)
		m.PREFETCHT0(row.Offset(4 * (t.registers*m.lanes - 1)))
	}
}

// zeros returns the registers of a tile.
func (m *machine) zeros(t tile) [][]reg.VecVirtual {
	sums := make([][]reg.VecVirtual, t.rows)
	for i := range sums {
		for range t.registers {
			sums[i] = append(sums[i], m.zero())
		}
	}
	return sums
}

// store writes the sums to C or, unless they are the first, adds them.
func (m *machine) store(c, offsets reg.Register, sums [][]reg.VecVirtual) {
	first := m.Load(m.Param("first"), m.GP8())
	m.TESTB(first, first)
	m.JNZ(operand.LabelRef("store"))
	for i, sum := range sums {
		row := m.row(c, offsets, i)
		for j, v := range sum {
			m.VADDPS(row.Offset(4*j*m.lanes), v, v)
		}
	}
	m.Label("store")
	for i, sum := range sums {
		row := m.row(c, offsets, i)
		for j, v := range sum {
			m.VMOVUPS(v, row.Offset(4*j*m.lanes))
		}
	}
}

// row is the memory of row i of the tile.
func (m *machine) row(c, offsets reg.Register, i int) operand.Mem {
	offset := m.GP64()
	m.MOVQ(at(offsets, 8*i), offset)
	return operand.Mem{Base: c, Index: offset, Scale: 4}
}

// alongDepth adds the products of all depth to the sums, and moves a to the next
// panel.
func (m *machine) alongDepth(a, bStep, bStep3 reg.Register, sums [][]reg.VecVirtual) {
	depth := m.Load(m.Param("depth"), m.GP64())
	b := m.Load(m.Param("b"), m.GP64())
	rowBytes := 4 * len(sums)
	m.SUBQ(operand.U8(unrolled), depth)
	m.JLT(operand.LabelRef("rest"))
	m.Label("turn")
	for k := range unrolled {
		m.step(at(a, k*rowBytes), along(b, k, bStep, bStep3), sums)
	}
	m.ADDQ(operand.U32(unrolled*rowBytes), a)
	m.LEAQ(operand.Mem{Base: b, Index: bStep, Scale: 4}, b)
	m.SUBQ(operand.U8(unrolled), depth)
	m.JGE(operand.LabelRef("turn"))
	m.Label("rest")
	m.ADDQ(operand.U8(unrolled), depth)
	m.JZ(operand.LabelRef("summed"))
	m.Label("single")
	m.step(at(a, 0), at(b, 0), sums)
	m.ADDQ(operand.U32(rowBytes), a)
	m.ADDQ(bStep, b)
	m.DECQ(depth)
	m.JNZ(operand.LabelRef("single"))
	m.Label("summed")
}

// step adds the products at one depth to the sums.
func (m *machine) step(a, b operand.Mem, sums [][]reg.VecVirtual) {
	elements := make([]operand.Mem, len(sums))
	for i := range elements {
		elements[i] = a.Offset(4 * i)
	}
	m.products(elements, b, sums)
}

// products adds the products of an element for each row and a row of B to the sums.
func (m *machine) products(elements []operand.Mem, b operand.Mem, sums [][]reg.VecVirtual) {
	if len(sums) == 1 {
		element := m.vec()
		m.VBROADCASTSS(elements[0], element)
		for j, v := range sums[0] {
			m.VFMADD231PS(b.Offset(4*j*m.lanes), element, v)
		}
		return
	}
	columns := make([]reg.VecVirtual, len(sums[0]))
	for j := range columns {
		columns[j] = m.vec()
		m.VMOVUPS(b.Offset(4*j*m.lanes), columns[j])
	}
	for i, sum := range sums {
		element := m.vec()
		m.VBROADCASTSS(elements[i], element)
		for j, v := range sum {
			m.VFMADD231PS(element, columns[j], v)
		}
	}
}
