package jobs

import (
	"database/sql"
	"errors"
	"fmt"
)

// A Quota bounds what the jobs that wait ask for together. A bound of 0 is none.
type Quota struct {
	// Jobs is how many wait.
	Jobs int64
	// Tokens is how many tokens their texts may have, Pixels how many pixels the pictures that they
	// were given have.
	Tokens, Pixels int64
}

// Quotas are the bounds of a queue.
type Quotas struct {
	// Each bounds the jobs of a token, those of the owner aside; All bounds all jobs.
	Each, All Quota
	// Owner is who is bounded by All alone.
	Owner string
	// Room refuses files that there is no room for, as the results of a token; nil never does.
	Room func(by string, bytes int64) error
}

// Errors of a queue that is asked for too much.
var (
	ErrFull  = errors.New("too much waits to be done")
	ErrQuota = errors.New("too much of this token waits to be done")
)

// Bound sets the quotas, before the first job is added.
func (q *Queue) Bound(by Quotas) { q.quotas = by }

// plus is a sum; sign is 1 or -1.
func (a Quota) plus(j Job, sign int64) Quota {
	return Quota{a.Jobs + sign, a.Tokens + sign*j.Amount.Tokens, a.Pixels + sign*j.Amount.Pixels}
}

// over says what is more than a bound allows, nothing if all is within it. A single job is within.
func (a Quota) over(most Quota) string {
	for _, c := range []struct {
		what      string
		now, most int64
	}{{"jobs", a.Jobs, most.Jobs}, {"tokens of texts", a.Tokens, most.Tokens}, {"pixels of pictures", a.Pixels, most.Pixels}} {
		if c.most > 0 && c.now > c.most && a.Jobs > 1 {
			return fmt.Sprintf("at most %d %s may wait, and with this job there would be %d", c.most, c.what, c.now)
		}
	}
	return ""
}

// admit counts a job that is to wait, or refuses it.
func (q *Queue) admit(j Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	all, own := q.waiting.plus(j, 1), q.waitingOf[j.By].plus(j, 1)
	if why := all.over(q.quotas.All); why != "" {
		return fmt.Errorf("%w: %s; try again later", ErrFull, why)
	}
	if why := own.over(q.quotas.Each); why != "" && j.By != q.quotas.Owner {
		return fmt.Errorf("%w: %s; wait for some of them, or cancel some", ErrQuota, why)
	}
	q.setWaiting(j.By, all, own)
	return nil
}

// waits counts a job that waits again, whatever the quotas, and leaves one that does not any more.
func (q *Queue) waits(j Job)  { q.countWaiting(j, 1) }
func (q *Queue) leaves(j Job) { q.countWaiting(j, -1) }

func (q *Queue) countWaiting(j Job, sign int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.setWaiting(j.By, q.waiting.plus(j, sign), q.waitingOf[j.By].plus(j, sign))
}

func (q *Queue) setWaiting(by string, all, own Quota) {
	q.waiting = all
	if own == (Quota{}) {
		delete(q.waitingOf, by)
	} else {
		q.waitingOf[by] = own
	}
}

// recount reads what waits, and how many bytes the results of each token have.
func (q *Queue) recount(tx *sql.Tx) error {
	rows, err := tx.Query("SELECT token, state, tokens, pixels, bytes FROM jobs WHERE state = ? OR bytes > 0", Queued)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j Job
		var bytes int64
		if err := rows.Scan(&j.By, &j.State, &j.Amount.Tokens, &j.Amount.Pixels, &bytes); err != nil {
			return err
		}
		q.resultsOf[j.By] += bytes
		if j.State == Queued {
			q.waits(j)
		}
	}
	return rows.Err()
}

// Waiting is how many jobs wait.
func (q *Queue) Waiting() int { q.mu.Lock(); defer q.mu.Unlock(); return int(q.waiting.Jobs) }

// Kept is how many bytes the results of a token's jobs have.
func (q *Queue) Kept(by string) int64 { q.mu.Lock(); defer q.mu.Unlock(); return q.resultsOf[by] }

// keeps counts bytes of results.
func (q *Queue) keeps(by string, bytes int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.resultsOf[by] += bytes; q.resultsOf[by] <= 0 {
		delete(q.resultsOf, by)
	}
}

// room refuses a file that there is no room for.
func (q *Queue) room(by string, bytes int64) error {
	if q.quotas.Room == nil {
		return nil
	}
	return q.quotas.Room(by, bytes)
}
