package source

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"atelier/internal/parquetfile"
)

// rows calls yield for each row with the columns that are set, or found by name.
func (p *parquetFile) rows(ctx context.Context, c Columns, skip func(at int) bool, yield func(row) bool) error {
	wanted, err := p.want(c)
	if err != nil {
		return err
	}
	return p.walk(ctx, wanted, skip, yield)
}

// walk calls yield for each row, counted from 0, that is not to be skipped, until it returns false.
// Only the wanted columns are read.
func (p *parquetFile) walk(ctx context.Context, wanted map[string]bool, skip func(at int) bool, yield func(row) bool) error {
	first, unpacked := 0, newRowMeter(p.size)
	for i, g := range p.file.RowGroups() {
		w := groupWalk{parquetFile: p, group: g, first: first, names: p.names(), skip: skip, yield: yield, unpacked: unpacked}
		if err := parquetfile.Guard(func() error { return w.open(i, wanted) }); err != nil {
			return fmt.Errorf("row group %d: %w", i, err)
		}
		more, err := w.walk(ctx)
		_ = parquetfile.Guard(w.close)
		if err != nil || !more {
			return err
		}
		first += int(g.NumRows())
	}
	return nil
}

// A groupWalk reads the rows of a row group.
type groupWalk struct {
	*parquetFile
	group   parquet.RowGroup
	first   int // first row of the group in the file
	names   []string
	columns map[int]*leafReader // by the leaf
	skip    func(at int) bool
	yield   func(row) bool

	unpacked *meter
}

// open opens the wanted columns, within the limit on decompressed pages.
func (w *groupWalk) open(at int, wanted map[string]bool) error {
	chunks, told := w.group.ColumnChunks(), w.file.Metadata().RowGroups[at].Columns
	w.columns = map[int]*leafReader{}
	size := int64(0)
	for _, c := range w.parquetFile.columns {
		for _, leaf := range []int{c.leaf, c.path} {
			if leaf < 0 || !wanted[c.name] {
				continue
			}
			if leaf >= len(chunks) || leaf >= len(told) {
				return errors.New("it has fewer columns than the file")
			}
			m := &told[leaf].MetaData
			if size += m.TotalUncompressedSize; m.TotalUncompressedSize < 0 || size > maxRowGroup {
				return fmt.Errorf("its columns take %d MiB unpacked, and at most %d are read; write smaller row groups", size>>20, maxRowGroup>>20)
			}
			if err := parquetfile.Pages(w.in, w.size, m, checkPage); err != nil {
				return err
			}
			w.columns[leaf] = &leafReader{pages: chunks[leaf].Pages()}
		}
	}
	return nil
}

func (w *groupWalk) close() (err error) {
	for _, c := range w.columns {
		err = errors.Join(err, c.pages.Close())
	}
	return err
}

func (w *groupWalk) walk(ctx context.Context) (more bool, err error) {
	passed := false
	for at := range int(w.group.NumRows()) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if w.skip(w.first + at) {
			passed = true
			continue
		}
		r := row{at: w.first + at}
		if err := parquetfile.Guard(func() (err error) {
			r.record, err = w.read(at, passed)
			return err
		}); err != nil {
			return false, fmt.Errorf("row %d: %w", w.first+at, err)
		}
		if passed = false; !w.yield(r) {
			return false, nil
		}
	}
	return true, nil
}

// read reads a row, after seeking over skipped ones.
func (w *groupWalk) read(at int, seek bool) (record, error) {
	byLeaf, size := map[int][]parquet.Value{}, leastRow
	for leaf, c := range w.columns {
		if seek {
			if err := c.seek(int64(at)); err != nil {
				return record{}, err
			}
		}
		values, err := c.row()
		if err != nil {
			return record{}, err
		}
		byLeaf[leaf] = values
		for _, v := range values {
			if v.Kind() == parquet.ByteArray || v.Kind() == parquet.FixedLenByteArray {
				size += len(v.ByteArray())
			}
		}
	}
	if err := w.unpacked.take(size); err != nil {
		return record{}, err
	}
	return record{w.names, w.values(byLeaf)}, nil
}

// values returns a copy of the values of a row.
func (p *parquetFile) values(byLeaf map[int][]parquet.Value) []any {
	out := make([]any, len(p.columns))
	for i, c := range p.columns {
		values, read := byLeaf[c.leaf]
		switch {
		case !read:
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

// A leafReader reads the values of a column, row by row.
type leafReader struct {
	pages  parquet.Pages
	page   parquet.Page        // nil before the first read
	values parquet.ValueReader // of the page
	done   []parquet.Page      // pages whose values were taken
	buffer [64]parquet.Value
	ahead  []parquet.Value // values read but not yet taken
	taken  []parquet.Value
}

var errFewRows = errors.New("the file holds fewer rows than it says")

// row returns the values of the next row, valid until the next call.
func (l *leafReader) row() ([]parquet.Value, error) {
	l.taken = l.taken[:0]
	for _, p := range l.done {
		parquet.Release(p)
	}
	l.done = l.done[:0]
	for {
		if len(l.ahead) == 0 {
			switch err := l.fill(); {
			case err == io.EOF && len(l.taken) > 0:
				return l.taken, nil
			case err == io.EOF:
				return nil, errFewRows
			case err != nil:
				return nil, err
			}
		}
		if len(l.taken) > 0 && l.ahead[0].RepetitionLevel() == 0 {
			return l.taken, nil
		}
		l.taken, l.ahead = append(l.taken, l.ahead[0]), l.ahead[1:]
	}
}

// fill reads values ahead.
func (l *leafReader) fill() error {
	for {
		if l.page == nil {
			page, err := l.pages.ReadPage()
			if err != nil {
				return err
			}
			l.page, l.values = page, page.Values()
		}
		n, err := l.values.ReadValues(l.buffer[:])
		if l.ahead = l.buffer[:n]; n > 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		l.leave()
	}
}

// leave releases a page.
func (l *leafReader) leave() {
	if l.page != nil {
		l.done, l.page = append(l.done, l.page), nil
	}
	l.ahead = nil
}

// seek moves to a row.
func (l *leafReader) seek(at int64) error {
	l.leave()
	return l.pages.SeekToRow(at)
}
