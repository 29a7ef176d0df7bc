package picture

import (
	"encoding/binary"
	"slices"
)

// write makes a file of only this page: the header, the directory, values too long for it, and the
// strips or tiles. It is idempotent.
func (p *tiffPage) write() []byte {
	entries := slices.Clone(p.entries)
	slices.SortStableFunc(entries, func(a, b tiffEntry) int { return int(a.tag) - int(b.tag) })
	entries = slices.CompactFunc(entries, func(a, b tiffEntry) bool { return a.tag == b.tag })
	tiled := slices.ContainsFunc(entries, func(e tiffEntry) bool { return e.tag == tagTiles })
	entries = slices.DeleteFunc(entries, func(e tiffEntry) bool {
		return tiled && (e.tag == tagStrips || e.tag == tagStripBytes)
	})
	end := 8 + 2 + 12*len(entries) + 4
	for i, e := range entries {
		if e.tag == tagStrips || e.tag == tagTiles { // their offsets are known later
			entries[i] = tiffEntry{e.tag, 4, e.count, make([]byte, 4*e.count)}
		}
		if n := len(entries[i].value); n > 4 {
			end += n + n&1
		}
	}
	for _, e := range entries {
		if e.tag != tagStrips && e.tag != tagTiles {
			continue
		}
		at := end
		for i, s := range p.pieces {
			p.order.PutUint32(e.value[4*i:], uint32(at))
			at += len(s) + len(s)&1
		}
	}
	return p.lay(entries)
}

// lay lays out the file, given the final entries.
func (p *tiffPage) lay(entries []tiffEntry) []byte {
	b := []byte(tiffLittle)
	if p.order == binary.BigEndian {
		b = []byte(tiffBig)
	}
	order := p.order.(binary.AppendByteOrder)
	b = order.AppendUint16(order.AppendUint32(b, 8), uint16(len(entries)))
	far := 8 + 2 + 12*len(entries) + 4
	var values []byte
	for _, e := range entries {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, e.tag), e.kind), e.count)
		if len(e.value) <= 4 {
			b = append(append(b, e.value...), make([]byte, 4-len(e.value))...)
			continue
		}
		b = order.AppendUint32(b, uint32(far+len(values)))
		values = even(append(values, e.value...))
	}
	b = append(order.AppendUint32(b, 0), values...)
	for _, s := range p.pieces {
		b = even(append(b, s...))
	}
	return b
}

// even pads to an even offset.
func even(b []byte) []byte {
	if len(b)%2 == 1 {
		return append(b, 0)
	}
	return b
}
