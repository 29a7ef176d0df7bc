package jobs

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// Limits of names.
const (
	longestName = 255  // bytes
	longestPath = 1024 // bytes
	deepestPath = 32   // folders
)

// reserved are names that Windows has for devices, without extensions.
var reserved = "|con|prn|aux|nul|com0|com1|com2|com3|com4|com5|com6|com7|com8|com9|lpt0|lpt1|lpt2|lpt3|lpt4|lpt5|lpt6|lpt7|lpt8|lpt9|conin$|conout$|"

// unportable are characters that names of files have on some systems only.
const unportable = `:*?"<>|`

// CheckName refuses the name of a file that is none, or not the same, on every system: an empty
// one, one with a separator or a control character, a hidden one, or a device.
func CheckName(name string) error {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch {
	case name == "":
		return badinput.Errorf("a file needs a name")
	case len(name) > longestName:
		return badinput.Errorf("the name %.40q... has %d bytes; want at most %d", name, len(name), longestName)
	case !utf8.ValidString(name):
		return badinput.Errorf("the name %q is not UTF-8", name)
	case strings.ContainsAny(name, `/\`+unportable) || strings.ContainsFunc(name, unicode.IsControl):
		return badinput.Errorf("the name %q has a character that files cannot have on every system", name)
	case name[0] == '.':
		return badinput.Errorf("the name %q begins with a dot; want a visible file", name)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return badinput.Errorf("the name %q ends with a dot or a space, which Windows drops", name)
	case strings.Contains(reserved, "|"+strings.TrimRight(stem, " ")+"|"):
		return badinput.Errorf("the name %q is that of a device on Windows", name)
	}
	return nil
}

// portable is the name of an output that an app gave, perhaps after a run whose folder has another
// name on this system than others allow.
func portable(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(unportable, r) {
			return '-'
		}
		return r
	}, name)
}

// CheckPath refuses a relative path, with slashes, whose names [CheckName] refuses or that is too
// long.
func CheckPath(path string) error {
	parts := strings.Split(path, "/")
	switch {
	case len(path) > longestPath:
		return badinput.Errorf("the path %.40q... has %d bytes; want at most %d", path, len(path), longestPath)
	case len(parts) > deepestPath:
		return badinput.Errorf("the path %.40q... is %d folders deep; want at most %d", path, len(parts), deepestPath)
	}
	for _, part := range parts {
		if err := CheckName(part); err != nil {
			return err
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(path)) {
		return badinput.Errorf("the path %q leads elsewhere", path)
	}
	return nil
}
