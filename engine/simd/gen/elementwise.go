package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A body computes the lanes of the result from those of the operands. It must
// not change the registers that it is given.
type body func(in []reg.Register) reg.Register

var operandNames = []string{"a", "b", "c"}

// elementwise writes a kernel over slices of equal length: body for full
// registers, and once more for what is left, with loads and stores that leave
// out the lanes beyond the end.
func (m *machine) elementwise(name string, operands int, scalars []string, do body) {
	names := operandNames[:operands]
	signature := fmt.Sprintf("func(dst, %s []float32)", strings.Join(names, ", "))
	if len(scalars) > 0 {
		signature = fmt.Sprintf("func(dst, %s []float32, %s float32)", strings.Join(names, ", "), strings.Join(scalars, ", "))
	}
	m.begin(name, signature)
	dst := m.Load(m.Param("dst").Base(), m.GP64())
	n := m.Load(m.Param("dst").Len(), m.GP64())
	var from []reg.Register
	for _, name := range names {
		from = append(from, m.Load(m.Param(name).Base(), m.GP64()))
	}
	var fixed []reg.Register
	for _, name := range scalars {
		at, err := m.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		fixed = append(fixed, m.set(at.Addr))
	}
	at := m.loop(n, m.lanes, func(at reg.Register) {
		var in []reg.Register
		for _, base := range from {
			v := m.vec()
			m.VMOVUPS(element(base, at), v)
			in = append(in, v)
		}
		m.VMOVUPS(do(append(in, fixed...)), element(dst, at))
	})
	m.SUBQ(at, n)
	rest := m.first(n)
	var in []reg.Register
	for _, base := range from {
		in = append(in, m.loadPart(element(base, at), rest))
	}
	m.storePart(do(append(in, fixed...)), element(dst, at), rest)
	m.end()
}

// begin starts a function of the path.
func (m *machine) begin(name, signature string) {
	m.labels = 0
	m.Function(name + m.suffix)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr(signature)
	m.Pragma("noescape")
}

// end leaves the function; loop jumps here when nothing is left.
func (m *machine) end() {
	m.Label("done")
	m.VZEROUPPER()
	m.RET()
}

// loop runs do for every step elements of n, with the index of their first, and
// returns the index of the fewer that are left. It jumps to done if there are
// none.
func (m *machine) loop(n reg.Register, step int, do func(at reg.Register)) reg.Register {
	at, last := m.GP64(), m.GP64()
	next, rest := m.label("next"), m.label("rest")
	m.XORQ(at, at)
	m.MOVQ(n, last)
	m.SUBQ(operand.U8(step), last) // the last index to start from
	m.JL(operand.LabelRef(rest))
	m.Label(next)
	do(at)
	m.ADDQ(operand.U8(step), at)
	m.CMPQ(at, last)
	m.JLE(operand.LabelRef(next))
	m.Label(rest)
	m.CMPQ(at, n)
	m.JE(operand.LabelRef("done"))
	return at
}

// element is the memory of float32 number at.
func element(base, at reg.Register) operand.Mem {
	return operand.Mem{Base: base, Index: at, Scale: 4}
}

// first returns a mask of the first left lanes; left is from 1 to lanes.
func (m *machine) first(left reg.Register) reg.Register {
	if m.wide() {
		all, k := m.GP32(), m.K()
		m.MOVL(operand.U32(1<<16-1), all)
		m.BZHIL(left.(reg.GP).As32(), all, all)
		m.KMOVW(all, k)
		return k
	}
	table, start := m.GP64(), m.GP64()
	m.LEAQ(m.steps, table)
	m.MOVQ(operand.U64(m.lanes), start)
	m.SUBQ(left, start)
	v := m.vec()
	m.VMOVUPS(element(table, start), v)
	return v
}

// table writes as many lanes of ones as a register has, then as many of zeros: a
// mask of the first n lanes starts n before its middle.
func (m *machine) table() {
	m.steps = m.StaticGlobal("steps")
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * m.lanes {
		if i < m.lanes {
			m.AppendDatum(operand.U32(1<<32 - 1))
		} else {
			m.AppendDatum(operand.U32(0))
		}
	}
}

// loadPart loads the lanes of the mask; the others are 0.
func (m *machine) loadPart(from operand.Mem, mask reg.Register) reg.VecVirtual {
	d := m.vec()
	if m.wide() {
		m.VMOVUPS_Z(from, mask, d)
	} else {
		m.VMASKMOVPS(from, mask, d)
	}
	return d
}

// storePart stores the lanes of the mask.
func (m *machine) storePart(v reg.Register, to operand.Mem, mask reg.Register) {
	if m.wide() {
		m.VMOVUPS(v, mask, to)
	} else {
		m.VMASKMOVPS(v, mask, to)
	}
}
