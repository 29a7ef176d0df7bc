package server

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/jobs"
)

// mostRead is the size of the largest file that an app is given, in bytes.
const mostRead = 64 << 20

// files finds what requests name: it implements [jobs.Files].
type files struct{ server *Server }

// File implements [jobs.Files].
func (f *files) File(r jobs.Reference) (app.File, error) {
	switch {
	case r.Bytes != nil:
		name := r.Name
		if name == "" {
			name = "file"
		}
		if err := jobs.CheckName(name); err != nil {
			return app.File{}, err
		}
		return app.File{Name: name, Bytes: r.Bytes}, nil
	case r.Item != "":
		return f.server.item(context.Background(), r.Item)
	}
	place, err := f.find(r)
	if err != nil {
		return app.File{}, err
	}
	b, err := durable.ReadFile(place, mostRead)
	if err != nil {
		return app.File{}, badinput.Errorf("%s cannot be read as a file of at most %d MiB", filepath.Base(place), mostRead>>20)
	}
	label, err := durable.ReadFile(place+app.LabelEnd, mostRead)
	if err != nil {
		label = nil // there is none
	}
	return app.File{Name: filepath.Base(place), Bytes: b, Label: label}, nil
}

// Place implements [jobs.Files]. A single work that no source reads by itself, such as a picture, is a
// set of one if its upload has nothing else.
func (f *files) Place(r jobs.Reference) (string, error) {
	place, err := f.find(r)
	if err != nil || r.Upload == "" || r.File != "" {
		return place, err
	}
	if _, unread := data.Resolve(place); unread != nil {
		return f.server.uploads.path(r.Upload, ""), nil
	}
	return place, nil
}

// find is the path of what a reference names.
func (f *files) find(r jobs.Reference) (string, error) {
	switch {
	case r.Upload != "":
		a, err := f.server.uploads.whole(r.Upload)
		if err != nil {
			return "", err
		}
		if r.File == "" && (len(a.Files) > 1 || strings.Contains(a.Files[0].Path, "/")) {
			return f.server.uploads.path(a.ID, ""), nil
		}
		name, err := a.single(r.File)
		return f.server.uploads.path(a.ID, name), err
	case r.Result != "":
		id, name, _ := strings.Cut(r.Result, "/")
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return "", badinput.Errorf("want JOB/NAME, got %q", r.Result)
		}
		_, place, err := f.server.queue.Output(context.Background(), n, name)
		return place, badinput.Mark(err)
	case r.Share != "":
		return f.share(r.Share)
	}
	return "", badinput.Errorf("want an upload, a result or a share")
}

// share is the path of a file below a shared folder, which links must not lead out of.
func (f *files) share(name string) (string, error) {
	first, rest, _ := strings.Cut(name, "/")
	folder, ok := f.server.config.Shares[first]
	if !ok {
		return "", badinput.Errorf("the server shares no folder %q", first)
	}
	if rest = path.Clean(rest); !filepath.IsLocal(filepath.FromSlash(rest)) {
		return "", badinput.Errorf("%q is not below a shared folder", name)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	if _, err := root.Stat(filepath.FromSlash(rest)); err != nil {
		return "", badinput.Errorf("the folder %q holds no %q", first, rest)
	}
	return filepath.EvalSymlinks(filepath.Join(folder, filepath.FromSlash(rest)))
}

// shown are the media types that are shown in a page; all others are saved.
var shown = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/apng", "audio/wav", "audio/flac", "audio/midi",
	"audio/mpeg", "audio/ogg", "video/mp4", "video/webm", "text/plain", "text/markdown", "text/csv", "text/vnd.abc", "application/json", "application/pdf"}

// serveFile serves a file, or a range of it, with a tag if there is one. What a browser could run
// is saved, or shown without the rights of a page.
func serveFile(w http.ResponseWriter, r *http.Request, place, mediaType, tag string) error {
	f, err := durable.Open(place)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	serveHead(w, r, filepath.Base(place), mediaType, tag)
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

// serveHead sets the headers of a file.
func serveHead(w http.ResponseWriter, r *http.Request, name, mediaType, tag string) {
	kind, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		kind, mediaType = "application/octet-stream", "application/octet-stream"
	}
	if strings.HasPrefix(kind, "text/") && !strings.Contains(mediaType, "charset") {
		mediaType += "; charset=utf-8"
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:")
	h.Set("Cache-Control", "private, no-cache")
	if tag != "" {
		h.Set("ETag", `"`+tag+`"`)
	}
	if !slices.Contains(shown, kind) && kind != "text/html" || r.URL.Query().Get("download") == "true" {
		if kind == "text/html" || !slices.Contains(shown, kind) {
			h.Set("Content-Type", "application/octet-stream")
		}
		h.Set("Content-Disposition", attachment(name))
	}
}

// attachment names the file that is saved, in ASCII for old programs and in UTF-8 (RFC 6266).
func attachment(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return '_'
		}
		return c
	}, name)
	var encoded strings.Builder
	for _, b := range []byte(name) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '.', b == '-', b == '_':
			encoded.WriteByte(b)
		default:
			fmt.Fprintf(&encoded, "%%%02X", b)
		}
	}
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain, encoded.String())
}

func (s *Server) getResult(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	o, place, err := s.queue.Output(r.Context(), id, r.PathValue("name"))
	if err != nil {
		return failf(http.StatusNotFound, "the job %d has no result %q", id, r.PathValue("name"))
	}
	if strings.HasPrefix(o.MediaType, "text/html") {
		return serveFile(madePage{w}, r, place, o.MediaType, o.SHA256)
	}
	return serveFile(w, r, place, o.MediaType, o.SHA256)
}

// MadePolicy is what a page that an app made may do: run what is in itself, in an origin of its own,
// from which nothing else can be reached.
const MadePolicy = "sandbox allow-scripts allow-pointer-lock; default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline'; " +
	"img-src data: blob:; media-src data: blob:; connect-src data: blob:; worker-src blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// madePage answers with such a page.
type madePage struct{ http.ResponseWriter }

func (w madePage) WriteHeader(status int) {
	w.Header().Set("Content-Security-Policy", MadePolicy)
	w.ResponseWriter.WriteHeader(status)
}
