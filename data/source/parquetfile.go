package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/parquetfile"
)

// The most that a Parquet file may ask for.
const (
	maxRowGroup       = 2 << 30 // bytes of a row group, unpacked
	maxParquetColumns = 10_000
	rowsAtOnce        = 8
)

// A parquetFile is an open Parquet file.
type parquetFile struct {
	file    *parquet.File
	columns []parquetColumn
	classes map[string][]string // names of the classes of columns of labels
}

// A parquetColumn is a column of a table made of one leaf of the file, or of two,
// the bytes and the path of an embedded file.
type parquetColumn struct {
	name       string
	leaf, path int // -1 for none
	list, text bool
}

// openParquet reads the directory at the end of a file. Whatever the file holds,
// it and walk give an error rather than panic.
func openParquet(f *os.File) (p *parquetFile, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquetfile.Open(f, info.Size())
	if err != nil {
		return nil, err
	}
	err = parquetfile.Guard(func() error {
		for i, g := range file.Metadata().RowGroups {
			if g.TotalByteSize < 0 || g.TotalByteSize > maxRowGroup {
				return fmt.Errorf("row group %d takes %d MiB unpacked, and at most %d are read; write smaller row groups", i, g.TotalByteSize>>20, maxRowGroup>>20)
			}
			for _, c := range g.Columns {
				if err := parquetfile.Pages(f, info.Size(), &c.MetaData, checkPage); err != nil {
					return fmt.Errorf("row group %d: %w", i, err)
				}
			}
		}
		p = &parquetFile{file: file, columns: columnsOf(file.Schema()), classes: classLabels(file)}
		return nil
	})
	return p, err
}

// checkPage refuses a page that unpacks to more than a file may have.
func checkPage(h *format.PageHeader, _ *io.SectionReader) error {
	if h.UncompressedPageSize > maxFile+maxSlack {
		return fmt.Errorf("a page unpacks to %d MiB, and at most %d are read", h.UncompressedPageSize>>20, maxFile>>20)
	}
	return nil
}

// columnsOf finds what the leaves of a schema are. Of lists of objects the leaf that
// holds words is taken.
func columnsOf(schema *parquet.Schema) (columns []parquetColumn) {
	for _, path := range schema.Columns()[:min(len(schema.Columns()), maxParquetColumns)] {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			continue
		}
		c := parquetColumn{name: path[0], leaf: leaf.ColumnIndex, path: -1, list: leaf.MaxRepetitionLevel > 0}
		if t := leaf.Node.Type().LogicalType(); t != nil {
			switch t.Value.(type) {
			case *format.StringType, *format.EnumType, *format.JsonType:
				c.text = true
			}
		}
		last := path[len(path)-1]
		if i := slices.IndexFunc(columns, func(have parquetColumn) bool { return have.name == path[0] }); i >= 0 {
			switch have := &columns[i]; {
			case c.list && slices.Contains([]string{"content", "text", "value"}, last):
				*have = c
			case !c.list && last == "path":
				have.path = c.leaf
			case !c.list && last == "bytes":
				have.leaf, have.path, have.text = c.leaf, have.leaf, false
			}
			continue
		}
		columns = append(columns, c)
	}
	return columns
}

// classLabels reads the names of classes that Hugging Face keeps with a file.
func classLabels(f *parquet.File) map[string][]string {
	classes := map[string][]string{}
	text, ok := f.Lookup("huggingface")
	if !ok {
		return classes
	}
	var kept struct {
		Info struct{ Features map[string]json.RawMessage }
	}
	if json.Unmarshal([]byte(text), &kept) != nil {
		return classes
	}
	for name, raw := range kept.Info.Features {
		var feature struct {
			Type  string `json:"_type"`
			Names []string
		}
		if json.Unmarshal(raw, &feature) == nil && feature.Type == "ClassLabel" {
			classes[name] = feature.Names
		}
	}
	return classes
}

// classNames are the names of the classes of a column, as labels have them.
func (p *parquetFile) classNames(column string) (names []string) {
	for _, n := range p.classes[column] {
		names = append(names, className(told(n)))
	}
	return names
}

func (p *parquetFile) names() (names []string) {
	for _, c := range p.columns {
		names = append(names, c.name)
	}
	return named(names)
}

