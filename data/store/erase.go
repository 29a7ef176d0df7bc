package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"atelier/data"
	"atelier/internal/durable"
)

// Erase removes the Items with these SHA-256 from the version with everything known about them:
// their rows, and their bytes among the dropped Items. Tombstones keep their contribution to the
// root hash, so that the version can still be verified. A kill leaves the version as it was, or
// erased. [Store.Search] can then prove that no bytes are left.
func (v *Version) Erase(ctx context.Context, sha [][32]byte) error {
	unlock, err := v.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := v.refresh(); err != nil {
		return err
	}
	erase := map[[32]byte]bool{}
	for _, s := range sha {
		erase[s] = true
	}
	has, err := v.has(ctx, erase)
	if err != nil || !has {
		return err
	}
	m := *v.manifest
	if v.remote != nil {
		return v.remote.replace(ctx, v, &m, func(dir string) error { return v.without(ctx, dir, &m, erase) })
	}
	if err := durable.WriteFrozen(v.dir, func(dir string) error { return v.without(ctx, dir, &m, erase) }); err != nil {
		return err
	}
	v.manifest = &m
	return nil
}

// has reports whether a row has one of the hashes; a version without them is not rewritten.
func (v *Version) has(ctx context.Context, sums map[[32]byte]bool) (bool, error) {
	for _, p := range parts[:2] {
		for r, err := range v.Rows(ctx, p) {
			if err != nil || sums[r.SHA256] {
				return true, err
			}
		}
	}
	for r, err := range v.Drops(ctx) {
		if err != nil || sums[r.SHA256] {
			return true, err
		}
	}
	return false, nil
}

// without writes the version, without the Items to be erased, into an empty folder.
func (v *Version) without(ctx context.Context, dir string, m *Manifest, erase map[[32]byte]bool) error {
	w := newWriter(ctx, dir, 0)
	w.fail(v.copyTo(ctx, w, erase))
	if err := w.finish(m); err != nil {
		return err
	}
	if m.Root != v.manifest.Root {
		return fmt.Errorf("%s is damaged: the content has the hash %s instead of %s; nothing was erased", v.Place(), m.Root, v.manifest.Root)
	}
	gone := map[string]bool{}
	for _, t := range m.Tombstones {
		gone[t.SHA256] = true
	}
	m.Erased = slices.Sorted(maps.Keys(gone))
	if w.narrow {
		if err := widen(ctx, dir, m, w.content); err != nil {
			return err
		}
	}
	return writeManifest(dir, m)
}

func newTombstone(split data.Split, digest, sum [32]byte, bytes []byte) Tombstone {
	return Tombstone{
		Split: split, Digest: hex.EncodeToString(digest[:]), SHA256: hex.EncodeToString(sum[:]),
		Bytes: int64(len(bytes)), Head: headOf(bytes),
	}
}

func writeManifest(dir string, m *Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ManifestName), text, 0o666)
}
