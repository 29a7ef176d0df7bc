package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/durable"
	"atelier/internal/fetch"
)

const (
	maxList     = 256 << 20 // bytes of the longest list that is read
	maxListHead = 1 << 20   // bytes of a list that are read to recognise it
	listForms   = "a file with an address a line, or a CSV or JSON lines with a column url"
)

// addressColumns are the usual names of a column of addresses.
var addressColumns = []string{"url", "address", "image_url", "link", "uri", "href"}

// Recognize accepts files whose first line is an address, and CSV and JSON lines with a column of
// addresses and no column of works.
func (s *URLs) Recognize(place string) data.Fit {
	if !isLocalFile(place) {
		return data.Unfit
	}
	f, err := durable.Open(place)
	if err != nil {
		return data.Unfit
	}
	defer f.Close()
	l, err := openText(place, f, maxListHead, nil)
	if err != nil {
		return data.Unfit
	}
	if start, _ := l.Peek(8); !isAddress(string(start)) && !leadsElsewhere(place, l) {
		return data.Unfit
	}
	s.Path = place
	return data.Certain
}

// leadsElsewhere reports whether a table has a column of addresses and none of works.
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

// list reads the unknown addresses of a part, and the rows without one.
func (s *URLs) list(ctx context.Context, split data.Split, known func(string) bool) (list []data.Item, bad []lost, err error) {
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	if s.Path == "" {
		return nil, nil, errors.New("path is not set; it names " + listForms)
	}
	f, err := durable.Open(s.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; path must name "+listForms, plainly(err))
	}
	defer f.Close()
	var all []data.Item
	at := map[string]int{} // place in the whole list of each address
	for it, err := range s.addresses(f) {
		if err == nil || isDrop(err) {
			err = cmp.Or(ctx.Err(), err)
		}
		i, again := at[it.Name]
		switch {
		case isDrop(err):
			bad = append(bad, lost{it.Name, it.Origin.Place, asDrop(err)})
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", s.Path, err)
		case !again:
			at[it.Name] = len(all)
			all = append(all, it)
		case it.Label != "" && it.Label != all[i].Label:
			all[i].Label = ""
			name := fmt.Sprintf("%s/again/%d", filepath.Base(s.Path), len(bad))
			bad = append(bad, lost{name, s.Path, data.Dropf("conflict", "%s comes again with another label, %s; none is taken", it.Name, it.Label)})
		}
	}
	for _, it := range all {
		if (partRule{false, s.TestShare}).of("", it.Group, it.Name) == split && !known(it.Name) {
			list = append(list, it)
		}
	}
	bad = slices.DeleteFunc(bad, func(l lost) bool { return split != data.Train || known(l.name) })
	return list, bad, nil
}

// addresses yields an Item with name and origin for each address of the file.
func (s *URLs) addresses(f io.Reader) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		var noted func(encoding string)
		if isCSV(s.Path) {
			noted = func(encoding string) { s.converted.note(encoding, s.Path) }
		}
		l, err := openText(s.Path, f, maxList, noted)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		if start, _ := l.Peek(8); isAddress(string(start)) || strings.HasPrefix(string(start), "#") {
			addressLines(l, yield)
		} else {
			s.addressTable(addressRows(s.Path, l), yield)
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
	return csvRows(l, file, "")
}

// addressTable yields the addresses of a table. A row without an address is dropped, but at least
// one row must have a column for it.
func (s *URLs) addressTable(rows iter.Seq2[row, error], yield func(data.Item, error) bool) {
	var names []string // columns of the row that lacks it
	found := false
	for row, err := range rows {
		it := data.Item{Name: fmt.Sprintf("%s/%d", filepath.Base(s.Path), row.at), Origin: data.Origin{Place: row.place(s.Path)}}
		if isDrop(err) {
			if !yield(it, err) {
				return
			}
			continue
		}
		at := column(row.names, addressColumns, nil)
		if found = found || at != ""; !found {
			names = row.names
		}
		if err == nil && at != "" {
			it, err = addressOf(it, row.record, at)
		} else if err == nil {
			err = data.Dropf("empty", "the row has no address")
		}
		if !yield(it, err) || err != nil && !isDrop(err) {
			return
		}
	}
	if !found && names != nil {
		yield(data.Item{}, fmt.Errorf("line 1: want %s; there are %s", listForms, strings.Join(names, ", ")))
	}
}

// addressOf makes the Item of the address in a column of a row.
func addressOf(it data.Item, r record, at string) (data.Item, error) {
	c, err := Columns{Text: "none", File: "none", Bytes: "none"}.in(r.names)
	if err != nil {
		return it, err
	}
	said, err := c.facts(r)
	address, e := r.text(at)
	switch address = strings.TrimSpace(address); {
	case err != nil || e != nil:
		return it, badRow(cmp.Or(err, e))
	case address == "":
		return it, data.Dropf("empty", "the row has no address")
	}
	it = addressed(address)
	it.Label, it.Caption, it.Group = said.label, said.caption, said.group
	said.origin.Place, it.Origin = it.Origin.Place, said.origin
	return it, nil
}
