package source

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"

	"atelier/data"
)

func init() {
	data.Sources.Add("jsonl", "JSON lines files, gzipped or not, one or a folder of them, with an object on each line that has a text or a file's path or base64",
		func() data.Source { return &JSONL{TestShare: 0.1} })
}

// JSONL reads an Item from each line with a JSON object.
type JSONL struct {
	Path string `help:"the file, or a folder of such files"`
	Columns
	TestShare float64 `help:"share of the lines, 0 to 0.9, held out as the test part; a set that comes already divided stays so"`
}

// Check rejects a share outside its range.
func (s *JSONL) Check() error { return checkShare(s.TestShare) }

// SetName is the name of the file without extensions.
func (s *JSONL) SetName() string { return nameOfFile(s.Path) }

// Recognize accepts files that end in .jsonl or .ndjson, optionally .gz, and folders that hold
// nothing else.
func (s *JSONL) Recognize(place string) data.Fit {
	if (!isJSONL(place) || !isLocalFile(place)) && !(table{place: place, is: isJSONL}).isWholeFolder() {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Divided reports whether file names or a column split define the parts.
func (s *JSONL) Divided() bool { return s.table().divided(context.Background()) }

// Items yields one Item per line.
func (s *JSONL) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the lines that are not in the journal.
func (s *JSONL) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *JSONL) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("jsonl %w", err))
	}
	return s.table().items(ctx, split, known)
}

func (s *JSONL) table() table {
	return table{
		use: "jsonl", place: s.Path, what: "a file .jsonl or .jsonl.gz, or a folder of them", columns: s.Columns, share: s.TestShare, is: isJSONL,
		rows: func(ctx context.Context, f *os.File, name string, skip func(at int) bool) iter.Seq2[row, error] {
			return without(jsonTable(ctx, name, f, math.MaxInt64), skip)
		},
	}
}

// nameOfFile is the name of a file without extensions.
func nameOfFile(place string) string {
	if place == "" {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(place), "."), ".")
	return name
}

// isLocalFile reports whether a place is a file path, existing or not, rather than an address or a
// folder.
func isLocalFile(place string) bool {
	info, err := os.Stat(place)
	return !strings.Contains(place, "://") && (err != nil || !info.IsDir())
}
