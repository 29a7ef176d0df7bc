//go:build !linux

package durable

import "errors"

// SyncDisk flushes the whole file system that a folder is on. [errors.ErrUnsupported] says that
// the system cannot.
func SyncDisk(string) error { return errors.ErrUnsupported }
