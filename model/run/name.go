package run

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// The limits of names.
const (
	mostName       = 255 // bytes of a run's name, as of a file's
	mostTitle      = 50  // characters of its folder's name, without the number
	mostTitleBytes = 150 // which leaves room for the names of files that begin with it
)

// untitled is the title of a run whose name has no character that a folder name may have.
const untitled = "run"

// checkName refuses a name that cannot be read on one line.
func checkName(name string) error {
	fits := func(r rune) bool { return unicode.IsGraphic(r) || r == '\u200c' || r == '\u200d' } // joiners are part of words and emoji
	if name == "" || len(name) <= mostName && portable(name) != "" && utf8.ValidString(name) && strings.IndexFunc(name, func(r rune) bool { return !fits(r) }) < 0 {
		return nil
	}
	return registry.Unfit("name", fmt.Sprintf("want up to %d bytes of letters, digits, signs and spaces, not of signs alone, got %.300q", mostName, name))
}

// title is the name of a run's folder without the number.
func title(name string) string { return cmp.Or(portable(name), untitled) }

// portable turns a name into a folder name valid on every system, after a number: letters
// with their marks, digits, dashes, underscores and dots. It is empty if the name has none
// of these.
func portable(name string) string {
	var b strings.Builder
	dash := false // whether what came last was replaced
	n := 0
	for _, r := range norm.NFC.String(name) {
		fits := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_.", r)
		start := b.Len() == 0 && (unicode.IsMark(r) || strings.ContainsRune("-.", r))
		if start || !fits && (dash || b.Len() == 0) {
			continue
		}
		if dash = !fits; dash {
			r = '-'
		}
		if n++; n > mostTitle || b.Len()+utf8.RuneLen(r) > mostTitleBytes {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), "-.")
}

// same compares folder names: some systems return accents decomposed.
func same(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// OpenKept is [OpenDir] for a run that is kept in root itself: no path leads elsewhere.
func OpenKept(root, which string) (*Dir, error) {
	missing := badinput.Errorf("%w %q", ErrNoRun, which)
	if !filepath.IsLocal(which) || filepath.Base(which) != which {
		return nil, missing
	}
	d, err := OpenDir(root, which)
	if err == nil && d.path != filepath.Join(root, d.Name()) {
		return nil, missing
	}
	return d, err
}

// IsFolder reports whether a name is one of folders of runs, such as 0001-fashion.
func IsFolder(name string) bool {
	return folderName().MatchString(name) && filepath.Base(name) == name
}
