package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// partials is how many partial results a reduction keeps, on either path.
const partials = 64

func (m *machine) reductions() {
	sum := func(a, b reg.Register) reg.Register { return m.add(a, b) }
	m.reduction("sum", 1, 0, sum, func(p reg.Register, in []reg.Register) reg.Register { return m.add(p, in[0]) })
	m.reduction("sumOfSquares", 1, 0, sum, func(p reg.Register, in []reg.Register) reg.Register {
		return m.addMul(m.copied(p), in[0], in[0])
	})
	m.reduction("dot", 2, 0, sum, func(p reg.Register, in []reg.Register) reg.Register {
		return m.addMul(m.copied(p), in[0], in[1])
	})
	m.reduction("reduceMax", 1, -inf, m.greater, func(p reg.Register, in []reg.Register) reg.Register {
		return m.greater(p, in[0])
	})
	m.reduction("reduceMin", 1, inf, m.smaller, func(p reg.Register, in []reg.Register) reg.Register {
		return m.smaller(p, in[0])
	})
}

// reduction writes a kernel that takes element i into partial result i mod 64
// with step, and then joins partial results j and j+32, j and j+16, ...
func (m *machine) reduction(name string, operands int, start float64, join func(a, b reg.Register) reg.Register, step func(p reg.Register, in []reg.Register) reg.Register) {
	names := operandNames[:operands]
	m.begin(name, fmt.Sprintf("func(%s []float32) float32", strings.Join(names, ", ")))
	n := m.Load(m.Param("a").Len(), m.GP64())
	var from []reg.Register
	for _, name := range names {
		from = append(from, m.Load(m.Param(name).Base(), m.GP64()))
	}
	sums := make([]reg.Register, partials/m.lanes)
	for j := range sums {
		sums[j] = m.set(m.constant(start))
	}
	at := m.loop(n, partials, func(at reg.Register) {
		for j, p := range sums {
			var in []reg.Register
			for _, base := range from {
				v := m.vec()
				m.VMOVUPS(element(base, at).Offset(j*m.bytes()), v)
				in = append(in, v)
			}
			m.VMOVAPS(step(p, in), p)
		}
	})
	m.rest(n, at, sums, from, step)
	m.Label("done")
	v := m.fold(sums, join)
	result, err := m.ReturnIndex(0).Resolve()
	if err != nil {
		panic(err)
	}
	m.VMOVSS(v.(reg.VecVirtual).AsX(), result.Addr)
	m.VZEROUPPER()
	m.RET()
}

// rest takes the fewer than 64 elements from at on into the partial results.
func (m *machine) rest(n, at reg.Register, sums, from []reg.Register, step func(p reg.Register, in []reg.Register) reg.Register) {
	left, lanes, some := m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(n, left)
	m.SUBQ(at, left)
	m.MOVQ(operand.U64(m.lanes), lanes)
	for j, p := range sums {
		m.MOVQ(left, some)
		m.CMPQ(some, lanes)
		m.CMOVQGT(lanes, some)
		mask := m.first(some)
		var in []reg.Register
		for _, base := range from {
			in = append(in, m.loadPart(element(base, at).Offset(j*m.bytes()), mask))
		}
		m.VMOVAPS(m.blend(mask, step(p, in), p), p)
		m.SUBQ(operand.U8(m.lanes), left)
		m.JLE(operand.LabelRef("done"))
	}
}

// fold joins the partial results of all registers, and then of all lanes, into
// the first lane.
func (m *machine) fold(sums []reg.Register, join func(a, b reg.Register) reg.Register) reg.Register {
	for half := len(sums) / 2; half > 0; half /= 2 {
		for j := range half {
			sums[j] = join(sums[j], sums[j+half])
		}
	}
	v := sums[0]
	for lanes := m.lanes / 2; lanes > 0; lanes /= 2 {
		v = join(v, m.upper(v, lanes))
	}
	return v
}

// upper is v with lanes i+lanes at i, for i < lanes.
func (m *machine) upper(v reg.Register, lanes int) reg.Register {
	d := m.vec()
	switch {
	case lanes == 8:
		m.VSHUFF32X4(operand.U8(0b_00_00_11_10), v, v, d)
	case lanes == 4 && m.wide():
		m.VSHUFF32X4(operand.U8(0b_00_00_00_01), v, v, d)
	case lanes == 4:
		m.VPERM2F128(operand.U8(1), v, v, d)
	default: // within groups of four lanes
		m.VSHUFPS(operand.U8(map[int]int{2: 0b_00_00_11_10, 1: 0b_00_00_00_01}[lanes]), v, v, d)
	}
	return d
}
