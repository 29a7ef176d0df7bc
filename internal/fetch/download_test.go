package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestDownload(t *testing.T) {
	content := bytes.Repeat([]byte("a set of pictures "), 10_000)
	sum := sha256.Sum256(content)
	var sent int
	broken := true
	whole := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "set.zip", time.Unix(0, 0), bytes.NewReader(content))
	}
	address, count := site(t, map[string]http.HandlerFunc{
		"/whole": whole,
		"/moved": to("/whole"),
		"/breaks": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				sent++
			}
			if broken {
				broken = false
				w.Header().Set("Content-Length", strconv.Itoa(len(content)))
				w.Write(content[:100_000])
				panic(http.ErrAbortHandler)
			}
			whole(w, r)
		},
		"/other":   text("something else"),
		"/no-part": func(w http.ResponseWriter, _ *http.Request) { w.Write(content) },
	})
	c := client(t, quick())
	dir := t.TempDir()
	get := func(path, name string) error {
		return c.Download(t.Context(), File{address + path, hex.EncodeToString(sum[:]), int64(len(content))}, filepath.Join(dir, name))
	}
	left := map[string][]byte{"half": content[:70_000], "damaged": make([]byte, 70_000), "long": make([]byte, 200_000), "unranged": content[:5]}
	for name, b := range left {
		if err := os.WriteFile(filepath.Join(dir, name+".part"), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range map[string]string{
		"new": "/whole", "moved": "/moved", "breaks": "/breaks", "half": "/whole", "damaged": "/whole", "long": "/whole", "unranged": "/no-part",
	} {
		if err := get(path, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, content) {
			t.Errorf("%s holds %d bytes", name, len(got))
		}
	}
	if sent != 1 || count("/breaks") != 2 {
		t.Error("a broken download did not go on where it was:", sent, count("/breaks"))
	}
	if err := get("/other", "other"); err == nil {
		t.Error("took another file")
	}
	if err := get("/missing", "missing"); reason(err) != "HTTP 404" {
		t.Error(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "other*")); len(files) != 0 {
		t.Error("kept", files)
	}
}
