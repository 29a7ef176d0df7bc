package store

import (
	"encoding/hex"
	"errors"

	"atelier/data"
)

// A Tombstone stands for a row that was erased.
type Tombstone struct {
	// Split is the part of the row, and At its number in the order of the part, in
	// which tombstones count.
	Split data.Split `json:"split"`
	At    int64      `json:"at"`
	// Digest is what the row adds to the root hash, in hex.
	Digest string `json:"digest"`
	// SHA256, in hex, and Bytes are hash and size of the Item, and Head is a hash of its
	// first bytes: so its bytes can be searched for once they are gone.
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

// A burial puts the tombstones of a part between its rows.
type burial struct {
	tombs []Tombstone // still to come
	at    int64       // the number of the next row or tombstone
	bury  func(Tombstone) error
}

// row buries what comes before the next row, and passes that.
func (b *burial) row() error {
	err := b.due()
	b.at++
	return err
}

// end buries what comes after the last row.
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
