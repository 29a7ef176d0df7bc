package source

import (
	"context"
	"fmt"
	"iter"
	"os"

	"atelier/data"
	"atelier/internal/durable"
)

func init() {
	data.Sources.Add("parquet", "Parquet files, one or a folder of them, with columns of texts or pictures; also Hugging Face's feature struct{bytes, path}",
		func() data.Source { return &Parquet{TestShare: 0.1} })
}

// Parquet reads an Item from each row. Numbers in a column that Hugging Face's metadata declares as
// a ClassLabel become names. Columns of types other than texts, numbers, lists of them and files,
// such as maps, are skipped with a remark. Files train-*.parquet and test-*.parquet define the
// parts.
type Parquet struct {
	Path string `help:"the file, or a folder of such files"`
	Columns
	TestShare float64 `help:"share of the rows, 0 to 0.9, held out as the test part; a set that comes already divided stays so"`

	unread remarks
}

// Check rejects a share outside its range.
func (s *Parquet) Check() error { return checkShare(s.TestShare) }

// SetName is the name of the file without extensions, or of the folder.
func (s *Parquet) SetName() string { return nameOfFile(s.Path) }

// Recognize accepts files that end in .parquet, and folders that hold some.
func (s *Parquet) Recognize(place string) data.Fit {
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		if t := (&Parquet{Path: place}).table(); t.empty() {
			return data.Unfit
		}
	} else if !isParquet(place) || !isLocalFile(place) {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

func isParquet(file string) bool { return hasExtension(file, ".parquet") }

// Divided reports whether file names or a column split define the parts.
func (s *Parquet) Divided() bool { return s.table().divided(context.Background()) }

// Remarks lists the columns of unsupported types.
func (s *Parquet) Remarks() []string { return s.unread.lines() }

// ClassNames returns the class names in their order, if Hugging Face's metadata gives them.
func (s *Parquet) ClassNames() []string {
	t := s.table()
	root, names, err := t.open()
	if err != nil {
		return nil // Items reports it
	}
	defer root.Close()
	f, err := durable.OpenIn(root, names[0])
	if err != nil {
		return nil
	}
	defer f.Close()
	p, err := openParquetFile(f)
	if err != nil {
		return nil
	}
	c, err := s.Columns.in(p.names())
	if err != nil {
		return nil
	}
	return p.classNames(c.Label)
}

// Items yields one Item per row.
func (s *Parquet) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the rows that are not in the journal.
func (s *Parquet) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *Parquet) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("parquet %w", err))
	}
	return s.table().items(ctx, split, known)
}

func (s *Parquet) table() table {
	return table{
		use: "parquet", place: s.Path, what: "a file .parquet or a folder of them", columns: s.Columns, fixed: true, share: s.TestShare, is: isParquet,
		rows: func(ctx context.Context, f *os.File, _ string, skip func(at int) bool) iter.Seq2[row, error] {
			return func(yield func(row, error) bool) {
				p, err := openParquetFile(f)
				if err == nil {
					s.unread.note(p.remark())
					err = p.rows(ctx, s.Columns, skip, func(r row) bool { return yield(r, nil) })
				}
				if err != nil {
					yield(row{}, err)
				}
			}
		},
	}
}
