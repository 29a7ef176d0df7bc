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

// markerKey is an object by which a server is tested.
const markerKey = datasetsKey + ".atelier"

// mostRaces is how many numbers in a row another may take first.
const mostRaces = 100

// checkServer refuses a server that puts whatever the condition: with it two writers
// would overwrite each other.
func (r *remote) checkServer(ctx context.Context) error {
	for range 2 { // the second time at the latest it is there
		err := r.folder.PutBytes(ctx, markerKey, []byte("Atelier keeps versions of datasets here.\n"), bucket.Absent)
		if errors.Is(err, bucket.ErrTaken) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return badinput.Errorf("%s: the server does not heed If-None-Match, so that two who write at once would overwrite each other; use a newer one, or another", r.folder.Address(""))
}

// write makes a version in the folder of its dataset, and puts it under the number of
// the manifest, or, unless it must be that one, the next that is free.
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
	return nil, fmt.Errorf("%s: others write the dataset %s all the time; give the command again", r.folder.Address(""), m.Name)
}

// stage makes a version in a folder, and gives its shards names that no other content has.
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

// put puts the shards and then the manifest, on a condition. If that does not hold,
// the error is [bucket.ErrTaken].
func (r *remote) put(ctx context.Context, key, dir string, m *Manifest, when bucket.Condition) error {
	if err := r.send(ctx, key, dir, m); err != nil {
		return err
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	err = r.folder.PutBytes(ctx, key+ManifestName, text, when)
	if errors.Is(err, bucket.ErrTaken) { // or it is ours, and the answer was lost
		if there, _, e := r.folder.Read(ctx, key+ManifestName, manifestLimit); e == nil && bytes.Equal(there, text) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	// Whoever swept after the shards were listed, and before there was a manifest,
	// took them for left over.
	return r.send(ctx, key, dir, m)
}

// send puts the shards that are not there.
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

// giveWay leaves a number to another who had it first, and takes the next.
func (r *remote) giveWay(ctx context.Context, key string, m *Manifest) error {
	theirs, _, _, err := r.manifest(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is gone again: the number is free
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

// adopt makes what was put the copy of its version.
func (r *remote) adopt(ctx context.Context, key, staged string, m *Manifest) (*Version, error) {
	dir := filepath.Join(filepath.Dir(staged), path.Base(key))
	err := r.hold(ctx, filepath.Dir(dir), func() error {
		err := os.Remove(filepath.Join(staged, ManifestName)) // which may have another number
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

// replace puts another content of a version in the place of the one that was read, whose
// shards go.
func (r *remote) replace(ctx context.Context, v *Version, m *Manifest, fill func(dir string) error) error {
	staged, err := r.stage(m, fill)
	if err != nil {
		return err
	}
	err = r.put(ctx, v.key, staged, m, bucket.Unchanged(v.etag))
	if errors.Is(err, bucket.ErrTaken) || errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s was changed or removed by another just now; give the command again", v.Place())
		return errors.Join(err, r.sweep(ctx, v.key, 0)) // what was put may have what the other erased
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
