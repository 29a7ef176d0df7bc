package grammar

import (
	"slices"
	"strings"
)

// A kind is the kind of a node.
type kind uint8

const (
	objects kind = iota
	arrays
	texts
	numbers
	integers
	literals // one of several fixed texts
	either   // one of several nodes
)

// A node describes a set of values. If it is empty, the length of the shortest is at least
// impossible.
type node struct {
	kind       kind
	properties []property // of an object, in order
	// rest is the smallest number of bytes after a value, where the properties from i on may
	// follow; next is that from the key of one of these on. Both [properties+1].
	rest, next  []int
	items       *node
	least, most int   // items of an array, characters of a string
	low, high   int64 // of integers
	literal     *literal
	spelling    string // characters of the literals
	either      []*node
	shortest    int
}

// A property is a member of an object.
type property struct {
	key      string // in quotes, and the colon
	value    *node
	required bool
}

// impossible is the length of a value that does not exist; any other is smaller.
const impossible = 1 << 40

// plus adds lengths.
func plus(lengths ...int) int {
	sum := 0
	for _, n := range lengths {
		if n >= impossible {
			return impossible
		}
		sum = min(sum+n, impossible-1)
	}
	return sum
}

// times multiplies a length by a count of at most 2^20.
func times(count, length int) int {
	if count > 0 && length >= impossible {
		return impossible
	}
	return min(count*length, impossible-1)
}

// measure computes the lengths of an object, and drops optional properties without possible values.
func (n *node) measure() {
	n.properties = slices.DeleteFunc(n.properties, func(p property) bool { return !p.required && p.value.shortest >= impossible })
	count := len(n.properties)
	n.rest, n.next = make([]int, count+1), make([]int, count+1)
	n.rest[count], n.next[count] = 1, impossible
	for i := count - 1; i >= 0; i-- {
		p := n.properties[i]
		with := plus(len(p.key), p.value.shortest, n.rest[i+1])
		if p.required {
			n.rest[i], n.next[i] = plus(1, with), with
		} else {
			n.rest[i], n.next[i] = n.rest[i+1], min(with, n.next[i+1])
		}
	}
	n.shortest = plus(1, n.first())
}

// closes reports whether no required property follows property i.
func (n *node) closes(i int) bool { return n.rest[i] == 1 }

// first is the smallest number of bytes after the opening bracket.
func (n *node) first() int {
	switch {
	case n.kind == objects && n.closes(0), n.kind == arrays && n.least == 0:
		return 1
	case n.kind == objects:
		return n.next[0]
	}
	return plus(n.items.shortest, n.after(1))
}

// after is the smallest number of bytes of an array after item number count.
func (n *node) after(items int) int {
	return plus(times(max(0, n.least-items), plus(1, n.items.shortest)), 1)
}

// characters are those needed by the values, except keys and parts.
func (n *node) characters() string {
	const digits = "0123456789"
	switch n.kind {
	case objects:
		return "{,}"
	case arrays:
		return "[,]"
	case texts:
		return `"`
	case integers:
		if n.high < 0 {
			return "-" + digits
		}
		return digits
	case numbers:
		return digits
	}
	return n.spelling
}

// A literal is a node of a trie of fixed texts.
type literal struct {
	edges    []edge
	end      bool // of a text
	shortest int  // bytes to the nearest end
}

type edge struct {
	by byte
	to *literal
}

// follow is the next node for a byte, or nil.
func (l *literal) follow(b byte) *literal {
	for i := range l.edges {
		if l.edges[i].by == b {
			return l.edges[i].to
		}
	}
	return nil
}

// add adds a text.
func (l *literal) add(text string) {
	for ; text != ""; text = text[1:] {
		l.shortest = min(l.shortest, len(text))
		to := l.follow(text[0])
		if to == nil {
			to = &literal{shortest: impossible}
			l.edges = append(l.edges, edge{text[0], to})
		}
		l = to
	}
	l.end, l.shortest = true, 0
}

// literalsOf is a node for one of several texts.
func literalsOf(texts ...string) *node {
	root := &literal{shortest: impossible}
	for _, t := range texts {
		root.add(t)
	}
	spelling := slices.Compact(slices.Sorted(slices.Values([]rune(strings.Join(texts, "")))))
	return &node{kind: literals, literal: root, spelling: string(spelling), shortest: root.shortest}
}

// oneOf is a node for the union of several nodes.
func oneOf(nodes ...*node) *node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	n := &node{kind: either, shortest: impossible}
	for _, a := range nodes {
		if a.shortest < impossible {
			n.either, n.shortest = append(n.either, a), min(n.shortest, a.shortest)
		}
	}
	return n
}
