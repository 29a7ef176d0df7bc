package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
