package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"atelier/data"
	"atelier/internal/fetch"
)

const (
	maxList     = 256 << 20 // bytes of the longest list that is read
	maxListHead = 1 << 20   // bytes of a list that are read to recognise it
	listForms   = "a file with an address a line, or a CSV or JSON lines with a column url"
)

// addressColumns are the names by which the column with the addresses is found.
var addressColumns = []string{"url", "address", "image_url", "link", "uri", "href"}

// Recognize takes files whose first line is an address, and CSV and JSON lines whose
// first address stands in a column of its own where no other column holds the work.
func (s *URLs) Recognize(place string) data.Fit {
	if !isLocalFile(place) {
		return data.Unfit
	}
	f, err := os.Open(place)
	if err != nil {
		return data.Unfit
	}
	defer f.Close()
	l, err := openText(place, f, maxListHead)
	if err != nil {
		return data.Unfit
	}
	if start, _ := l.Peek(8); !isAddress(string(start)) && !leadsElsewhere(place, l) {
		return data.Unfit
	}
	s.Path = place
	return data.Certain
}

// leadsElsewhere reports whether a table has addresses and no works.
func leadsElsewhere(file string, l *lineReader) bool {
	if !isCSV(file) && !isJSONL(file) {
		return false
	}
	for row, err := range addressRows(file, l) {
		if isDrop(err) {
			continue
		}
		if err != nil {
			return false
		}
		if _, err := (Columns{}).readable(row.names); err == nil {
			return false
		}
		if address, err := row.text(column(row.names, addressColumns, nil)); err != nil || strings.TrimSpace(address) != "" {
			return isAddress(address)
		}
	}
	return false
}

func isAddress(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// list reads the addresses of a part that are not known.
func (s *URLs) list(ctx context.Context, split data.Split, known func(string) bool) ([]data.Item, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Path == "" {
		return nil, errors.New("path is not set; it names " + listForms)
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, fmt.Errorf("%w; path must name "+listForms, err)
	}
	defer f.Close()
	var list []data.Item
	seen := map[string]bool{}
	for it, err := range s.addresses(f) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		if !seen[it.Name] && (parting{false, s.TestShare}).of("", it.Group, it.Name) == split && !known(it.Name) {
			list = append(list, it)
		}
		seen[it.Name] = true
	}
	return list, nil
}

// addresses yields an Item with name and origin for each address of the file.
func (s *URLs) addresses(f io.Reader) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		l, err := openText(s.Path, f, maxList)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		if start, _ := l.Peek(8); isAddress(string(start)) || strings.HasPrefix(string(start), "#") {
			addressLines(l, yield)
		} else {
			addressTable(addressRows(s.Path, l), yield)
		}
	}
}

// addressLines yields the addresses of a list of lines.
func addressLines(l *lineReader, yield func(data.Item, error) bool) {
	for {
		line, err := l.line()
		if err != nil && err != io.EOF {
			yield(data.Item{}, err)
			return
		}
		if text := strings.TrimSpace(string(line)); text != "" && text[0] != '#' && !yield(addressed(text), nil) || err == io.EOF {
			return
		}
	}
}

// addressed is the Item of an address.
func addressed(address string) data.Item {
	it := data.Item{Name: address, Origin: data.Origin{Place: address}}
	if u, err := fetch.Parse(address); err == nil {
		it.Name, it.Origin.Place = u.String(), u.String()
	}
	return it
}

// addressRows yields the rows of a table: of JSON lines if it begins with an object,
// else of a CSV.
func addressRows(file string, l *lineReader) iter.Seq2[row, error] {
	if start, _ := l.Peek(1); string(start) == "{" {
		return jsonRows(l)
	}
	return csvRows(l, l.delimiter(file, ""))
}

// addressTable yields the addresses of a table. Rows without one are passed over, but
// one row must have a column for it.
func addressTable(rows iter.Seq2[row, error], yield func(data.Item, error) bool) {
	var names []string // of a row without the column
	found := false
	for row, err := range rows {
		if isDrop(err) {
			continue
		}
		var it data.Item
		at := column(row.names, addressColumns, nil)
		if found = found || at != ""; !found {
			names = row.names
		}
		if err == nil {
			it, err = addressOf(row.record, at)
		}
		if (err != nil || it.Name != "") && !yield(it, err) || err != nil {
			return
		}
	}
	if !found && names != nil {
		yield(data.Item{}, fmt.Errorf("line 1: want %s; there are %s", listForms, strings.Join(names, ", ")))
	}
}

// addressOf is the Item of a row with its address in a column, without a name if
// there is none.
func addressOf(r record, at string) (data.Item, error) {
	c, err := Columns{Text: "none", Path: "none", Bytes: "none"}.in(r.names)
	told, e := c.facts(r)
	if err := cmp.Or(err, e); err != nil {
		return data.Item{}, err
	}
	address, err := r.text(at)
	if address = strings.TrimSpace(address); err != nil || address == "" {
		return data.Item{}, nil
	}
	it := addressed(address)
	it.Label, it.Caption, it.Group = told.label, told.caption, told.group
	told.origin.Place, it.Origin = it.Origin.Place, told.origin
	return it, nil
}
