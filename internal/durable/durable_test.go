package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, text := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("read %q, want %q", got, text)
		}
	}
	only(t, filepath.Dir(path), "a")
}

func TestWriteDir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	hashes := map[string]bool{}
	for _, text := range []string{"one", "two", "one"} {
		if err := WriteDir(path, files(map[string]string{"a": text, "b": "same"})); err != nil {
			t.Fatal(err)
		}
		hash, err := Verify(path)
		if err != nil {
			t.Fatal(err)
		}
		hashes[hash] = true
		if got, _ := os.ReadFile(filepath.Join(path, "a")); string(got) != text {
			t.Errorf("read %q, want %q", got, text)
		}
	}
	if len(hashes) != 2 {
		t.Errorf("%d hashes of 2 contents", len(hashes))
	}
	only(t, filepath.Dir(path), "d")
}

func TestWriteDirFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	if err := WriteDir(path, files(map[string]string{"a": "old"})); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := WriteDir(path, func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "a"), []byte("ne"), 0o666), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if _, err := Verify(path); err != nil {
		t.Error(err)
	}
	only(t, filepath.Dir(path), "d")
}

func TestVerifyFindsDamage(t *testing.T) {
	for _, c := range []struct {
		what   string
		damage func(dir string) error
		want   string
	}{
		{"flipped bit", func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte("onf"), 0o666) }, "a is damaged: its SHA-256"},
		{"cut short", func(dir string) error { return os.Truncate(filepath.Join(dir, "a"), 2) }, "a is damaged: it has 2 bytes instead of 3"},
		{"missing", func(dir string) error { return os.Remove(filepath.Join(dir, "a")) }, "a is missing"},
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, ManifestName)) }, ManifestName},
		{"empty manifest", func(dir string) error { return os.Truncate(filepath.Join(dir, ManifestName), 0) }, ManifestName + " is damaged"},
		{"newer", manifestOf(`{"format":2,"files":{"a":{}}}`), "newer"},
		{"outside", manifestOf(`{"format":1,"files":{"../a":{}}}`), "outside"},
		{"no files", manifestOf(`{"format":1}`), "lists no files"},
	} {
		dir := filepath.Join(t.TempDir(), "d")
		if err := errors.Join(WriteDir(dir, files(map[string]string{"a": "one"})), c.damage(dir)); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.what, err, c.want)
		}
	}
}

// TestSweep stops a replacement at each of its steps.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		".a.new-1234/half": "x", "a/f": "kept", // stopped while writing
		".b.new-1234/f": "new", ".b.old/f": "kept", // stopped between the two renames
		".c.old/f": "old", "c/f": "kept", // stopped before the old version was removed
		".hidden": "of another",
	} {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	only(t, dir, ".hidden a b c")
	for _, name := range []string{"a", "b", "c"} {
		if text, _ := os.ReadFile(filepath.Join(dir, name, "f")); string(text) != "kept" {
			t.Errorf("%s holds %q", name, text)
		}
	}
}

func TestRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	if err := WriteDir(dir, files(map[string]string{"a": "one"})); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds nothing to remove
		if err := Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	only(t, filepath.Dir(dir), "")
}

func files(contents map[string]string) func(string) error {
	return func(dir string) (err error) {
		for name, text := range contents {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
		}
		return err
	}
}

func manifestOf(text string) func(string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, ManifestName), []byte(text), 0o666) }
}

// only checks that the folder holds these names and nothing else.
func only(t *testing.T, dir, want string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}

func TestRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	want := map[string]string{"a.json": "[1]", "b": ""}
	err := WriteDir(dir, func(dir string) error {
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	files, hash, err := Read(dir, 3)
	if is, _ := Verify(dir); err != nil || len(files) != 2 || string(files["a.json"]) != "[1]" || files["b"] == nil || hash != is {
		t.Errorf("%q, %s, error %v", files, hash, err)
	}
	if _, _, err := Read(dir, 2); err == nil || !strings.Contains(err.Error(), "its files have more than 2 bytes") {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte("[2]"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(dir, 3); err == nil || !strings.Contains(err.Error(), "a.json is damaged") {
		t.Errorf("error %v", err)
	}
}
