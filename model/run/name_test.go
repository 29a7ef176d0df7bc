package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// Whatever a run is called, it is refused before it begins, or its folder has a name
// for every system, and it is found by its name and opened.
func TestNamesAreRefusedOrFound(t *testing.T) {
	root := t.TempDir()
	runes := rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("aZ09 .-_/\\()[]{}*?:\"'#%&$~,;=\x00\x1b\n\u0301\u00e9\u200d\u202e模한हि😀"), unicode.Mn))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(runes, -1, 120, 260).Draw(t, "name")
		c, err := Parse("tiny.toml", []byte(tiny))
		if err != nil {
			t.Fatal(err)
		}
		c.Name = name
		text, err := c.reopens()
		if err != nil {
			if !strings.Contains(err.Error(), "name: want up to 255 bytes of letters") {
				t.Fatal(err)
			}
			return
		}
		folder, err := os.MkdirTemp(root, "runs")
		if err != nil {
			t.Fatal(err)
		}
		d, err := CreateDir(folder, name, empty)
		if err != nil {
			t.Fatal(err)
		}
		checkTitle(t, d.Title())
		if err := os.WriteFile(d.Path(configFile), text, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := d.writeFacts(Facts{Format: 1}); err != nil {
			t.Fatal(err)
		}
		for _, which := range []string{name, d.Title(), d.Name(), "1", d.Path(), norm.NFD.String(d.Name()), norm.NFD.String(name)} {
			found, err := OpenDir(folder, which)
			if err != nil && which == "" {
				continue // a run without a name of its own
			}
			if err != nil || found.Name() != d.Name() {
				t.Fatalf("%q: %v", which, err)
			}
			if c, _, err := found.config(); err != nil || c.Name != name {
				t.Fatalf("%q: %v", which, err)
			}
		}
	})
}

// checkTitle checks what holds of the names of folders on every system.
func checkTitle(t *rapid.T, title string) {
	t.Helper()
	wrong := strings.IndexFunc(title, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("-_.", r)
	})
	switch first, _ := utf8.DecodeRuneInString(title); {
	case title == "", wrong >= 0, !norm.NFC.IsNormalString(title), len(title) > 150, utf8.RuneCountInString(title) > 50:
		t.Fatalf("title %q", title)
	case strings.HasSuffix(title, "."), strings.HasSuffix(title, "-"), strings.ContainsRune("-.", first), unicode.IsMark(first):
		t.Fatalf("title %q", title)
	}
}

func TestTitles(t *testing.T) {
	for name, want := range map[string]string{
		"fashion": "fashion", "my rings (1)": "my-rings-1", "模型": "模型", "e\u0301te\u0301": "\u00e9t\u00e9", "हिन्दी": "हिन्दी",
		"a -- b": "a----b", "...": "run", "": "run", "-x-": "x", "\u0301a": "a", "COM1.txt ": "COM1.txt",
		strings.Repeat("a", 49) + "..b":  strings.Repeat("a", 49),
		strings.Repeat("a", 70):          strings.Repeat("a", 50),
		strings.Repeat("\U00020000", 50): strings.Repeat("\U00020000", 37),
	} {
		if got := title(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// What a name could mean is looked for in a certain order, so that a run that is called
// like the number or the folder of another does not hide it.
func TestOpenDirPrefers(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"rings", "1", "0001-rings", "2024", "my rings", "my-rings"} {
		if _, err := CreateDir(root, name, empty); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("my rings", 0o777); err != nil { // which is no run
		t.Fatal(err)
	}
	for which, want := range map[string]string{
		"0001-rings": "0001-rings", "1": "0001-rings", "0003-0001-rings": "0003-0001-rings", "2024": "0004-2024",
		"my rings": "0005-my-rings", "my-rings": "0006-my-rings", "rings": "0001-rings", filepath.Join(root, "0002-1"): "0002-1",
	} {
		if d, err := OpenDir(root, which); err != nil || d.Name() != want {
			t.Errorf("%q: %v, error %v, want %s", which, d, err, want)
		}
	}
	for _, nobodys := range []string{"my_rings?", "my\nrings", "my\"rings"} {
		if d, err := OpenDir(root, nobodys); err == nil {
			t.Errorf("%q is found as %s", nobodys, d.Name())
		}
	}
}

// A damaged run folder is reported, however it is named.
func TestDamagedRunsAreTold(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"empty", "cut", "gone", "pipe"} {
		d, err := CreateDir(root, name, empty)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.Path(configFile), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := map[string]func(string) error{
			"empty": func(file string) error { return os.Truncate(file, 0) }, "cut": func(file string) error { return os.Truncate(file, 9) },
			"gone": os.Remove, "pipe": func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o777)) },
		}[name](d.Path(dirFile)); err != nil {
			t.Fatal(err)
		}
	}
	all, damaged, err := Survey(root)
	if len(all) != 0 || len(damaged) != 4 || err != nil {
		t.Error(all, damaged, err)
	}
	for _, which := range []string{"empty", "1", "2", "cut", "0003-gone", "gone", "pipe"} {
		if _, err := OpenDir(root, which); err == nil || !strings.Contains(err.Error(), dirFile) {
			t.Errorf("%s: %v", which, err)
		}
	}
}
