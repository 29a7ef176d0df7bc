package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/data"
)

// Verify checks everything: the hash of every shard, the SHA-256 of every Item, the counts, the
// root hash, the seal, and that the folder contains no other file.
func (v *Version) Verify(ctx context.Context) error {
	if v.remote != nil { // the objects in the bucket are checked
		if err := v.forgetCopies(); err != nil {
			return err
		}
	}
	root, found := newRootHash(), newTally()
	for _, p := range parts {
		if err := v.digest(ctx, p, &found, func(d [32]byte) { root[p].Write(d[:]) }); err != nil {
			return err
		}
	}
	if got := root.sum(); got != v.manifest.Root {
		return v.damaged(fmt.Errorf("the content has the hash %s instead of %s", got, v.manifest.Root))
	}
	if err := found.check(v.manifest); err != nil {
		return v.damaged(err)
	}
	text, err := os.ReadFile(filepath.Join(v.dir, ManifestName))
	if err == nil {
		err = checkSeal(text, v.manifest)
	}
	if err != nil {
		return v.damaged(err)
	}
	return v.checkFiles()
}

// checkFiles finds files in the folder that are not part of the version: programs that read all of
// its files would include them.
func (v *Version) checkFiles() error {
	if v.remote != nil { // others may be uploading
		return nil
	}
	known := map[string]bool{ManifestName: true}
	for _, s := range v.manifest.Shards {
		known[s.Path] = true
	}
	return filepath.WalkDir(v.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(v.dir, path)
		if err == nil && !known[filepath.ToSlash(name)] {
			err = fmt.Errorf("%s does not belong to %s; move it elsewhere", path, v.Ref())
		}
		return err
	})
}

// damaged wraps an error in the manifest.
func (v *Version) damaged(err error) error {
	return fmt.Errorf("%s/%s is damaged: %w", v.Place(), ManifestName, err)
}

// digest passes the digests of the rows of a part and of its tombstones, in order, and counts the
// rows.
func (v *Version) digest(ctx context.Context, split data.Split, found *tally, add func([32]byte)) error {
	var d digester
	b := burial{v.manifest.tombs(split), 0, func(t Tombstone) error { add(t.digest()); return nil }}
	row := func(digest [32]byte) {
		b.row() // only bury returns errors
		add(digest)
	}
	if split == dropped {
		for r, err := range v.Drops(ctx) {
			if err != nil {
				return err
			}
			found.drop(&r)
			row(d.drop(&r))
		}
		return b.end()
	}
	for r, err := range v.Rows(ctx, split) {
		if err != nil {
			return err
		}
		if sha256.Sum256(r.Bytes) != r.SHA256 {
			return fmt.Errorf("%s is damaged: the bytes of %s are not those of the SHA-256 %s", v.Place(), r.Name, hex.EncodeToString(r.SHA256[:]))
		}
		found.add(&r)
		row(d.row(&r))
	}
	return b.end()
}
