package fetch

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDescribe(t *testing.T) {
	content := bytes.Repeat([]byte("weights "), 1000)
	hash := strings.Repeat("0123456789abcdef", 4)
	address, _ := site(t, map[string]http.HandlerFunc{
		"/plain": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		},
		"/linked": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Linked-Etag", `"`+hash+`"`)
			w.Header().Set("X-Linked-Size", "12345678901")
			http.Redirect(w, r, "/plain", http.StatusFound)
		},
		"/lying": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Linked-Etag", "../../x")
			w.Header().Set("X-Linked-Size", "-1")
		},
	})
	c := client(t, quick())
	for path, want := range map[string]File{
		"/plain": {Size: int64(len(content))}, "/linked": {SHA256: hash, Size: 12345678901}, "/lying": {},
	} {
		want.Address = address + path
		if got, err := c.Describe(t.Context(), want.Address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	if _, err := c.Describe(t.Context(), address+"/missing"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

// A file whose hash is not known is not put together of two.
func TestDownloadWithoutHash(t *testing.T) {
	address, _ := site(t, map[string]http.HandlerFunc{
		"/file": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("what is there now"))
		},
	})
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path+".part", []byte("something"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := client(t, quick()).Download(t.Context(), File{Address: address + "/file"}, path); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "what is there now" {
		t.Errorf("%q, %v", got, err)
	}
}
