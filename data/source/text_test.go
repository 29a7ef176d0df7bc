package source

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/home"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// textOf returns a part of the text.
func textOf(t *testing.T, s *Text, split data.Split) string {
	t.Helper()
	items, err := collect(s, split)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, it := range items {
		all = append(all, it.Bytes...)
	}
	return string(all)
}

// A text is read in the order of the paths, without what is no text, and its last
// characters, not bytes, are held out.
func TestText(t *testing.T) {
	dir := write(t, map[string][]byte{
		"b/2.txt.gz": zipped(t, "öüö\r\n"), "a/1.md": []byte("\ufeff0123\n"), "c.png": {0xff}, ".hidden.txt": []byte("no"), ".git/x.txt": []byte("no"),
	})
	s := &Text{Path: dir, TestShare: 0.25}
	if train, test := textOf(t, s, data.Train), textOf(t, s, data.Test); train != "0123\nö" || test != "üö\n" {
		t.Errorf("train %q, test %q", train, test)
	}
	if s = (&Text{Path: dir}); textOf(t, s, data.Train) != "0123\nöüö\n" || textOf(t, s, data.Test) != "" {
		t.Error("a share of 0 holds something out")
	}
	if s.SetName() != filepath.Base(dir) || (&Text{Mirror: "shakespeare.txt.gz"}).SetName() != "shakespeare" {
		t.Error(s.SetName())
	}
}

func TestMirror(t *testing.T) {
	file := zipped(t, "To be")
	sum := sha256.Sum256(file)
	s := &Text{Mirror: "play.txt.gz", Hash: hex.EncodeToString(sum[:])}
	t.Setenv(home.MirrorVariable, "")
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "data.path=FILE") || !strings.Contains(err.Error(), home.MirrorVariable) {
		t.Errorf("without a mirror: %v", err)
	}
	t.Setenv(home.MirrorVariable, write(t, map[string][]byte{"play.txt.gz": file}))
	if got := textOf(t, s, data.Train); got != "To be" {
		t.Errorf("got %q", got)
	}
	s.Hash = strings.Repeat("0", 64)
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "is another file than") {
		t.Errorf("another file: %v", err)
	}
	s.Path = filepath.Join(home.Mirror(), "play.txt.gz")
	if got := textOf(t, s, data.Train); got != "To be" {
		t.Errorf("a path of the user's own: %q", got)
	}
}
