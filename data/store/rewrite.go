package store

import (
	"context"
	"os"
	"path/filepath"

	"atelier/data"
)

// widen rewrites the shards of a folder so that all have the same columns, if a kind of content
// first appeared in a later shard.
func widen(ctx context.Context, dir string, m *Manifest, c content) error {
	old := filepath.Join(dir, ".narrow")
	if err := os.Mkdir(old, 0o777); err != nil {
		return err
	}
	for _, name := range []string{"data", "dropped.parquet"} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(old, name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	was := *m
	w := newWriter(ctx, dir, c)
	w.fail((&Version{dir: old, manifest: &was}).copyTo(ctx, w, nil))
	if err := w.finish(m); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// copyTo adds all rows and tombstones of the version to the writer, with tombstones for the Items
// to be erased.
func (v *Version) copyTo(ctx context.Context, w *Writer, erase map[[32]byte]bool) error {
	for _, p := range parts {
		b := burial{v.manifest.tombs(p), 0, w.bury}
		var err error
		if p == dropped {
			err = v.copyDrops(ctx, w, &b, erase)
		} else {
			err = v.copyRows(ctx, w, p, &b, erase)
		}
		if err == nil {
			err = b.end()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *Version) copyRows(ctx context.Context, w *Writer, split data.Split, b *burial, erase map[[32]byte]bool) error {
	var d digester
	for r, err := range v.Rows(ctx, split) {
		if err == nil {
			err = b.row()
		}
		switch {
		case err != nil:
		case erase[r.SHA256]:
			err = w.bury(newTombstone(split, d.row(&r), r.SHA256, r.Bytes))
		default:
			err = w.Add(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *Version) copyDrops(ctx context.Context, w *Writer, b *burial, erase map[[32]byte]bool) error {
	var d digester
	for r, err := range v.Drops(ctx) {
		if err == nil {
			err = b.row()
		}
		switch {
		case err != nil:
		case erase[r.SHA256]:
			err = w.bury(newTombstone(dropped, d.drop(&r), r.SHA256, r.Bytes))
		default:
			err = w.Drop(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
