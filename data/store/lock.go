package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// lockFile is in the folder of a dataset; the system releases the lock when its process ends.
const lockFile = ".lock"

var errBusy = errors.New("another process is writing")

// lockPause is the interval at which a lock is tried.
const lockPause = 50 * time.Millisecond

// ErrMeanwhile reports that another process has made a version since the newest was read.
var ErrMeanwhile = errors.New("was made meanwhile")

// A Hold is the exclusive right, among the processes of this machine, to change a dataset.
type Hold struct {
	s      *Store
	name   string
	unlock func() error

	follows bool // a version must follow the one that was newest
	newest  int  // its number, 0 if there was none
}

// Hold acquires the right to change a dataset, which may be new, until [Hold.Release]. If another
// process has it, Hold calls waiting and waits.
func (s *Store) Hold(ctx context.Context, name string, waiting func()) (*Hold, error) {
	unlock, err := s.lock(ctx, name)
	if errors.Is(err, errBusy) {
		waiting()
		for pause := time.NewTicker(lockPause); errors.Is(err, errBusy); unlock, err = s.lock(ctx, name) {
			select {
			case <-ctx.Done():
				pause.Stop()
				return nil, ctx.Err()
			case <-pause.C:
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return &Hold{s: s, name: name, unlock: unlock}, nil
}

// Release releases the right.
func (h *Hold) Release() error { return h.unlock() }

// Newest opens the newest version, nil if there is none. Versions written afterwards must follow
// it.
func (h *Hold) Newest(ctx context.Context) (*Version, error) {
	versions, err := h.s.Versions(ctx, h.name)
	if err != nil {
		return nil, err
	}
	h.follows, h.newest = true, 0
	if len(versions) == 0 {
		return nil, nil
	}
	h.newest = versions[len(versions)-1]
	return h.s.Version(ctx, fmt.Sprintf("%s@%d", h.name, h.newest))
}

// lock acquires the right to change a dataset on this machine, and deletes what an interrupted
// process left half-written.
func (s *Store) lock(ctx context.Context, name string) (unlock func() error, err error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return lock(ctx, s.folder(name), name, s.remote)
}

// lock acquires the right to change the dataset of the version.
func (v *Version) lock(ctx context.Context) (unlock func() error, err error) {
	return lock(ctx, filepath.Dir(v.dir), v.manifest.Name, v.remote)
}

func lock(ctx context.Context, dir, name string, r *remote) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain(dir, err)
	}
	l := durable.NewLock(filepath.Join(dir, lockFile))
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
