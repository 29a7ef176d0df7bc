package source

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"atelier/data"
	"atelier/internal/badinput"
)

func init() {
	data.Sources.Add("folder", "pictures, texts and MIDI files below a folder, with one sub-folder per class, or labels and captions in a CSV or JSONL file beside them",
		func() data.Source { return &Folder{Kind: all, TestShare: 0.1} })
}

// isFile reports whether a path is a file.
func isFile(place string) bool {
	info, err := os.Stat(place)
	return err == nil && info.Mode().IsRegular()
}

// Folder reads the works below a folder, sorted by path. Classes and captions are taken from a
// table beside them (CSV or JSON lines with a column file_name, filename or file, as in Hugging
// Face's imagefolder); without a table, the first sub-folder is the class, not counting a folder
// that holds all others. A text file beside a picture of the same name is its caption. Folders
// called train and test, or a column split, define the parts. Symbolic links and files of other
// kinds are dropped with a reason; hidden files and texts about the set, such as README.md, are
// ignored.
type Folder struct {
	Path      string  `help:"the folder"`
	Kind      string  `help:"which files are read: pictures, texts, music, or all"`
	Label     string  `help:"where classes come from: a column of the table beside the files, folder, or none; if empty, the column label or class, else the folder"`
	TestShare float64 `help:"share of the files, 0 to 0.9, held out as the test part, chosen by path; a set that comes already divided stays so"`

	converted conversions
}

// Check rejects a share outside its range and an unknown kind.
func (s *Folder) Check() error { return checkWorks(s.Kind, s.TestShare) }

// SetName is the name of the folder.
func (s *Folder) SetName() string { return filepath.Base(s.Path) }

// Recognize accepts every folder.
func (s *Folder) Recognize(place string) data.Fit {
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		return data.Unfit
	}
	s.Path = place
	return data.Usable
}

// ClassNames returns the sorted labels of the files.
func (s *Folder) ClassNames() []string { return opener(s.open).classNames() }

// Divided reports whether top-level folders or a table define the parts.
func (s *Folder) Divided() bool { return opener(s.open).divided() }

// open opens the folder and surveys it.
func (s *Folder) open(ctx context.Context) (tree, *survey, works, error) {
	w := works{Kind: s.Kind, Label: s.Label, TestShare: s.TestShare, converted: &s.converted, at: func(file string) string {
		return filepath.Join(s.Path, filepath.FromSlash(file))
	}}
	if err := s.Check(); err != nil {
		return nil, nil, w, fmt.Errorf("folder %w", err)
	}
	if s.Path == "" {
		return nil, nil, w, badinput.Errorf("folder: path is not set; it names the folder with the files")
	}
	switch {
	case isFile(s.Path) && (isCSV(s.Path) || isJSONL(s.Path) || isParquet(s.Path)):
		return nil, nil, w, badinput.Errorf("folder %s: is a table and no folder; set use to csv, jsonl or parquet", s.Path)
	case isFile(s.Path) && isArchive(s.Path):
		return (&Archive{Path: s.Path, Kind: s.Kind, Label: s.Label, TestShare: s.TestShare}).open(ctx)
	}
	root, err := os.OpenRoot(s.Path)
	if err != nil {
		return nil, nil, w, badinput.Errorf("folder: %w; path must name a folder with pictures, texts or music", plainly(err))
	}
	t := folderTree{root}
	found, err := takeSurvey(ctx, t, w)
	switch {
	case err != nil && ctx.Err() != nil:
	case err != nil:
		err = fmt.Errorf("folder %s: %w", s.Path, err)
	case len(found.works) == 0:
		err = found.nothing("folder "+s.Path, w)
	}
	if err != nil {
		root.Close()
	}
	return t, found, w, err
}

// Remarks lists the tables that were converted, one line per encoding.
func (s *Folder) Remarks() []string { return s.converted.lines() }

// Items yields the files as they are; compressed texts are decompressed.
func (s *Folder) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, noneKnown)
}

// Rest yields the files that are not in the journal.
func (s *Folder) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, j.Known)
}
