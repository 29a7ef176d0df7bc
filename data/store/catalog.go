package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite" // and the driver of that name
	sqlite3 "modernc.org/sqlite/lib"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// catalogName is a file in the store's folder that makes listing fast and remembers
// which runs were trained on which version. The folders are what counts.
const catalogName = "catalog.db"

const catalogTables = `
CREATE TABLE IF NOT EXISTS versions (
	name TEXT, version INTEGER, root TEXT, items INTEGER, bytes INTEGER, made INTEGER,
	stamp TEXT, -- of the manifest that the row was made from: size and time, or ETag
	PRIMARY KEY (name, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
	path TEXT, ref TEXT, hash TEXT, at INTEGER,
	PRIMARY KEY (path, hash)) WITHOUT ROWID;`

// A catalog is the opened catalog of a store.
type catalog struct{ *sql.DB }

func (s *Store) catalog(ctx context.Context) (*catalog, error) {
	path := filepath.Join(s.home, catalogName)
	if err := os.MkdirAll(s.home, 0o777); err != nil {
		return nil, durable.Explain(s.home, err)
	}
	if err := makeFile(path); err != nil {
		return nil, durable.Explain(path, err)
	}
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, catalogTables); err != nil {
		return nil, errors.Join(fmt.Errorf("the catalog %s cannot be used: %w; make it anew with: atelier data reindex", path, err), db.Close())
	}
	return &catalog{db}, nil
}

// makeFile makes an empty file if there is none: SQLite would give it other permissions
// than the umask says.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// An Entry is what a list shows of a version.
type Entry struct {
	Name    string
	Version int
	// Hash is the root hash, Items and Bytes the size of the version.
	Hash  string
	Items int
	Bytes int64
	Made  time.Time
}

// Ref is the version's name and number, such as "faces@2".
func (e Entry) Ref() string { return fmt.Sprintf("%s@%d", e.Name, e.Version) }

// A Damaged version, or dataset, is one that cannot be read, and why.
type Damaged struct {
	Ref string // such as "faces@2", or "faces" for all of a dataset
	Err error
}

// List tells of all versions, by name and number, and apart from them of those that are
// damaged. It reads the manifests that the catalog does not know as they are; without a
// usable catalog it reads them all.
func (s *Store) List(ctx context.Context) (whole []Entry, damaged []Damaged, err error) {
	c, err := s.catalog(ctx)
	if err == nil {
		defer c.Close()
	} else {
		c = nil
	}
	there, damaged, err := s.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range there {
		e, err := s.entry(ctx, c, l)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			damaged = append(damaged, Damaged{e.Ref(), err})
		default:
			whole = append(whole, e)
		}
	}
	return whole, damaged, nil
}

// list lists all versions, and the datasets that cannot be looked into.
func (s *Store) list(ctx context.Context) (all []listed, damaged []Damaged, err error) {
	if s.remote != nil {
		all, err = s.remote.list(ctx, "")
		return all, nil, err
	}
	names, err := s.Names(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		versions, err := s.Versions(ctx, name)
		if err != nil {
			damaged = append(damaged, Damaged{name, err})
		}
		for _, n := range versions {
			l := listed{name: name, version: n}
			if info, err := os.Stat(filepath.Join(s.folder(name), fmt.Sprint(n), ManifestName)); err == nil {
				l.stamp = fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
			}
			all = append(all, l)
		}
	}
	return all, damaged, nil
}

// entry takes what is known of a version from the catalog if its manifest is still the
// same file, or else from the manifest.
func (s *Store) entry(ctx context.Context, c *catalog, l listed) (Entry, error) {
	e := Entry{Name: l.name, Version: l.version}
	if c != nil && l.stamp != "" {
		var made int64
		err := c.QueryRowContext(ctx, `SELECT root, items, bytes, made FROM versions WHERE name = ? AND version = ? AND stamp = ?`, l.name, l.version, l.stamp).
			Scan(&e.Hash, &e.Items, &e.Bytes, &made)
		if err == nil {
			e.Made = time.Unix(made, 0).UTC()
			return e, nil
		}
	}
	v, err := s.Version(ctx, e.Ref())
	if err != nil {
		return e, err
	}
	m := v.manifest
	e.Hash, e.Bytes, e.Made = m.Root, m.Counts.Bytes, m.Made
	for _, items := range m.Counts.Splits {
		e.Items += items
	}
	if c != nil { // a catalog that cannot be written only costs time
		c.ExecContext(ctx, `INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)`, l.name, l.version, e.Hash, e.Items, e.Bytes, e.Made.Unix(), l.stamp)
	}
	return e, nil
}

