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
	"atelier/internal/bucket"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

// A Store holds dataset versions: HOME/datasets/NAME/N/. Several processes may use it at the same
// time.
type Store struct {
	// Progress receives the progress of long operations; it may be nil.
	Progress func(stage string, done, total int)

	home   string
	remote *remote // nil if the versions are in the folder home
}

// Open opens the store in a folder, which need not exist yet, or in a bucket, at s3://BUCKET or
// s3://BUCKET/FOLDER. The catalog is always on this machine.
func Open(home string) (*Store, error) {
	switch {
	case home == "":
		return nil, badinput.Errorf("the store has no place; name a folder")
	case strings.HasPrefix(home, bucket.Scheme):
		return openRemote(home)
	case strings.Contains(home, "://"):
		return nil, badinput.Errorf("datasets are kept in a folder or in s3://BUCKET/FOLDER, not at %s", home)
	}
	info, err := os.Stat(home)
	if err == nil && !info.IsDir() {
		return nil, badinput.Errorf("%s is not a folder; datasets are stored in a folder", home)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &Store{home: home}, nil
}

// Home is the store's folder. For a bucket it is a folder on this machine, with copies and the
// catalog.
func (s *Store) Home() string { return s.home }

// Place is the store's folder, or its address.
func (s *Store) Place() string {
	if s.remote != nil {
		return s.remote.folder.Address("")
	}
	return s.home
}

func (s *Store) progress(stage string, done, total int) {
	if s.Progress != nil {
		s.Progress(stage, done, total)
	}
}

func (s *Store) datasets() string { return filepath.Join(s.home, "datasets") }

func (s *Store) folder(name string) string { return filepath.Join(s.datasets(), name) }

// Names lists the datasets with a version, sorted.
func (s *Store) Names(ctx context.Context) ([]string, error) {
	if s.remote != nil {
		return s.remote.namesOf(ctx)
	}
	entries, err := os.ReadDir(s.datasets())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if CheckName(e.Name()) != nil || !e.IsDir() {
			continue
		}
		if versions, err := s.Versions(ctx, e.Name()); err != nil || len(versions) > 0 {
			names = append(names, e.Name()) // an unreadable folder counts as well
		}
	}
	return names, nil
}

// Versions lists the versions of a dataset, oldest first; there may be none.
func (s *Store) Versions(ctx context.Context, name string) ([]int, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if s.remote != nil {
		return s.remote.versionsOf(ctx, name)
	}
	entries, err := os.ReadDir(s.folder(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		if n := number(e.Name()); n > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Version opens a version by name, "faces" for the newest, or by name and number, "faces@2". The
// error lists the existing ones.
func (s *Store) Version(ctx context.Context, ref string) (*Version, error) {
	name, versions, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	n := versions[len(versions)-1]
	v, err := s.open(ctx, name, n)
	if err != nil {
		return nil, s.orElse(ctx, err, name, n, name == ref)
	}
	if v.manifest.Name != name || v.manifest.Version != n {
		return nil, fmt.Errorf("%s calls itself %s; put it back where it was, or remove it", v.Place(), v.Ref())
	}
	return v, nil
}

// find returns the versions that a reference, NAME or NAME@N, stands for, oldest first, without
// opening them.
func (s *Store) find(ctx context.Context, ref string) (name string, versions []int, err error) {
	name, number, exact := strings.Cut(ref, "@")
	if versions, err = s.Versions(ctx, name); err != nil {
		return "", nil, err
	}
	if len(versions) == 0 {
		return "", nil, s.unknown(ctx, name)
	}
	if exact {
		n, err := strconv.Atoi(number)
		if err != nil || !slices.Contains(versions, n) {
			return "", nil, badinput.Errorf("there is no version %s; of %s there is %s", ref, name, refs(name, versions))
		}
		versions = []int{n}
	}
	return name, versions, nil
}

// Refs returns the references of the versions that a reference stands for, oldest first, damaged or
// not.
func (s *Store) Refs(ctx context.Context, ref string) ([]string, error) {
	name, versions, err := s.find(ctx, ref)
	var out []string
	for _, n := range versions {
		out = append(out, Entry{Name: name, Version: n}.Ref())
	}
	return out, err
}

func (s *Store) open(ctx context.Context, name string, n int) (*Version, error) {
	if s.remote != nil {
		return s.remote.open(ctx, name, n)
	}
	return OpenVersion(filepath.Join(s.folder(name), strconv.Itoa(n)))
}

func (s *Store) unknown(ctx context.Context, name string) error {
	names, err := s.Names(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return badinput.Errorf("there is no dataset %q: none is stored in %s yet", name, s.Place())
	}
	return badinput.Errorf("there is no dataset %q in %s; %s", name, s.Place(), registry.SuggestSome(name, names, 10))
}

func refs(name string, versions []int) string {
	var out []string
	for _, n := range versions {
		out = append(out, Entry{Name: name, Version: n}.Ref())
	}
	return strings.Join(out, ", ")
}

// Write makes the next version of m.Name from the rows that write adds: see [Hold.Write]. It is an
// error if another process is writing the dataset.
func (s *Store) Write(ctx context.Context, m *Manifest, write func(*Writer) error) (*Version, error) {
	unlock, err := s.lock(ctx, m.Name)
	if err != nil {
		return nil, err
	}
	h := &Hold{s: s, name: m.Name, unlock: unlock}
	defer h.Release()
	return h.Write(ctx, m, write)
}

// Write makes the next version of the dataset from the rows that write adds. The version exists
// completely or, after an error or a kill, not at all. The manifest is completed: see [Manifest].
// The error is [ErrMeanwhile] if the version does not follow the one that [Hold.Newest] returned.
func (h *Hold) Write(ctx context.Context, m *Manifest, write func(*Writer) error) (*Version, error) {
	s := h.s
	versions, err := s.Versions(ctx, m.Name)
	if err != nil {
		return nil, err
	}
	newest := 0
	if n := len(versions); n > 0 {
		newest = versions[n-1]
	}
	if h.follows && newest != h.newest {
		return nil, fmt.Errorf("%s@%d %w", m.Name, newest, ErrMeanwhile)
	}
	m.Version = newest + 1
	if m.Made.IsZero() {
		m.Made = time.Now().UTC().Truncate(time.Second)
	}
	if s.remote != nil {
		return s.remote.write(ctx, m, h.follows, func(dir string) error { return fill(ctx, dir, m, write) })
	}
	dir := filepath.Join(s.folder(m.Name), strconv.Itoa(m.Version))
	if err := durable.WriteFrozen(dir, func(dir string) error { return fill(ctx, dir, m, write) }); err != nil {
		return nil, err
	}
	return &Version{dir: dir, manifest: m}, nil
}

// fill writes a version into an empty folder.
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

// Remove deletes a version, damaged or not; a bare name stands for all versions.
func (s *Store) Remove(ctx context.Context, ref string) error {
	name, _, err := s.find(ctx, ref)
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	_, versions, err := s.find(ctx, ref) // another process may have been faster
	for _, n := range slices.Backward(versions) {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		err = s.remove(ctx, name, n)
	}
	return err
}

func (s *Store) remove(ctx context.Context, name string, n int) error {
	if s.remote != nil {
		if err := s.remote.remove(ctx, name, n); err != nil {
			return err
		}
	}
	return durable.Remove(filepath.Join(s.folder(name), strconv.Itoa(n)))
}
