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

// HeedLimits does nothing: Windows ends no program for the size of a file.
func HeedLimits() {}

// shortage says what there is not enough of for a file, and what would help; nothing if
// the error is another.
func shortage(err error) (what, help string) {
	if errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) {
		return "the disk is full", "free some space"
	}
	return "", ""
}

func isReadOnly(err error) bool { return errors.Is(err, errorWriteProtect) }

// keepOwner does nothing: on Windows a new file gets its owner from the folder.
func keepOwner(string, fs.FileInfo) {}
