package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/data"
)

// maxLine is the length of the longest line of a table that is read, in bytes.
const maxLine = 16 << 20

// A row is a record and where it stands.
type row struct {
	record
	at int // the line that it begins on, from 1
}

// place names the row within a file.
func (r row) place(file string) string { return fmt.Sprintf("%s:%d", file, r.at) }

func isCSV(file string) bool   { return hasExtension(file, ".csv", ".tsv") }
func isJSONL(file string) bool { return hasExtension(file, ".jsonl", ".ndjson") }

// hasExtension says whether a file has one of the extensions, zipped or not.
func hasExtension(file string, extensions ...string) bool {
	return slices.Contains(extensions, path.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz")))
}

// tableRows yields the rows of a table beside works, of the kind that its name tells.
func tableRows(ctx context.Context, name string, r io.Reader) iter.Seq2[row, error] {
	if isCSV(name) {
		return csvTable(ctx, name, r, maxTable, "")
	}
	return jsonTable(ctx, name, r, maxTable)
}

// csvTable yields the rows of a CSV file of at most limit bytes, zipped if its name
// says so. A row that is none comes with a [*data.Drop].
func csvTable(ctx context.Context, name string, r io.Reader, limit int64, delimiter string) iter.Seq2[row, error] {
	return tableOf(ctx, name, r, limit, func(l *lineReader) iter.Seq2[row, error] { return csvRows(l, l.delimiter(name, delimiter)) })
}

// jsonTable does the same with a file of JSON lines.
func jsonTable(ctx context.Context, name string, r io.Reader, limit int64) iter.Seq2[row, error] {
	return tableOf(ctx, name, r, limit, jsonRows)
}

func tableOf(ctx context.Context, name string, r io.Reader, limit int64, rows func(*lineReader) iter.Seq2[row, error]) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		lines, err := openText(name, r, limit)
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

// openText unpacks a table and passes over its byte order mark.
func openText(name string, r io.Reader, limit int64) (*lineReader, error) {
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		unzip, err := gzip.NewReader(bufio.NewReader(r))
		if err != nil {
			return nil, fmt.Errorf("not a gzip file (%w)", err)
		}
		r = unzip
	}
	l := newLineReader(r, limit)
	switch start, _ := l.Peek(3); {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, errors.New("is in UTF-16; save it as UTF-8")
	case bytes.Equal(start, []byte("\ufeff")):
		_, _ = l.Discard(3)
	}
	return l, nil
}

// jsonRows yields a row for each line with a JSON object.
func jsonRows(l *lineReader) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for at := 1; ; at++ {
			line, err := l.line()
			if err == io.EOF && len(line) == 0 {
				return
			}
			r := row{at: at}
			switch {
			case errors.Is(err, errLongLine):
				err = data.Dropf("bad line", "line %d is longer than %d MiB, the most that is read", at, maxLine>>20)
			case err != nil && err != io.EOF:
				yield(r, fmt.Errorf("line %d: cut short or damaged (%w)", at, err))
				return
			case len(bytes.TrimSpace(line)) == 0:
				continue
			default:
				r.record, err = jsonRecord(line)
				if err != nil {
					err = data.Dropf("bad line", "line %d is no JSON object (%v)", at, err)
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// jsonRecord reads the keys of an object and leaves the values for later.
func jsonRecord(line []byte) (record, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		return record{}, err
	}
	if object == nil {
		return record{}, errors.New("it is null")
	}
	r := record{names: slices.Sorted(maps.Keys(object))}
	for _, n := range r.names {
		r.values = append(r.values, object[n])
	}
	return r, nil
}
