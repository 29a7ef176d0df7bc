package mapped

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := Open(path, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, 0); err == nil || err.Error() != "is empty" {
		t.Errorf("an empty file: error %v", err)
	}
	text := bytes.Repeat([]byte("numbers\n"), 10_000)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(f.Bytes, text) {
		t.Error("other bytes than the file's")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
