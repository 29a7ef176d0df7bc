// Package grammar constrains a language model's output to a format: JSON that matches a schema.
//
// It supports these keywords of [JSON Schema]: type, properties, required, additionalProperties,
// items, minItems, maxItems, minLength, maxLength, enum, const, anyOf, $ref and $defs, and for
// integers minimum, maximum, exclusiveMinimum and exclusiveMaximum; any other keyword is an error
// that names it. Properties are written in the order of the schema, and no others. There is at most
// one space after a comma or a colon, and no space anywhere else.
//
// Every text ends: a string has at most 256 characters and an array at most 32 items unless the
// schema says otherwise, numbers have at most 15 digits before and after the point and 2 in the
// exponent, references are nested at most 16 deep, and a text has at most 65,536 bytes.
//
// [JSON Schema]: https://json-schema.org/draft/2020-12
package grammar

import (
	"maps"
	"slices"

	"atelier/internal/badinput"
)

// mostBytes is the length limit of a text, unless Limit changes it.
const mostBytes = 1 << 16

// A Constraint allows exactly the tokens after which the text can still become JSON that matches a
// schema. It is not safe for concurrent use.
type Constraint struct {
	vocabulary *Vocabulary
	root       *node
	machine    machine
	at         []config // possible parses of the text so far
	written    int      // bytes
	ended      bool     // ended by a token without text
	done       bool
	allowed    []uint64 // bit mask of the allowed tokens; empty if not computed yet
	depths     [][]config
}

// JSON returns a constraint for one text over a vocabulary of n tokens; text returns the bytes of a
// token. For several texts, [NewVocabulary] prepares the vocabulary once.
func JSON(schema []byte, text func(token int32) string, vocabulary int) (*Constraint, error) {
	return NewVocabulary(text, vocabulary).JSON(schema)
}

// JSON returns a constraint for one text that matches the schema.
func (v *Vocabulary) JSON(schema []byte) (*Constraint, error) {
	root, err := compile(schema)
	if err != nil {
		return nil, err
	}
	if err := v.spells(root); err != nil {
		return nil, err
	}
	c := &Constraint{vocabulary: v, root: root, machine: machine{hex: v.hex, frames: map[place]*frame{}}}
	return c, c.Limit(mostBytes)
}

// Limit limits the text to n bytes, and so to n tokens, before anything is written. It returns an
// error if no text that short matches the schema.
func (c *Constraint) Limit(n int) error {
	if c.root.shortest > n {
		return badinput.Errorf("the shortest text that fits the JSON schema has %d bytes, which is more than %d", c.root.shortest, n)
	}
	c.machine.limit, c.written = n, 0
	c.at, c.allowed = slices.Clone(c.machine.start(c.root)), c.allowed[:0]
	return nil
}

// LimitTokens is Limit with room for n tokens: where the shortest text has more bytes than that,
// it has the number of its bytes as limit, and may or may not fit in as many tokens. It returns an
// error if no text can, even of the longest tokens.
func (c *Constraint) LimitTokens(n int) error {
	longest := 1
	for _, t := range c.vocabulary.texts {
		longest = max(longest, len(t))
	}
	if least := (c.root.shortest + longest - 1) / longest; least > n {
		return badinput.Errorf("the shortest text that fits the JSON schema has %d bytes and takes %d or more tokens; there is room for %d", c.root.shortest, least, n)
	}
	return c.Limit(max(n, c.root.shortest))
}

// Clone returns an independent copy.
func (c *Constraint) Clone() *Constraint {
	again := *c
	again.at = slices.Clone(c.at)
	again.allowed, again.depths = nil, nil
	again.machine.frames, again.machine.to, again.machine.seen = maps.Clone(c.machine.frames), nil, nil
	return &again
}

// Allows reports whether a token may follow. A token without text, such as one that ends texts,
// may follow a complete text.
func (c *Constraint) Allows(token int32) bool {
	switch {
	case token < 0 || int(token) >= len(c.vocabulary.texts) || c.ended:
		return false
	case c.vocabulary.texts[token] == "":
		return c.Complete()
	case len(c.allowed) == 0:
		c.mask()
	}
	return c.allowed[token/64]>>(token%64)&1 == 1
}

