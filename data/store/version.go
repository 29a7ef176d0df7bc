package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"atelier/data"
)

// A Version is a version of a dataset on disk. It never changes, but for what is erased.
type Version struct {
	dir      string
	manifest *Manifest
}

// OpenVersion opens the version in a folder.
func OpenVersion(dir string) (*Version, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Version{dir, m}, nil
}

// Manifest says what the version holds; it is not to be changed.
func (v *Version) Manifest() *Manifest { return v.manifest }

// Dir is the version's folder.
func (v *Version) Dir() string { return v.dir }

// Ref is the version's name and number, such as "faces@2".
func (v *Version) Ref() string { return fmt.Sprintf("%s@%d", v.manifest.Name, v.manifest.Version) }

// Hash is the root hash, in hex: the SHA-256 over the logical content, the bytes, media
// types, labels, captions, groups, parts and changes of all Items in order, and
// what was not taken and why. Two versions with the same hash teach the same.
func (v *Version) Hash() string { return v.manifest.Root }

// Verify checks everything: the hash of every shard, the SHA-256 of every Item, the
// counts and the root hash.
func (v *Version) Verify(ctx context.Context) error {
	root := newRootHash()
	count := map[data.Split]int{}
	for _, p := range parts {
		tombs, at, d := v.manifest.tombs(p), int64(0), digester{}
		add := func(digest [32]byte) {
			for old, ok := tombs[at]; ok; old, ok = tombs[at] {
				root[p].Write(old[:])
				at++
			}
			if digest != ([32]byte{}) {
				root[p].Write(digest[:])
				at++
			}
		}
		if p == dropped {
			for r, err := range v.Drops(ctx) {
				if err != nil {
					return err
				}
				add(d.drop(&r))
			}
		} else {
			for r, err := range v.Rows(ctx, p) {
				if err != nil {
					return err
				}
				if sha256.Sum256(r.Bytes) != r.SHA256 {
					return fmt.Errorf("%s is damaged: the bytes of %s are not those of its SHA-256 %s", v.dir, r.Name, hex.EncodeToString(r.SHA256[:]))
				}
				add(d.row(&r))
				count[p]++
			}
		}
		add([32]byte{})
	}
	for _, p := range []data.Split{data.Train, data.Test} {
		if want := v.manifest.Counts.Splits[p]; want != count[p] {
			return fmt.Errorf("%s is damaged: it has %d Items of the part %s instead of %d", v.dir, count[p], p, want)
		}
	}
	if got := root.sum(); got != v.manifest.Root {
		return fmt.Errorf("%s is damaged: its content has the hash %s instead of %s", filepath.Join(v.dir, ManifestName), got, v.manifest.Root)
	}
	return nil
}
