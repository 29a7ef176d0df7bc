package brought

import (
	"context"
	"os"
	"path/filepath"
)

// AddNetwork copies the files of a network that is no language model into the store, whole or not
// at all. Files lie below the folder of the addition's path, or are that path; the facts are those
// of whoever read them.
func (s *Store) AddNetwork(ctx context.Context, a Addition, files []string, facts Facts) (*Card, error) {
	var all []piece
	for _, f := range files {
		path := a.Path
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, filepath.FromSlash(f))
		}
		all = append(all, piece{f, path})
	}
	return s.keep(ctx, a, all, func(card *Card, dir string) error {
		card.Facts = facts
		return card.write(dir, a)
	})
}
