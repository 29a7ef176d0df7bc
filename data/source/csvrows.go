package source

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"

	"atelier/data"
	"atelier/internal/badinput"
)

// maxRowLines is the largest number of lines of a CSV row with quoted line breaks.
const maxRowLines = 100_000

// A csvReader reads the rows of CSV (RFC 4180). After a malformed line it continues with the next.
type csvReader struct {
	lines     *lineReader
	delimiter string
	taken     int        // lines
	ahead     []textLine // lines read but not yet taken
}

// A textLine is a line of a text, or why it could not be read.
type textLine struct {
	text string
	err  error
}

// peek returns the line n ahead.
func (r *csvReader) peek(i int) textLine {
	for len(r.ahead) <= i {
		line, err := r.lines.line()
		if err == io.EOF && len(line) > 0 {
			err = nil
		}
		r.ahead = append(r.ahead, textLine{string(line), err})
	}
	return r.ahead[i]
}

// take consumes n lines.
func (r *csvReader) take(n int) { r.ahead, r.taken = r.ahead[n:], r.taken+n }

// csvRows yields a row for each record after the header. The delimiter is the requested one, or the
// one the file declares, or else the most frequent in the header.
func csvRows(l *lineReader, name, delimiter string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		r := &csvReader{lines: l}
		r.begin(name, delimiter)
		header, at, _, err := r.next()
		for isDrop(err) && asDrop(err).Reason == emptyRow { // spreadsheets may leave empty rows above the header
			header, at, _, err = r.next()
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			if isDrop(err) {
				err = badinput.Errorf("the header cannot be read: %s", asDrop(err).Detail)
			}
			yield(row{at: at}, err)
			return
		}
		for i, n := range header {
			header[i] = strings.TrimFunc(n, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
		}
		names := named(header)
		for {
			fields, at, lines, err := r.next()
			if err == io.EOF {
				return
			}
			if err == nil {
				fields, err = fitted(fields, header, at, lines)
			}
			if !yield(row{csvRecord(names, fields), at}, err) || err != nil && !isDrop(err) {
				return
			}
		}
	}
}

// begin checks the first line for a declaration of the delimiter, as spreadsheets write it.
func (r *csvReader) begin(name, asked string) {
	for r.peek(0).err == nil && strings.TrimSpace(r.peek(0).text) == "" {
		r.take(1)
	}
	first := strings.TrimRight(r.peek(0).text, "\r\n")
	said := strings.TrimSuffix(strings.TrimPrefix(first, `"`), `"`)
	if len(said) >= len("sep=") && strings.EqualFold(said[:len("sep=")], "sep=") && len([]rune(said)) == len("sep=")+1 {
		r.take(1)
		r.delimiter = said[len("sep="):]
	}
	switch {
	case asked != "":
		r.delimiter = asked
	case r.delimiter == "" && hasExtension(name, ".tsv"):
		r.delimiter = "\t"
	case r.delimiter == "":
		r.delimiter = mostFrequent(r.peek(0).text)
	}
}

// mostFrequent is the delimiter that occurs most often in a line outside of quotes.
func mostFrequent(line string) string {
	count := map[rune]int{}
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			count[c]++
		}
	}
	best := ','
	for _, d := range ";\t|" {
		if count[d] > count[best] {
			best = d
		}
	}
	return string(best)
}

// emptyRow is the reason for dropping a row without values.
const emptyRow = "empty row"

