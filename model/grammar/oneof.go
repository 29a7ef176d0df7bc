package grammar

import "strings"

// mostApart is the number of branches of a oneOf that are compared pairwise.
const mostApart = 64

// apart rejects branches of a oneOf that might overlap: they must differ by type, by fixed values,
// or by a required property with fixed values.
func apart(nodes []*node, path string) error {
	if len(nodes) > mostApart {
		return at(path, "oneOf has %d schemas; want at most %d", len(nodes), mostApart)
	}
	for i, a := range nodes {
		for k, b := range nodes[:i] {
			if !differ(a, b) {
				return at(path, "schemas %d and %d of oneOf may fit the same value, which isn't supported; let them differ by type, by const, or by a required property with a const, or use anyOf", k, i)
			}
		}
	}
	return nil
}

// differ reports whether no value certainly matches both nodes.
func differ(a, b *node) bool {
	switch {
	case a.shortest >= impossible || b.shortest >= impossible:
		return true
	case a.kind == either || b.kind == either:
		if a.kind != either {
			a, b = b, a
		}
		for _, part := range a.either {
			if part.kind == either || !differ(part, b) {
				return false
			}
		}
		return true
	case a.kind == literals && b.kind == literals:
		return !a.literal.shares(b.literal)
	case a.kind == literals || b.kind == literals:
		if a.kind != literals {
			a, b = b, a
		}
		return a.beginsNone(b.kind)
	case a.kind == objects && b.kind == objects:
		return differByProperty(a, b)
	}
	return begins[a.kind] != begins[b.kind]
}

// begins are the first characters of values of a kind.
var begins = map[kind]string{objects: "{", arrays: "[", texts: `"`, numbers: "-0123456789", integers: "-0123456789"}

// beginsNone reports whether no literal begins like values of a kind.
func (n *node) beginsNone(k kind) bool {
	for _, e := range n.literal.edges {
		if strings.IndexByte(begins[k], e.by) >= 0 {
			return false
		}
	}
	return true
}

// shares reports whether some text is in both tries.
func (l *literal) shares(other *literal) bool {
	if l.end && other.end {
		return true
	}
	for _, e := range l.edges {
		if to := other.follow(e.by); to != nil && e.to.shares(to) {
			return true
		}
	}
	return false
}

// differByProperty reports whether two objects require the same property with disjoint fixed
// values.
func differByProperty(a, b *node) bool {
	for _, p := range a.properties {
		for _, q := range b.properties {
			if p.key == q.key && p.required && q.required && p.value.kind == literals && q.value.kind == literals && !p.value.literal.shares(q.value.literal) {
				return true
			}
		}
	}
	return false
}
