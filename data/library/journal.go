package library

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	_ "modernc.org/sqlite" // the driver

	"atelier/data"
)

// A journal is what is known of a job that is under way: how far each of its files
// is written for sure, how many Items of each source are in them, where those of
// resumable sources are, and what the sources noted. It is the truth after an
// interruption: what is not in it did not happen.
type journal struct {
	db *sql.DB

	mu      sync.Mutex
	pending []pending // not committed yet
	noted   map[string][]byte
}

type pending struct {
	source int
	split  data.Split
	name   string
	at     int64
}

// A state is how far a job has come.
type state struct {
	Spool    int64   // bytes
	Sketches []int64 // bytes of each file of sketches
	Spans    []span
	Base     string // marks the version that the first source is, if it is one that is followed
}

// A span is the part of the spool that holds one part of one source.
type span struct {
	Source int
	Split  data.Split
	Begin  int64 // place in the spool
	End    int64
	Count  int
	Passed int  // how many of them the source itself dropped
	ByName bool // its order is that of the names
	Done   bool // the source has no more
}

const schema = `
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (source INTEGER, split TEXT, name TEXT, at INTEGER NOT NULL, PRIMARY KEY (source, split, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;`

func openJournal(dir string) (*journal, error) {
	path := filepath.Join(dir, "journal.db")
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o666) // with the permissions of the umask, not SQLite's
	if err != nil {
		return nil, err
	}
	f.Close()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2) // one that writes, and one that asks what is known
	if _, err := db.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be used: %w; if it is damaged, remove its folder to start over", path, err), db.Close())
	}
	return &journal{db: db, noted: map[string][]byte{}}, nil
}

func (j *journal) close() error { return j.db.Close() }

// state returns how far the job had come, the zero state for one that is new.
func (j *journal) state() (state, error) {
	var st state
	var text string
	err := j.db.QueryRow("SELECT value FROM state").Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return st, nil
	}
	if err == nil {
		st, err = parseState([]byte(text))
	}
	return st, err
}

// parseState reads how far a job has come.
func parseState(text []byte) (st state, err error) {
	if err := json.Unmarshal(text, &st); err != nil {
		return st, fmt.Errorf("%w: %w", errDamaged, err)
	}
	wrong := st.Spool < 0 || slices.ContainsFunc(st.Sketches, func(size int64) bool { return size < 0 })
	for _, sp := range st.Spans {
		wrong = wrong || sp.Source < 0 || sp.Begin < 0 || sp.Begin > sp.End || sp.End > st.Spool || sp.Count < 0 || sp.Passed < 0
	}
	if wrong {
		return st, errDamaged
	}
	return st, nil
}

// fits reports whether a state is one of a job of so many inputs and files of sketches.
func (st state) fits(inputs, sketches int) bool {
	return (st.Sketches == nil || len(st.Sketches) == sketches) &&
		!slices.ContainsFunc(st.Spans, func(sp span) bool { return sp.Source >= inputs })
}

// add notes where the record of an Item of a resumable source is, to be committed
// with the state that covers it.
func (j *journal) add(p pending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending = append(j.pending, p)
}

// commit makes the state, and all that was noted up to it, the truth.
func (j *journal) commit(st state) error {
	text, err := json.Marshal(st)
	if err != nil {
		return err
	}
	j.mu.Lock()
	rows, notes := j.pending, j.noted
	j.pending, j.noted = nil, map[string][]byte{}
	j.mu.Unlock()
	tx, err := j.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if len(rows) > 0 {
		insert, err := tx.Prepare("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, p := range rows {
			if _, err := insert.Exec(p.source, string(p.split), p.name, p.at); err != nil {
				return err
			}
		}
	}
	for key, value := range notes {
		if _, err := tx.Exec("INSERT OR REPLACE INTO notes VALUES (?, ?)", key, value); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("INSERT OR REPLACE INTO state VALUES (0, ?)", string(text)); err != nil {
		return err
	}
	return tx.Commit()
}

// waiting reports whether sources noted what is not committed yet.
func (j *journal) waiting() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.noted) > 0
}

// places yields the places in the spool of the Items of a part, in the order of
// their names.
func (j *journal) places(ctx context.Context, source int, split data.Split, yield func(at int64) error) error {
	rows, err := j.db.QueryContext(ctx, "SELECT at FROM items WHERE source = ? AND split = ? ORDER BY name", source, string(split))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return err
		}
		if err := yield(at); err != nil {
			return err
		}
	}
	return rows.Err()
}

var _ data.Journal = (*part)(nil)

// A part of a journal is what one part of one source sees of it. It implements
// [data.Journal].
type part struct {
	j      *journal
	source int
	split  data.Split
	fresh  bool // nothing of this part was known when the job began
}

// Known implements [data.Journal].
func (p *part) Known(name string) bool {
	if p.fresh {
		return false
	}
	var at int64
	err := p.j.db.QueryRow("SELECT at FROM items WHERE source = ? AND split = ? AND name = ?", p.source, string(p.split), name).Scan(&at)
	return err == nil
}

func (p *part) key(key string) string { return fmt.Sprintf("%d/%s/%s", p.source, p.split, key) }

// Load implements [data.Journal].
func (p *part) Load(key string) ([]byte, error) {
	p.j.mu.Lock()
	value, ok := p.j.noted[p.key(key)]
	p.j.mu.Unlock()
	if ok {
		return value, nil
	}
	err := p.j.db.QueryRow("SELECT value FROM notes WHERE key = ?", p.key(key)).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

// Save implements [data.Journal].
func (p *part) Save(key string, value []byte) error {
	p.j.mu.Lock()
	defer p.j.mu.Unlock()
	p.j.noted[p.key(key)] = value
	return nil
}
