package durable

import (
	"errors"
	"io/fs"
	"syscall"
)

// SyncDir does nothing: Windows cannot flush a folder, and NTFS keeps its names
// in a journal.
func SyncDir(string) error { return nil }

// System error codes of Windows that package syscall has no names for.
const (
	errorWriteProtect   syscall.Errno = 19
	errorHandleDiskFull syscall.Errno = 39
	errorDiskFull       syscall.Errno = 112
)

func isDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull)
}

func isReadOnly(err error) bool { return errors.Is(err, errorWriteProtect) }

// keepOwner does nothing: on Windows a new file gets its owner from the folder.
func keepOwner(string, fs.FileInfo) {}
