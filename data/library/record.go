package library

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"atelier/data"
)

// A record is the result of collecting one Item.
type record struct {
	data.Item            // with the cleaned bytes
	Split     data.Split // the part of the source that it came from
	Whole     digest     // of the collected bytes
	Now       digest     // of the cleaned bytes
	Changes   map[string]int
	Drop      *data.Drop // nil if it is kept so far
	Seen      int        // number of cleaners that received it
}

// A digest is a SHA-256.
type digest [sha256.Size]byte

// texts are the text fields of a record, in the order of writing.
func (r *record) texts() []*string {
	o := &r.Origin
	return []*string{&r.Name, &r.MediaType, &r.Label, &r.Caption, &r.Group, &o.Place, &o.Licence, &o.Creator, &o.Attribution, (*string)(&r.Split)}
}

// append writes the record without the Item's bytes.
func (r *record) append(b []byte) []byte {
	for _, s := range r.texts() {
		b = appendText(b, *s)
	}
	collected := int64(0)
	if !r.Origin.Collected.IsZero() {
		collected = r.Origin.Collected.UnixMilli()
	}
	b = binary.AppendVarint(b, collected)
	b = append(append(b, r.Whole[:]...), r.Now[:]...)
	b = binary.AppendUvarint(b, uint64(r.Seen))
	b = binary.AppendUvarint(b, uint64(len(r.Changes)))
	for _, what := range slices.Sorted(maps.Keys(r.Changes)) {
		b = binary.AppendVarint(appendText(b, what), int64(r.Changes[what]))
	}
	if r.Drop != nil {
		b = appendText(appendText(appendText(b, r.Drop.By), r.Drop.Reason), r.Drop.Detail)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// parse reads what append wrote.
func (r *record) parse(b []byte) error {
	*r = record{}
	p := parser{rest: b}
	for _, s := range r.texts() {
		*s = p.text()
	}
	if ms := p.varint(); ms != 0 {
		r.Origin.Collected = time.UnixMilli(ms).UTC()
	}
	copy(r.Whole[:], p.take(sha256.Size))
	copy(r.Now[:], p.take(sha256.Size))
	r.Seen = int(p.uvarint())
	if n := p.uvarint(); n > uint64(len(p.rest)) {
		p.broken = true
	} else if n > 0 {
		r.Changes = map[string]int{}
		for range n {
			if p.broken {
				break
			}
			what := p.text()
			r.Changes[what] = int(p.varint())
		}
	}
	if len(p.rest) > 0 {
		r.Drop = &data.Drop{By: p.text(), Reason: p.text(), Detail: p.text()}
	}
	if p.broken {
		return errDamaged
	}
	return nil
}

// A parser takes values from bytes; once they run out it is broken, and returns zero values.
type parser struct {
	rest   []byte
	broken bool
}

func (p *parser) take(n uint64) []byte {
	if n > uint64(len(p.rest)) {
		p.rest, p.broken = nil, true
		return nil
	}
	out := p.rest[:n]
	p.rest = p.rest[n:]
	return out
}

func (p *parser) text() string { return string(p.take(p.uvarint())) }

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.rest)
	p.take(uint64(max(n, 0)))
	p.broken = p.broken || n <= 0
	return v
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.rest)
	p.take(uint64(max(n, 0)))
	p.broken = p.broken || n <= 0
	return v
}
