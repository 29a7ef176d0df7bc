package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"atelier/internal/quant"
)

// A source is the blocks of the outputs of a panel, and where they go.
type source struct {
	rows            vectors
	weights, scales reg.Register
	columns, bytes  int // of a block
}

// unpack writes what unpacks blocks of a type into a panel; blocks is at least 1. So many
// bytes ahead is what is unpacked next: it is fetched meanwhile.
func (m *machine) unpack(t quant.Type, name string, block func(s source)) {
	m.begin(name, "func(blocks int, weights *uint8, scales *float32, data *uint8, stride, ahead int)")
	blocks := m.param("blocks")
	s := source{weights: m.param("weights"), scales: m.param("scales")}
	s.rows = m.vectors(m.lanes, m.param("data"), m.param("stride"))
	s.columns, s.bytes = t.Block()
	m.Label("block")
	m.fetch(s)
	block(s)
	m.advance(s.rows, s.bytes)
	m.ADDQ(operand.U32(s.columns*m.lanes), s.weights)
	groups := s.columns / 32
	if t == quant.Q6_K {
		groups *= 2
	}
	m.ADDQ(operand.U32(8*m.lanes*groups), s.scales)
	m.DECQ(blocks)
	m.JNZ(operand.LabelRef("block"))
	m.end()
}

// fetch fetches as many bytes as a block has.
func (m *machine) fetch(s source) {
	ahead := s.rows
	ahead.bases = nil
	distance := m.param("ahead")
	for _, base := range s.rows.bases {
		b := m.GP64()
		m.LEAQ(operand.Mem{Base: base, Index: distance, Scale: 1}, b)
		ahead.bases = append(ahead.bases, b)
	}
	for k := range m.lanes {
		for bytes := 0; bytes < s.bytes; bytes += 64 {
			m.PREFETCHT0(ahead.at(k, bytes))
		}
	}
}

// column is where four columns of all outputs go.
func (m *machine) column(s source, column int) operand.Mem { return at(s.weights, column*m.lanes) }

// scale is where the scales of a group go, and minimum where its minima do.
func (m *machine) scale(s source, group int) operand.Mem { return at(s.scales, 8*m.lanes*group) }

func (m *machine) minimum(s source, group int) operand.Mem {
	return at(s.scales, 8*m.lanes*group+4*m.lanes)
}

// quads loads 16 bytes of every output and turns them around: the result has four registers
// of four bytes of every output.
func (m *machine) quads(s source, bytes int) (out [4]reg.VecVirtual) {
	var in [4]reg.VecVirtual
	for i := range in { // the outputs i, i+4, ...
		in[i] = m.vec()
		if m.wide() {
			m.VBROADCASTF32X4(s.rows.at(i, bytes), in[i])
			for q := 1; q < 4; q++ {
				m.VINSERTF32X4(operand.U8(q), s.rows.at(i+4*q, bytes), in[i], in[i])
			}
		} else {
			m.VBROADCASTF128(s.rows.at(i, bytes), in[i])
			m.VINSERTF128(operand.U8(1), s.rows.at(i+4, bytes), in[i], in[i])
		}
	}
	low, high := m.vec(), m.vec()
	m.VUNPCKLPS(in[1], in[0], low)
	m.VUNPCKLPS(in[3], in[2], high)
	m.VUNPCKHPS(in[1], in[0], in[0])
	m.VUNPCKHPS(in[3], in[2], in[2])
	for i := range out {
		out[i] = m.vec()
	}
	m.VUNPCKLPD(high, low, out[0])
	m.VUNPCKHPD(high, low, out[1])
	m.VUNPCKLPD(in[2], in[0], out[2])
	m.VUNPCKHPD(in[2], in[0], out[3])
	return out
}

// halves loads a float16 of every output as float32. Each is blended in from where it is in the
// place of its lane.
func (m *machine) halves(s source, bytes int) reg.VecVirtual {
	var words [2]reg.VecVirtual
	for h := range m.lanes / 8 {
		words[h] = m.YMM()
		m.VMOVDQU(s.rows.at(8*h, bytes), words[h].AsX())
		for i := 1; i < 8; i++ {
			m.VPBLENDW(operand.U8(1<<i), s.rows.at(8*h+i, bytes-2*i), words[h].AsX(), words[h].AsX())
		}
	}
	v := m.vec()
	if m.wide() {
		both := m.YMM()
		m.VINSERTI128(operand.U8(1), words[1].AsX(), words[0], both)
		m.VCVTPH2PS(both, v)
	} else {
		m.VCVTPH2PS(words[0].AsX(), v)
	}
	return v
}

