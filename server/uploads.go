package server

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"atelier/app"
	"atelier/internal/durable"
	"atelier/internal/pattern"
	"atelier/jobs"
)

// The files of an upload: what it is, the files that are whole, and parts of others.
const (
	uploadsFolder = "uploads"
	aboutFile     = "upload.json"
	wholeFolder   = "files"
	partFolder    = "parts"
	mostAbout     = 64 << 10
	sniffed       = 4 << 10 // bytes of a file by which its type is told
)

// An Upload is a file, or a folder of them, that a client sent.
type Upload struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	By      string     `json:"by"`
	Created time.Time  `json:"created"`
	Trashed *time.Time `json:"trashed,omitempty"`
	// Files are those that are whole, Parts those that are not yet; a list of uploads has neither.
	Files []UploadFile `json:"files"`
	Parts []UploadPart `json:"parts,omitempty"`
	Bytes int64        `json:"bytes"`
}

// An UploadFile is a file of an upload that is whole.
type UploadFile struct {
	Path      string `json:"path"`
	Bytes     int64  `json:"bytes"`
	MediaType string `json:"media_type"`
}

// An UploadPart is a file of an upload that is being sent.
type UploadPart struct {
	Path string `json:"path"`
	// Offset is how many bytes are here, of Bytes.
	Offset int64 `json:"offset"`
	Bytes  int64 `json:"bytes"`
}

// uploads keeps uploads below a root that no path leads out of.
type uploads struct {
	root   *os.Root
	place  string
	limits Limits
	// room refuses bytes that there is no room for, as those of a token.
	room func(by string, bytes int64) error

	mu    sync.Mutex
	locks map[string]*sync.Mutex // of uploads
	bytes map[string]int64       // by token
	all   int64                  // bytes
}

var uploadID = pattern.New(`^u[0-9a-f]{24}$`)

func openUploads(home string, l Limits, room func(by string, bytes int64) error) (*uploads, error) {
	place := filepath.Join(home, uploadsFolder)
	if err := os.MkdirAll(place, 0o700); err != nil {
		return nil, durable.Explain(place, err)
	}
	root, err := os.OpenRoot(place)
	if err != nil {
		return nil, err
	}
	u := &uploads{root: root, place: place, limits: l, room: room, locks: map[string]*sync.Mutex{}, bytes: map[string]int64{}}
	entries, err := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		a, broken := u.about(e.Name())
		if broken != nil {
			continue // it was not begun wholly, or is no upload
		}
		bytes, broken := u.size(a.ID)
		err = errors.Join(err, broken)
		u.count(a.By, bytes)
	}
	return u, err
}

