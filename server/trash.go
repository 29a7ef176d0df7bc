package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"atelier/internal/durable"
	"atelier/jobs"
	"atelier/model/run"
)

// A Trashed thing can be restored, until it is removed for good.
type Trashed struct {
	// ID names it in the trash: job-17, upload-u..., run-0001-fashion.
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Trashed time.Time `json:"trashed"`
}

// runTrash is the folder, beside the runs, of those in the trash: a folder is renamed into it.
const runTrash = ".trash"

// trashRun puts a run into the trash.
func (s *Server) trashRun(d *run.Dir) (t Trashed, err error) {
	l, err := d.Lock()
	if err != nil {
		return t, failf(http.StatusConflict, "%w", err)
	}
	if err := l.Release(); err != nil {
		return t, err
	}
	folder := filepath.Join(s.runs(), runTrash)
	to := filepath.Join(folder, d.Name())
	if exists(to) {
		return t, failf(http.StatusConflict, "the trash has another run %s; remove it or restore it first", d.Name())
	}
	if err = os.MkdirAll(folder, 0o777); err == nil {
		err = os.Rename(d.Path(), to)
	}
	if err == nil {
		now := time.Now()
		err = errors.Join(os.Chtimes(to, now, now), durable.SyncDir(folder), durable.SyncDir(s.runs()))
	}
	return Trashed{"run-" + d.Name(), "run", d.Name(), time.Now().UTC().Truncate(time.Second)}, durable.Explain(to, err)
}

// trashedRuns are the runs in the trash.
func (s *Server) trashedRuns() (all []Trashed, err error) {
	entries, err := os.ReadDir(filepath.Join(s.runs(), runTrash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			all = append(all, Trashed{"run-" + e.Name(), "run", e.Name(), info.ModTime().UTC().Truncate(time.Second)})
		}
	}
	return all, err
}

// restoreRun takes a run out of the trash.
func (s *Server) restoreRun(ctx context.Context, name string) error {
	from, to := filepath.Join(s.runs(), runTrash, name), filepath.Join(s.runs(), name)
	switch {
	case !run.IsFolder(name) || !exists(from):
		return failf(http.StatusNotFound, "the trash has no run %q", name)
	case exists(to):
		return failf(http.StatusConflict, "there is another run %s by now", name)
	}
	if CallerOf(ctx).Scope < Admin {
		d, err := run.OpenDir(filepath.Dir(from), name)
		if err == nil {
			err = s.mayChangeRun(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	return durable.Explain(to, os.Rename(from, to))
}

func (s *Server) listTrash(w http.ResponseWriter, r *http.Request) error {
	all := []Trashed{}
	done, err := s.queue.List(r.Context(), jobs.Filter{Trashed: true, Limit: 1000})
	if err != nil {
		return err
	}
	for _, j := range done {
		all = append(all, Trashed{"job-" + strconv.FormatInt(j.ID, 10), "job", j.App, *j.Trashed})
	}
	uploads, err := s.uploads.list(true)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		all = append(all, Trashed{"upload-" + u.ID, "upload", u.Name, *u.Trashed})
	}
	runs, err := s.trashedRuns()
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, append(all, runs...))
}

// trashed splits the id of something in the trash.
func trashed(r *http.Request) (kind, name string) {
	kind, name, _ = strings.Cut(r.PathValue("id"), "-")
	return kind, name
}

func (s *Server) restoreTrash(w http.ResponseWriter, r *http.Request) error {
	kind, name := trashed(r)
	var err error
	switch kind {
	case "job":
		id, _ := strconv.ParseInt(name, 10, 64)
		if err = s.mayChangeJob(r.Context(), id); err == nil {
			_, err = s.queue.Restore(r.Context(), id)
		}
	case "upload":
		if err = s.mayChangeUpload(r.Context(), name); err == nil {
			_, err = s.uploads.trash(name, false)
		}
	case "run":
		err = s.restoreRun(r.Context(), name)
	default:
		err = failf(http.StatusNotFound, "the trash has no %q", r.PathValue("id"))
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) purgeTrash(w http.ResponseWriter, r *http.Request) error {
	kind, name := trashed(r)
	var err error
	switch kind {
	case "job":
		id, _ := strconv.ParseInt(name, 10, 64)
		err = s.queue.Purge(r.Context(), id)
	case "upload":
		err = s.uploads.purge(name)
	case "run":
		place := filepath.Join(s.runs(), runTrash, name)
		if !run.IsFolder(name) || !exists(place) {
			return failf(http.StatusNotFound, "the trash has no run %q", name)
		}
		err = durable.Remove(place)
	default:
		err = failf(http.StatusNotFound, "the trash has no %q", r.PathValue("id"))
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// marshal is JSON of what can be written as such.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
