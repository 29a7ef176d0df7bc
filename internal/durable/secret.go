package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Secret reads a file with a secret, of at most limit bytes. If there is none, it is made, together with
// its folder, so that only the user can read it; several processes make one. A nil fresh makes none.
func Secret(path string, limit int64, fresh func() ([]byte, error)) ([]byte, error) {
	text, err := ReadFile(path, limit)
	if !errors.Is(err, fs.ErrNotExist) || fresh == nil {
		return text, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, Explain(path, err)
	}
	lock := NewLock(filepath.Join(filepath.Dir(path), ".lock"))
	if err := lock.Lock(); err != nil {
		return nil, Explain(path, err)
	}
	defer lock.Close()
	if text, err = ReadFile(path, limit); !errors.Is(err, fs.ErrNotExist) {
		return text, err // another process was faster
	}
	if text, err = fresh(); err != nil {
		return nil, err
	}
	temp := hidden(path)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, Explain(path, err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
		return nil, Explain(path, err)
	}
	return text, Explain(path, SyncDir(filepath.Dir(path)))
}
