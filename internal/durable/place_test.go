package durable

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

// put writes a text to a path that a person named.
func put(t *testing.T, g *Guard, path, text string) (written string, err error) {
	t.Helper()
	p, err := g.File(context.Background(), path)
	if err != nil {
		if !errors.Is(err, badinput.Err) {
			t.Errorf("%v is not a user error", err)
		}
		return "", err
	}
	return p.WriteFile([]byte(text))
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, want %q: %v", path, got, want, err)
	}
}

func TestPlaceKeepsFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if _, err := put(t, &Guard{}, path, "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{Ask: "--force"}, path, "two"); err == nil || !strings.Contains(err.Error(), "replace it with --force") {
		t.Errorf("replaced: %v", err)
	}
	holds(t, path, "one")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{Force: true}, path, "two"); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "two")
	if info, err := os.Stat(path); err != nil || info.Mode() != before.Mode() {
		t.Errorf("mode %v, was %v: %v", info.Mode(), before.Mode(), err)
	}
	only(t, dir, "a")
}

// A file that comes to be while the work goes on is kept, and so is the work.
func TestPlaceThatIsTakenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	for _, force := range []bool{false, true} {
		os.Remove(path)
		p, err := (&Guard{Force: force}).File(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("theirs"), 0o666); err != nil {
			t.Fatal(err)
		}
		written, err := p.WriteFile([]byte("ours"))
		if err != nil || written == path {
			t.Errorf("wrote %s: %v", written, err)
		}
		holds(t, path, "theirs")
		holds(t, written, "ours")
	}
	only(t, dir, "a-2.png a-3.png a.png")
}

func TestPlaceKeepsInputs(t *testing.T) {
	dir := t.TempDir()
	photo, hard, album := filepath.Join(dir, "photo"), filepath.Join(dir, "hard"), filepath.Join(dir, "album")
	inside := filepath.Join(album, "deep", "b")
	for _, err := range []error{os.WriteFile(photo, []byte("photo"), 0o666), os.Link(photo, hard), os.MkdirAll(filepath.Dir(inside), 0o777), os.WriteFile(inside, []byte("photo"), 0o666)} {
		if err != nil {
			t.Skip(err)
		}
	}
	paths := []string{photo, hard, filepath.Join(album, "..", "photo"), inside}
	for name, target := range map[string]string{"soft": "photo", "softer": "soft", "deepest": inside} {
		if os.Symlink(target, filepath.Join(dir, name)) == nil {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	for _, path := range paths {
		if _, err := put(t, &Guard{Force: true, Inputs: []string{"", "missing", hard, album}}, path, "x"); err == nil || !strings.Contains(err.Error(), "is an input") {
			t.Errorf("%s: %v", path, err)
		}
		holds(t, path, "photo")
	}
	other := filepath.Join(dir, "other") // equal, and another file
	if err := os.WriteFile(other, []byte("photo"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{Force: true, Inputs: []string{photo, album}}, other, "x"); err != nil {
		t.Error(err)
	}
}

func TestPlaceOfLongNames(t *testing.T) {
	for _, name := range []string{strings.Repeat("a", longestName), strings.Repeat("ü", 125) + ".txt", strings.Repeat("a", longestName+1)} {
		dir := t.TempDir()
		_, err := put(t, &Guard{}, filepath.Join(dir, name), "x")
		if long := len(name) > longestName; long != (err != nil) {
			t.Errorf("a name of %d bytes: %v", len(name), err)
		} else if !long {
			only(t, dir, name)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f, err := (&Guard{}).Folder(dir + string(filepath.Separator))
	if err != nil {
		t.Fatal(err)
	}
	if exists(dir) {
		t.Error("the folder is there before its files")
	}
	names := []string{"a.png", "A.png", "\u00fc.png", "u\u0308.png", "../a.png"}
	if err := f.Expect(names); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := f.WriteFile(name, []byte(name)); err != nil {
			t.Error(err)
		}
	}
	only(t, dir, "A-2.png a-3.png a.png u\u0308-2.png \u00fc.png")
	for _, force := range []bool{false, true} {
		f, err := (&Guard{Force: force}).Folder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Expect([]string{"new.png", "a.png"}); (err == nil) != force {
			t.Errorf("force %v: %v", force, err)
		}
		written, err := f.WriteFile("a.png", []byte("again")) // whatever was expected
		if err != nil || (filepath.Base(written) == "a.png") != force {
			t.Errorf("force %v: wrote %s, %v", force, written, err)
		}
	}
	if _, err := (&Guard{}).Folder(filepath.Join(dir, "a.png")); !errors.Is(err, badinput.Err) {
		t.Errorf("a file as a folder: %v", err)
	}
	if _, err := (&Guard{}).Folder(filepath.Join(dir, "a.png", "b")); !errors.Is(err, badinput.Err) {
		t.Errorf("a folder in a file: %v", err)
	}
	f, err = (&Guard{}).Folder(filepath.Join(dir, "missing", "b"))
	if err != nil || !isMissing(filepath.Join(dir, "missing")) {
		t.Fatalf("a folder in none: %v", err)
	}
	if _, err := f.WriteFile("a.png", nil); err != nil || isMissing(filepath.Join(dir, "missing", "b", "a.png")) {
		t.Errorf("a file in a folder in none: %v", err)
	}
}

// Names that are given away are unique on every file system, not too long, and text if
// they were.
func TestNamesAreUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := taken{}
		seen := map[string]bool{}
		for range 5 {
			name := rapid.SampledFrom([]string{"a", "A", "ü", "long"}).Draw(t, "name")
			if name == "long" {
				name = strings.Repeat("ü", rapid.IntRange(100, 140).Draw(t, "length"))
			}
			got := all.next(name + ".png")
			if key := strings.ToLower(got); seen[key] || len(got) > longestName || strings.ToValidUTF8(got, "?") != got || filepath.Ext(got) != ".png" {
				t.Fatalf("%q after %v", got, seen)
			}
			seen[strings.ToLower(got)] = true
		}
	})
}

func TestFree(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, want := range []string{"a.txt", "a-2.txt", "a-3.txt"} {
		p, err := (&Guard{}).Free("a.txt")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.WriteFile(nil); got != want || err != nil {
			t.Errorf("wrote %s, want %s: %v", got, want, err)
		}
	}
}

// A folder that is new or empty is filled as a whole, and stays what it is.
func TestFillDir(t *testing.T) {
	dir := t.TempDir()
	empty, link, long := filepath.Join(dir, "empty"), filepath.Join(dir, "link"), filepath.Join(dir, strings.Repeat("x", longestName))
	if err := os.Mkdir(empty, 0o750); err != nil {
		t.Fatal(err)
	}
	was, err := os.Stat(empty)
	if err != nil {
		t.Fatal(err)
	}
	path := empty
	if os.Symlink("empty", link) == nil {
		path = link
	}
	broken := errors.New("broken")
	for _, to := range []string{path, long} {
		err := FillDir(to, func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "a"), nil, 0o666), broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
		if err := FillDir(to, inFolder(map[string]string{"a": "one", "b": "two"})); err != nil {
			t.Fatal(err)
		}
		only(t, to, "a b")
		holds(t, filepath.Join(to, "b"), "two")
	}
	if is, err := os.Stat(empty); err != nil || !os.SameFile(is, was) || is.Mode() != was.Mode() {
		t.Errorf("another folder took its place: %v", err)
	}
	if info, err := os.Lstat(link); path == link && (err != nil || info.Mode().Type() != os.ModeSymlink) {
		t.Errorf("the link was removed: %v", err)
	}
}
