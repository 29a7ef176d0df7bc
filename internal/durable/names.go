package durable

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longestName is the length limit of a file name on common systems, in bytes.
const longestName = 255

// fitted inserts something between the stem and the extension of a name, shortening the stem if the
// result would be too long.
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

// numbered adds a number to a path; the first has none.
func numbered(path string, n int) string {
	mark := ""
	if n > 1 {
		mark = fmt.Sprintf("-%d", n)
	}
	return filepath.Join(filepath.Dir(path), fitted(filepath.Base(path), mark))
}

// taken are the names used in a folder. Names that differ only in case or Unicode normalization
// count as one: some file systems do not distinguish them.
type taken map[string]bool

// next reserves a name, with a number if it was used before.
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
