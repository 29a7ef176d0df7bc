package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"atelier/internal/durable"
	"atelier/jobs"
)

// A chunk is a piece of a file of an upload.
type chunk struct {
	path   string
	offset int64
	// length is that of the whole file, -1 for what the body has.
	length int64
	body   io.Reader
}

// write adds a piece of a file to an upload, and returns how many bytes of it are here now. A
// file that is whole is in its place; one that broke off goes on at its offset.
func (u *uploads) write(id string, c chunk) (offset int64, err error) {
	defer u.lock(id)()
	a, err := u.about(id)
	if err != nil {
		return 0, err
	}
	if a.Trashed != nil {
		return 0, failf(http.StatusConflict, "the upload %s is in the trash", id)
	}
	if err := jobs.CheckPath(c.path); err != nil {
		return 0, fieldf("path", "%w", err)
	}
	if err := u.free(id, c.path); err != nil {
		return 0, err
	}
	file := partName(id, c.path)
	before, begun, err := u.part(file)
	switch {
	case err != nil:
		return 0, err
	case c.offset != before.Offset:
		return before.Offset, failf(http.StatusConflict, "Upload-Offset: %d bytes of %s are here, and not %d; go on there", before.Offset, c.path, c.offset)
	case begun && c.length < 0:
		c.length = before.Bytes
	case begun && before.Bytes != c.length:
		return before.Offset, failf(http.StatusConflict, "Upload-Length: %s was to have %d bytes, and not %d", c.path, before.Bytes, c.length)
	case c.length > u.limits.Upload:
		return 0, failf(http.StatusRequestEntityTooLarge, "%s has %d bytes; an upload may have %d", c.path, c.length, u.limits.Upload)
	}
	if !begun {
		text, err := json.Marshal(partAbout{c.path, c.length})
		if err == nil {
			err = u.root.WriteFile(file+".json", text, 0o600)
		}
		if err != nil {
			return 0, err
		}
	}
	offset, err = u.append(file, a.By, c)
	if err != nil {
		return offset, err
	}
	if c.length >= 0 && offset < c.length {
		return offset, nil
	}
	return offset, u.finish(id, file, c.path)
}

// append writes the body behind a part.
func (u *uploads) append(file, by string, c chunk) (offset int64, err error) {
	f, err := u.root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return c.offset, err
	}
	most := u.limits.Upload - c.offset
	if c.length >= 0 {
		most = c.length - c.offset
	}
	left := max(0, u.limits.All.Bytes-u.total())
	status, why := http.StatusRequestEntityTooLarge, fmt.Sprintf("%s is larger than it may be: %d bytes after the first %d", c.path, most, c.offset)
	if left < most {
		most, status, why = left, http.StatusInsufficientStorage, fmt.Sprintf("all uploads may have %d MiB, and %d of them are free; delete some and empty the trash", u.limits.All.Bytes>>20, left>>20)
	}
	body := &roomy{Reader: c.body, room: func(bytes int64) error { return u.room(by, bytes) }}
	n, err := io.Copy(f, io.LimitReader(body, most+1))
	if err == nil && n > most {
		err = errors.Join(failf(status, "%s", why), f.Truncate(c.offset))
		n = 0
	}
	u.count(by, n)
	var cut *http.MaxBytesError
	if err != nil && !errors.As(err, &cut) && !isStatus(err) {
		err = failf(http.StatusBadRequest, "the body broke off; %d bytes of %s are here, and it can go on there: %w", c.offset+n, c.path, err)
	}
	return c.offset + n, errors.Join(err, f.Sync(), f.Close())
}

func isStatus(err error) bool { var e *statusError; return errors.As(err, &e) }

// count counts bytes of a token that came.
func (u *uploads) count(by string, n int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all += n
	if u.bytes[by] += n; u.bytes[by] <= 0 {
		delete(u.bytes, by)
	}
}

// of is how many bytes the uploads of a token have.
func (u *uploads) of(by string) int64 { u.mu.Lock(); defer u.mu.Unlock(); return u.bytes[by] }

// total is how many bytes all uploads have.
func (u *uploads) total() int64 { u.mu.Lock(); defer u.mu.Unlock(); return u.all }

// roomEvery is after how many bytes a body is stopped if there is no room for more.
const roomEvery = 4 << 20

// A roomy reader ends a body when there is no room for more of it, which its length does not always
// say in advance.
type roomy struct {
	io.Reader
	room  func(bytes int64) error
	since int64 // bytes
}

// Read implements [io.Reader].
func (r *roomy) Read(p []byte) (int, error) {
	if r.since >= roomEvery {
		if err := r.room(r.since); err != nil {
			return 0, err
		}
		r.since = 0
	}
	n, err := r.Reader.Read(p)
	r.since += int64(n)
	return n, err
}

// finish puts a part that is whole into its place.
func (u *uploads) finish(id, file, name string) error {
	to := path.Join(id, wholeFolder, name)
	err := u.root.MkdirAll(path.Dir(to), 0o700)
	if err == nil {
		err = u.root.Rename(file, to)
	}
	if err == nil {
		err = u.root.Remove(file + ".json")
	}
	if err == nil {
		err = durable.SyncDir(filepath.Join(u.place, filepath.FromSlash(path.Dir(to))))
	}
	return err
}

// free refuses the path of a file that there is, or that differs from one in capitals alone, and
// too many files.
func (u *uploads) free(id, name string) error {
	folder, n := path.Join(id, wholeFolder), 0
	for rest := name; ; {
		first, after, more := strings.Cut(rest, "/")
		entries, err := fs.ReadDir(u.root.FS(), folder)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		n += len(entries)
		for _, e := range entries {
			switch same := strings.EqualFold(e.Name(), first); {
			case !same:
			case e.Name() != first:
				return fieldf("path", "%q is %q but for capitals, which are the same file on some systems", name, e.Name())
			case !more || !e.IsDir():
				return failf(http.StatusConflict, "the upload has a file %q already", name)
			}
		}
		if n >= u.limits.Files {
			return failf(http.StatusRequestEntityTooLarge, "an upload may have %d files", u.limits.Files)
		}
		if !more {
			return nil
		}
		folder, rest = path.Join(folder, first), after
	}
}
