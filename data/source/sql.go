package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"atelier/data"
)

func init() {
	data.Sources.Add("sql", "the rows of a query on SQLite (sqlite:FILE) or PostgreSQL (postgres://...), with a text or a file's bytes in each",
		func() data.Source { return &SQL{TestShare: 0.1} })
}

// SQL reads an Item from each row of a query. Nothing is ever written. The rows come in the order
// of the query, which should therefore end with ORDER BY.
type SQL struct {
	Address string `help:"sqlite:FILE, or postgres://USER@HOST/DATABASE; the password is best left to PGPASSWORD or ~/.pgpass"`
	Query   string `help:"the query; if empty, the database's only table is read"`
	Columns
	TestShare float64 `help:"share of the rows, 0 to 0.9, held out as the test part; a set that comes already divided stays so"`
}

// Check rejects a share outside its range.
func (s *SQL) Check() error { return checkShare(s.TestShare) }

// SetName is the name of the database.
func (s *SQL) SetName() string {
	place, _, _ := strings.Cut(s.Address, "?")
	return nameOfFile(strings.TrimPrefix(place, sqliteScheme))
}

// Recognize accepts addresses of databases.
func (s *SQL) Recognize(place string) data.Fit {
	if !strings.HasPrefix(place, sqliteScheme) && !isPostgres(place) {
		return data.Unfit
	}
	s.Address = place
	return data.Certain
}

// Divided reports whether a column split defines the parts.
func (s *SQL) Divided() bool {
	return s.Columns.divide(s.rows(context.Background()), true)
}

// Items yields one Item per row.
func (s *SQL) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the rows that are not in the journal, identified by number.
func (s *SQL) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *SQL) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("sql %w", err))
	}
	return func(yield func(data.Item, error) bool) {
		place := withoutPassword(s.Address)
		fail := func(err error) { yield(data.Item{}, fmt.Errorf("sql %s: %w", place, err)) }
		parts := partRule{s.Divided(), s.TestShare}
		for r, err := range s.rows(ctx) {
			if err != nil {
				fail(err)
				return
			}
			name := fmt.Sprintf("row/%d", r.at)
			if known(name) {
				continue
			}
			c, err := s.Columns.readable(r.names)
			if err != nil {
				fail(err)
				return
			}
			it, part, err := c.item(r.record, s.beside)
			it.Name, it.Origin.Place = name, fmt.Sprintf("%s#%d", place, r.at)
			if parts.of(cmp.Or(part, data.Train), it.Group, name) == split && !yield(it, err) {
				return
			}
		}
	}
}

// beside reads a file by the path in a row, from the folder of the database.
func (s *SQL) beside(file string) ([]byte, error) {
	db, ok := strings.CutPrefix(s.Address, sqliteScheme)
	if !ok {
		return nil, errors.New("the row names a file, but a database on a server has no folder; store the bytes in a column")
	}
	return readBelow(filepath.Dir(db), file)
}
