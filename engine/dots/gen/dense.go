package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dense writes the products of some vectors with some outputs, one register of partial sums
// for each. Two columns that are the width of a register apart have the same partial sum. The weights
// of eight outputs further on are fetched meanwhile.
func (m *machine) dense(rows, outs int) {
	m.begin(fmt.Sprintf("dense%dx%d", rows, outs), "func(n int, w *float32, wStride int, x *float32, xStride int, dst *float32, stride int)")
	n := m.param("n")
	w := m.vectors(outs, m.param("w"), m.bytes("wStride"))
	x := m.vectors(rows, m.param("x"), m.bytes("xStride"))
	sums := m.zeros(rows, outs)
	next := w
	next.bases = nil
	if outs >= 4 {
		ahead := m.GP64()
		m.LEAQ(operand.Mem{Base: w.bases[0], Index: w.stride, Scale: 8}, ahead)
		next.bases = []reg.Register{ahead}
	}
	m.SUBQ(operand.U8(m.lanes), n)
	m.JLT(operand.LabelRef("rest"))
	m.Label("turn")
	if outs >= 4 {
		for o := range 4 {
			m.PREFETCHT1(next.at(o, 0))
		}
		m.advance(next, 4*m.lanes)
	}
	m.products(w, x, m.load, m.load, sums)
	m.advance(w, 4*m.lanes)
	m.advance(x, 4*m.lanes)
	m.SUBQ(operand.U8(m.lanes), n)
	m.JGE(operand.LabelRef("turn"))
	m.Label("rest")
	m.ADDQ(operand.U8(m.lanes), n)
	m.JZ(operand.LabelRef("summed"))
	part := m.part(n)
	m.products(w, x, part, part, sums)
	m.Label("summed")
	m.total(rows, outs, sums)
	m.end()
}

// narrow writes the products of a vector with outputs of 16 bits a number. The columns, at
// least one register of them, fill registers.
func (m *machine) narrow(name string, outs int, load loader) {
	m.begin(fmt.Sprintf("%s%d", name, outs), "func(n int, w *uint8, wStride int, x *float32, dst *float32, stride int)")
	n := m.param("n")
	w, x := m.vectors(outs, m.param("w"), m.param("wStride")), m.vectors(1, m.param("x"), nil)
	sums := m.zeros(1, outs)
	m.Label("turn")
	m.products(w, x, load, m.load, sums)
	m.advance(w, 2*m.lanes)
	m.advance(x, 4*m.lanes)
	m.SUBQ(operand.U8(m.lanes), n)
	m.JG(operand.LabelRef("turn"))
	m.total(1, outs, sums)
	m.end()
}

// zeros are sums that start at zero.
func (m *machine) zeros(rows, outs int) [][]reg.VecVirtual {
	sums := make([][]reg.VecVirtual, rows)
	for r := range sums {
		for range outs {
			sums[r] = append(sums[r], m.zero())
		}
	}
	return sums
}

// A loader loads a register of numbers.
type loader func(from operand.Mem) reg.VecVirtual

func (m *machine) load(from operand.Mem) reg.VecVirtual {
	v := m.vec()
	m.VMOVUPS(from, v)
	return v
}

func (m *machine) loadHalf(from operand.Mem) reg.VecVirtual {
	v := m.vec()
	m.VCVTPH2PS(from, v)
	return v
}

func (m *machine) loadBfloat(from operand.Mem) reg.VecVirtual {
	v := m.vec()
	m.VPMOVZXWD(from, v)
	m.VPSLLD(operand.U8(16), v, v)
	return v
}

// products adds the products of a register of columns.
func (m *machine) products(w, x vectors, loadW, loadX loader, sums [][]reg.VecVirtual) {
	var values []reg.VecVirtual
	for r := range sums {
		values = append(values, loadX(x.at(r, 0)))
	}
	for o := range sums[0] {
		v := loadW(w.at(o, 0))
		for r := range sums {
			m.VFMADD231PS(v, values[r], sums[r][o])
		}
	}
}

// bytes loads a number of float32 as one of bytes.
func (m *machine) bytes(name string) reg.Register {
	r := m.param(name)
	m.SHLQ(operand.U8(2), r)
	return r
}

