package clean

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"atelier/data"
)

func init() {
	data.Cleaners.Add("exact", "drops exact duplicates: Items with the same bytes as an earlier one, by SHA-256 (FIPS 180-4)",
		func() data.Cleaner { return &Exact{} })
}

// Exact drops Items, of any kind, with the same bytes as an earlier one.
type Exact struct{}

// Clean keeps every piece: duplicates are found by their sketches.
func (*Exact) Clean(*data.Piece) error { return nil }

// Sketch is the hash of the bytes to be stored.
func (*Exact) Sketch(p *data.Piece) (data.Sketch, bool, error) {
	b := p.Bytes
	if p.Content != nil {
		var err error
		if b, _, err = p.Content.Encode(); err != nil {
			return data.Sketch{}, false, err
		}
	}
	sum := sha256.Sum256(b)
	return data.Sketch{Bands: []uint64{binary.BigEndian.Uint64(sum[:])}, Signature: sum[:]}, true, nil
}

// Alike reports whether the hashes are equal.
func (*Exact) Alike(a, b []byte) bool { return bytes.Equal(a, b) }

// Reason implements [data.Comparing].
func (*Exact) Reason() string { return "exact duplicate" }
