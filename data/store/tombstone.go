package store

import (
	"encoding/hex"
	"errors"

	"atelier/data"
)

// A Tombstone stands for an erased row.
type Tombstone struct {
	// Split is the part of the row, and At its index in the part, tombstones included.
	Split data.Split `json:"split"`
	At    int64      `json:"at"`
	// Digest is the row's digest for the root hash, in hex.
	Digest string `json:"digest"`
	// SHA256, in hex, and Bytes are hash and size of the Item, and Head is a hash of its first
	// bytes, by which [Store.Search] can find them.
	SHA256 string `json:"sha256,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	Head   uint64 `json:"head,omitempty"`
}

func (t *Tombstone) digest() (d [32]byte) {
	hex.Decode(d[:], []byte(t.Digest)) // the manifest was checked
	return d
}

// tombs returns the tombstones of a part, in order.
func (m *Manifest) tombs(split data.Split) []Tombstone {
	var out []Tombstone
	for _, t := range m.Tombstones {
		if t.Split == split {
			out = append(out, t)
		}
	}
	return out
}

// A burial inserts the tombstones of a part between its rows.
type burial struct {
	tombs []Tombstone // remaining
	at    int64       // index of the next row or tombstone
	bury  func(Tombstone) error
}

// row inserts the tombstones before the next row, and advances past it.
func (b *burial) row() error {
	err := b.due()
	b.at++
	return err
}

// end inserts the tombstones after the last row.
func (b *burial) end() error {
	err := b.due()
	if err == nil && len(b.tombs) > 0 {
		err = errors.New("the manifest is damaged: it has tombstones beyond the last row")
	}
	return err
}

func (b *burial) due() error {
	for len(b.tombs) > 0 && b.tombs[0].At == b.at {
		if err := b.bury(b.tombs[0]); err != nil {
			return err
		}
		b.tombs = b.tombs[1:]
		b.at++
	}
	return nil
}
