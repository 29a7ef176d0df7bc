package library

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/data"
	"atelier/internal/durable"
)

// printFile is the file in a job's folder with a fingerprint of the sources when it began.
const printFile = "sources"

// startAnew empties the folder of an interrupted job if its source files have changed since:
// corrections should apply to all of them.
func (j *job) startAnew() error {
	now := j.fingerprint()
	path := filepath.Join(j.dir, printFile)
	before, err := os.ReadFile(path)
	if err == nil && string(before) == now {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		j.l.notice("the files of the sources have changed since the job was interrupted: starting over")
	}
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if own := filepath.Join(j.dir, e.Name()); own != jobLock(j.dir) {
			if err := os.RemoveAll(own); err != nil {
				return err
			}
		}
	}
	return durable.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, now)
		return err
	})
}

// isLocal reports whether the job collects only from files and versions, which are quick to read
// again.
func (j *job) isLocal() bool {
	for _, in := range j.inputs {
		if _, ok := in.source.(data.Local); !ok && in.source != nil {
			return false
		}
	}
	return true
}

// fingerprint is a hash of the names, sizes and times of the files of local sources.
func (j *job) fingerprint() string {
	h := sha256.New()
	home, _ := filepath.Abs(j.l.Home)
	for i, in := range j.inputs {
		s, ok := in.source.(data.Local)
		if !ok {
			continue
		}
		root := s.LocalPath()
		if real, err := filepath.EvalSymlinks(root); err == nil {
			root = real
		}
		filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if full, _ := filepath.Abs(path); full == home {
				return fs.SkipDir // a job's own folder is not a source
			}
			if err != nil { // the source will report it
				return nil
			}
			if info, err := os.Stat(path); err == nil && !e.IsDir() {
				fmt.Fprintf(h, "%d %q %d %d\n", i, path, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return hex.EncodeToString(h.Sum(nil))
}
