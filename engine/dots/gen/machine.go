package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// begin opens a function named after the path.
func (m *machine) begin(name, signature string) {
	m.Function(name + m.suffix)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr(signature)
	m.Pragma("noescape")
}

// end returns from the function.
func (m *machine) end() {
	m.VZEROUPPER()
	m.RET()
}

// param loads a parameter.
func (m *machine) param(name string) reg.Register { return m.Load(m.Param(name), m.GP64()) }

// vec returns a new vector register.
func (m *machine) vec() reg.VecVirtual {
	if m.wide() {
		return m.ZMM()
	}
	return m.YMM()
}

// zero returns a new vector register of zeros.
func (m *machine) zero() reg.VecVirtual {
	v := m.vec()
	m.VXORPS(v, v, v)
	return v
}

// bits is a pattern of bits in every lane, in memory.
func (m *machine) bits(pattern uint32) operand.Mem {
	if c, ok := m.constants[pattern]; ok {
		return c
	}
	c := m.StaticGlobal(fmt.Sprintf("bits%08x", pattern))
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for range m.lanes {
		m.AppendDatum(operand.U32(pattern))
	}
	m.constants[pattern] = c
	return c
}

// and returns the bits of v that a pattern has.
func (m *machine) and(v reg.Register, pattern uint32) reg.VecVirtual {
	d := m.vec()
	m.VANDPS(m.bits(pattern), v, d)
	return d
}

// right shifts words right, and left to the left.
func (m *machine) right(v reg.Register, by uint8) reg.VecVirtual {
	d := m.vec()
	m.VPSRLW(operand.U8(by), v, d)
	return d
}

func (m *machine) left(v reg.Register, by uint8) reg.VecVirtual {
	d := m.vec()
	m.VPSLLW(operand.U8(by), v, d)
	return d
}

// at is the memory at a pointer and so many bytes after it.
func at(base reg.Register, bytes int) operand.Mem { return operand.Mem{Base: base, Disp: bytes} }

// vectors are several pieces of memory that are a stride apart. There is a register for
// every fourth.
type vectors struct {
	bases           []reg.Register
	stride, stride3 reg.Register
}

// vectors of which the first is at a pointer, which moves along with the others.
func (m *machine) vectors(n int, base, stride reg.Register) vectors {
	v := vectors{bases: []reg.Register{base}, stride: stride}
	if n > 3 {
		v.stride3 = m.GP64()
		m.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, v.stride3)
	}
	for i := 4; i < n; i += 4 {
		next := m.GP64()
		m.LEAQ(operand.Mem{Base: v.bases[len(v.bases)-1], Index: stride, Scale: 4}, next)
		v.bases = append(v.bases, next)
	}
	return v
}

// at is the memory so many bytes behind the beginning of vector k.
func (v vectors) at(k, bytes int) operand.Mem {
	mem := operand.Mem{Base: v.bases[k/4], Disp: bytes}
	switch k % 4 {
	case 1, 2:
		mem.Index, mem.Scale = v.stride, uint8(k%4)
	case 3:
		mem.Index, mem.Scale = v.stride3, 1
	}
	return mem
}

// advance moves on along all vectors.
func (m *machine) advance(v vectors, bytes int) {
	for _, b := range v.bases {
		m.ADDQ(operand.U32(bytes), b)
	}
}
