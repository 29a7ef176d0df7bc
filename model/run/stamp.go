package run

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Stamp is the state of the files of a run by which [Dir] and its summaries change: a file that is
// replaced changes its folder, those that are written in place have their own part. The beginning of a
// training changes it, its end need not.
type Stamp struct {
	parts   []part // the folder first
	settled bool
}

// A part is the state of a file or a folder, without a size if there is none.
type part struct {
	path     string
	at, size int64
}

// settling is how old a change must be for the next one to have another time: file systems round.
const settling = 2 * time.Second

// StampOf is the stamp of the run in a folder. It is taken before the files are read that it is to
// stand for.
func StampOf(folder string) Stamp {
	now := time.Now()
	names := []string{dirFile, configFile, checkpoints}
	parts := []part{partOf(folder)}
	entries, _ := os.ReadDir(folder) // one that cannot be read has no parts
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".jsonl" { // statistics and scores
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		parts = append(parts, partOf(filepath.Join(folder, name)))
	}
	late := slices.ContainsFunc(parts, func(p part) bool { return p.at > now.Add(-settling).UnixNano() })
	return Stamp{parts, !late}
}

// Holds reports whether the files are certain to be as they were. Those that are other ones than then
// have changed the folder.
func (s Stamp) Holds() bool {
	return s.settled && !slices.ContainsFunc(s.parts, func(p part) bool { return partOf(p.path) != p })
}

func partOf(path string) part {
	info, err := os.Stat(path)
	if err != nil {
		return part{path: path, size: -1}
	}
	return part{path, info.ModTime().UnixNano(), info.Size()}
}
