//go:build !windows

package durable

import (
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// SyncDir flushes the entries of a folder to disk.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// HeedLimits makes exceeding the file size limit an error of the write. Otherwise the system kills
// the program.
func HeedLimits() { signal.Ignore(syscall.SIGXFSZ) }

// shortage says which resource is exhausted, and what would help; nothing if the error is another.
func shortage(err error) (what, help string) {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full", "free some space"
	case errors.Is(err, syscall.EDQUOT):
		return "your disk quota is used up", "free some space"
	case errors.Is(err, syscall.EFBIG):
		return "the file would exceed the size limit", "raise the limit, which ulimit -f shows if it is not the disk's own,"
	}
	return "", ""
}

// Free is the number of bytes the user may still write in a folder, if known.
func Free(dir string) (bytes float64, known bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return float64(s.Bavail) * float64(s.Bsize), true
}

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// keepOwner gives a file the owner of the one that it replaces, if permitted.
func keepOwner(path string, old fs.FileInfo) {
	if s, ok := old.Sys().(*syscall.Stat_t); ok {
		os.Lchown(path, int(s.Uid), int(s.Gid))
	}
}
