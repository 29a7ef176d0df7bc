package durable

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
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

// Free is how many bytes a person may still write in a folder, if that is known.
func Free(dir string) (bytes float64, known bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, false
	}
	return float64(free), true
}

func isReadOnly(err error) bool { return errors.Is(err, errorWriteProtect) }

// keepOwner does nothing: on Windows a new file gets its owner from the folder.
func keepOwner(string, fs.FileInfo) {}
