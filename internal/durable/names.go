package durable

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longestName is how many bytes the name of a file has at most on common systems.
const longestName = 255

// fitted is a name with something between its stem and its extension, of which the stem
// is cut where the whole would be too long.
func fitted(name, mark string) string {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	room := max(longestName-len(mark)-len(ext), 0)
	if len(stem) > room {
		for room > 0 && !utf8.RuneStart(stem[room]) {
			room--
		}
		stem = stem[:room]
	}
	return stem + mark + ext
}

// numbered is a path whose name has a number; the first has none.
func numbered(path string, n int) string {
	mark := ""
	if n > 1 {
		mark = fmt.Sprintf("-%d", n)
	}
	return filepath.Join(filepath.Dir(path), fitted(filepath.Base(path), mark))
}

// taken are the names that are given away in a folder. Those that differ in case or in
// their form in Unicode alone are one: some file systems do not tell them apart.
type taken map[string]bool

// next gives a name away, with a number if it is not the first.
func (t taken) next(name string) string {
	name = filepath.Base(name)
	for n := 1; ; n++ {
		unique := numbered(name, n)
		if key := cases.Fold().String(norm.NFC.String(unique)); !t[key] {
			t[key] = true
			return unique
		}
	}
}
