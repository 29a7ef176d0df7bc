package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"atelier/internal/badinput"
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

// What the disk makes of a file once it is handed over is not what its manifest says.
func TestWriteDirHashesWhatItWasGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	err := WriteDir(path, func(f *Files) error {
		return errors.Join(f.WriteFile("a", []byte("one")), os.WriteFile(filepath.Join(f.dir, "a"), []byte("onf"), 0o666))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(path); err == nil || !strings.Contains(err.Error(), "a is damaged: its SHA-256") {
		t.Errorf("error %v", err)
	}
}

// A file that the manifest does not list is none of the folder's.
func TestWriteAside(t *testing.T) {
	var hashes []string
	for _, text := range []string{"1", "22"} {
		path := filepath.Join(t.TempDir(), "d")
		err := WriteDir(path, func(f *Files) error {
			return errors.Join(f.WriteFile("a", []byte("one")), f.WriteAside("clock", []byte(text)))
		})
		if err != nil {
			t.Fatal(err)
		}
		hash, err := Verify(path)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
		only(t, path, "a clock "+ManifestName)
	}
	if hashes[0] != hashes[1] {
		t.Errorf("hashes %v", hashes)
	}
}

func TestGlance(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	if err := WriteDir(path, files(map[string]string{"a": "one"})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "a"), []byte("onf"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Glance(path, 2)); err != nil {
		t.Error(err)
	}
	if err := Glance(path, 3); err == nil {
		t.Error("a small file is not read")
	}
	if err := os.Truncate(filepath.Join(path, "a"), 2); err != nil {
		t.Fatal(err)
	}
	if err := Glance(path, 2); err == nil {
		t.Error("the size is not checked")
	}
}

func TestSweepNew(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{newMark + "0123456789abcdef", newMark + "mine", ".x.old", "y.new-0123456789abcdef"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := SweepNew(dir); err != nil {
		t.Fatal(err)
	}
	only(t, dir, newMark+"mine .x.old y.new-0123456789abcdef")
}

// An error that was explained on the way is explained once, and of the name people know.
func TestExplainOnce(t *testing.T) {
	err := Explain("runs/1", Explain("runs/.new-1/a", syscall.ENOSPC))
	if want := "cannot write runs/1: the disk is full; what was there before is unchanged: free some space and try again (no space left on device)"; runtime.GOOS != "windows" && err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := Explain("a", &os.PathError{Op: "open", Path: "a", Err: os.ErrPermission}); !errors.Is(err, badinput.Err) || !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v is not a user error", err)
	}
	if Explain("a", nil) != nil {
		t.Error("an error of nothing")
	}
}

// An error of what is read for it is none of writing; a failure of writing is.
func TestForeignErrors(t *testing.T) {
	damaged := errors.New("a is damaged")
	_, missing := os.Open(filepath.Join(t.TempDir(), "missing"))
	for _, c := range []struct {
		err error
		of  bool // writing
	}{
		{damaged, false}, {missing, false}, {syscall.ENOSPC, true},
		{Explain("other", syscall.ENOSPC), true},
	} {
		to := filepath.Join(t.TempDir(), "to")
		for name, err := range map[string]error{
			"Write":   Write(to, func(io.Writer) error { return c.err }),
			"MakeDir": MakeDir(to, func(string) error { return c.err }),
			"FillDir": FillDir(to, func(string) error { return c.err }),
		} {
			var unwritten *WriteError
			if !errors.Is(err, c.err) && !c.of || errors.As(err, &unwritten) != c.of {
				t.Errorf("%s of %v: %v", name, c.err, err)
			}
		}
	}
	err := FillDir(filepath.Join(t.TempDir(), "to"), func(dir string) error {
		_, err := os.Create(filepath.Join(dir, "a", "b"))
		return err
	})
	if unwritten := (*WriteError)(nil); !errors.As(err, &unwritten) {
		t.Errorf("an error in the folder: %v", err)
	}
}

func TestWriteDirFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	if err := WriteDir(path, files(map[string]string{"a": "old"})); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := WriteDir(path, func(f *Files) error { return errors.Join(f.WriteFile("a", []byte("ne")), broken) })
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

func files(contents map[string]string) func(*Files) error {
	return func(f *Files) (err error) {
		for name, text := range contents {
			err = errors.Join(err, f.WriteFile(name, []byte(text)))
		}
		return err
	}
}

// inFolder puts files into a folder.
func inFolder(contents map[string]string) func(string) error {
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
	if err := WriteDir(dir, files(want)); err != nil {
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
