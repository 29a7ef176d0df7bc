package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Stamp is the state of the files of a run by which [Dir] and its summaries change: a file that is
// replaced changes its folder, those that are written in place have their own part. The beginning of a
// training changes it, its end need not.
func Stamp(folder string) string {
	files := []string{"", dirFile, configFile, checkpoints}
	entries, _ := os.ReadDir(folder) // one that cannot be read has no parts
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".jsonl" { // statistics and scores
			files = append(files, e.Name())
		}
	}
	var b strings.Builder
	for _, file := range files {
		if info, err := os.Stat(filepath.Join(folder, file)); err == nil {
			fmt.Fprintf(&b, "%s %d %d,", file, info.ModTime().UnixNano(), info.Size())
		}
	}
	return b.String()
}