// total adds what is in the lanes of each sum to the result: first neighbours come together,
// then pairs of those, then the halves of what is left.
func (m *machine) total(rows, outs int, sums [][]reg.VecVirtual) {
	dst, stride := m.param("dst"), m.bytes("stride")
	for r := range rows {
		for o := 0; o < outs; o += 4 {
			n := min(4, outs-o)
			four := [4]reg.VecVirtual{sums[r][o], sums[r][o], sums[r][o], sums[r][o]}
			copy(four[:], sums[r][o:o+n])
			v := m.neighbours(m.neighbours(four[0], four[1]), m.neighbours(four[2], four[3]))
			if m.wide() {
				high := m.YMM()
				m.VEXTRACTF32X8(operand.U8(1), v, high)
				m.VADDPS(v.AsY(), high, high)
				v = high
			}
			sum := m.XMM()
			if m.wide() {
				m.VEXTRACTF32X4(operand.U8(1), v, sum)
			} else {
				m.VEXTRACTF128(operand.U8(1), v, sum)
			}
			m.VADDPS(v.AsX(), sum, sum)
			if n == 4 {
				m.VADDPS(at(dst, 4*o), sum, sum)
				m.VMOVUPS(sum, at(dst, 4*o))
			} else {
				m.VADDSS(at(dst, 4*o), sum, sum)
				m.VMOVSS(sum, at(dst, 4*o))
			}
		}
		if r+1 < rows {
			m.ADDQ(stride, dst)
		}
	}
}

// neighbours adds neighbouring lanes of two registers, those of the first in the lower half
// of every 16 bytes.
func (m *machine) neighbours(a, b reg.VecVirtual) reg.VecVirtual {
	even, odd := m.vec(), m.vec()
	m.VSHUFPS(operand.U8(0b_10_00_10_00), b, a, even)
	m.VSHUFPS(operand.U8(0b_11_01_11_01), b, a, odd)
	m.VADDPS(odd, even, even)
	return even
}

// part returns what loads the first n lanes, and zeros for the others.
func (m *machine) part(n reg.Register) func(from operand.Mem) reg.VecVirtual {
	if m.wide() {
		ones, mask := m.GP32(), m.K()
		m.MOVL(operand.I32(-1), ones)
		m.BZHIL(n.(reg.GPVirtual).As32(), ones, ones)
		m.KMOVW(ones, mask)
		return func(from operand.Mem) reg.VecVirtual {
			v := m.vec()
			m.VMOVUPS_Z(from, mask, v)
			return v
		}
	}
	masks := m.GP64()
	m.LEAQ(m.ends, masks)
	m.NEGQ(n)
	return func(from operand.Mem) reg.VecVirtual { // there is no register left for the mask
		v := m.vec()
		m.VMOVUPS(operand.Mem{Base: masks, Index: n, Scale: 4, Disp: 4 * m.lanes}, v)
		m.VMASKMOVPS(from, v, v)
		return v
	}
}

// tailMask writes a register of ones and one of zeros: a mask of the first n lanes starts n
// before the zeros.
func (m *machine) tailMask() {
	m.ends = m.StaticGlobal("ends")
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * m.lanes {
		if i < m.lanes {
			m.AppendDatum(operand.U32(1<<32 - 1))
		} else {
			m.AppendDatum(operand.U32(0))
		}
	}
}

// mix writes the sum of rows of x, each multiplied by a weight, to so many vectors of columns.
func (m *machine) mix(vectors int) {
	m.begin(fmt.Sprintf("mix%d", vectors), "func(rows int, dst, weights, x *float32, stride int)")
	rows, dst, weights, x, stride := m.param("rows"), m.param("dst"), m.param("weights"), m.param("x"), m.param("stride")
	sums := make([]reg.VecVirtual, vectors)
	for i := range sums {
		sums[i] = m.zero()
	}
	m.Label("turn")
	weight := m.vec()
	m.VBROADCASTSS(at(weights, 0), weight)
	for i, sum := range sums {
		m.VFMADD231PS(at(x, 4*m.lanes*i), weight, sum)
	}
	m.ADDQ(operand.U8(4), weights)
	m.ADDQ(stride, x)
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("turn"))
	for i, sum := range sums {
		m.VMOVUPS(sum, at(dst, 4*m.lanes*i))
	}
	m.end()
}
