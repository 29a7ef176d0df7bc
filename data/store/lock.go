package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// lockFile lies in the folder of a dataset; the system drops the lock when its
// process ends.
const lockFile = ".lock"

var errBusy = errors.New("another process is writing")

// lock takes the right to change a dataset, which may be new, on this machine, and
// clears away what an interrupted process left half-written.
func (s *Store) lock(ctx context.Context, name string) (unlock func() error, err error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return lock(ctx, s.folder(name), name, s.remote)
}

// lock takes the right to change the dataset of the version.
func (v *Version) lock(ctx context.Context) (unlock func() error, err error) {
	return lock(ctx, filepath.Dir(v.dir), v.manifest.Name, v.remote)
}

func lock(ctx context.Context, dir, name string, r *remote) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain(dir, err)
	}
	l := flock.New(filepath.Join(dir, lockFile))
	held, err := l.TryLock()
	if err != nil {
		return nil, durable.Explain(dir, err)
	}
	if !held {
		return nil, badinput.Errorf("%w the dataset %s; wait until it has ended", errBusy, name)
	}
	if r != nil {
		err = r.tidy(ctx, name)
	} else {
		err = durable.Explain(dir, durable.Sweep(dir))
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l.Close, nil
}
