package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// freeze flushes everything below dir to the disk and makes its files read-only.
func freeze(dir string) error {
	var folders []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			folders = append(folders, path)
			return nil
		}
		info, err := d.Info()
		if err != nil || info.Mode()&0o222 == 0 {
			return err
		}
		if err := syncFile(path); err != nil {
			return err
		}
		return os.Chmod(path, info.Mode()&^0o222)
	})
	for _, folder := range folders {
		err = errors.Join(err, SyncDir(folder))
	}
	return err
}