func (m *machine) unpackQ80() {
	m.unpack(quant.Q8_0, "unpackQ80", func(s source) {
		m.VMOVUPS(m.halves(s, 0), m.scale(s, 0))
		for h := range 2 {
			for j, v := range m.quads(s, 2+16*h) {
				m.VXORPS(m.bits(0x80808080), v, v)
				m.VMOVUPS(v, m.column(s, 16*h+4*j))
			}
		}
	})
}

func (m *machine) unpackQ40() {
	m.unpack(quant.Q4_0, "unpackQ40", func(s source) {
		m.VMOVUPS(m.halves(s, 0), m.scale(s, 0))
		for j, v := range m.quads(s, 2) {
			m.nibbles(v, m.column(s, 4*j), m.column(s, 16+4*j))
		}
	})
}

// nibbles stores the lower and the upper nibbles of bytes.
func (m *machine) nibbles(v reg.VecVirtual, lower, upper operand.Mem) {
	m.VMOVUPS(m.and(v, 0x0f0f0f0f), lower)
	m.VMOVUPS(m.and(m.right(v, 4), 0x0f0f0f0f), upper)
}

// unpackQ4K finds the 6 bits of scales and minima in the lanes of all outputs.
func (m *machine) unpackQ4K() {
	m.unpack(quant.Q4_K, "unpackQ4K", func(s source) {
		d, dmin := m.halves(s, 0), m.halves(s, 2)
		head := m.quads(s, 0) // the bytes 4 to 7, 8 to 11 and 12 to 15 are those of scales
		store := func(bits, times reg.VecVirtual, to operand.Mem) {
			m.VCVTDQ2PS(bits, bits)
			m.VMULPS(times, bits, bits)
			m.VMOVUPS(bits, to)
		}
		for j := range 4 {
			store(m.and(m.down(head[1], 8*j), 63), d, m.scale(s, j))
			store(m.and(m.down(head[2], 8*j), 63), dmin, m.minimum(s, j))
			for i, times := range []reg.VecVirtual{d, dmin} {
				low := m.and(m.down(head[3], 8*j+4*i), 15)
				high := m.and(m.down(head[1+i], 8*j+2), 0x30)
				m.VORPS(high, low, low)
				to := m.scale(s, 4+j)
				if i == 1 {
					to = m.minimum(s, 4+j)
				}
				store(low, times, to)
			}
		}
		for i := range 8 {
			for j, v := range m.quads(s, 16+16*i) {
				at := i/2*64 + i%2*16 + 4*j
				m.nibbles(v, m.column(s, at), m.column(s, at+32))
			}
		}
	})
}

// down shifts lanes right.
func (m *machine) down(v reg.VecVirtual, by int) reg.VecVirtual {
	d := m.vec()
	m.VPSRLD(operand.U8(by), v, d)
	return d
}

func (m *machine) unpackQ6K() {
	m.unpack(quant.Q6_K, "unpackQ6K", func(s source) {
		d := m.halves(s, 208)
		for i, v := range m.quads(s, 192) {
			for j := range 4 {
				scale := m.vec()
				m.VPSLLD(operand.U8(24-8*j), v, scale)
				m.VPSRAD(operand.U8(24), scale, scale)
				m.VCVTDQ2PS(scale, scale)
				m.VMULPS(d, scale, scale)
				m.VMOVUPS(scale, m.scale(s, 4*i+j))
			}
		}
		for i := range 4 {
			half, part := i/2, i%2
			a, b, upper := m.quads(s, 64*half+16*part), m.quads(s, 64*half+32+16*part), m.quads(s, 128+32*half+16*part)
			for j, u := range upper {
				at := 128*half + 16*part + 4*j
				m.six(m.and(a[j], 0x0f0f0f0f), m.left(u, 4), m.column(s, at))
				m.six(m.and(b[j], 0x0f0f0f0f), m.left(u, 2), m.column(s, at+32))
				m.six(m.and(m.right(a[j], 4), 0x0f0f0f0f), u, m.column(s, at+64))
				m.six(m.and(m.right(b[j], 4), 0x0f0f0f0f), m.right(u, 2), m.column(s, at+96))
			}
		}
	})
}

// six stores four lower bits with two upper ones.
func (m *machine) six(low, high reg.VecVirtual, to operand.Mem) {
	v := m.and(high, 0x30303030)
	m.VORPS(v, low, low)
	m.VMOVUPS(low, to)
}
