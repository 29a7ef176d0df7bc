package grammar

// object processes a byte of an object outside its values.
func (m *machine) object(c *config, b byte) {
	next := *c
	switch {
	case c.state == atObject:
		if b == '{' {
			next.state = atFirst
			m.emit(next)
		}
	case c.state == atKey:
		m.key(c, b)
	case c.state == atColon:
		if b == ' ' {
			m.enter(c.node.properties[c.count].value, m.frame(c.node, c.count+1, c.parent))
		}
	case b == '}' && c.state != atNext && c.node.closes(int(c.count)):
		m.leave(c.parent)
	case b == '"' && c.state != atMember:
		m.keys(c)
	case b == ' ' && c.state == atNext && c.mark == 1:
		next.mark = 0
		m.emit(next)
	case b == ',' && c.state == atMember && int(c.count) < len(c.node.properties):
		next.state, next.mark = atNext, 1
		m.emit(next)
	}
}

// keys starts the keys of the properties that may follow: those up to the next required one.
func (m *machine) keys(c *config) {
	for i := int(c.count); i < len(c.node.properties); i++ {
		m.emit(config{state: atKey, node: c.node, count: int32(i), value: 1, parent: c.parent})
		if c.node.properties[i].required {
			return
		}
	}
}

func (m *machine) key(c *config, b byte) {
	p := &c.node.properties[c.count]
	if p.key[c.value] != b {
		return
	}
	next := *c
	if next.value++; int(next.value) < len(p.key) {
		m.emit(next)
		return
	}
	next.state, next.value = atColon, 0
	m.emit(next)
	m.enter(p.value, m.frame(c.node, c.count+1, c.parent))
}

// array processes a byte of an array outside its items.
func (m *machine) array(c *config, b byte) {
	next := *c
	switch {
	case c.state == atArray:
		if b != '[' {
			return
		}
		if c.node.least == 0 {
			next.state = atNone
			m.emit(next)
		}
		if c.node.most > 0 {
			m.enter(c.node.items, m.frame(c.node, 1, c.parent))
		}
	case c.state == atSpace:
		if b == ' ' {
			m.enter(c.node.items, m.frame(c.node, c.count+1, c.parent))
		}
	case b == ']' && int(c.count) >= c.node.least: // of none, too
		m.leave(c.parent)
	case b == ',' && c.state == atItem && int(c.count) < c.node.most:
		next.state = atSpace
		m.emit(next)
		m.enter(c.node.items, m.frame(c.node, c.count+1, c.parent))
	}
}

// text processes a byte of a string.
func (m *machine) text(c *config, b byte) {
	next := *c
	switch {
	case c.state == atString:
		if b == '"' {
			next.state = atText
			m.emit(next)
		}
	case c.state == atEscape:
		m.escape(next, b)
	case c.state == atHex:
		m.hexadecimal(next, b)
	case c.mark != 0:
		if low, high := continuation(c.mark); b >= low && b <= high {
			next.mark = c.mark&3 - 1
			m.emit(next)
		}
	case b == '"':
		if int(c.count) >= c.node.least {
			m.leave(c.parent)
		}
	case int(c.count) >= c.node.most || b < ' ':
	case b == '\\':
		next.state = atEscape
		next.count++
		m.emit(next)
	default:
		if mark, ok := lead(b); ok {
			next.mark = mark
			next.count++
			m.emit(next)
		}
	}
}

// escape processes a byte after a backslash.
func (m *machine) escape(next config, b byte) {
	switch b {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		next.state = atText
		m.emit(next)
	case 'u':
		if m.hex {
			next.state = atHex
			m.emit(next)
		}
	}
}

// hexadecimal processes a digit of \u: any character but half of a surrogate pair. The value is the
// number of digits, times 256, and whether the first is d.
func (m *machine) hexadecimal(next config, b byte) {
	digit := b | 0x20
	if !(b >= '0' && b <= '9' || digit >= 'a' && digit <= 'f') {
		return
	}
	digits, d := next.value>>8, next.value&1
	if digits == 1 && d == 1 && b > '7' {
		return
	}
	if digits == 0 && digit == 'd' && b > '9' {
		d = 1
	}
	if next.value = (digits+1)<<8 | d; digits == 3 {
		next.state, next.value = atText, 0
	}
	m.emit(next)
}

// States of an incomplete UTF-8 character: the number of missing bytes, and the range of the next
// one if it is unusual.
const (
	after0xe0 = 2 + (iota+1)<<2
	after0xed
	after0xf0 = 3 + (iota+1)<<2
	after0xf4
)

// lead is the state after a character's first byte, and whether the byte is valid.
func lead(b byte) (mark uint8, ok bool) {
	switch {
	case b < 0x80:
		return 0, true
	case b == 0xe0:
		return after0xe0, true
	case b == 0xed:
		return after0xed, true
	case b == 0xf0:
		return after0xf0, true
	case b == 0xf4:
		return after0xf4, true
	case b >= 0xc2 && b < 0xe0:
		return 1, true
	case b >= 0xe1 && b < 0xf0:
		return 2, true
	case b >= 0xf1 && b < 0xf4:
		return 3, true
	}
	return 0, false
}

// continuation is the range of the next byte.
func continuation(mark uint8) (low, high byte) {
	switch mark {
	case after0xe0:
		return 0xa0, 0xbf
	case after0xed:
		return 0x80, 0x9f
	case after0xf0:
		return 0x90, 0xbf
	case after0xf4:
		return 0x80, 0x8f
	}
	return 0x80, 0xbf
}

// integer processes a byte of an integer.
func (m *machine) integer(c *config, b byte) {
	next := *c
	next.state = atDigits
	if c.state == atInteger && b == '-' {
		next.mark = 1
	} else {
		if b < '0' || b > '9' || c.count == mostDigits || c.count == 1 && c.value == 0 {
			return
		}
		next.value = 10*c.value + int64(b-'0')
		next.count++
	}
	more := c.node.digitsTo(next.mark == 1, next.value, int(next.count))
	if more < 0 {
		return
	}
	m.emit(next)
	if more == 0 {
		m.leave(c.parent)
	}
}

// number processes a byte of a number.
func (m *machine) number(c *config, b byte) {
	digit := b >= '0' && b <= '9'
	next := *c
	next.count = 1
	switch {
	case b == '-' && c.state == atNumber:
		next.state = atMinus
	case b == '0' && c.state <= atMinus:
		next.state = atZero
	case digit && c.state <= atMinus:
		next.state = atWhole
	case digit && (c.state == atWhole || c.state == atFraction) && c.count < mostDigits, digit && c.state == atPower && c.count < 2:
		next.count = c.count + 1
	case b == '.' && (c.state == atZero || c.state == atWhole):
		next.state = atPoint
	case digit && c.state == atPoint:
		next.state = atFraction
	case b|0x20 == 'e' && (c.state == atZero || c.state == atWhole || c.state == atFraction):
		next.state = atExponent
	case (b == '+' || b == '-') && c.state == atExponent:
		next.state = atSign
	case digit && (c.state == atExponent || c.state == atSign):
		next.state = atPower
	default:
		return
	}
	m.emit(next)
	switch next.state {
	case atZero, atWhole, atFraction, atPower:
		m.leave(c.parent)
	}
}
