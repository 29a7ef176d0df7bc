package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"atelier/internal/durable"
)

const (
	copyLock  = ".copies" // in the folder of a dataset: who changes the copies there
	copyPause = 50 * time.Millisecond
	stagedDir = "next" // the version that is about to be put
	searchDir = "searched"
	fetches   = 3 // attempts per shard
)

// hold locks the copies of a dataset while f runs.
func (r *remote) hold(ctx context.Context, dir string, f func() error) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return durable.Explain(dir, err)
	}
	l := durable.NewLock(filepath.Join(dir, copyLock))
	if _, err := l.TryLockContext(ctx, copyPause); err != nil {
		return errors.Join(ctx.Err(), durable.Explain(dir, err))
	}
	return errors.Join(f(), l.Close())
}

// keep makes the folder a copy of the version with that manifest. Shards of another version are
// deleted and will be fetched.
func (r *remote) keep(ctx context.Context, dir string, manifest []byte) error {
	return r.hold(ctx, filepath.Dir(dir), func() error {
		if known, err := os.ReadFile(filepath.Join(dir, ManifestName)); err == nil && bytes.Equal(known, manifest) {
			return nil
		}
		return durable.WriteFrozen(dir, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, ManifestName), manifest, 0o666)
		})
	})
}

// tidy deletes copies of versions that no longer exist, and interrupted ones. The dataset must not
// be written meanwhile.
func (r *remote) tidy(ctx context.Context, name string) error {
	there, err := r.list(ctx, name)
	if err != nil {
		return err
	}
	known := map[int]bool{}
	for _, l := range there {
		known[l.version] = true
	}
	dir := filepath.Join(r.copies, name)
	return r.hold(ctx, dir, func() error {
		if err := durable.Sweep(dir); err != nil {
			return err
		}
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			n := number(e.Name())
			if err == nil && (n > 0 && !known[n] || e.Name() == stagedDir) {
				err = durable.Remove(filepath.Join(dir, e.Name()))
			}
		}
		return err
	})
}

// open opens a shard of the version, checked, and first fetches it if there is no good copy.
func (v *Version) open(ctx context.Context, s Shard) (*os.File, error) {
	path := filepath.Join(v.dir, filepath.FromSlash(s.Path))
	f, err := openShard(path, s)
	if err == nil || v.remote == nil {
		return f, v.explain(err)
	}
	err = v.remote.hold(ctx, filepath.Dir(v.dir), func() error {
		if f, err = openShard(path, s); err == nil { // another process has fetched it
			return nil
		}
		if err := v.remote.fetch(ctx, v.key+s.Path, path, s); err != nil {
			return err
		}
		f, err = openShard(path, s)
		return err
	})
	return f, err
}

// fetch downloads a shard to a file.
func (r *remote) fetch(ctx context.Context, key, path string, want Shard) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return durable.Explain(path, err)
	}
	if err := durable.Sweep(filepath.Dir(path)); err != nil {
		return durable.Explain(path, err)
	}
	var failed error // of the server, not of the file
	for range fetches {
		hash := sha256.New()
		err := durable.Write(path, func(w io.Writer) error {
			if _, failed = r.folder.Fetch(ctx, key, io.MultiWriter(w, hash)); failed == nil && hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
				failed = fmt.Errorf("%s is damaged: its SHA-256 is not that of the manifest", r.folder.Address(key))
			}
			return failed
		})
		switch {
		case errors.Is(failed, fs.ErrNotExist):
			return fmt.Errorf("%s is missing; the manifest lists it: it was erased or removed just now, or the version must be made again", r.folder.Address(key))
		case failed == nil || ctx.Err() != nil:
			return errors.Join(ctx.Err(), err)
		}
	}
	return failed
}

// forgetCopies deletes the copies of the shards, so that they are fetched again.
func (v *Version) forgetCopies() error {
	for _, s := range v.manifest.Shards {
		if err := os.Remove(filepath.Join(v.dir, filepath.FromSlash(s.Path))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// tidy tidies the copies of all datasets, except those being written.
func (s *Store) tidy(ctx context.Context) error {
	entries, err := os.ReadDir(s.datasets())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || CheckName(e.Name()) != nil {
			continue
		}
		unlock, err := s.lock(ctx, e.Name())
		if errors.Is(err, errBusy) {
			continue
		}
		if err != nil {
			return err
		}
		if err := unlock(); err != nil {
			return err
		}
	}
	return nil
}

// search searches all objects of the store, fetched one at a time.
func (r *remote) search(ctx context.Context, q *query) error {
	objects, err := r.folder.List(ctx, datasetsKey)
	if err != nil {
		return err
	}
	dir := filepath.Join(filepath.Dir(r.copies), searchDir)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777)); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "object")
	for i, o := range objects {
		r.told("searched", i, len(objects))
		var failed error
		err := durable.Write(path, func(w io.Writer) error {
			_, failed = r.folder.Fetch(ctx, o.Key, w)
			return failed
		})
		if errors.Is(failed, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if failed != nil {
			return failed
		}
		if err == nil {
			err = q.file(path, r.folder.Address(o.Key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
