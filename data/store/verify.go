package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"atelier/data"
)

// Verify checks everything: the hash of every shard, the SHA-256 of every Item, the
// counts and the root hash.
func (v *Version) Verify(ctx context.Context) error {
	if v.remote != nil { // what lies there is checked
		if err := v.forgetCopies(); err != nil {
			return err
		}
	}
	root := newRootHash()
	for _, p := range parts {
		n, err := v.digest(ctx, p, func(d [32]byte) { root[p].Write(d[:]) })
		if err != nil {
			return err
		}
		if want := v.manifest.Counts.Splits[p]; p != dropped && want != n {
			return fmt.Errorf("%s is damaged: it has %d Items of the part %s instead of %d", v.Place(), n, p, want)
		}
	}
	if got := root.sum(); got != v.manifest.Root {
		return fmt.Errorf("%s/%s is damaged: the content has the hash %s instead of %s", v.Place(), ManifestName, got, v.manifest.Root)
	}
	return nil
}

// digest gives out the digests of the rows of a part and of its tombstones, in order,
// and returns how many rows there are.
func (v *Version) digest(ctx context.Context, split data.Split, add func([32]byte)) (rows int, err error) {
	var d digester
	b := burial{v.manifest.tombs(split), 0, func(t Tombstone) error { add(t.digest()); return nil }}
	row := func(digest [32]byte) {
		b.row() // only bury gives errors
		add(digest)
		rows++
	}
	if split == dropped {
		for r, err := range v.Drops(ctx) {
			if err != nil {
				return rows, err
			}
			row(d.drop(&r))
		}
		return rows, b.end()
	}
	for r, err := range v.Rows(ctx, split) {
		if err != nil {
			return rows, err
		}
		if sha256.Sum256(r.Bytes) != r.SHA256 {
			return rows, fmt.Errorf("%s is damaged: the bytes of %s are not those of the SHA-256 %s", v.Place(), r.Name, hex.EncodeToString(r.SHA256[:]))
		}
		row(d.row(&r))
	}
	return rows, b.end()
}
