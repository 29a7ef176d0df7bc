package store

import (
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

// lock takes the right to change a dataset, which may be new, and clears away what an interrupted process
// left half-written.
func (s *Store) lock(name string) (unlock func() error, err error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return lock(s.folder(name), name)
}

// lock takes the right to change what lies in the folder of a dataset.
func lock(dir, name string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain(dir, err)
	}
	l := flock.New(filepath.Join(dir, lockFile))
	held, err := l.TryLock()
	if err != nil {
		return nil, durable.Explain(dir, err)
	}
	if !held {
		return nil, badinput.Errorf("another process is writing the dataset %s; wait until it has ended", name)
	}
	if err := durable.Sweep(dir); err != nil {
		return nil, errors.Join(durable.Explain(dir, err), l.Close())
	}
	return l.Close, nil
}
