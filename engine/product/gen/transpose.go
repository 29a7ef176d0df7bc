package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is how many elements of a vector are taken at once: a quarter of a
// register, within which they are transposed.
const group = 4

// transpose writes what packs n vectors that are each contiguous: element p of
// vector i goes to dst[p*width+i]. Register k of four gathers a group of the
// vectors k, k+4, k+8 and k+12, so that after the squares of four in its quarters
// are transposed each register has one element of all vectors.
func (m *machine) transpose(n int) {
	m.begin(fmt.Sprintf("transpose%d", n), "func(dst *float32, width int, src *float32, stride int, groups int)",
		fmt.Sprintf("packs groups of %d elements of %d vectors; groups is at least 1.", group, n))
	dst := m.Load(m.Param("dst"), m.GP64())
	width := m.Load(m.Param("width"), m.GP64())
	m.SHLQ(operand.U8(2), width)
	width3 := m.triple(width)
	src := m.Load(m.Param("src"), m.GP64())
	stride := m.Load(m.Param("stride"), m.GP64())
	m.SHLQ(operand.U8(2), stride)
	stride3 := m.triple(stride)
	groups := m.Load(m.Param("groups"), m.GP64())
	bases := []reg.Register{src} // of vectors 0, 4, 8, ...
	for q := 1; q < (n+group-1)/group; q++ {
		base := m.GP64()
		m.LEAQ(operand.Mem{Base: bases[q-1], Index: stride, Scale: 4}, base)
		bases = append(bases, base)
	}
	mask := m.storeMask(n)
	m.Label("turn")
	var rows [group]reg.VecVirtual
	for k := range rows {
		rows[k] = m.gather(n, k, bases, stride, stride3)
	}
	for k, v := range m.transposed(rows) {
		m.storeLanes(n, v, mask, along(dst, k, width, width3))
	}
	for _, base := range bases {
		m.ADDQ(operand.U8(4*group), base)
	}
	m.LEAQ(operand.Mem{Base: dst, Index: width, Scale: 4}, dst)
	m.DECQ(groups)
	m.JNZ(operand.LabelRef("turn"))
	m.end()
}

func (m *machine) triple(r reg.Register) reg.Register {
	d := m.GP64()
	m.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, d)
	return d
}

// along is the memory k strides after base, k < 4.
func along(base reg.Register, k int, stride, stride3 reg.Register) operand.Mem {
	switch k {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: stride3, Scale: 1}
	}
	return operand.Mem{Base: base, Index: stride, Scale: uint8(k)}
}

// gather loads a group of the vectors k, k+4, ... below n into the quarters of a
// register.
func (m *machine) gather(n, k int, bases []reg.Register, stride, stride3 reg.Register) reg.VecVirtual {
	v := m.vec()
	if k >= n {
		return m.zero()
	}
	m.VMOVUPS(along(bases[0], k, stride, stride3), v.AsX()) // the rest becomes zero
	for q, base := range bases[1:] {
		if k+group*(q+1) >= n {
			break
		}
		from := along(base, k, stride, stride3)
		if m.lanes == 16 {
			m.VINSERTF32X4(operand.U8(q+1), from, v, v)
		} else {
			m.VINSERTF128(operand.U8(q+1), from, v, v)
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

// storeMask returns a mask of the lowest n lanes where one is needed.
func (m *machine) storeMask(n int) reg.Register {
	if m.lanes < 16 || n == m.lanes {
		return nil
	}
	bits, mask := m.GP32(), m.K()
	m.MOVL(operand.U32(1<<n-1), bits)
	m.KMOVW(bits, mask)
	return mask
}

// storeLanes writes the lowest n lanes.
func (m *machine) storeLanes(n int, v reg.VecVirtual, mask reg.Register, to operand.Mem) {
	switch {
	case n == m.lanes:
		m.VMOVUPS(v, to)
		return
	case mask != nil:
		m.VMOVUPS(v, mask, to)
		return
	}
	low := v.AsX()
	if n >= group {
		m.VMOVUPS(low, to)
		if n == group {
			return
		}
		n, to = n-group, to.Offset(4*group)
		low = m.XMM()
		m.VEXTRACTF128(operand.U8(1), v, low)
	}
	if n >= 2 {
		m.VMOVLPS(low, to)
		n, to = n-2, to.Offset(8)
		if n == 1 {
			m.VEXTRACTPS(operand.U8(2), low, to)
		}
		return
	}
	m.VMOVSS(low, to)
}
