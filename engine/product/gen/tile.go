package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unrolled is how many steps along the depth a turn of the loop takes.
const unrolled = 4

// tile writes the product of rows vectors of A, packed side by side, with two
// registers' width of vectors of B. Every element of C is one chain of fused
// multiplications and additions along the depth, which starts at zero.
func (m *machine) tile(rows int) {
	m.begin("tile", rows, "func(depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)",
		fmt.Sprintf("computes a tile of %d rows and %d columns; depth is at least 1.", rows, 2*m.lanes))
	depth := m.Load(m.Param("depth"), m.GP64())
	a := m.Load(m.Param("a"), m.GP64())
	b := m.Load(m.Param("b"), m.GP64())
	bStep := m.Load(m.Param("bStride"), m.GP64())
	m.SHLQ(operand.U8(2), bStep)
	c := m.Load(m.Param("c"), m.GP64())
	offsets := m.Load(m.Param("offsets"), m.GP64())
	for i := range rows {
		row := m.row(c, offsets, i)
		m.PREFETCHT0(row)
		m.PREFETCHT0(row.Offset(4 * (2*m.lanes - 1)))
	}
	sums := make([][2]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = [2]reg.VecVirtual{m.zero(), m.zero()}
	}
	m.alongDepth(depth, a, b, bStep, sums)
	first := m.Load(m.Param("first"), m.GP8())
	m.TESTB(first, first)
	m.JNZ(operand.LabelRef("store"))
	for i, sum := range sums {
		row := m.row(c, offsets, i)
		m.VADDPS(row, sum[0], sum[0])
		m.VADDPS(row.Offset(4*m.lanes), sum[1], sum[1])
	}
	m.Label("store")
	for i, sum := range sums {
		row := m.row(c, offsets, i)
		m.VMOVUPS(sum[0], row)
		m.VMOVUPS(sum[1], row.Offset(4*m.lanes))
	}
	m.end()
}

// row is the memory of row i of the tile.
func (m *machine) row(c, offsets reg.Register, i int) operand.Mem {
	offset := m.GP64()
	m.MOVQ(at(offsets, 8*i), offset)
	return operand.Mem{Base: c, Index: offset, Scale: 4}
}

// alongDepth adds the products of all depth to the sums.
func (m *machine) alongDepth(depth, a, b, bStep reg.Register, sums [][2]reg.VecVirtual) {
	rowBytes := 4 * len(sums)
	bStep3 := m.GP64()
	m.LEAQ(operand.Mem{Base: bStep, Index: bStep, Scale: 2}, bStep3)
	steps := []operand.Mem{
		{Base: b},
		{Base: b, Index: bStep, Scale: 1},
		{Base: b, Index: bStep, Scale: 2},
		{Base: b, Index: bStep3, Scale: 1},
	}
	m.SUBQ(operand.U8(unrolled), depth)
	m.JLT(operand.LabelRef("rest"))
	m.Label("turn")
	for k, from := range steps {
		m.step(at(a, k*rowBytes), from, sums)
	}
	m.ADDQ(operand.U32(unrolled*rowBytes), a)
	m.LEAQ(operand.Mem{Base: b, Index: bStep, Scale: 4}, b)
	m.SUBQ(operand.U8(unrolled), depth)
	m.JGE(operand.LabelRef("turn"))
	m.Label("rest")
	m.ADDQ(operand.U8(unrolled), depth)
	m.JZ(operand.LabelRef("summed"))
	m.Label("single")
	m.step(at(a, 0), steps[0], sums)
	m.ADDQ(operand.U32(rowBytes), a)
	m.ADDQ(bStep, b)
	m.DECQ(depth)
	m.JNZ(operand.LabelRef("single"))
	m.Label("summed")
}

// step adds the products at one depth to the sums.
func (m *machine) step(a, b operand.Mem, sums [][2]reg.VecVirtual) {
	left, right := m.vec(), m.vec()
	m.VMOVUPS(b, left)
	m.VMOVUPS(b.Offset(4*m.lanes), right)
	for i, sum := range sums {
		element := m.vec()
		m.VBROADCASTSS(a.Offset(4*i), element)
		m.VFMADD231PS(element, left, sum[0])
		m.VFMADD231PS(element, right, sum[1])
	}
}
