// Package library makes and keeps datasets: it collects Items from sources, cleans them, splits
// them into a training and a test part, and stores the result as an immutable version, with a
// record of everything dropped or changed.
package library

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"atelier/data/store"
	"atelier/internal/durable"
)

// A Library makes and keeps datasets.
type Library struct {
	// Store holds the versions.
	Store *store.Store
	// Home is the local folder for work in progress.
	Home string
	// Program is the version of the program, which is recorded.
	Program string
	// Notice receives messages for the user, a line at a time; it may be nil.
	Notice func(string)
	// Progress receives the progress of the work; total is 0 if unknown. It may be nil.
	Progress func(stage string, done, total int)
}

// With returns the same Library for one request, with its own watcher.
func (l *Library) With(notice func(string), progress func(stage string, done, total int)) *Library {
	own, versions := *l, *l.Store
	versions.Progress = progress
	own.Store, own.Notice, own.Progress = &versions, notice, progress
	return &own
}

func (l *Library) notice(format string, args ...any) {
	if l.Notice != nil {
		l.Notice(fmt.Sprintf(format, args...))
	}
}

func (l *Library) progress(stage string, done, total int) {
	if l.Progress != nil {
		l.Progress(stage, done, total)
	}
}

// jobs is the folder of work in progress.
func (l *Library) jobs() string { return filepath.Join(l.Home, "jobs") }

// jobFolder creates the folder of a job, and deletes the remains of those that were being deleted
// when the program was stopped.
func (l *Library) jobFolder(name, key string) (string, error) {
	dir := filepath.Join(l.jobs(), name+"-"+key)
	return dir, errors.Join(os.MkdirAll(dir, 0o777), durable.Sweep(l.jobs()))
}
