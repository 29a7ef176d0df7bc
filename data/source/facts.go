package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/licence"
)

// facts are what a row states about a work.
type facts struct {
	label, caption, group string
	part                  data.Split
	origin                data.Origin
}

// facts reads the facts of a row, given the resolved columns.
func (c Columns) facts(r record) (f facts, err error) {
	var part string
	for _, to := range []struct {
		column string
		value  *string
	}{
		{c.Label, &f.label}, {c.Caption, &f.caption}, {c.Group, &f.group}, {c.Licence, &f.origin.Licence}, {c.Creator, &f.origin.Creator},
		{c.Part, &part}, {column(r.names, usual.attribution, nil), &f.origin.Attribution},
	} {
		text, e := r.text(to.column)
		if e == nil && !utf8.ValidString(text) {
			e = fmt.Errorf("column %q: %w", to.column, errNotUTF8)
		}
		*to.value, err = cellValue(text), cmp.Or(err, e)
	}
	if strings.Contains(f.label, "\n") {
		err = cmp.Or(err, fmt.Errorf("column %q holds several lines, as of several classes; want one class", c.Label))
	}
	f.label, f.group = className(f.label), norm.NFC.String(f.group)
	f.origin.Licence, f.part = licence.Name(f.origin.Licence), partOfValue(part)
	return f, err
}

// missingValues are the words that programs write for a missing value.
var missingValues = []string{"nan", "null", "<na>", "#n/a"}

// cellValue is the trimmed value of a cell; empty if it stands for a missing value.
func cellValue(text string) string {
	if text = strings.TrimSpace(text); slices.Contains(missingValues, strings.ToLower(text)) {
		return ""
	}
	return text
}

// className is the name of a class, normalized to NFC.
func className(label string) string { return norm.NFC.String(label) }
