package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"atelier/data"
)

// A row is a record and its position.
type row struct {
	record
	at int // its first line, from 1
}

// place describes the position of the row within a file.
func (r row) place(file string) string { return fmt.Sprintf("%s:%d", file, r.at) }

func isCSV(file string) bool   { return hasExtension(file, ".csv", ".tsv") }
func isJSONL(file string) bool { return hasExtension(file, ".jsonl", ".ndjson") }

// hasExtension reports whether a file has one of the extensions, optionally followed by .gz.
func hasExtension(file string, extensions ...string) bool {
	return slices.Contains(extensions, path.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz")))
}

// tableRows yields the rows of a table beside works, of the kind that its name tells. An encoding
// other than UTF-8 is recorded.
func tableRows(ctx context.Context, name string, r io.Reader, noted func(encoding string)) iter.Seq2[row, error] {
	if isCSV(name) {
		return csvTable(ctx, name, r, maxTable, "", noted)
	}
	return jsonTable(ctx, name, r, maxTable)
}

// csvTable yields the rows of a CSV file of at most limit bytes, gzipped if its name says so. A
// malformed row comes with a [*data.Drop].
func csvTable(ctx context.Context, name string, r io.Reader, limit int64, delimiter string, noted func(encoding string)) iter.Seq2[row, error] {
	return tableOf(ctx, name, r, limit, noted, func(l *lineReader) iter.Seq2[row, error] { return csvRows(l, name, delimiter) })
}

// jsonTable does the same for a file of JSON lines.
func jsonTable(ctx context.Context, name string, r io.Reader, limit int64) iter.Seq2[row, error] {
	return tableOf(ctx, name, r, limit, nil, jsonRows)
}

func tableOf(ctx context.Context, name string, r io.Reader, limit int64, noted func(encoding string), rows func(*lineReader) iter.Seq2[row, error]) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		lines, err := openText(name, r, limit, noted)
		if err != nil {
			yield(row{}, err)
			return
		}
		for r, err := range rows(lines) {
			if e := ctx.Err(); e != nil {
				err = e
			}
			if !yield(r, err) || err != nil && !isDrop(err) {
				return
			}
		}
	}
}

// without leaves out the rows to be skipped.
func without(rows iter.Seq2[row, error], skip func(at int) bool) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for r, err := range rows {
			if (err == nil || isDrop(err)) && skip(r.at) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func isDrop(err error) bool {
	var d *data.Drop
	return errors.As(err, &d)
}
