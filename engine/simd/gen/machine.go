package main

import (
	"fmt"
	"math"
	"regexp"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A machine writes code for one path. Its methods take and give registers of
// lanes float32 each; where they take an operand.Op, that is a register or a
// constant. One definition of a kernel thus serves both paths, lane by lane with
// the same arithmetic, so that they give the same bits.
type machine struct {
	*build.Context
	suffix    string // of the names of functions
	lanes     int    // float32 in a register: 16 for AVX-512, 8 for AVX2
	constants map[uint32]operand.Mem
	steps     operand.Mem // see first
	labels    int
}

// wide reports whether this is AVX-512, with mask registers.
func (m *machine) wide() bool { return m.lanes == 16 }

// bytes is the size of a register.
func (m *machine) bytes() int { return 4 * m.lanes }

// vec returns a new vector register.
func (m *machine) vec() reg.VecVirtual {
	if m.wide() {
		return m.ZMM()
	}
	return m.YMM()
}

// label returns a name that no other place in the function has.
func (m *machine) label(name string) string {
	m.labels++
	return fmt.Sprintf("%s%d", name, m.labels)
}

// constant is a float32 in every lane.
func (m *machine) constant(v float64) operand.Mem { return m.bits(math.Float32bits(float32(v))) }

// bits is a pattern of bits in every lane. In memory it is repeated for the
// eight lanes of AVX2; AVX-512 repeats the first one itself.
func (m *machine) bits(pattern uint32) operand.Mem {
	if c, ok := m.constants[pattern]; ok {
		return c
	}
	c := m.StaticGlobal(fmt.Sprintf("bits%08x", pattern))
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for range 8 {
		m.AppendDatum(operand.U32(pattern))
	}
	m.constants[pattern] = c
	return c
}

// An instruction of avo that takes its operands in Go's order: the result last.
type instruction func(ops ...operand.Op)

// op3 is d = a op b for an instruction and its form with a repeated constant.
func (m *machine) op3(plain, repeated instruction, a reg.Register, b operand.Op) reg.VecVirtual {
	d := m.vec()
	m.pick(plain, repeated, b)(b, a, d)
	return d
}

// pick chooses the form of an instruction for an operand.
func (m *machine) pick(plain, repeated instruction, b operand.Op) instruction {
	if m.wide() && operand.IsMem(b) {
		return repeated
	}
	return plain
}

// set returns a register with the constant in every lane.
func (m *machine) set(c operand.Mem) reg.VecVirtual {
	d := m.vec()
	m.VBROADCASTSS(c, d)
	return d
}

// copied returns a register with the lanes of a.
func (m *machine) copied(a reg.Register) reg.VecVirtual {
	d := m.vec()
	m.VMOVAPS(a, d)
	return d
}

// encodable returns an error if code for AVX2 uses a register that only AVX-512
// can name.
func (m *machine) encodable(assembly []byte) error {
	if m.wide() {
		return nil
	}
	if r := regexp.MustCompile(`\b[YX](1[6-9]|2\d|3[01])\b|\b[ZK]\d`).Find(assembly); r != nil {
		return fmt.Errorf("the code needs too many registers: %s", r)
	}
	return nil
}