// next returns the fields of the next record that is not blank, its first line and its number of
// lines. A malformed line is a [*data.Drop] and takes no other line with it: after a quote that is
// never closed, reading continues with the next line.
func (r *csvReader) next() (fields []string, at, lines int, err error) {
	for r.peek(0).err == nil && strings.TrimSpace(r.peek(0).text) == "" {
		r.take(1)
	}
	first := r.peek(0)
	at = r.taken + 1
	switch {
	case first.err == nil && strings.Trim(first.text, " \t\r\n"+r.delimiter) == "":
		r.take(1)
		return nil, at, 1, data.Dropf(emptyRow, "line %d has no values, only delimiters", at)
	case errors.Is(first.err, errLongLine):
		r.take(1)
		return nil, at, 1, longLine(at)
	case first.err != nil && first.err != io.EOF:
		return nil, at, 1, fmt.Errorf("line %d: %w", at, damaged(first.err))
	case first.err != nil:
		return nil, at, 0, first.err
	}
	lines = 1
	fields, err = splitFields(first.text, r.delimiter)
	if err == errOpenQuote {
		if fields, lines = r.closeQuote(first.text); fields != nil {
			err = nil
		}
	}
	r.take(lines)
	if err != nil {
		err = data.Dropf("bad line", "line %d: %v", at, err)
	}
	return fields, at, lines, err
}

// closeQuote returns the fields of the record whose first line leaves a quote open, and its number
// of lines: nil and 1 if the quote is never closed properly. Only a line with an odd number of
// quotes can close it.
func (r *csvReader) closeQuote(first string) (fields []string, lines int) {
	size := len(first)
	for i := 1; i < maxRowLines; i++ {
		next := r.peek(i)
		if size += len(next.text); next.err != nil || size > maxLine {
			break
		}
		if strings.Count(next.text, `"`)%2 == 0 {
			continue
		}
		var whole strings.Builder
		for _, l := range r.ahead[:i+1] {
			whole.WriteString(l.text)
		}
		if fields, err := splitFields(whole.String(), r.delimiter); err == nil {
			return fields, i + 1
		}
		break
	}
	return nil, 1
}

var (
	errOpenQuote = errors.New("a quote is opened that is not closed as it should be")
	errBareQuote = errors.New(`a quote stands within a field; put the field in quotes, and write "" for the quote`)
)

// splitFields splits a record. Blanks around a quoted field are ignored.
func splitFields(record, delimiter string) (fields []string, err error) {
	record = strings.TrimSuffix(strings.TrimSuffix(record, "\n"), "\r")
	blank := strings.ReplaceAll(" \t", delimiter, "")
	for {
		inner, quoted := strings.CutPrefix(strings.TrimLeft(record, blank), `"`)
		if !quoted {
			field, rest, more := strings.Cut(record, delimiter)
			if strings.Contains(field, `"`) {
				return nil, errBareQuote
			}
			if fields = append(fields, field); !more {
				return fields, nil
			}
			record = rest
			continue
		}
		end := 0
		for {
			i := strings.IndexByte(inner[end:], '"')
			if i < 0 {
				return nil, errOpenQuote
			}
			if end += i; !strings.HasPrefix(inner[end:], `""`) {
				break
			}
			end += 2
		}
		fields = append(fields, strings.ReplaceAll(strings.ReplaceAll(inner[:end], `""`, `"`), "\r\n", "\n"))
		rest := strings.TrimLeft(inner[end+1:], blank)
		if rest == "" {
			return fields, nil
		}
		var more bool
		if record, more = strings.CutPrefix(rest, delimiter); !more {
			return nil, errBareQuote
		}
	}
}

// fitted adjusts the fields of a record to the width of the header: trailing empty fields are
// dropped.
func fitted(fields, header []string, at, lines int) ([]string, error) {
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	n := len(header)
	switch {
	case len(fields) > n && !slices.ContainsFunc(fields[n:], func(s string) bool { return !blank(s) }):
		return fields[:n], nil
	case len(fields) < n && !slices.ContainsFunc(header[len(fields):], func(s string) bool { return !blank(s) }):
		return append(fields, make([]string, n-len(fields))...), nil
	case len(fields) == n:
		return fields, nil
	case lines > 1:
		return fields, data.Dropf("bad line", "lines %d to %d are one row, as their quotes have it: it has %d fields, and the header %d; is a quote not closed?", at, at+lines-1, len(fields), n)
	}
	return fields, data.Dropf("bad line", "line %d has %d fields, and the header %d", at, len(fields), n)
}

func csvRecord(header, fields []string) record {
	r := record{names: header, values: make([]any, len(fields))}
	for i, f := range fields {
		r.values[i] = f
	}
	return r
}
