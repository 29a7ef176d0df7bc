package cards

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atelier/internal/durable"
	"atelier/internal/fetch"
	"atelier/internal/home"
)

// lockEvery is the interval at which a lock held by another process is tried again.
const lockEvery = 100 * time.Millisecond

// Here returns the edition that the mirror or a Debian package provides, and whether there is one.
func (s *Set) Here() (Edition, bool) {
	c, err := s.Card()
	if err != nil {
		return Edition{}, false
	}
	e, folder := s.here(c)
	return e, folder != ""
}

// here is an edition and the folder of its files, "" if this machine has none.
func (s *Set) here(c Card) (Edition, string) {
	mirror := cmp.Or(s.Mirror, home.Mirror())
	for _, e := range c.Editions {
		if mirror == "" {
			break
		}
		for _, folder := range []string{mirror, filepath.Join(mirror, c.Name)} {
			if e.in(folder) {
				return e, folder
			}
		}
	}
	for _, e := range c.Editions {
		if folder := e.Debian.Folder; s.Mirror == "" && folder != "" && e.in(folder) {
			return e, folder
		}
	}
	return Edition{}, ""
}

// find returns the first edition that is available, and the folder of its checked files.
func (s *Set) find(ctx context.Context, c Card) (Edition, string, error) {
	if e, folder := s.here(c); folder != "" {
		return e, folder, e.check(folder)
	}
	if s.Mirror != "" {
		return Edition{}, "", fmt.Errorf("the mirror %s has no %s, and no other edition of the set", s.Mirror, strings.Join(c.Editions[0].paths(), ", "))
	}
	for _, e := range c.Editions {
		if e.public() {
			folder, err := s.download(ctx, c.Name, e)
			return e, folder, err
		}
	}
	return Edition{}, "", fmt.Errorf("%s: the file has no public address; its original is at %s. Take it from a folder that holds it: --mirror DIR or the environment variable %s",
		strings.Join(c.Editions[0].paths(), ", "), c.Home, home.MirrorVariable)
}

// in reports whether all files of the edition are in a folder.
func (e Edition) in(folder string) bool {
	for _, f := range e.Files {
		if info, err := os.Stat(join(folder, f.Path)); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

func (e Edition) paths() (paths []string) {
	for _, f := range e.Files {
		paths = append(paths, f.Path)
	}
	return paths
}

// check reports the first file that differs from the edition's.
func (e Edition) check(folder string) error {
	for _, f := range e.Files {
		if err := fetch.Verify(join(folder, f.Path), f.SHA256); err != nil {
			return fmt.Errorf("%s: %w", join(folder, f.Path), err)
		}
	}
	return nil
}

// download returns the cache folder of the edition, with all files in it. Only one process
// downloads at a time.
func (s *Set) download(ctx context.Context, name string, e Edition) (string, error) {
	cache, err := s.cache()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, name+"-"+e.Files[0].SHA256[:8])
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", durable.Explain(folder, err)
	}
	lock := durable.NewLock(folder + ".lock")
	if _, err := lock.TryLockContext(ctx, lockEvery); err != nil {
		return "", err
	}
	defer lock.Close()
	client := fetch.New(s.Settings)
	defer client.Close()
	for _, f := range e.Files {
		if err := f.get(ctx, client, join(folder, f.Path)); err != nil {
			return "", err
		}
	}
	return folder, nil
}

// cache is the folder of all downloads.
func (s *Set) cache() (string, error) {
	if s.Cache != "" {
		return s.Cache, nil
	}
	return home.Downloads()
}

// get downloads the file, unless it is there, from the first of its addresses that has it.
func (f File) get(ctx context.Context, client *fetch.Client, path string) error {
	err := fetch.Verify(path, f.SHA256)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) { // damaged since its download
		if err := os.Remove(path); err != nil {
			return durable.Explain(path, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return durable.Explain(path, err)
	}
	var failed error
	for _, address := range f.Addresses {
		err := client.Download(ctx, fetch.File{Address: address, SHA256: f.SHA256, Size: f.Size}, path)
		if err == nil || ctx.Err() != nil {
			return err
		}
		failed = errors.Join(failed, err)
	}
	return fmt.Errorf("%w; a folder that holds the file can be used instead: --mirror DIR or the environment variable %s", failed, home.MirrorVariable)
}
