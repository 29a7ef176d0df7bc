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

// catalogName is a file in the store's folder that makes listing fast and records which runs were
// trained on which version. The folders are authoritative.
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
		return nil, errors.Join(fmt.Errorf("the catalog %s cannot be used: %w; rebuild it with: atelier data reindex", path, err), db.Close())
	}
	return &catalog{db}, nil
}

// makeFile creates an empty file if there is none: SQLite would ignore the umask.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// An Entry describes a version in a list.
type Entry struct {
	Name    string
	Version int
	// Hash is the root hash; Items and Bytes are the size of the version.
	Hash  string
	Items int
	Bytes int64
	Made  time.Time
}

// Ref is the version's name and number, such as "faces@2".
func (e Entry) Ref() string { return fmt.Sprintf("%s@%d", e.Name, e.Version) }

// A Damaged version or dataset cannot be read; Err says why.
type Damaged struct {
	Ref string // such as "faces@2", or "faces" for a whole dataset
	Err error
}

// List returns all versions, by name and number, and separately those that are damaged. It reads
// only manifests that changed since they were catalogued, or all of them if the catalog cannot be
// used.
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

// list lists all versions, and the datasets that cannot be read.
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

// entry returns the catalog's entry of a version if its manifest is unchanged, or reads the
// manifest.
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
	if c != nil { // if it cannot be written, only time is lost
		c.ExecContext(ctx, `INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)`, l.name, l.version, e.Hash, e.Items, e.Bytes, e.Made.Unix(), l.stamp)
	}
	return e, nil
}

// A TrainedRun is a run that was trained on a version.
type TrainedRun struct {
	// Path is the run's folder.
	Path string
	// Ref and Hash identify the version, such as "faces@2".
	Ref, Hash string
	// At is the start of the training.
	At time.Time
}

// RecordRun records that a run was trained on a version.
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

// Runs returns the runs trained on the version with that hash, oldest first.
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

// emptied opens a catalog without versions, with all runs of the previous catalog. Only a damaged
// catalog is replaced; its readable runs are added to those given. A sound one is emptied in place,
// so that runs recorded meanwhile by other processes stay.
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
		return nil, err // not a sign of damage
	}
	path := filepath.Join(s.home, catalogName)
	was, unknown := os.Stat(path)
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, badinput.Errorf("the catalog cannot be rebuilt: %w", err)
		}
	}
	c, err = s.catalog(ctx)
	if err != nil || unknown != nil {
		return c, err
	}
	if err := os.Chmod(path, was.Mode().Perm()); err != nil { // whoever could not read it still cannot
		return nil, errors.Join(durable.Explain(path, err), c.Close())
	}
	return c, nil
}

// empty deletes all versions, or reports that the catalog is damaged.
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

// Reindex rebuilds the catalog from the folders that are not damaged; in a bucket it also deletes
// what interrupted commands left. The runs are given by the caller, who knows their folders, and
// added to those that can be read from the old catalog.
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