// size is how many bytes of an upload are here.
func (u *uploads) size(id string) (bytes int64, err error) {
	parts, err := u.parts(id)
	for _, p := range parts {
		bytes += p.Offset
	}
	walked := fs.WalkDir(u.root.FS(), path.Join(id, wholeFolder), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, errors.Join(err, walked)
}

// lock has an upload to its caller alone, until it calls unlock.
func (u *uploads) lock(id string) (unlock func()) {
	u.mu.Lock()
	l := u.locks[id]
	if l == nil {
		l = &sync.Mutex{}
		u.locks[id] = l
	}
	u.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// create makes an upload without files.
func (u *uploads) create(name, by string) (Upload, error) {
	if name != "" {
		if err := jobs.CheckName(name); err != nil {
			return Upload{}, fieldf("name", "%w", err)
		}
	}
	about := Upload{ID: "u" + secret()[len("atelier_"):][:24], Name: name, By: by, Created: time.Now().UTC().Truncate(time.Second)}
	err := u.root.Mkdir(about.ID, 0o700)
	for _, folder := range []string{wholeFolder, partFolder} {
		err = errors.Join(err, u.root.Mkdir(path.Join(about.ID, folder), 0o700))
	}
	if err == nil {
		err = u.describe(about)
	}
	about.Files = []UploadFile{}
	return about, err
}

// describe writes what an upload is.
func (u *uploads) describe(about Upload) error {
	about.Files, about.Parts, about.Bytes = nil, nil, 0
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(u.place, about.ID, aboutFile), text)
}

// about reads what an upload is.
func (u *uploads) about(id string) (a Upload, err error) {
	if !uploadID().MatchString(id) {
		return a, failf(http.StatusNotFound, "there is no upload %q", id)
	}
	f, err := durable.OpenIn(u.root, path.Join(id, aboutFile))
	if errors.Is(err, fs.ErrNotExist) {
		return a, failf(http.StatusNotFound, "there is no upload %q", id)
	}
	if err != nil {
		return a, err
	}
	defer f.Close()
	err = json.NewDecoder(io.LimitReader(f, mostAbout)).Decode(&a)
	a.Files = []UploadFile{}
	return a, err
}

// get is an upload with its files.
func (u *uploads) get(id string) (a Upload, err error) {
	if a, err = u.about(id); err != nil {
		return a, err
	}
	err = fs.WalkDir(u.root.FS(), path.Join(id, wholeFolder), func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			a.Files = append(a.Files, UploadFile{Path: strings.TrimPrefix(name, path.Join(id, wholeFolder)+"/"), Bytes: info.Size(), MediaType: u.sniff(name)})
			a.Bytes += info.Size()
		}
		return err
	})
	if err != nil {
		return a, err
	}
	a.Parts, err = u.parts(id)
	for _, p := range a.Parts {
		a.Bytes += p.Offset
	}
	return a, err
}

// sniff tells the media type of a file by its first bytes.
func (u *uploads) sniff(name string) string {
	f, err := durable.OpenIn(u.root, name)
	if err != nil {
		return "application/octet-stream"
	}
	defer f.Close()
	head, _ := io.ReadAll(io.LimitReader(f, sniffed))
	return app.File{Bytes: head}.MediaType()
}

// trash puts an upload into the trash, or takes it out.
func (u *uploads) trash(id string, in bool) (Upload, error) {
	defer u.lock(id)()
	a, err := u.get(id)
	if err != nil {
		return a, err
	}
	if in == (a.Trashed != nil) {
		return a, failf(http.StatusConflict, "the upload %s is in that state already", id)
	}
	a.Trashed = nil
	if in {
		now := time.Now().UTC().Truncate(time.Second)
		a.Trashed = &now
	}
	return a, u.describe(a)
}

// purge removes an upload that is in the trash for good.
func (u *uploads) purge(id string) error {
	defer u.lock(id)()
	a, err := u.get(id)
	if err != nil {
		return err
	}
	if a.Trashed == nil {
		return failf(http.StatusConflict, "the upload %s is not in the trash", id)
	}
	err = u.root.RemoveAll(id)
	u.count(a.By, -a.Bytes)
	return err
}

// list are all uploads, the newest first, without their files.
func (u *uploads) list(trashed bool) ([]Upload, error) {
	entries, err := fs.ReadDir(u.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	all := []Upload{}
	for _, e := range entries {
		a, err := u.about(e.Name())
		if err != nil || trashed != (a.Trashed != nil) {
			continue
		}
		if a.Bytes, err = u.size(a.ID); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	slices.SortStableFunc(all, func(a, b Upload) int { return b.Created.Compare(a.Created) })
	return all, nil
}

// path is where a file of an upload lies; the whole folder for no name.
func (u *uploads) path(id, name string) string {
	return filepath.Join(u.place, id, wholeFolder, filepath.FromSlash(name))
}

// discard removes an upload that was not finished.
func (u *uploads) discard(id string) {
	defer u.lock(id)()
	a, err := u.get(id)
	if err == nil && u.root.RemoveAll(id) == nil {
		u.count(a.By, -a.Bytes)
	}
}
