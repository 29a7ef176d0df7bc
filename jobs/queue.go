package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"atelier/internal/ledger"
)

// Tables are those of the queue, in the steps of [ledger.Open]. A step that was released is
// never changed; a new one is also added to those of package server.
var Tables = []string{`
CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL, app TEXT NOT NULL, inputs BLOB NOT NULL, options BLOB NOT NULL,
	state TEXT NOT NULL, priority INTEGER NOT NULL, token TEXT NOT NULL, wide INTEGER NOT NULL,
	attempt INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL, started INTEGER, ended INTEGER, -- Unix milliseconds
	run TEXT NOT NULL DEFAULT '', folder TEXT NOT NULL DEFAULT '',
	outputs BLOB, found BLOB, problem BLOB, trashed INTEGER) STRICT;
CREATE INDEX waiting ON jobs (kind, priority DESC, id) WHERE state = 'queued';
CREATE TABLE events (
	job INTEGER NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL,
	PRIMARY KEY (job, id)) STRICT, WITHOUT ROWID;
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`, `
ALTER TABLE jobs ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0; -- that it asks for
ALTER TABLE jobs ADD COLUMN pixels INTEGER NOT NULL DEFAULT 0; -- that it was given
ALTER TABLE jobs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0; -- of its results
UPDATE jobs SET bytes = (SELECT coalesce(sum(json_extract(value, '$.bytes')), 0) FROM json_each(jobs.outputs)) WHERE outputs IS NOT NULL;
`, `
ALTER TABLE jobs ADD COLUMN before INTEGER NOT NULL DEFAULT 0; -- attempts, until it was last retried
`}

// A Queue holds jobs. Only one process has a queue opened: whoever opens it holds a lock on its
// home that ends with the process, which is the lease on all jobs that are running.
type Queue struct {
	ledger  *ledger.Ledger
	does    statements
	home    string // for the outputs
	settler *settler

	mu      sync.Mutex
	wake    chan struct{} // there may be something to do
	live    map[int64]*live
	streams map[int64]*stream
	paused  bool

	quotas    Quotas
	waiting   Quota            // what all jobs that wait ask for
	waitingOf map[string]Quota // those of a token
	resultsOf map[string]int64 // bytes of results, by token
}

// A live job is being done.
type live struct {
	job    Job
	ctx    context.Context // that of its work
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// OpenQueue opens the queue in a ledger with its [Tables]. Jobs that were running when the last
// process ended wait again, those that ended a process too often have failed.
func OpenQueue(l *ledger.Ledger, home string) (*Queue, error) {
	q := &Queue{ledger: l, home: home, wake: make(chan struct{}, 1), live: map[int64]*live{}, streams: map[int64]*stream{},
		waitingOf: map[string]Quota{}, resultsOf: map[string]int64{}}
	var err error
	if q.does, err = prepare(l); err != nil {
		return nil, err
	}
	err = l.Change(func(tx *sql.Tx) error {
		gaveUp := marshal(Problem{Message: fmt.Sprintf("the program ended %d times while the job ran", mostAttempts)})
		if _, err := tx.Exec("UPDATE jobs SET state = ?, ended = ?, problem = ? WHERE state = ? AND attempt >= ?",
			Failed, now(), gaveUp, Running, mostAttempts); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE jobs SET state = ? WHERE state = ?", Queued, Running); err != nil {
			return err
		}
		var paused string
		err := tx.QueryRow("SELECT value FROM facts WHERE key = 'paused'").Scan(&paused)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		q.paused = paused == "yes"
		var known int
		if err := tx.QueryRow("SELECT count(*) FROM sqlite_sequence WHERE name = 'jobs'").Scan(&known); err != nil {
			return err
		}
		if known == 0 { // a new ledger, perhaps of an old home
			if _, err := reindex(tx, home); err != nil {
				return err
			}
		}
		return q.recount(tx)
	})
	return q, err
}

// mostAttempts is how often a job is started that ends the process. One that has nothing to do
// with its end is not in the middle of it that often.
const mostAttempts = 10

// now is the time as it is stored.
func now() int64 { return time.Now().UnixMilli() }

