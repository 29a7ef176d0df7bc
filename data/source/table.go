package source

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A table is a file of rows, or a folder of such files, and how to read it.
type table struct {
	use, place, what string // the source, its path, and the kind of its files
	columns          Columns
	fixed            bool // whether all rows have the columns of the first
	share            float64
	is               func(file string) bool
	// rows yields the rows of a file except those to be skipped.
	rows func(ctx context.Context, f *os.File, name string, skip func(at int) bool) iter.Seq2[row, error]
}

// open returns the folder of the files and their sorted names.
func (t table) open() (*os.Root, []string, error) {
	if t.place == "" {
		return nil, nil, badinput.Errorf("%s: path is not set; it names %s", t.use, t.what)
	}
	info, err := os.Stat(t.place)
	if err != nil {
		return nil, nil, badinput.Errorf("%s: %w; path must name %s", t.use, plainly(err), t.what)
	}
	dir, names := t.place, []string(nil)
	if !info.IsDir() {
		dir, names = filepath.Dir(t.place), []string{filepath.Base(t.place)}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.use, err)
	}
	if !info.IsDir() {
		return root, names, nil
	}
	err = fs.WalkDir(root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != "." && isHidden(d.Name()) && d.IsDir():
			return fs.SkipDir
		case d.Type().IsRegular() && !isHidden(d.Name()) && t.is(file):
			names = append(names, file)
		}
		return nil
	})
	if err == nil && len(names) == 0 {
		err = badinput.Errorf("has none; path must name %s", t.what)
	}
	if err != nil {
		root.Close()
		return nil, nil, fmt.Errorf("%s: the folder %s: %w", t.use, t.place, err)
	}
	slices.Sort(names)
	return root, names, nil
}

// besideTables are extensions of files that often accompany tables.
var besideTables = []string{"", ".json", ".yaml", ".yml", ".toml", ".py", ".html", ".htm", ".pdf", ".log", ".ini", ".cfg", ".bib", ".sql"}

// isWholeFolder reports whether a folder holds such tables and no works that they may describe, nor
// other kinds of tables.
func (t table) isWholeFolder() bool {
	info, err := os.Stat(t.place)
	if err != nil || !info.IsDir() {
		return false
	}
	root, err := os.OpenRoot(t.place)
	if err != nil {
		return false
	}
	defer root.Close()
	tables := 0
	for l, err := range (folderTree{root}).walk(context.Background()) {
		switch {
		case err != nil:
			return false
		case l.drop == nil && t.is(l.path):
			tables++
		case isAboutTheSet(l.path), slices.Contains(besideTables, strings.ToLower(path.Ext(l.path))):
		default:
			return false
		}
	}
	return tables > 0
}

func skipsNothing(int) bool { return false }

// empty reports whether there are no files.
func (t table) empty() bool {
	root, _, err := t.open()
	if err == nil {
		root.Close()
	}
	return err != nil
}

// at is the path of one of the files.
func (t table) at(name string) string {
	if filepath.Base(t.place) == name {
		return t.place
	}
	return filepath.Join(t.place, filepath.FromSlash(name))
}

// partOfFile is the part in the name of a file, as in train-00000.parquet and test/0.jsonl, or
// empty.
func partOfFile(name string) data.Split {
	part, _ := partOf(path.Base(name))
	folder, _ := partOf(path.Base(path.Dir(name)))
	return cmp.Or(part, folder)
}

// divided reports whether the file names, or else the rows, define both parts.
func (t table) divided(ctx context.Context) bool {
	root, names, err := t.open()
	if err != nil {
		return false
	}
	defer root.Close()
	if t.dividedByName(names) {
		return true
	}
	return t.columns.divide(func(yield func(row, error) bool) {
		for _, n := range names {
			for r, err := range t.rowsOf(ctx, root, n, skipsNothing) {
				if !yield(r, err) {
					return
				}
			}
		}
	}, t.fixed)
}

// dividedByName reports whether the names of several files assign each of them to a part.
func (t table) dividedByName(files []string) bool {
	told := map[data.Split]bool{}
	for _, f := range files {
		told[partOfFile(f)] = true
	}
	return told[data.Train] && told[data.Test] && !told[""]
}

// rowsOf opens one of the files and yields its rows.
func (t table) rowsOf(ctx context.Context, root *os.Root, name string, skip func(at int) bool) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		f, err := durable.OpenIn(root, filepath.FromSlash(name))
		if err != nil {
			yield(row{}, err)
			return
		}
		defer f.Close()
		for r, err := range t.rows(ctx, f, name, skip) {
			if !yield(r, err) {
				return
			}
		}
	}
}

// items yields an Item for each unknown row of a part.
func (t table) items(ctx context.Context, split data.Split, known func(name string) bool) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		root, names, err := t.open()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		defer root.Close()
		byName := t.dividedByName(names)
		parts := partRule{byName || t.divided(ctx), t.share}
		for _, name := range names {
			if byName && partOfFile(name) != split {
				continue
			}
			f := tableFile{table: t, root: root, name: name, parts: parts, byName: byName}
			if !f.items(ctx, split, known, yield) {
				return
			}
		}
	}
}

// A tableFile is one of the files of a table.
type tableFile struct {
	table
	root  *os.Root
	name  string
	parts partRule

	byName bool // whether the file names define the parts
}

// items yields the Items of the file; it returns false if no more are wanted.
func (t tableFile) items(ctx context.Context, split data.Split, known func(string) bool, yield func(data.Item, error) bool) bool {
	nameOf := func(at int) string { return fmt.Sprintf("%s/%d", t.name, at) }
	for r, err := range t.rowsOf(ctx, t.root, t.name, func(at int) bool { return known(nameOf(at)) }) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil && !isDrop(err) {
			yield(data.Item{}, fmt.Errorf("%s: %w", t.at(t.name), err))
			return false
		}
		name := nameOf(r.at)
		var it data.Item
		var part data.Split
		if err == nil {
			it, part, err = t.item(r)
		}
		if err != nil && !isDrop(err) {
			yield(data.Item{}, fmt.Errorf("%s: %w", t.at(t.name), err))
			return false
		}
		it.Name, it.Origin.Place = name, r.place(t.at(t.name))
		if file := partOfFile(t.name); t.byName && part != "" && part != file {
			part, err = file, data.Dropf("conflict", "it belongs to the part %s, and the file to the part %s", part, file)
		}
		if t.parts.of(cmp.Or(part, partOfFile(t.name)), it.Group, name) == split && !yield(it, err) {
			return false
		}
	}
	return true
}

// item makes an Item of a row.
func (t tableFile) item(r row) (data.Item, data.Split, error) {
	c, err := t.columns.readable(r.names)
	switch {
	case err != nil && t.fixed:
		return data.Item{}, "", err
	case err != nil:
		return data.Item{}, "", badRow(err)
	}
	return c.item(r.record, t.beside)
}

// beside reads a file by the path in a row, relative to the folder of the table.
func (t tableFile) beside(file string) ([]byte, error) {
	return readIn(t.root, path.Dir(t.name), file)
}
