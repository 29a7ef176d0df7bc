// Package library makes datasets and keeps them: it collects Items from sources,
// cleans them, divides them into a training and a test part, and stores what is
// left as a version that never changes. Everything that was dropped or changed is
// on record in it.
package library

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"atelier/data/store"
	"atelier/internal/durable"
)

// A Library is where datasets are made and kept.
type Library struct {
	// Store holds the versions that were made.
	Store *store.Store
	// Home is the local folder for the work in progress.
	Home string
	// Program is the version of the program that does the work; it is recorded.
	Program string
	// Notice is told what a person should know, a line at a time; nil drops it.
	Notice func(string)
	// Progress is told how far a piece of work has come; total is 0 where that is
	// not known. Nil drops it.
	Progress func(stage string, done, total int)
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

// jobs is the folder of the work in progress.
func (l *Library) jobs() string { return filepath.Join(l.Home, "jobs") }

// jobFolder makes the folder of a job, and takes away what is left of those that
// were being removed when the program was stopped.
func (l *Library) jobFolder(name, key string) (string, error) {
	dir := filepath.Join(l.jobs(), name+"-"+key)
	return dir, errors.Join(os.MkdirAll(dir, 0o777), durable.Sweep(l.jobs()))
}
