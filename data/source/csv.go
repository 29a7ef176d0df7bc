package source

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("csv", "CSV files (RFC 4180) with a header, gzipped or not, one or a folder of them, with a text or a file's path or base64 in each row",
		func() data.Source { return &CSV{TestShare: 0.1} })
}

// CSV reads an Item from each row after the header.
type CSV struct {
	Path string `help:"the file, or a folder of such files"`
	Columns
	Delimiter string  `help:"field separator; if empty, a comma, semicolon or tab, whichever is most frequent in the header"`
	TestShare float64 `help:"share of the rows, 0 to 0.9, held out as the test part; a set that comes already divided stays so"`

	converted conversions
}

// Check rejects a share outside its range and an invalid delimiter.
func (s *CSV) Check() error {
	if n := utf8.RuneCountInString(s.Delimiter); n > 1 || strings.ContainsAny(s.Delimiter, "\"\r\n\ufffd") {
		return registry.Unfit("delimiter", fmt.Sprintf("want one character, such as ; and neither a quote nor a line end, got %q", s.Delimiter))
	}
	return checkShare(s.TestShare)
}

// SetName is the name of the file without extensions.
func (s *CSV) SetName() string { return nameOfFile(s.Path) }

// Recognize accepts files that end in .csv or .tsv, optionally .gz, and folders that hold nothing
// else.
func (s *CSV) Recognize(place string) data.Fit {
	if (!isCSV(place) || !isLocalFile(place)) && !(table{place: place, is: isCSV}).isWholeFolder() {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Divided reports whether file names or a column split define the parts.
func (s *CSV) Divided() bool { return s.table().divided(context.Background()) }

// Remarks lists the files that were converted, one line per encoding.
func (s *CSV) Remarks() []string { return s.converted.lines() }

// Items yields one Item per row.
func (s *CSV) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the rows that are not in the journal.
func (s *CSV) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *CSV) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("csv %w", err))
	}
	return s.table().items(ctx, split, known)
}

func (s *CSV) table() table {
	t := table{place: s.Path}
	return table{
		use: "csv", place: s.Path, what: "a file .csv, .tsv or either with .gz, or a folder of them", columns: s.Columns, fixed: true, share: s.TestShare, is: isCSV,
		rows: func(ctx context.Context, f *os.File, name string, skip func(at int) bool) iter.Seq2[row, error] {
			return without(csvTable(ctx, name, f, math.MaxInt64, s.Delimiter, func(encoding string) { s.converted.note(encoding, t.at(name)) }), skip)
		},
	}
}
