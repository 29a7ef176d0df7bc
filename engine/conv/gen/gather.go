package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is how many elements of a vector are taken at once: a quarter of a
// register, within which they are transposed.
const group = 4

// gather writes what packs n vectors that are each contiguous and stand anywhere:
// element p of vector i goes to dst[p*width+i]. Register k of four takes a group of
// the vectors k, k+4, k+8 and k+12, so that after the squares of four in its
// quarters are transposed each register has one element of all vectors.
func (m *machine) gather(n int) {
	m.begin("gather", n, "func(dst *float32, width int, src *float32, offsets *int, groups int)",
		fmt.Sprintf("packs groups of %d elements of %d vectors; groups is at least 1.", group, n))
	dst := m.Load(m.Param("dst"), m.GP64())
	width := m.bytes("width")
	width3 := m.GP64()
	m.LEAQ(operand.Mem{Base: width, Index: width, Scale: 2}, width3)
	src := m.Load(m.Param("src"), m.GP64())
	offsets := m.Load(m.Param("offsets"), m.GP64())
	groups := m.Load(m.Param("groups"), m.GP64())
	m.Label("turn")
	var rows [group]reg.VecVirtual
	for k := range rows {
		rows[k] = m.quarters(n, k, src, offsets)
	}
	for k, v := range m.transposed(rows) {
		m.store(n, v, []operand.Mem{
			{Base: dst},
			{Base: dst, Index: width, Scale: 1},
			{Base: dst, Index: width, Scale: 2},
			{Base: dst, Index: width3, Scale: 1},
		}[k])
	}
	m.ADDQ(operand.U8(4*group), src)
	m.LEAQ(operand.Mem{Base: dst, Index: width, Scale: 4}, dst)
	m.DECQ(groups)
	m.JNZ(operand.LabelRef("turn"))
	m.end()
}

// quarters loads a group of the vectors k, k+4, ... below n.
func (m *machine) quarters(n, k int, src, offsets reg.Register) reg.VecVirtual {
	v := m.vec()
	if k >= n {
		if m.lanes == 16 {
			m.VPXORD(v, v, v)
		} else {
			m.VXORPS(v, v, v)
		}
		return v
	}
	for i := k; i < n; i += group {
		at := m.GP64()
		m.MOVQ(operand.Mem{Base: offsets, Disp: 8 * i}, at)
		from := operand.Mem{Base: src, Index: at, Scale: 4}
		switch {
		case i == k:
			m.VMOVUPS(from, v.AsX()) // the rest becomes zero
		case m.lanes == 16:
			m.VINSERTF32X4(operand.U8(i/group), from, v, v)
		default:
			m.VINSERTF128(operand.U8(i/group), from, v, v)
		}
	}
	return v
}

// transposed transposes the squares of four in the quarters of four registers.
func (m *machine) transposed(r [group]reg.VecVirtual) [group]reg.VecVirtual {
	var pairs, t [group]reg.VecVirtual
	for i := range pairs {
		pairs[i], t[i] = m.vec(), m.vec()
	}
	m.VUNPCKLPS(r[1], r[0], pairs[0])
	m.VUNPCKHPS(r[1], r[0], pairs[1])
	m.VUNPCKLPS(r[3], r[2], pairs[2])
	m.VUNPCKHPS(r[3], r[2], pairs[3])
	for i, low := range []int{0, 1} {
		m.VUNPCKLPD(pairs[low+2], pairs[low], t[2*i])
		m.VUNPCKHPD(pairs[low+2], pairs[low], t[2*i+1])
	}
	return t
}

// store writes the lowest n lanes, in pieces: stores through a mask are slower.
func (m *machine) store(n int, v reg.VecVirtual, to operand.Mem) {
	done := 0
	switch {
	case n == m.lanes:
		m.VMOVUPS(v, to)
		return
	case n >= 8:
		m.VMOVUPS(v.AsY(), to)
		done = 8
	}
	for ; done < n; done += group {
		m.storeQuarter(min(group, n-done), m.quarter(v, done/group), to.Offset(4*done))
	}
}

// quarter returns a register with quarter q of another.
func (m *machine) quarter(v reg.VecVirtual, q int) reg.Register {
	if q == 0 {
		return v.AsX()
	}
	x := m.XMM()
	if m.lanes == 16 {
		m.VEXTRACTF32X4(operand.U8(q), v, x)
	} else {
		m.VEXTRACTF128(operand.U8(q), v, x)
	}
	return x
}

// storeQuarter writes the lowest n lanes of a quarter.
func (m *machine) storeQuarter(n int, x reg.Register, to operand.Mem) {
	switch n {
	case 1:
		m.VMOVSS(x, to)
	case 2, 3:
		m.VMOVLPS(x, to)
		if n == 3 {
			m.VEXTRACTPS(operand.U8(2), x, to.Offset(8))
		}
	default:
		m.VMOVUPS(x, to)
	}
}
