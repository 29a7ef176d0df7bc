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

// caches is the folder of encoded examples for training.
func (l *Library) caches() string { return filepath.Join(l.Home, "cache") }

// Erased is the result of erasing forgotten Items.
type Erased struct {
	// Files is the number of files searched.
	Files int
	// Elsewhere are the versions of other datasets with the same bytes, as name@version, by
	// dataset.
	Elsewhere map[string][]string
}

// Erase removes the bytes of forgotten Items from every version of the dataset, and deletes caches
// and interrupted work, which may contain them. It then searches every file of the library. Other
// datasets keep their copies; bytes found anywhere else are an error, also in the files of a
// running job, which are kept.
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
		err = fmt.Errorf("%w\nother processes are writing %s; repeat the command when they have finished", err, strings.Join(busy, ", "))
	}
	return e, err
}

// mostLeft is the number of files named in an error about remaining bytes.
const mostLeft = 5

// sort separates what other datasets hold from the errors of a search.
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

// removeJobs deletes interrupted work. It returns the folders of running jobs, which are kept.
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
