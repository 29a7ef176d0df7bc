package library

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data/store"
	"atelier/internal/durable"
)

// caches is the folder of examples that were encoded for training.
func (l *Library) caches() string { return filepath.Join(l.Home, "cache") }

// Erased is what became of the wish to erase what is forgotten.
type Erased struct {
	// Files is how many files of the library were searched.
	Files int
	// Elsewhere are the versions of other datasets that hold the same bytes, as
	// name@version, by the name of their dataset.
	Elsewhere map[string][]string
}

// Erase takes the bytes of forgotten Items out of every version, and removes the
// caches and the work that was interrupted, where they may be as well. It then searches
// every file of the library for them. What other datasets hold stays; what is found
// anywhere else is an error, also where another process is at work, whose files stay.
func (l *Library) Erase(ctx context.Context, f *Forgotten) (*Erased, error) {
	for _, had := range f.Had {
		v, err := l.Store.Version(ctx, had.Ref)
		if err != nil {
			return nil, err
		}
		if err := v.Erase(ctx, f.Digests); err != nil {
			return nil, err
		}
	}
	if err := os.RemoveAll(l.caches()); err != nil {
		return nil, err
	}
	busy, err := l.removeJobs()
	if err != nil {
		return nil, err
	}
	e := &Erased{Elsewhere: map[string][]string{}}
	e.Files, err = l.Store.Search(ctx, f.Digests)
	if err = e.sort(err, f.Version.Manifest().Name); err != nil && len(busy) > 0 {
		err = fmt.Errorf("%w\nothers are at work in %s; give the command again when they have ended", err, strings.Join(busy, ", "))
	}
	return e, err
}

// mostLeft is how many files that still hold something an error names.
const mostLeft = 5

// sort takes what other datasets hold out of the errors of a search.
func (e *Erased) sort(err error, name string) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var left []error
	for _, err := range joined.Unwrap() {
		var found *store.FoundError
		if !errors.As(err, &found) || found.Version == 0 || found.Name == name {
			left = append(left, err)
			continue
		}
		if ref := fmt.Sprintf("%s@%d", found.Name, found.Version); !slices.Contains(e.Elsewhere[found.Name], ref) {
			e.Elsewhere[found.Name] = append(e.Elsewhere[found.Name], ref)
		}
	}
	if more := len(left) - mostLeft; more > 0 {
		left = append(left[:mostLeft], fmt.Errorf("and %d more files do", more))
	}
	return errors.Join(left...)
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
		lock := durable.NewLock(jobLock(dir))
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