// A TrainedRun is a run that was trained on a version.
type TrainedRun struct {
	// Path is the run's folder.
	Path string
	// Ref and Hash tell the version, such as "faces@2".
	Ref, Hash string
	// At is when training began.
	At time.Time
}

// RecordRun remembers that a run was trained on a version.
func (s *Store) RecordRun(ctx context.Context, r TrainedRun) error {
	c, err := s.catalog(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.record(ctx, r)
}

func (c *catalog) record(ctx context.Context, r TrainedRun) error {
	path, err := filepath.Abs(r.Path)
	if err == nil {
		_, err = c.ExecContext(ctx, `INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)`, path, r.Ref, r.Hash, r.At.Unix())
	}
	return err
}

// Runs returns the runs that were trained on the version with a hash, oldest first.
func (s *Store) Runs(ctx context.Context, hash string) ([]TrainedRun, error) {
	c, err := s.catalog(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.runs(ctx, `WHERE hash = ?`, hash)
}

func (c *catalog) runs(ctx context.Context, where string, args ...any) (out []TrainedRun, err error) {
	rows, err := c.QueryContext(ctx, `SELECT path, ref, hash, at FROM runs `+where+` ORDER BY at, path`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r TrainedRun
		var at int64
		if err := rows.Scan(&r.Path, &r.Ref, &r.Hash, &at); err != nil {
			return nil, err
		}
		r.At = time.Unix(at, 0).UTC()
		out = append(out, r)
	}
	return out, rows.Err()
}

// emptied opens a catalog that knows of no version and of all the runs that the one
// before knew of. Only one that is damaged is replaced, and its runs, as far as they
// can be read, are added to those given: what another process records meanwhile
// stays in one that is whole.
func (s *Store) emptied(ctx context.Context, runs *[]TrainedRun) (*catalog, error) {
	c, err := s.catalog(ctx)
	if err == nil {
		var known []TrainedRun
		if known, err = c.runs(ctx, ""); err == nil {
			err = c.empty(ctx)
		}
		if err == nil {
			return c, nil
		}
		*runs = append(known, *runs...)
		c.Close()
	}
	var refused *sqlite.Error
	if busy := errors.As(err, &refused) && refused.Code()&0xff == sqlite3.SQLITE_BUSY; busy || ctx.Err() != nil {
		return nil, err // which is no damage
	}
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(s.home, catalogName+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, badinput.Errorf("the catalog cannot be made anew: %w", err)
		}
	}
	return s.catalog(ctx)
}

// empty forgets all versions, or reports that the catalog is damaged.
func (c *catalog) empty(ctx context.Context) error {
	var state string
	err := c.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&state)
	if err != nil {
		return err
	}
	if state != "ok" {
		return errors.New(state)
	}
	_, err = c.ExecContext(ctx, `BEGIN IMMEDIATE; DROP TABLE versions;`+catalogTables+`COMMIT;`)
	return err
}

// Reindex makes the catalog anew from the folders, as far as they are not damaged; from a
// bucket it takes away what interrupted commands left there. Which runs there are is
// taken from the caller, who knows where they lie, and from the old catalog as far as it
// can be read.
func (s *Store) Reindex(ctx context.Context, runs []TrainedRun) ([]Damaged, error) {
	if s.remote != nil {
		if err := s.remote.sweep(ctx, datasetsKey, 0); err != nil {
			return nil, err
		}
	}
	c, err := s.emptied(ctx, &runs)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, r := range runs {
		if err := c.record(ctx, r); err != nil {
			return nil, err
		}
	}
	_, damaged, err := s.List(ctx)
	return damaged, err
}
