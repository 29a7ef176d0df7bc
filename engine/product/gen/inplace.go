package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// inPlace writes the product of vectors of A where they are in memory with a packed
// panel of B. The depth is cut into runs of some length, along which each vector is
// contiguous; places are those of all rows of a tile for the first run, then for the
// next one (Dukhan 2019, The Indirect Convolution Algorithm, arXiv:1907.02129). The
// sums are those of [machine.tile].
func (m *machine) inPlace(t tile) {
	m.begin(fmt.Sprintf("inPlace%dx%d", t.rows, t.registers*m.lanes),
		"func(panels, runs int, lengths *int, a *float32, places *int, b, c *float32, offsets *int, first bool)",
		"computes tiles of C, one below the other; panels, runs and lengths are at least 1.")
	panels := m.Load(m.Param("panels"), m.GP64())
	places := m.Load(m.Param("places"), m.GP64())
	offsets := m.Load(m.Param("offsets"), m.GP64())
	m.Label("panel")
	m.prefetch(m.Load(m.Param("c"), m.GP64()), offsets, t)
	sums := m.zeros(t)
	lengths := m.Load(m.Param("lengths"), m.GP64())
	runs := m.Load(m.Param("runs"), m.GP64())
	b := m.Load(m.Param("b"), m.GP64())
	m.Label("run")
	m.alongRun(t, lengths, places, b, sums)
	m.ADDQ(operand.U8(8), lengths)
	m.ADDQ(operand.U8(8*t.rows), places)
	m.DECQ(runs)
	m.JNZ(operand.LabelRef("run"))
	m.store(m.Load(m.Param("c"), m.GP64()), offsets, sums)
	m.ADDQ(operand.U8(8*t.rows), offsets)
	m.DECQ(panels)
	m.JNZ(operand.LabelRef("panel"))
	m.end()
}

// alongRun adds the products along a run to the sums, and moves b behind it. Rows
// are counted from the run's end, so that one register counts for all of them.
func (m *machine) alongRun(t tile, lengths, places, b reg.Register, sums [][]reg.VecVirtual) {
	left := m.GP64()
	m.MOVQ(at(lengths, 0), left)
	a := m.Load(m.Param("a"), m.GP64())
	m.LEAQ(operand.Mem{Base: a, Index: left, Scale: 4}, a)
	rows := make([]reg.Register, t.rows)
	for i := range rows {
		rows[i] = m.GP64()
		m.MOVQ(at(places, 8*i), rows[i])
		m.LEAQ(operand.Mem{Base: a, Index: rows[i], Scale: 4}, rows[i])
	}
	bBytes := 4 * t.registers * m.lanes
	step := func(k, ahead int) {
		elements := make([]operand.Mem, t.rows)
		for i, row := range rows {
			elements[i] = operand.Mem{Base: row, Index: left, Scale: 4, Disp: 4 * (k - ahead)}
		}
		m.products(elements, at(b, k*bBytes), sums)
	}
	m.NEGQ(left)
	m.ADDQ(operand.U8(unrolled), left)
	m.JG(operand.LabelRef("rest"))
	m.Label("turn")
	for k := range unrolled {
		step(k, unrolled)
	}
	m.ADDQ(operand.U32(unrolled*bBytes), b)
	m.ADDQ(operand.U8(unrolled), left)
	m.JLE(operand.LabelRef("turn"))
	m.Label("rest")
	m.SUBQ(operand.U8(unrolled), left)
	m.JZ(operand.LabelRef("done"))
	m.Label("single")
	step(0, 0)
	m.ADDQ(operand.U32(bBytes), b)
	m.INCQ(left)
	m.JNZ(operand.LabelRef("single"))
	m.Label("done")
}