// walk calls yield for each row, counted from 0, that is not to be skipped, until it
// returns false.
func (p *parquetFile) walk(ctx context.Context, skip func(at int) bool, yield func(row) bool) error {
	names, first := p.names(), 0
	for _, g := range p.file.RowGroups() {
		more, err := p.walkGroup(ctx, g, first, names, skip, yield)
		if err != nil || !more {
			return err
		}
		first += int(g.NumRows())
	}
	return nil
}

func (p *parquetFile) walkGroup(ctx context.Context, g parquet.RowGroup, first int, names []string, skip func(at int) bool, yield func(row) bool) (more bool, err error) {
	var rows parquet.Rows
	if err := parquetfile.Guard(func() error { rows = g.Rows(); return nil }); err != nil {
		return false, err
	}
	defer func() { _ = parquetfile.Guard(rows.Close) }()
	batch := make([]parquet.Row, rowsAtOnce)
	for at, n, passed := 0, int(g.NumRows()), false; at < n; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if skip(first + at) {
			at, passed = at+1, true
			continue
		}
		want := 1
		for want < rowsAtOnce && at+want < n && !skip(first+at+want) {
			want++
		}
		var have []row
		if err := parquetfile.Guard(func() (err error) {
			have, err = p.read(rows, batch[:want], at, passed, names)
			return err
		}); err != nil {
			return false, fmt.Errorf("row %d: %w", first+at, err)
		}
		passed = false
		for i, r := range have {
			if r.at = first + at + i; !yield(r) {
				return false, nil
			}
		}
		at += len(have)
	}
	return true, nil
}

// read reads rows from a place on, after a seek if some were passed over.
func (p *parquetFile) read(rows parquet.Rows, batch []parquet.Row, at int, seek bool, names []string) ([]row, error) {
	if seek {
		if err := rows.SeekToRow(int64(at)); err != nil {
			return nil, err
		}
	}
	n, err := rows.ReadRows(batch)
	if n == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("the file holds fewer rows than it says")
		}
		return nil, err
	}
	have := make([]row, n)
	for i, from := range batch[:n] {
		have[i].record = record{names: names, values: p.values(from)}
	}
	return have, nil
}

// values returns the values of a row, copied.
func (p *parquetFile) values(from parquet.Row) []any {
	byLeaf := map[int][]parquet.Value{}
	from.Range(func(leaf int, values []parquet.Value) bool {
		byLeaf[leaf] = values
		return true
	})
	out := make([]any, len(p.columns))
	for i, c := range p.columns {
		values := byLeaf[c.leaf]
		switch {
		case c.list:
			list := []any{}
			for _, v := range values {
				if !v.IsNull() {
					list = append(list, c.plain(v, nil))
				}
			}
			out[i] = list
		case len(values) == 1 && c.path < 0:
			out[i] = c.plain(values[0], p.classes[c.name])
		case len(values) == 1:
			out[i] = c.embedded(values[0], byLeaf[c.path])
		}
	}
	return out
}

// embedded is a file of which bytes or path may be missing.
func (c parquetColumn) embedded(b parquet.Value, path []parquet.Value) any {
	var f embedded
	if !b.IsNull() {
		f.bytes = append([]byte{}, b.ByteArray()...)
	}
	if len(path) == 1 && !path[0].IsNull() {
		f.path = string(path[0].ByteArray())
	}
	if f.bytes == nil && f.path == "" {
		return nil
	}
	return f
}

// plain is a single value; a number that stands for a class becomes its name.
func (c parquetColumn) plain(v parquet.Value, classes []string) any {
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if v.IsNull() {
			return nil
		}
		if c.text {
			return string(v.ByteArray())
		}
		return append([]byte{}, v.ByteArray()...)
	case parquet.Int32, parquet.Int64:
		n := v.Int64()
		if v.Kind() == parquet.Int32 {
			n = int64(v.Int32())
		}
		if n >= 0 && n < int64(len(classes)) {
			return classes[n]
		}
		if classes != nil { // -1 is a row without label
			return nil
		}
		return n
	case parquet.Float:
		return v.Float()
	case parquet.Double:
		return v.Double()
	case parquet.Boolean:
		return v.Boolean()
	}
	return nil
}
