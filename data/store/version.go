package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Version is a version of a dataset on disk. It never changes, but for what is erased.
type Version struct {
	dir      string // the folder, or the copy of what lies in a bucket
	manifest *Manifest

	remote    *remote // nil if it does not lie in a bucket
	key, etag string  // there: what its keys begin with, and of its manifest
}

// OpenVersion opens the version in a folder.
func OpenVersion(dir string) (*Version, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Version{dir: dir, manifest: m}, nil
}

// refresh reads the manifest of a folder again, where another may have erased something
// since it was opened.
func (v *Version) refresh() error {
	if v.remote != nil { // a condition of the server sees to it
		return nil
	}
	m, err := ReadManifest(v.dir)
	if err != nil {
		return fmt.Errorf("%s was removed by another just now: %w", v.Place(), err)
	}
	v.manifest = m
	return nil
}

// explain says of a shard that cannot be read whether another changed or removed the
// version since it was opened.
func (v *Version) explain(err error) error {
	if err == nil {
		return nil
	}
	now, gone := ReadManifest(v.dir)
	if errors.Is(gone, fs.ErrNotExist) || gone == nil && !slices.Equal(now.Shards, v.manifest.Shards) {
		return fmt.Errorf("%s was changed or removed by another just now; give the command again", v.Place())
	}
	return err
}

// Manifest says what the version holds; it is not to be changed.
func (v *Version) Manifest() *Manifest { return v.manifest }

// Place is the version's folder, or its address in a bucket.
func (v *Version) Place() string {
	if v.remote != nil {
		return v.remote.folder.Address(strings.TrimSuffix(v.key, "/"))
	}
	return v.dir
}

// Ref is the version's name and number, such as "faces@2".
func (v *Version) Ref() string { return fmt.Sprintf("%s@%d", v.manifest.Name, v.manifest.Version) }

// Hash is the root hash, in hex: the SHA-256 over the logical content, the bytes, media
// types, labels, captions, groups, parts and changes of all Items in order, and
// what was not taken and why. Two versions with the same hash teach the same.
func (v *Version) Hash() string { return v.manifest.Root }

// remainder is the hash of what can still be read: that of the version as long as
// nothing was erased from it.
func (v *Version) remainder() string {
	if len(v.manifest.Tombstones) == 0 {
		return v.manifest.Root
	}
	h := sha256.New()
	h.Write([]byte(v.manifest.Root))
	for _, t := range v.manifest.Tombstones {
		fmt.Fprintf(h, "%s %d\n", t.Split, t.At)
	}
	return hex.EncodeToString(h.Sum(nil))
}
