package jobs

import (
	"database/sql"

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
		{&s.next, l.Prepare, "SELECT " + columns + " FROM jobs WHERE kind = ? AND state = 'queued' ORDER BY priority DESC, id LIMIT ?"},
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
