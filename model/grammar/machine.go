package grammar

// A state is what is expected next.
type state uint8

const (
	atEnd     state = iota // nothing
	atObject               // an opening brace
	atFirst                // the first key, or the closing brace
	atKey                  // more of a key
	atNext                 // a key, after a comma
	atColon                // a space before a value
	atMember               // a comma or the closing brace, after a value
	atArray                // an opening bracket
	atNone                 // the closing bracket of an array without items
	atSpace                // a space before an item
	atItem                 // a comma or the closing bracket, after an item
	atString               // an opening quote
	atText                 // more of a string, or the closing quote
	atEscape               // what follows a backslash
	atHex                  // a digit of \u
	atLiteral              // more of a fixed text
	atInteger              // a sign or a digit
	atDigits               // more digits of an integer
	atNumber               // a sign or a digit; the others are further on in a number
	atMinus
	atZero
	atWhole
	atPoint
	atFraction
	atExponent
	atSign
	atPower
)

// A config is one possible parse of the text so far: what is expected, and in which context.
// Several are followed at once if the text is ambiguous.
type config struct {
	state   state
	mark    uint8 // in a string, the state of an incomplete UTF-8 character; in a key, whether a space may come; in an integer, whether it is negative
	count   int32 // items, properties, characters or digits so far
	node    *node
	literal *literal
	value   int64  // of digits; bytes of a key so far
	parent  *frame // what the value is in
}

// A frame is an incomplete object or array.
type frame struct {
	place
	need int // smallest number of bytes after the value, to the end of the text
}

// A place identifies a frame.
type place struct {
	node   *node
	count  int32 // items, or properties, when the value is complete
	parent *frame
}

// mostConfigs limits the number of parses; each can be completed, so that dropping some does no
// harm.
const mostConfigs = 2048

// A machine parses a text byte by byte, in all ways that the schema allows. The text never exceeds
// the limit.
type machine struct {
	limit  int
	hex    bool // whether \u may be used: there are tokens for its digits
	frames map[place]*frame

	// State of the current step:
	to   []config
	room int // remaining bytes
	seen map[config]bool
}

// start returns the initial configs.
func (m *machine) start(root *node) []config {
	m.begin(nil, m.limit)
	m.enter(root, nil)
	return m.to
}

func (m *machine) begin(to []config, room int) { m.to, m.room, m.seen = to[:0], room, nil }

// step puts the configs after a byte into to; room is the number of bytes that may follow it.
func (m *machine) step(from []config, b byte, room int, to []config) []config {
	m.begin(to, room)
	for i := range from {
		m.follow(&from[i], b)
	}
	return m.to
}

// frame returns the frame of a place, always the same one.
func (m *machine) frame(n *node, count int32, parent *frame) *frame {
	key := place{n, count, parent}
	f := m.frames[key]
	if f == nil {
		need := 0
		if n.kind == objects {
			need = n.rest[count]
		} else {
			need = n.after(int(count))
		}
		if parent != nil {
			need = plus(need, parent.need)
		}
		f = &frame{key, need}
		m.frames[key] = f
	}
	return f
}

// emit adds a config, unless it is a duplicate or the text would become too long.
func (m *machine) emit(c config) {
	need := c.need()
	if c.parent != nil {
		need += c.parent.need
	}
	if need > m.room || len(m.to) == mostConfigs {
		return
	}
	const few = 16
	if len(m.to) <= few {
		for i := range m.to {
			if m.to[i] == c {
				return
			}
		}
		m.to = append(m.to, c)
		return
	}
	if m.seen == nil {
		m.seen = map[config]bool{}
		for _, old := range m.to {
			m.seen[old] = true
		}
	}
	if !m.seen[c] {
		m.seen[c] = true
		m.to = append(m.to, c)
	}
}

// need is the smallest number of bytes that complete the value.
func (c *config) need() int {
	switch c.state {
	case atFirst:
		return c.node.first()
	case atKey, atColon:
		p := &c.node.properties[c.count]
		if c.state == atColon {
			return plus(1, p.value.shortest, c.node.rest[c.count+1])
		}
		return plus(len(p.key)-int(c.value), p.value.shortest, c.node.rest[c.count+1])
	case atNext:
		return c.node.next[c.count]
	case atMember:
		return c.node.rest[c.count]
	case atNone:
		return 1
	case atSpace:
		return plus(1, c.node.items.shortest, c.node.after(int(c.count)+1))
	case atItem:
		return c.node.after(int(c.count))
	case atText:
		return int(c.mark&3) + c.missing() + 1
	case atEscape:
		return c.missing() + 2
	case atHex:
		return 4 - int(c.value>>8) + c.missing() + 1
	case atLiteral:
		return c.literal.shortest
	case atDigits:
		return c.node.digitsTo(c.mark == 1, c.value, int(c.count))
	case atNumber, atMinus, atPoint, atExponent, atSign:
		return 1
	case atObject, atArray, atString, atInteger:
		return c.node.shortest
	}
	return 0
}

// missing is the number of characters that a string still lacks.
func (c *config) missing() int { return max(0, c.node.least-int(c.count)) }

// enter begins a value.
func (m *machine) enter(n *node, parent *frame) {
	c := config{node: n, parent: parent}
	switch n.kind {
	case objects:
		c.state = atObject
	case arrays:
		c.state = atArray
	case texts:
		c.state = atString
	case numbers:
		c.state = atNumber
	case integers:
		c.state = atInteger
	case literals:
		c.state, c.literal = atLiteral, n.literal
	default:
		for _, a := range n.either {
			m.enter(a, parent)
		}
		return
	}
	m.emit(c)
}

// leave completes a value.
func (m *machine) leave(parent *frame) {
	switch {
	case parent == nil:
		m.emit(config{state: atEnd})
	case parent.node.kind == objects:
		m.emit(config{state: atMember, node: parent.node, count: parent.count, parent: parent.parent})
	default:
		m.emit(config{state: atItem, node: parent.node, count: parent.count, parent: parent.parent})
	}
}

// follow adds the configs after a byte.
func (m *machine) follow(c *config, b byte) {
	switch {
	case c.state >= atNumber:
		m.number(c, b)
	case c.state >= atInteger:
		m.integer(c, b)
	case c.state == atLiteral:
		m.literal(c, b)
	case c.state >= atString:
		m.text(c, b)
	case c.state >= atArray:
		m.array(c, b)
	case c.state >= atObject:
		m.object(c, b)
	}
}

func (m *machine) literal(c *config, b byte) {
	to := c.literal.follow(b)
	if to == nil {
		return
	}
	if to.end {
		m.leave(c.parent)
	}
	if len(to.edges) > 0 {
		next := *c
		next.literal = to
		m.emit(next)
	}
}
