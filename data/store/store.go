package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

// A Store is a place of dataset versions: HOME/datasets/NAME/N/. Several processes may
// use it at once.
type Store struct{ home string }

// Open opens the store in a folder, which need not exist yet.
func Open(home string) (*Store, error) {
	if home == "" {
		return nil, badinput.Errorf("the store has no place; name a folder")
	}
	info, err := os.Stat(home)
	if err == nil && !info.IsDir() {
		return nil, badinput.Errorf("%s is no folder; the store wants one", home)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &Store{home}, nil
}

// Home is the store's folder.
func (s *Store) Home() string { return s.home }

func (s *Store) datasets() string { return filepath.Join(s.home, "datasets") }

func (s *Store) folder(name string) string { return filepath.Join(s.datasets(), name) }

// Names lists the datasets that have a version, sorted.
func (s *Store) Names(ctx context.Context) ([]string, error) {
	entries, err := os.ReadDir(s.datasets())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if CheckName(e.Name()) != nil || !e.IsDir() {
			continue
		}
		versions, err := s.Versions(ctx, e.Name())
		if err != nil {
			return nil, err
		}
		if len(versions) > 0 {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Versions lists the versions of a dataset, oldest first; there may be none.
func (s *Store) Versions(ctx context.Context, name string) ([]int, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.folder(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > 0 && strconv.Itoa(n) == e.Name() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Version opens a version by name, "faces" for the newest, or by name and number,
// "faces@2". The error names what there is.
func (s *Store) Version(ctx context.Context, ref string) (*Version, error) {
	name, number, exact := strings.Cut(ref, "@")
	versions, err := s.Versions(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, s.unknown(ctx, name)
	}
	n := versions[len(versions)-1]
	if exact {
		if n, err = strconv.Atoi(number); err != nil || !slices.Contains(versions, n) {
			return nil, badinput.Errorf("there is no version %s; of %s there is %s", ref, name, refs(name, versions))
		}
	}
	v, err := OpenVersion(filepath.Join(s.folder(name), strconv.Itoa(n)))
	if err != nil {
		return nil, err
	}
	if v.manifest.Name != name || v.manifest.Version != n {
		return nil, fmt.Errorf("%s calls itself %s; put it back where it was, or remove it", v.dir, v.Ref())
	}
	return v, nil
}

func (s *Store) unknown(ctx context.Context, name string) error {
	names, err := s.Names(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return badinput.Errorf("there is no dataset %q: none is stored in %s yet", name, s.home)
	}
	return badinput.Errorf("there is no dataset %q in %s; %s", name, s.home, registry.Suggest(name, names))
}

func refs(name string, versions []int) string {
	var out []string
	for _, n := range versions {
		out = append(out, fmt.Sprintf("%s@%d", name, n))
	}
	return strings.Join(out, ", ")
}

// Write makes the next version of m.Name out of the rows that write adds. It is there
// as a whole or, after an error or a kill, not at all. The manifest is completed: see
// [Manifest].
func (s *Store) Write(ctx context.Context, m *Manifest, write func(*Writer) error) (*Version, error) {
	unlock, err := s.lock(m.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	versions, err := s.Versions(ctx, m.Name)
	if err != nil {
		return nil, err
	}
	m.Version = 1
	if n := len(versions); n > 0 {
		m.Version = versions[n-1] + 1
	}
	if m.Made.IsZero() {
		m.Made = time.Now().UTC().Truncate(time.Second)
	}
	dir := filepath.Join(s.folder(m.Name), strconv.Itoa(m.Version))
	if err := durable.WriteFrozen(dir, func(dir string) error { return fill(ctx, dir, m, write) }); err != nil {
		return nil, err
	}
	return &Version{dir, m}, nil
}

// fill puts a version into an empty folder.
func fill(ctx context.Context, dir string, m *Manifest, write func(*Writer) error) error {
	w := newWriter(ctx, dir, 0)
	w.fail(write(w))
	if err := w.finish(m); err != nil {
		return err
	}
	if w.narrow {
		if err := widen(ctx, dir, m, w.content); err != nil {
			return err
		}
	}
	if len(m.Classes) == 0 {
		m.Classes = slices.Sorted(maps.Keys(m.Counts.Classes))
	}
	return writeManifest(dir, m)
}

// Remove takes a version away; a bare name stands for all versions.
func (s *Store) Remove(ctx context.Context, ref string) error {
	v, err := s.Version(ctx, ref)
	if err != nil {
		return err
	}
	name := v.manifest.Name
	unlock, err := s.lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	if strings.Contains(ref, "@") {
		return durable.Remove(v.dir)
	}
	versions, err := s.Versions(ctx, name)
	for _, n := range slices.Backward(versions) {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		err = durable.Remove(filepath.Join(s.folder(name), strconv.Itoa(n)))
	}
	return err
}
