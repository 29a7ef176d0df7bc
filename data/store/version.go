package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Version is a version of a dataset on disk. It never changes, except by erasure.
type Version struct {
	dir      string // the folder, or the copy of one in a bucket
	manifest *Manifest

	remote    *remote // nil if it is not in a bucket
	key, etag string  // in the bucket: prefix of its keys, and ETag of its manifest
}

// OpenVersion opens the version in a folder.
func OpenVersion(dir string) (*Version, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Version{dir: dir, manifest: m}, nil
}

// refresh rereads the manifest of a folder, from which Items may have been erased since it was
// opened.
func (v *Version) refresh() error {
	if v.remote != nil { // a condition on the put covers this
		return nil
	}
	m, err := ReadManifest(v.dir)
	if err != nil {
		return fmt.Errorf("%s was just removed by another process: %w", v.Place(), err)
	}
	v.manifest = m
	return nil
}

// explain reports whether an unreadable shard is due to another process that changed or removed the
// version since it was opened.
func (v *Version) explain(err error) error {
	if err == nil {
		return nil
	}
	now, gone := ReadManifest(v.dir)
	if errors.Is(gone, fs.ErrNotExist) || gone == nil && !slices.Equal(now.Shards, v.manifest.Shards) {
		return fmt.Errorf("%s was just changed or removed by another process; repeat the command", v.Place())
	}
	return err
}

// Manifest describes the version; it must not be changed.
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

// Hash is the root hash, in hex: the SHA-256 over the logical content, that is bytes, media types,
// labels, captions, groups, parts and changes of all Items in order, and the dropped Items with
// their reasons. Training on versions with the same hash gives the same results.
func (v *Version) Hash() string { return v.manifest.Root }

// remainder is the hash of what can still be read: the root hash as long as nothing was erased.
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

// orElse adds the other versions to the error of a version that cannot be opened, or the newest one
// that can be if a bare name was given.
func (s *Store) orElse(ctx context.Context, err error, name string, n int, bare bool) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s@%d is damaged: it has no manifest: %w", name, n, err)
	}
	versions, unread := s.Versions(ctx, name)
	others := slices.DeleteFunc(versions, func(other int) bool { return other == n })
	if unread != nil || len(others) == 0 {
		return err
	}
	sound := slices.DeleteFunc(others, func(other int) bool {
		_, damaged := s.open(ctx, name, other)
		return damaged != nil
	})
	switch {
	case len(sound) == 0:
		return fmt.Errorf("%w; none of the other versions can be opened either", err)
	case bare:
		newest := Entry{Name: name, Version: sound[len(sound)-1]}.Ref()
		return fmt.Errorf("%w; the newest sound version is %s: give its number to use it (in a run file, data.name=%s)", err, newest, newest)
	}
	return fmt.Errorf("%w; there is also %s", err, refs(name, sound))
}
