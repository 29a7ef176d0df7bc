package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// A partAbout says what a part is of.
type partAbout struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// partName is the file of a part.
func partName(id, name string) string {
	sum := sha256.Sum256([]byte(name))
	return path.Join(id, partFolder, hex.EncodeToString(sum[:16]))
}

// parts are the files of an upload that are not whole.
func (u *uploads) parts(id string) (all []UploadPart, err error) {
	entries, err := fs.ReadDir(u.root.FS(), path.Join(id, partFolder))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		p, ok, err := u.part(path.Join(id, partFolder, strings.TrimSuffix(e.Name(), ".json")))
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b UploadPart) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// part reads a part by its file.
func (u *uploads) part(file string) (p UploadPart, ok bool, err error) {
	text, err := u.root.ReadFile(file + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return p, false, nil
	}
	var about partAbout
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	if err != nil {
		return p, false, err
	}
	p = UploadPart{Path: about.Path, Bytes: about.Bytes}
	if info, err := u.root.Stat(file); err == nil {
		p.Offset = info.Size()
	}
	return p, true, nil
}

// whole is the upload of an id, if all of it is here.
func (u *uploads) whole(id string) (Upload, error) {
	a, err := u.get(id)
	switch {
	case err != nil:
		return a, err
	case a.Trashed != nil:
		return a, badinput.Errorf("the upload %s is in the trash", id)
	case len(a.Parts) > 0:
		return a, badinput.Errorf("the upload %s is not whole: %d of %d bytes of %s are here", id, a.Parts[0].Offset, a.Parts[0].Bytes, a.Parts[0].Path)
	case len(a.Files) == 0:
		return a, badinput.Errorf("the upload %s has no files", id)
	}
	return a, nil
}

// single is the path of a file of an upload.
func (a Upload) single(name string) (string, error) {
	if name == "" && len(a.Files) == 1 {
		return a.Files[0].Path, nil
	}
	for _, f := range a.Files {
		if f.Path == name {
			return name, nil
		}
	}
	if name == "" {
		return "", badinput.Errorf("the upload %s has %d files; say which, as file", a.ID, len(a.Files))
	}
	return "", fmt.Errorf("the upload %s has no file %q: %w", a.ID, name, badinput.Err)
}