// wakeUp has the dispatcher look for jobs.
func (q *Queue) wakeUp() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Add adds a job, which is on the disk when Add returns. The caller has filled in what is asked
// for; also is done in the same transaction, nil for nothing.
func (q *Queue) Add(j Job, also func(tx *sql.Tx, id int64) error) (Job, error) {
	if err := q.admit(j); err != nil {
		return j, err
	}
	j.Kind, j.State, j.Created, j.Outputs = cmp.Or(j.Kind, KindOf(j.App)), Queued, time.UnixMilli(now()).UTC(), []Output{}
	options := marshal(j.Options)
	err := q.ledger.Change(func(tx *sql.Tx) error {
		r, err := tx.Stmt(q.does.add).Exec(j.Kind, j.App, []byte(j.Inputs), options, j.State, j.Priority, j.By, j.Wide, j.Created.UnixMilli(), j.Amount.Tokens, j.Amount.Pixels)
		if err != nil {
			return err
		}
		if j.ID, err = r.LastInsertId(); err != nil || also == nil {
			return err
		}
		return also(tx, j.ID)
	})
	if err != nil {
		q.leaves(j)
		return j, err
	}
	q.wakeUp()
	return j, nil
}

// Busy is how many jobs are being done.
func (q *Queue) Busy() int { q.mu.Lock(); defer q.mu.Unlock(); return len(q.live) }

// Pause lets no further job begin, or lets them begin again.
func (q *Queue) Pause(paused bool) error {
	word := "no"
	if paused {
		word = "yes"
	}
	err := q.ledger.Change(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO facts VALUES ('paused', ?) ON CONFLICT DO UPDATE SET value = excluded.value", word)
		return err
	})
	if err != nil {
		return err
	}
	q.mu.Lock()
	q.paused = paused
	q.mu.Unlock()
	q.wakeUp()
	return nil
}

// Paused reports whether no further job begins.
func (q *Queue) Paused() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.paused }

// Get returns a job.
func (q *Queue) Get(ctx context.Context, id int64) (Job, error) {
	j, err := scan(q.does.get.QueryRowContext(ctx, id))
	if errors.Is(err, sql.ErrNoRows) {
		return j, ErrNoJob
	}
	return q.current(j), err
}

// current adds what is not stored to a job that is being done.
func (q *Queue) current(j Job) Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l := q.live[j.ID]; l != nil && j.State == Running {
		j.Progress, j.Run, j.Outputs = l.job.Progress, l.job.Run, slices.Clone(l.job.Outputs)
		j.Ending = errors.Is(context.Cause(l.ctx), errCancelled)
	}
	return j
}

// A Filter says which jobs are listed.
type Filter struct {
	State   State
	Kind    Kind
	App     string
	Trashed bool
	// Before is an id: only older jobs are listed.
	Before int64
	// Limit is how many, 100 if 0.
	Limit int
}

// List returns jobs, the newest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Job, error) {
	where, args := []string{"(trashed IS NOT NULL) = ?"}, []any{f.Trashed}
	for _, c := range []struct{ column, value string }{{"state", string(f.State)}, {"kind", string(f.Kind)}, {"app", f.App}} {
		if c.value != "" {
			where, args = append(where, c.column+" = ?"), append(args, c.value)
		}
	}
	if f.Before > 0 {
		where, args = append(where, "id < ?"), append(args, f.Before)
	}
	rows, err := q.ledger.Read.QueryContext(ctx, "SELECT "+columns+" FROM jobs WHERE "+strings.Join(where, " AND ")+" ORDER BY id DESC LIMIT ?",
		append(args, cmp.Or(f.Limit, 100))...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Job{}
	for rows.Next() {
		j, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, q.current(j))
	}
	return all, rows.Err()
}

// Instance is the name of this home's queue, made by chance when it was first opened.
func (q *Queue) Instance() (name string, err error) {
	err = q.ledger.Change(func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT OR IGNORE INTO facts VALUES ('instance', lower(hex(randomblob(8))))"); err != nil {
			return err
		}
		return tx.QueryRow("SELECT value FROM facts WHERE key = 'instance'").Scan(&name)
	})
	return name, err
}

// TrainingOf is the job that is training a run.
func (q *Queue) TrainingOf(run string) (id int64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, l := range q.live {
		if l.job.Run == run {
			return id, true
		}
	}
	return 0, false
}

// marshal is JSON of what can be written as such.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
