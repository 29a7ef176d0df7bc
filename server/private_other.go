//go:build !windows

package server

import "syscall"

// KeepPrivate has everything that the program makes from now on be readable by its user alone.
func KeepPrivate() { syscall.Umask(0o077) }
