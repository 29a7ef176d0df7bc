package server

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

var uploadRoutes = []route{
	{method: "POST", path: "/uploads", scope: Make, summary: "Upload a file as the body, several as multipart/form-data whose file names may be paths, or, without a body, begin an upload that PATCH fills",
		do: (*Server).postUpload, takes: "*/*", gives: Upload{}, status: http.StatusCreated, query: map[string]string{"name": "the name of the file, or of the upload"}},
	{method: "GET", path: "/uploads", scope: Read, summary: "List the uploads", do: (*Server).listUploads, gives: []Upload{}, query: map[string]string{"trashed": "true for those in the trash"}},
	{method: "GET", path: "/uploads/{upload}", scope: Read, summary: "Get an upload with its files, and how much of each is here", do: (*Server).getUpload, gives: Upload{}},
	{method: "PATCH", path: "/uploads/{upload}/files/{path...}", scope: Make, summary: "Send a file of an upload, or a piece of it at Upload-Offset of Upload-Length bytes", do: (*Server).patchUpload, takes: "*/*", status: http.StatusNoContent},
	{method: "GET", path: "/uploads/{upload}/files/{path...}", scope: Read, summary: "Get a file of an upload; HEAD says how many bytes of it are here, as Upload-Offset", do: (*Server).getUploaded, gives: "*/*"},
	{method: "DELETE", path: "/uploads/{upload}", scope: Make, summary: "Put an upload into the trash", do: (*Server).deleteUpload, gives: Upload{}},
	{method: "POST", path: "/uploads/{upload}/restore", scope: Make, summary: "Take an upload out of the trash", do: (*Server).restoreUpload, gives: Upload{}},
}

func (s *Server) postUpload(w http.ResponseWriter, r *http.Request) error {
	if err := known(r, "name"); err != nil {
		return err
	}
	by := CallerOf(r.Context()).Name
	if err := s.roomFor(by, max(r.ContentLength, 0)); err != nil {
		return err
	}
	name := r.URL.Query().Get("name")
	kind, about, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(w, r.Body, s.config.Limits.Upload+mostBody)
	switch {
	case kind == "multipart/form-data":
		return s.uploadMany(w, r, about["boundary"], name, by)
	case r.ContentLength == 0 && name != "" && r.Header.Get("Content-Type") != "": // a body was meant
		return failf(http.StatusUnprocessableEntity, "the file is empty; to begin an upload, leave out Content-Type")
	case r.ContentLength == 0:
		a, err := s.uploads.create(name, by)
		if err != nil {
			return err
		}
		w.Header().Set("Location", base+"/uploads/"+a.ID)
		return answer(w, http.StatusCreated, a)
	case name == "":
		return fieldf("name", "want the name of the file, as ?name=photo.jpg")
	}
	a, err := s.uploads.create(name, by)
	if err == nil {
		_, err = s.uploads.write(a.ID, chunk{name, 0, r.ContentLength, r.Body})
	}
	return s.uploaded(w, a, err)
}

// uploaded answers with an upload that was made at once, or removes what is left of it.
func (s *Server) uploaded(w http.ResponseWriter, a Upload, err error) error {
	if err == nil {
		a, err = s.uploads.whole(a.ID)
	}
	if err != nil {
		if a.ID != "" {
			s.uploads.discard(a.ID)
		}
		return err
	}
	w.Header().Set("Location", base+"/uploads/"+a.ID)
	return answer(w, http.StatusCreated, a)
}

// uploadMany reads the files of a form, with their paths.
func (s *Server) uploadMany(w http.ResponseWriter, r *http.Request, boundary, name, by string) error {
	a, err := s.uploads.create(name, by)
	if err != nil {
		return err
	}
	form := multipart.NewReader(r.Body, boundary)
	for err == nil {
		var p *multipart.Part
		if p, err = form.NextRawPart(); err != nil {
			break
		}
		_, about, broken := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		file, ok := about["filename"]
		if broken != nil || !ok {
			continue // a field of the form, not a file
		}
		_, err = s.uploads.write(a.ID, chunk{strings.TrimPrefix(file, "./"), 0, -1, p})
	}
	if errors.Is(err, io.EOF) {
		err = nil
	} else if err != nil && !isStatus(err) && !isTooLarge(err) {
		err = failf(http.StatusBadRequest, "the form could not be read: %w", err)
	}
	return s.uploaded(w, a, err)
}

func (s *Server) listUploads(w http.ResponseWriter, r *http.Request) error {
	trashed, err := truth(r, "trashed")
	if err != nil {
		return err
	}
	all, err := s.uploads.list(trashed)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, all)
}

func (s *Server) getUpload(w http.ResponseWriter, r *http.Request) error {
	a, err := s.uploads.get(r.PathValue("upload"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, a)
}

// patchUpload takes a file, or a piece of one.
func (s *Server) patchUpload(w http.ResponseWriter, r *http.Request) error {
	offset, err := size(r, "Upload-Offset", 0)
	if err != nil {
		return err
	}
	length, err := size(r, "Upload-Length", -1)
	if err != nil {
		return err
	}
	if length < 0 && offset == 0 {
		if length = r.ContentLength; length < 0 {
			return failf(http.StatusLengthRequired, "want Upload-Length, the bytes of the whole file")
		}
	}
	if err := s.roomFor(CallerOf(r.Context()).Name, max(r.ContentLength, 0)); err != nil {
		return err
	}
	if err := s.mayChangeUpload(r.Context(), r.PathValue("upload")); err != nil {
		return err
	}
	here, err := s.uploads.write(r.PathValue("upload"), chunk{r.PathValue("path"), offset, length, r.Body})
	w.Header().Set("Upload-Offset", strconv.FormatInt(here, 10))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// size reads a header that is a number of bytes.
func size(r *http.Request, name string, usual int64) (int64, error) {
	text := r.Header.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fieldf(name, "want a number of bytes, got %q", text)
	}
	return n, nil
}

func (s *Server) getUploaded(w http.ResponseWriter, r *http.Request) error {
	a, err := s.uploads.get(r.PathValue("upload"))
	if err != nil {
		return err
	}
	name := r.PathValue("path")
	for _, p := range a.Parts {
		if p.Path == name && r.Method == http.MethodHead {
			w.Header().Set("Upload-Offset", strconv.FormatInt(p.Offset, 10))
			w.Header().Set("Upload-Length", strconv.FormatInt(p.Bytes, 10))
			w.WriteHeader(http.StatusOK)
			return nil
		}
	}
	for _, f := range a.Files {
		if f.Path == name {
			w.Header().Set("Upload-Offset", strconv.FormatInt(f.Bytes, 10))
			w.Header().Set("Upload-Length", strconv.FormatInt(f.Bytes, 10))
			return serveFile(w, r, s.uploads.path(a.ID, name), f.MediaType, "")
		}
	}
	return failf(http.StatusNotFound, "the upload has no file %q", name)
}

func (s *Server) deleteUpload(w http.ResponseWriter, r *http.Request) error {
	return s.trashUpload(w, r, true)
}

func (s *Server) restoreUpload(w http.ResponseWriter, r *http.Request) error {
	return s.trashUpload(w, r, false)
}

// trashUpload puts an upload into the trash, or takes it out.
func (s *Server) trashUpload(w http.ResponseWriter, r *http.Request, in bool) error {
	if err := s.mayChangeUpload(r.Context(), r.PathValue("upload")); err != nil {
		return err
	}
	a, err := s.uploads.trash(r.PathValue("upload"), in)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, a)
}
