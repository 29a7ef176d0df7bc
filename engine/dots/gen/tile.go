package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where the fields of a group are, and its size.
const (
	groupScale  = 0
	groupSum    = 4
	groupOffset = 8
	groupBytes  = 12
)

// tiles writes the products of some vectors with a panel, for groups of 32 weights, those
// with minima and groups of 16.
func (m *machine) tiles() {
	sizes := []int{1, 2, 4}
	if m.wide() {
		sizes = append(sizes, 8, 12)
	}
	for _, kind := range []struct {
		name   string
		size   int
		minima bool
	}{{"tile32", 32, false}, {"tile32Minima", 32, true}, {"tile16", 16, false}} {
		fmt.Fprintf(&m.tables, "\n// %s%s are by vectors.\nvar %[1]s%[2]s = [...]tileKernel{\n", kind.name, m.suffix)
		for _, rows := range sizes {
			name := fmt.Sprintf("%sx%d", kind.name, rows)
			m.tile(name, rows, kind.size, kind.minima)
			fmt.Fprintf(&m.tables, "%d: %s%s,\n", rows, name, m.suffix)
		}
		fmt.Fprintln(&m.tables, "}")
	}
}

// tile writes the products of some vectors with groups of a panel; count is at least 1.
func (m *machine) tile(name string, rows, size int, minima bool) {
	m.begin(name, "func(count int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int)")
	count, weights, scales := m.param("count"), m.param("weights"), m.param("scales")
	quants := m.vectors(rows, m.param("quants"), m.param("quantStride"))
	groups := m.vectors(rows, m.param("groups"), m.param("groupStride"))
	results := make([]reg.VecVirtual, rows)
	dst := m.param("dst")
	for r := range results {
		results[r] = m.vec()
		m.VMOVUPS(at(dst, 0), results[r])
		if r+1 < rows {
			m.ADDQ(m.stored("stride"), dst)
		}
	}
	m.Label("group")
	sums := make([]reg.VecVirtual, rows)
	for r := range sums {
		sums[r] = m.vec()
		m.VPBROADCASTD(groups.at(r, groupOffset), sums[r])
	}
	for i := range size / 4 {
		if m.wide() {
			m.bytesOf(at(weights, 4*m.lanes*i), quants, 4*i, sums)
		} else {
			m.words(at(weights, 4*m.lanes*i), quants, 8*i, sums)
		}
	}
	m.scaled(scales, groups, sums, results, minima)
	m.ADDQ(operand.U32(size*m.lanes), weights)
	m.ADDQ(operand.U32(8*m.lanes), scales)
	m.advance(quants, size*16/m.lanes) // a number has one byte or two
	m.advance(groups, groupBytes)
	m.DECQ(count)
	m.JNZ(operand.LabelRef("group"))
	dst = m.param("dst")
	for r, v := range results {
		m.VMOVUPS(v, at(dst, 0))
		if r+1 < rows {
			m.ADDQ(m.stored("stride"), dst)
		}
	}
	m.end()
}

// stored is a parameter where it is in memory.
func (m *machine) stored(name string) operand.Mem {
	p, err := m.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// bytesOf adds products of four bytes each.
func (m *machine) bytesOf(weights operand.Mem, quants vectors, at int, sums []reg.VecVirtual) {
	w := m.vec()
	m.VMOVUPS(weights, w)
	for r, sum := range sums {
		m.VPDPBUSD_BCST(quants.at(r, at), w, sum)
	}
}

// words adds products of two numbers of 16 bits each: those of the even bytes of the
// weights, then those of the odd ones.
func (m *machine) words(weights operand.Mem, quants vectors, at int, sums []reg.VecVirtual) {
	both, even := m.vec(), m.vec()
	m.VMOVUPS(weights, both)
	m.VANDPS(m.bits(0x00ff00ff), both, even)
	m.VPSRLW(operand.U8(8), both, both)
	for i, w := range []reg.VecVirtual{even, both} {
		for r, sum := range sums {
			product := m.vec()
			m.VPBROADCASTD(quants.at(r, at+4*i), product)
			m.VPMADDWD(w, product, product)
			m.VPADDD(product, sum, sum)
		}
	}
}

// scaled adds the sums of a group to the results. Nothing is fused, so that every processor
// rounds alike.
func (m *machine) scaled(scales reg.Register, groups vectors, sums, results []reg.VecVirtual, minima bool) {
	scale, least := m.vec(), m.vec()
	m.VMOVUPS(at(scales, 0), scale)
	if minima {
		m.VMOVUPS(at(scales, 4*m.lanes), least)
	}
	for r, sum := range sums {
		m.VCVTDQ2PS(sum, sum)
		m.VMULPS(m.times(groups.at(r, groupScale), scale), sum, sum)
		if minima {
			m.VSUBPS(m.times(groups.at(r, groupSum), least), sum, sum)
		}
		m.VADDPS(sum, results[r], results[r])
	}
}

// times is a number in memory times a vector.
func (m *machine) times(number operand.Mem, v reg.VecVirtual) reg.VecVirtual {
	d := m.vec()
	if m.wide() {
		m.VMULPS_BCST(number, v, d)
		return d
	}
	m.VBROADCASTSS(number, d)
	m.VMULPS(v, d, d)
	return d
}
