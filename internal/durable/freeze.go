package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// flush flushes everything below dir to disk.
func flush(dir string) error {
	var folders []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			folders = append(folders, path)
			return nil
		}
		return syncFile(path)
	})
	for _, folder := range folders {
		err = errors.Join(err, SyncDir(folder))
	}
	return err
}

// freeze makes all files below dir read-only, for those who may read them.
func freeze(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chmod(path, info.Mode().Perm()&^0o222)
	})
}