// Accept adds an allowed token.
func (c *Constraint) Accept(token int32) {
	if !c.Allows(token) {
		return
	}
	text := c.vocabulary.texts[token]
	if text == "" {
		c.ended, c.done = true, true
		return
	}
	for i := range len(text) {
		c.written++
		c.at = slices.Clone(c.machine.step(c.at, text[i], c.machine.limit-c.written, c.depth(0)))
	}
	c.allowed = c.allowed[:0]
	c.done = c.Complete() && !c.continues()
}

// Complete reports whether the text is JSON that matches the schema. A number may still continue.
func (c *Constraint) Complete() bool {
	return slices.ContainsFunc(c.at, func(at config) bool { return at.state == atEnd })
}

// Done reports whether the text is complete and nothing may follow.
func (c *Constraint) Done() bool { return c.done }

// continues reports whether a byte may follow.
func (c *Constraint) continues() bool {
	for b := range 256 {
		if len(c.machine.step(c.at, byte(b), c.machine.limit-c.written-1, c.depth(0))) > 0 {
			return true
		}
	}
	return false
}

// depth returns memory for the configs after n bytes of a token.
func (c *Constraint) depth(i int) []config {
	for len(c.depths) <= i {
		c.depths = append(c.depths, nil)
	}
	return c.depths[i][:0]
}

// mask computes the allowed tokens. Those allowed within a string are precomputed, so that only
// those with a quote have to be parsed.
func (c *Constraint) mask() {
	v := c.vocabulary
	c.allowed = append(c.allowed, make([]uint64, (len(v.texts)+63)/64)...)
	var strings, others []config
	for i := range c.at {
		switch at := &c.at[i]; {
		case at.state == atText && at.mark == 0:
			c.add(&v.inside, at)
			strings = append(strings, *at)
		case at.state == atEscape:
			c.add(&v.escaped, at)
			strings = append(strings, *at)
		default:
			others = append(others, *at)
		}
	}
	allow := func(token int32, _ []config) { c.allowed[token/64] |= 1 << (token % 64) }
	c.walk(&v.quoted, strings, allow)
	c.walk(&v.all, others, allow)
}

// add allows the tokens that may follow in a string without ending it.
func (c *Constraint) add(in *insides, at *config) {
	room := c.machine.limit - c.written - 1 // for tokens and the completion of the string
	if at.parent != nil {
		room -= at.parent.need
	}
	characters := at.node.most - int(at.count)
	if in.most <= characters && in.longest+at.missing()+4 <= room { // 4 bytes complete any character
		for i, bits := range in.mask {
			c.allowed[i] |= bits
		}
		return
	}
	for i, token := range in.tokens {
		added := int(in.characters[i])
		if added <= characters && int(in.bytes[i])+int(in.lacking[i])+max(0, at.missing()-added) <= room {
			c.allowed[token/64] |= 1 << (token % 64)
		}
	}
}

// walk yields the tokens in the list that may follow some configs, and the resulting configs.
// Common prefixes of tokens are parsed once.
func (c *Constraint) walk(list *sorted, from []config, yield func(token int32, to []config)) {
	if len(from) == 0 {
		return
	}
	depth := 0 // bytes of the previous token that could be parsed
	c.depth(0)
	c.depths[0] = append(c.depths[0][:0], from...)
	for i, token := range list.tokens {
		if int(list.shared[i]) > depth {
			continue
		}
		depth = int(list.shared[i])
		text := c.vocabulary.texts[token]
		for depth < len(text) {
			to := c.machine.step(c.depths[depth], text[depth], c.machine.limit-c.written-depth-1, c.depth(depth+1))
			if c.depths[depth+1] = to; len(to) == 0 {
				break
			}
			depth++
		}
		if depth == len(text) {
			yield(token, c.depths[depth])
		}
	}
}
