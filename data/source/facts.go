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

// facts are what a row says of a work.
type facts struct {
	label, caption, group string
	part                  data.Split
	origin                data.Origin
}

// facts reads what the row says, in the columns as they are called there.
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
		*to.value, err = told(text), cmp.Or(err, e)
	}
	if strings.Contains(f.label, "\n") {
		err = cmp.Or(err, fmt.Errorf("column %q holds several lines, as of several classes; want one class", c.Label))
	}
	f.label, f.group = className(f.label), norm.NFC.String(f.group)
	f.origin.Licence, f.part = licence.Name(f.origin.Licence), partTold(part)
	return f, err
}

// notTold are the words that programs write into a table where there is no value.
var notTold = []string{"nan", "null", "<na>", "#n/a"}

// told is what stands in a cell, without blanks around it; nothing if it says that
// there is nothing.
func told(text string) string {
	if text = strings.TrimSpace(text); slices.Contains(notTold, strings.ToLower(text)) {
		return ""
	}
	return text
}

// className is the name of a class in the one form that it has in Unicode's NFC.
func className(label string) string { return norm.NFC.String(label) }
