package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// SyncDisk flushes the whole file system that a folder is on. [errors.ErrUnsupported] says that
// the system cannot.
func SyncDisk(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}
