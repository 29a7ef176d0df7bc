package jobs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"atelier/internal/ledger"
)

// statements are what every job needs, prepared once: to parse one takes longer than to do it.
type statements struct {
	add, next, began, event, ended *sql.Stmt // of changes
	get, kept                      *sql.Stmt // that read
}

func prepare(l *ledger.Ledger) (s statements, err error) {
	for _, p := range []struct {
		to    **sql.Stmt
		by    func(string) (*sql.Stmt, error)
		query string
	}{
		{&s.add, l.Prepare, "INSERT INTO jobs (kind, app, inputs, options, state, priority, token, wide, created, tokens, pixels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&s.next, l.Prepare, "SELECT " + columns + " FROM jobs WHERE kind = ? AND state = 'queued' ORDER BY priority DESC, id"},
		{&s.began, l.Prepare, "UPDATE jobs SET state = ?, attempt = attempt + 1, started = ?, ended = NULL WHERE id = ?"},
		{&s.event, l.Prepare, "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?)"},
		{&s.ended, l.Prepare, "UPDATE jobs SET state = ?, ended = ?, run = ?, folder = ?, outputs = ?, found = ?, problem = ?, bytes = ? WHERE id = ?"},
		{&s.get, l.Read.Prepare, "SELECT " + columns + " FROM jobs WHERE id = ?"},
		{&s.kept, l.Read.Prepare, "SELECT id, type, data FROM events WHERE job = ? ORDER BY id"},
	} {
		if *p.to, err = p.by(p.query); err != nil {
			return s, err
		}
	}
	return s, nil
}

// columns are those that scan reads.
const columns = "id, kind, app, inputs, options, state, priority, token, wide, attempt, created, started, ended, run, folder, outputs, found, problem, trashed, tokens, pixels, bytes, before"

// scan reads a row.
func scan(row interface{ Scan(...any) error }) (j Job, err error) {
	var inputs, options, outputs, found, problem []byte
	var created int64
	var before int // attempts, until it was last retried
	var started, ended, trashed sql.NullInt64
	err = row.Scan(&j.ID, &j.Kind, &j.App, &inputs, &options, &j.State, &j.Priority, &j.By, &j.Wide, &j.Attempt,
		&created, &started, &ended, &j.Run, &j.folder, &outputs, &found, &problem, &trashed, &j.Amount.Tokens, &j.Amount.Pixels, &j.bytes, &before)
	if err != nil {
		return j, err
	}
	j.Inputs, j.Found, j.Outputs = inputs, found, []Output{}
	j.Created = time.UnixMilli(created).UTC()
	j.Attempt += before
	for _, t := range []struct {
		from sql.NullInt64
		to   **time.Time
	}{{started, &j.Started}, {ended, &j.Ended}, {trashed, &j.Trashed}} {
		if t.from.Valid {
			at := time.UnixMilli(t.from.Int64).UTC()
			*t.to = &at
		}
	}
	for _, part := range []struct {
		text []byte
		to   any
	}{{options, &j.Options}, {outputs, &j.Outputs}, {problem, &j.Problem}} {
		if len(part.text) > 0 {
			err = errors.Join(err, json.Unmarshal(part.text, part.to))
		}
	}
	return j, err
}
