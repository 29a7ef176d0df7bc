package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	signBit  = 1 << 31
	restBits = signBit - 1
)

var inf = math.Inf(1)

func (m *machine) arithmetic() {
	binary := func(name string, do func(a, b reg.Register) reg.Register) {
		m.elementwise(name, 2, nil, func(in []reg.Register) reg.Register { return do(in[0], in[1]) })
	}
	binary("add", func(a, b reg.Register) reg.Register { return m.add(a, b) })
	binary("sub", func(a, b reg.Register) reg.Register { return m.sub(a, b) })
	binary("mul", func(a, b reg.Register) reg.Register { return m.mul(a, b) })
	binary("div", func(a, b reg.Register) reg.Register { return m.div(a, b) })
	binary("max", m.greater)
	binary("min", m.smaller)
	binary("and", func(a, b reg.Register) reg.Register { return m.and(a, b) })
	binary("or", func(a, b reg.Register) reg.Register { return m.or(a, b) })
	binary("xor", func(a, b reg.Register) reg.Register { return m.xor(a, b) })

	m.elementwise("mulAdd", 3, nil, func(in []reg.Register) reg.Register {
		return m.mulAdd(m.copied(in[0]), in[1], in[2])
	})
	m.elementwise("mulAddScalar", 1, []string{"s", "t"}, func(in []reg.Register) reg.Register {
		return m.mulAdd(m.copied(in[0]), in[1], in[2])
	})
	m.elementwise("choose", 3, nil, func(in []reg.Register) reg.Register {
		return m.blend(m.compare(in[0], notEqual, m.constant(0)), in[1], in[2])
	})
}

// greater is b where the operands are equal, and NaN where one is: the
// instruction gives b where a is NaN.
func (m *machine) greater(a, b reg.Register) reg.Register {
	return m.blend(m.compare(a, unordered, a), a, m.max(a, b))
}

func (m *machine) smaller(a, b reg.Register) reg.Register {
	return m.blend(m.compare(a, unordered, a), a, m.min(a, b))
}

func (m *machine) comparisons() {
	for _, c := range []struct {
		name string
		how  operand.U8
	}{
		{"equal", equal}, {"notEqual", notEqual}, {"less", less}, {"lessEqual", lessEqual},
		{"greater", greater}, {"greaterEqual", greaterEqual},
	} {
		m.elementwise(c.name, 2, nil, func(in []reg.Register) reg.Register {
			return m.ones(m.compare(in[0], c.how, in[1]))
		})
	}
	m.unary("isNaN", func(a reg.Register) reg.Register { return m.ones(m.compare(a, unordered, a)) })
	m.unary("isFinite", func(a reg.Register) reg.Register {
		return m.ones(m.compare(m.abs(a), less, m.constant(inf)))
	})
	m.unary("not", func(a reg.Register) reg.Register { return m.xor(a, m.constant(1)) })
}

// unary writes a kernel of one operand.
func (m *machine) unary(name string, do func(a reg.Register) reg.Register) {
	m.elementwise(name, 1, nil, func(in []reg.Register) reg.Register { return do(in[0]) })
}

func (m *machine) abs(a reg.Register) reg.Register { return m.and(a, m.bits(restBits)) }

// withSign is a, which has no sign, with that of b.
func (m *machine) withSign(a, b reg.Register) reg.Register {
	return m.or(a, m.and(b, m.bits(signBit)))
}

func (m *machine) rounding() {
	m.unary("neg", func(a reg.Register) reg.Register { return m.xor(a, m.bits(signBit)) })
	m.unary("abs", m.abs)
	m.unary("sign", func(a reg.Register) reg.Register {
		one := m.withSign(m.set(m.constant(1)), a)
		return m.blend(m.compare(a, orderedUnequal, m.constant(0)), one, a)
	})
	m.unary("sqrt", func(a reg.Register) reg.Register { return m.sqrt(a) })
	m.unary("rsqrt", func(a reg.Register) reg.Register { return m.div(m.set(m.constant(1)), m.sqrt(a)) })
	m.unary("reciprocal", func(a reg.Register) reg.Register { return m.div(m.set(m.constant(1)), a) })
	m.unary("square", func(a reg.Register) reg.Register { return m.mul(a, a) })
	m.unary("floor", func(a reg.Register) reg.Register { return m.round(a, down) })
	m.unary("ceil", func(a reg.Register) reg.Register { return m.round(a, up) })
	m.unary("round", func(a reg.Register) reg.Register { return m.round(a, toEven) })
}
