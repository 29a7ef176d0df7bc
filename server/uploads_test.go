package server

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// form is a form with files of the paths.
func form(paths ...string) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i, p := range paths {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename="%s"`, p)}}
		part, _ := w.CreatePart(h)
		fmt.Fprintf(part, "file %d. It is short. It ends.", i)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// A file, a folder of files and a file in pieces are uploaded, looked at and used.
func TestUploads(t *testing.T) {
	s := start(t)
	var a Upload
	s.want(201, sent{method: "POST", path: "/uploads?name=note.txt", body: []byte("All is well. The sun shines. It is warm.")}, &a)
	if len(a.Files) != 1 || a.Files[0].MediaType != "text/plain" || a.Bytes != 40 {
		t.Errorf("%+v", a)
	}
	s.done("summarize", map[string]any{"document": map[string]any{"upload": a.ID}}, "")
	body, kind := form("album/one.txt", "album/deep/two.txt", "./three.txt")
	var many Upload
	s.want(201, sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}}, &many)
	if len(many.Files) != 3 || many.Files[0].Path != "album/deep/two.txt" {
		t.Errorf("%+v", many)
	}
	var all []Upload
	if s.want(200, sent{method: "GET", path: "/uploads"}, &all); len(all) != 2 || all[0].Bytes+all[1].Bytes != a.Bytes+many.Bytes {
		t.Errorf("%+v", all)
	}
	s.done("summarize", map[string]any{"document": map[string]any{"upload": many.ID, "file": "album/one.txt"}}, "")
	s.problem(422, sent{method: "POST", path: "/apps/summarize", body: map[string]any{"document": map[string]any{"upload": many.ID}}})
	r, b := s.do(sent{method: "GET", path: "/uploads/" + many.ID + "/files/album/one.txt", head: map[string]string{"Range": "bytes=0-3"}})
	if r.StatusCode != 206 || string(b) != "file" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Error(r.Status, string(b), r.Header)
	}
	// in pieces
	var begun Upload
	s.problem(422, sent{method: "POST", path: "/uploads?name=e.png", body: []byte{}, head: map[string]string{"Content-Type": "image/png"}})
	s.want(201, sent{method: "POST", path: "/uploads?name=long"}, nil)
	s.want(201, sent{method: "POST", path: "/uploads"}, &begun)
	at := "/uploads/" + begun.ID + "/files/long.txt"
	send := func(offset int, text string, status int) string {
		t.Helper()
		r := s.want(status, sent{method: "PATCH", path: at, body: []byte(text), head: map[string]string{"Upload-Offset": fmt.Sprint(offset), "Upload-Length": "12"}}, nil)
		return r.Header.Get("Upload-Offset")
	}
	if got := send(0, "one, ", 204); got != "5" {
		t.Error(got)
	}
	if got := send(3, "wrong", 409); got != "5" {
		t.Error(got)
	}
	s.problem(422, sent{method: "POST", path: "/apps/summarize", body: map[string]any{"document": map[string]any{"upload": begun.ID}}})
	if r, _ := s.do(sent{method: "HEAD", path: at}); r.Header.Get("Upload-Offset") != "5" || r.Header.Get("Upload-Length") != "12" {
		t.Error(r.Header)
	}
	send(5, "two, three and four", 413)
	if got := send(5, "two, th", 204); got != "12" {
		t.Error(got)
	}
	if _, b := s.do(sent{method: "GET", path: at}); string(b) != "one, two, th" {
		t.Errorf("%s", b)
	}
	send(0, "again", 409)
	s.want(200, sent{method: "DELETE", path: "/uploads/" + a.ID}, nil)
	s.problem(422, sent{method: "POST", path: "/apps/summarize", body: map[string]any{"document": map[string]any{"upload": a.ID}}})
	s.want(200, sent{method: "POST", path: "/uploads/" + a.ID + "/restore"}, nil)
	before := s.uploads.total()
	s.want(200, sent{method: "DELETE", path: "/uploads/" + a.ID}, nil)
	s.want(204, sent{method: "DELETE", path: "/trash/upload-" + a.ID}, nil)
	if s.uploads.total() != before-40 || exists(filepath.Join(s.home, uploadsFolder, a.ID)) {
		t.Error(before, s.uploads.total())
	}
}

// Names that lead elsewhere, that are not the same on every system, and bodies that are too
// large are refused, and leave nothing.
func TestHostileUploads(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Upload, c.Limits.All.Bytes, c.Limits.Files = 1000, 1500, 3 })
	for _, name := range []string{"../x", "a/../../x", "/etc/passwd", "a//b", "", ".hidden", "a/.git/config", "nul", "COM1.txt", "a\\b", "a:b", "a\x00b",
		"a\nb", "x.", "x ", strings.Repeat("a", 300), strings.Repeat("a/", 40) + "b", "\xff"} {
		a, b := s.do(sent{method: "POST", path: "/uploads?name=" + url.QueryEscape(name), body: []byte("text")})
		if a.StatusCode != 422 {
			t.Errorf("%q: %d %s", name, a.StatusCode, b)
		}
		if strings.ContainsAny(name, "\x00\n\\") || name == "" {
			continue
		}
		body, kind := form(name)
		if a, b := s.do(sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}}); a.StatusCode != 422 && a.StatusCode != 400 {
			t.Errorf("%q in a form: %d %s", name, a.StatusCode, b)
		}
	}
	body, kind := form("a.txt", "A.txt")
	s.problem(422, sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}})
	body, kind = form("a", "b", "c", "d")
	s.problem(413, sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}})
	s.problem(413, sent{method: "POST", path: "/uploads?name=a", body: make([]byte, 1001)})
	s.problem(413, sent{method: "POST", path: "/uploads?name=a", body: io.NopCloser(bytes.NewReader(make([]byte, 1001))), head: map[string]string{"Content-Type": "text/plain"}})
	if entries, err := os.ReadDir(filepath.Join(s.home, uploadsFolder)); err != nil || len(entries) > 0 || s.uploads.total() != 0 {
		t.Error(len(entries), s.uploads.total(), err)
	}
	s.want(201, sent{method: "POST", path: "/uploads?name=a", body: make([]byte, 1000)}, nil)
	s.problem(507, sent{method: "POST", path: "/uploads?name=b", body: make([]byte, 600)})
	for _, id := range []string{"..", "u1", "..%2f..", "u00000000000000000000000g", "u000000000000000000000000"} {
		s.problem(404, sent{method: "GET", path: "/uploads/" + id})
		s.problem(404, sent{method: "PATCH", path: "/uploads/" + id + "/files/x", body: []byte("x")})
	}
}

// What a browser could run is saved, or shown without the rights of a page.
func TestServedFiles(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		body, kind string
		saved      bool
	}{
		"a.html": {"<!doctype html><script>alert(1)</script>", "text/html", false},
		"a.svg":  {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "text/", false},
		"a.bin":  {"\x00\x01\x02", "application/octet-stream", true},
		"a.txt":  {"plain", "text/plain", false},
	} {
		var a Upload
		s.want(201, sent{method: "POST", path: "/uploads?name=" + name, body: []byte(c.body)}, &a)
		r, _ := s.do(sent{method: "GET", path: "/uploads/" + a.ID + "/files/" + name})
		h := r.Header
		saved := strings.HasPrefix(h.Get("Content-Disposition"), "attachment")
		if !strings.HasPrefix(h.Get("Content-Type"), c.kind) && !saved || c.saved != saved && c.kind != "text/" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%s: %v", name, h)
		}
	}
}
