package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/bucket"
	"atelier/internal/durable"
)

// markerKey is an object used to test a server.
const markerKey = datasetsKey + ".atelier"

// mostRaces is the number of races for a version number that a writer loses before it gives up.
const mostRaces = 100

// checkServer refuses a server that ignores conditions on a put: two writers would overwrite each
// other.
func (r *remote) checkServer(ctx context.Context) error {
	for range 2 { // the second put must fail
		err := r.folder.PutBytes(ctx, markerKey, []byte("Atelier keeps versions of datasets here.\n"), bucket.Absent)
		if errors.Is(err, bucket.ErrTaken) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return badinput.Errorf("%s: the server ignores If-None-Match, so that concurrent writers would overwrite each other; use a newer server, or another", r.folder.Address(""))
}

// write makes a version in the folder of its dataset, and publishes it under the number of the
// manifest or, unless it must be that one, the next free number.
func (r *remote) write(ctx context.Context, m *Manifest, exact bool, fill func(dir string) error) (*Version, error) {
	if err := r.checkServer(ctx); err != nil {
		return nil, err
	}
	if err := r.sweep(ctx, under(m.Name), leftFor); err != nil {
		return nil, err
	}
	staged, err := r.stage(m, fill)
	if err != nil {
		return nil, err
	}
	for range mostRaces {
		key := versionKey(m.Name, m.Version)
		err := r.put(ctx, key, staged, m, bucket.Absent)
		if err == nil {
			return r.adopt(ctx, key, staged, m)
		}
		if !errors.Is(err, bucket.ErrTaken) {
			return nil, err
		}
		taken := m.Version
		if err := r.giveWay(ctx, key, m); err != nil {
			return nil, err
		}
		if exact && m.Version != taken {
			return nil, fmt.Errorf("%s@%d %w", m.Name, taken, ErrMeanwhile)
		}
	}
	return nil, fmt.Errorf("%s: other processes keep writing the dataset %s; repeat the command", r.folder.Address(""), m.Name)
}

// stage makes a version in a folder, and names its shards by content.
func (r *remote) stage(m *Manifest, fill func(dir string) error) (staged string, err error) {
	staged = filepath.Join(r.copies, m.Name, stagedDir)
	return staged, durable.WriteFrozen(staged, func(dir string) error {
		if err := fill(dir); err != nil {
			return err
		}
		for i := range m.Shards {
			s := &m.Shards[i]
			ext := path.Ext(s.Path)
			name := strings.TrimSuffix(s.Path, ext) + "-" + s.SHA256[:16] + ext
			if err := os.Rename(filepath.Join(dir, filepath.FromSlash(s.Path)), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				return err
			}
			s.Path = name
		}
		return writeManifest(dir, m)
	})
}

// put uploads the shards and then, conditionally, the manifest. If the condition fails, the error
// is [bucket.ErrTaken].
func (r *remote) put(ctx context.Context, key, dir string, m *Manifest, when bucket.Condition) error {
	if err := r.send(ctx, key, dir, m); err != nil {
		return err
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	err = r.folder.PutBytes(ctx, key+ManifestName, text, when)
	if errors.Is(err, bucket.ErrTaken) { // or ours, if the answer was lost
		if there, _, e := r.folder.Read(ctx, key+ManifestName, manifestLimit); e == nil && bytes.Equal(there, text) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	// A sweep between listing the shards and putting the manifest may have deleted them as left
	// over.
	return r.send(ctx, key, dir, m)
}

// send uploads the missing shards.
func (r *remote) send(ctx context.Context, key, dir string, m *Manifest) error {
	objects, err := r.folder.List(ctx, key)
	if err != nil {
		return err
	}
	there := map[string]int64{}
	for _, o := range objects {
		there[o.Key] = o.Size
	}
	for i, s := range m.Shards {
		if size, ok := there[key+s.Path]; ok && size == s.Bytes {
			continue
		}
		r.told("sent", i, len(m.Shards))
		if err := r.sendShard(ctx, key, dir, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *remote) sendShard(ctx context.Context, key, dir string, s Shard) error {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(s.Path)))
	if err != nil {
		return err
	}
	defer f.Close()
	return r.folder.Put(ctx, key+s.Path, f, s.Bytes, s.SHA256, bucket.Always)
}

// giveWay handles a number that another writer has taken, and moves on to the next.
func (r *remote) giveWay(ctx context.Context, key string, m *Manifest) error {
	theirs, _, _, err := r.manifest(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile: the number is free
	}
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, s := range theirs.Shards {
		named[s.Path] = true
	}
	for _, s := range m.Shards {
		if !named[s.Path] {
			if err := r.folder.Remove(ctx, key+s.Path); err != nil {
				return err
			}
		}
	}
	there, err := r.list(ctx, m.Name)
	if err == nil && len(there) > 0 {
		m.Version = there[len(there)-1].version + 1
	}
	return err
}

// adopt turns the uploaded folder into the local copy of its version.
func (r *remote) adopt(ctx context.Context, key, staged string, m *Manifest) (*Version, error) {
	dir := filepath.Join(filepath.Dir(staged), path.Base(key))
	err := r.hold(ctx, filepath.Dir(dir), func() error {
		err := os.Remove(filepath.Join(staged, ManifestName)) // may have another number
		if err == nil {
			err = writeManifest(staged, m)
		}
		if err == nil {
			err = durable.Remove(dir)
		}
		if err != nil {
			return err
		}
		return os.Rename(staged, dir)
	})
	if err != nil {
		return nil, err
	}
	return r.open(ctx, m.Name, m.Version)
}

// replace replaces the content of a version that was read by another one, and deletes the old
// shards.
func (r *remote) replace(ctx context.Context, v *Version, m *Manifest, fill func(dir string) error) error {
	staged, err := r.stage(m, fill)
	if err != nil {
		return err
	}
	err = r.put(ctx, v.key, staged, m, bucket.Unchanged(v.etag))
	if errors.Is(err, bucket.ErrTaken) || errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s was just changed or removed by another process; repeat the command", v.Place())
		return errors.Join(err, r.sweep(ctx, v.key, 0)) // the upload may contain what the other process erased
	}
	if err != nil {
		return err
	}
	if err := r.sweep(ctx, under(m.Name), 0); err != nil {
		return err
	}
	now, err := r.adopt(ctx, v.key, staged, m)
	if err == nil {
		*v = *now
	}
	return err
}
