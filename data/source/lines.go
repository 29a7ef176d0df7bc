package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"

	"atelier/data"
)

var errLongLine = errors.New("a line is too long")

// A lineReader reads a text line by line or row by row. No row may be longer than
// maxLine, and all together no longer than its limit.
type lineReader struct {
	*bufio.Reader
	from budget
}

// A budget is a reader that ends with an error when a row has used up what a row
// may have.
type budget struct {
	r          io.Reader
	row, total int64 // bytes left
}

var errLongTable = errors.New("is longer than what is read of a table")

func (b *budget) Read(p []byte) (int, error) {
	switch {
	case b.total <= 0:
		return 0, errLongTable
	case b.row <= 0:
		return 0, errLongLine
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.row, b.total)])
	b.row, b.total = b.row-int64(n), b.total-int64(n)
	return n, err
}

func newLineReader(r io.Reader, limit int64) *lineReader {
	l := &lineReader{from: budget{r: r, row: maxLine, total: limit}}
	l.Reader = bufio.NewReaderSize(&l.from, 64<<10)
	return l
}

// line returns the next line, [errLongLine] for one that is passed over, and
// [io.EOF] with or after the last.
func (l *lineReader) line() ([]byte, error) {
	l.from.row = maxLine
	line, err := l.ReadBytes('\n')
	if errors.Is(err, errLongLine) {
		return nil, l.skipLine(err)
	}
	if len(line) > maxLine {
		return nil, errLongLine // what was read ahead made it longer
	}
	return line, err
}

// skipLine passes over the rest of a line, and returns why.
func (l *lineReader) skipLine(why error) error {
	for {
		l.from.row = maxLine
		_, err := l.ReadSlice('\n')
		switch {
		case err == nil, err == io.EOF:
			return why
		case !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, errLongLine):
			return err
		}
	}
}

// delimiter is what stands between the fields of a line: what was asked for, a tab
// in .tsv, or else what the first line has most of.
func (l *lineReader) delimiter(name, asked string) rune {
	switch {
	case asked != "":
		return []rune(asked)[0]
	case hasExtension(name, ".tsv"):
		return '\t'
	}
	start, _ := l.Peek(16 << 10)
	first, _, _ := bytes.Cut(start, []byte("\n"))
	best := ','
	for _, d := range ";\t" {
		if bytes.Count(first, []byte(string(d))) > bytes.Count(first, []byte(string(best))) {
			best = d
		}
	}
	return best
}

// csvRows yields a row for each record after the header.
func csvRows(l *lineReader, delimiter rune) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		r := csv.NewReader(l.Reader)
		r.Comma = delimiter
		l.from.row = maxLine
		header, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(row{at: 1}, fmt.Errorf("the header cannot be read: %w", err))
			return
		}
		for {
			l.from.row = maxLine
			fields, err := r.Read()
			if err == io.EOF {
				return
			}
			at := row{record: csvRecord(header, fields)}
			at.at, err = csvError(r, len(header), fields, err)
			if !yield(at, err) {
				return
			}
		}
	}
}

// csvError returns the line that a record began on, and what is wrong with it.
func csvError(r *csv.Reader, columns int, fields []string, err error) (line int, _ error) {
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong) && wrong.Err == csv.ErrFieldCount:
		return wrong.StartLine, data.Dropf("bad line", "line %d has %d fields, and the header %d", wrong.StartLine, len(fields), columns)
	case errors.As(err, &wrong):
		return wrong.StartLine, data.Dropf("bad line", "line %d: %v", wrong.Line, wrong.Err)
	case errors.Is(err, errLongLine):
		return 0, fmt.Errorf("byte %d: a row that is longer than %d MiB, or whose quote is not closed", r.InputOffset(), maxLine>>20)
	case err != nil:
		return 0, fmt.Errorf("byte %d: cut short or damaged (%w)", r.InputOffset(), err)
	}
	line, _ = r.FieldPos(0)
	return line, nil
}

func csvRecord(header, fields []string) record {
	r := record{names: header, values: make([]any, len(fields))}
	for i, f := range fields {
		r.values[i] = f
	}
	return r
}
