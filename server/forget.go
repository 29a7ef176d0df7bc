package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data/library"
	"atelier/internal/durable"
	"atelier/jobs"
)

// mostForgotten is how many Items a request may name.
const mostForgotten = 1000

// A ForgetRequest names Items that are to be forgotten.
type ForgetRequest struct {
	// Items are their SHA-256, or the first 8 or more digits.
	Items []string `json:"items"`
	// Erase also removes their bytes from older versions and caches.
	Erase bool `json:"erase,omitempty"`
}

// Forgotten says what was forgotten.
type Forgotten struct {
	// Version is the newest one, which has none of them.
	Version string `json:"version"`
	Items   int    `json:"items"`
	// Had are the versions that had some of them, and Runs those that learned from these.
	Had  []string `json:"had"`
	Runs []string `json:"runs"`
	// Erased reports that no file of the dataset holds their bytes any more; Elsewhere are other
	// datasets that hold the same bytes, and Uploads is how many uploaded files were removed.
	Erased    bool     `json:"erased"`
	Uploads   int      `json:"uploads"`
	Elsewhere []string `json:"elsewhere"`
	// Results are files of jobs, as JOB/NAME, that are such Items or were made of them. They stay until
	// their jobs are deleted.
	Results []string `json:"results"`
}

func (s *Server) forget(w http.ResponseWriter, r *http.Request) error {
	var q ForgetRequest
	if err := decode(w, r, &q); err != nil {
		return err
	}
	l, name := s.config.Workshop.Library, r.PathValue("ref")
	if l == nil || jobs.CheckName(name) != nil || strings.Contains(name, "@") {
		return failf(http.StatusNotFound, "there is no dataset %q; want a name without a version", name)
	}
	if len(q.Items) == 0 || len(q.Items) > mostForgotten {
		return fieldf("items", "want 1 to %d hashes, got %d", mostForgotten, len(q.Items))
	}
	if _, err := s.version(r.Context(), name); err != nil {
		return err
	}
	f, err := l.Forget(r.Context(), name, &library.Selection{Hashes: q.Items})
	if err != nil {
		return err
	}
	found := Forgotten{Version: f.Version.Ref(), Items: f.Items, Had: []string{}, Runs: []string{}, Elsewhere: []string{}}
	for _, v := range f.Had {
		found.Had = append(found.Had, v.Ref)
		runs, err := l.Store.Runs(r.Context(), v.Hash)
		if err != nil {
			return err
		}
		for _, one := range runs {
			found.Runs = append(found.Runs, filepath.Base(one.Path))
		}
	}
	slices.Sort(found.Runs)
	found.Runs = slices.Compact(found.Runs)
	uploads, erased, err := s.uploads.having(f.Digests, q.Erase)
	if err != nil {
		return err
	}
	found.Uploads = erased
	if found.Results, err = s.queue.Holding(r.Context(), hexadecimal(f.Digests), uploads); err != nil {
		return err
	}
	if q.Erase {
		erased, err := l.Erase(r.Context(), f)
		if err != nil {
			return failf(http.StatusConflict, "%s was made, but the bytes are not all erased: %w", found.Version, err)
		}
		found.Erased = true
		for name := range erased.Elsewhere {
			found.Elsewhere = append(found.Elsewhere, name)
		}
		slices.Sort(found.Elsewhere)
	}
	return answer(w, http.StatusOK, found)
}

// hexadecimal writes digests.
func hexadecimal(digests [][32]byte) (words []string) {
	for _, d := range digests {
		words = append(words, hex.EncodeToString(d[:]))
	}
	return words
}

// having are the ids of the uploads that have files with one of the digests. With erase these files
// are removed, and counted.
func (u *uploads) having(digests [][32]byte, erase bool) (ids []string, erased int, err error) {
	all, err := fs.Glob(u.root.FS(), "*/"+wholeFolder)
	for _, folder := range all {
		a, broken := u.about(path.Dir(folder))
		if broken != nil {
			continue
		}
		has := false
		err = errors.Join(err, fs.WalkDir(u.root.FS(), folder, func(name string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			sum, size, err := u.digest(name)
			if err != nil || !slices.Contains(digests, sum) {
				return err
			}
			has = true
			if !erase {
				return nil
			}
			erased++
			u.count(a.By, -size)
			return u.root.Remove(name)
		}))
		if has {
			ids = append(ids, a.ID)
		}
	}
	return ids, erased, err
}

// digest is the SHA-256 of a file, and its size.
func (u *uploads) digest(name string) (sum [32]byte, size int64, err error) {
	f, err := durable.OpenIn(u.root, name)
	if err != nil {
		return sum, 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return [32]byte(h.Sum(nil)), size, err
}
