package library

import (
	"context"
	"os"
	"path/filepath"
)

// caches is the folder of examples that were encoded for training.
func (l *Library) caches() string { return filepath.Join(l.Home, "cache") }

// Erase takes the bytes of forgotten Items out of every version, and removes the
// caches and the work in progress, where they may be as well. It then searches every
// file of the library for them, and returns how many files that were; what is found
// is an error.
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
	for _, dir := range []string{l.caches(), l.jobs()} {
		if err := os.RemoveAll(dir); err != nil {
			return 0, err
		}
	}
	return l.Store.Search(ctx, f.Digests)
}
