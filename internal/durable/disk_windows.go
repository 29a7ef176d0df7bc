package durable

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

// SyncDir does nothing: Windows cannot flush a folder, and NTFS journals its names.
func SyncDir(string) error { return nil }

// Windows error codes missing in package syscall.
const (
	errorWriteProtect   syscall.Errno = 19
	errorHandleDiskFull syscall.Errno = 39
	errorDiskFull       syscall.Errno = 112
)

// HeedLimits does nothing: Windows kills no program for the size of a file.
func HeedLimits() {}

// shortage says which resource is exhausted, and what would help; nothing if the error is another.
func shortage(err error) (what, help string) {
	if errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) {
		return "the disk is full", "free some space"
	}
	return "", ""
}

// Free is the number of bytes the user may still write in a folder, if known.
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
