package library

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"atelier/internal/durable"
)

// caches is the folder of examples that were encoded for training.
func (l *Library) caches() string { return filepath.Join(l.Home, "cache") }

// Erase takes the bytes of forgotten Items out of every version, and removes the
// caches and the work that was interrupted, where they may be as well. It then searches
// every file of the library for them, and returns how many files that were; what is
// found is an error, also where another process is at work, whose files stay.
func (l *Library) Erase(ctx context.Context, f *Forgotten) (files int, err error) {
	for _, had := range f.Had {
		v, err := l.Store.Version(ctx, had.Ref)
		if err != nil {
			return 0, err
		}
		if err := v.Erase(ctx, f.Digests); err != nil {
			return 0, err
		}
	}
	if err := os.RemoveAll(l.caches()); err != nil {
		return 0, err
	}
	busy, err := l.removeJobs()
	if err != nil {
		return 0, err
	}
	files, err = l.Store.Search(ctx, f.Digests)
	if err != nil && len(busy) > 0 {
		err = fmt.Errorf("%w\nothers are at work in %s; give the command again when they have ended", err, strings.Join(busy, ", "))
	}
	return files, err
}

// removeJobs removes the work that was interrupted. The folders of jobs that others are
// at work on stay, and are returned.
func (l *Library) removeJobs() (busy []string, err error) {
	entries, err := os.ReadDir(l.jobs())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		dir := filepath.Join(l.jobs(), e.Name())
		lock := flock.New(jobLock(dir))
		held, e := lock.TryLock()
		switch {
		case e != nil:
			err = errors.Join(err, durable.Explain(dir, e))
		case !held:
			busy = append(busy, dir)
		default:
			err = errors.Join(err, lock.Close(), durable.Remove(dir))
		}
	}
	return busy, err
}
