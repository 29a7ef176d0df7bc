package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/durable"
)

// errCancelled is the cause of the end of a job that was cancelled, and errPutBack of one that
// waits again because the server stops.
var (
	errCancelled = errors.New("cancelled")
	errPutBack   = errors.New("the server stops")
)

// Cancel ends a job that waits or is being done; what it finished stays. It returns once the job
// is over, or ctx ends: the job is then still ending, see [Job.Ending].
func (q *Queue) Cancel(ctx context.Context, id int64) (Job, error) {
	for {
		q.mu.Lock()
		l := q.live[id]
		q.mu.Unlock()
		if l != nil {
			l.cancel(errCancelled)
			select {
			case <-l.ended:
				return q.Get(ctx, id)
			case <-ctx.Done():
				return q.Get(context.WithoutCancel(ctx), id)
			}
		}
		n, err := q.update("UPDATE jobs SET state = ?, ended = ? WHERE id = ? AND state = ?", Cancelled, now(), id, Queued)
		if err != nil {
			return Job{}, err
		}
		j, err := q.Get(ctx, id)
		switch {
		case err != nil:
			return j, err
		case n == 1:
			q.leaves(j)
			q.tell(id, StateEvent, map[string]any{"state": Cancelled})
			q.endStream(id)
			return j, nil
		case j.State != Running:
			return j, fmt.Errorf("%w: it is %s already", ErrState, j.State)
		} // it was just begun
		if ctx.Err() != nil {
			return j, ctx.Err()
		}
	}
}

// Retry has a job that failed or was cancelled wait again. A training goes on from its last
// checkpoint.
func (q *Queue) Retry(ctx context.Context, id int64) (Job, error) {
	n, err := q.update("UPDATE jobs SET state = ?, ended = NULL, problem = NULL, before = before + attempt, attempt = 0 WHERE id = ? AND state IN (?, ?) AND trashed IS NULL",
		Queued, id, Failed, Cancelled)
	if err != nil {
		return Job{}, err
	}
	j, err := q.Get(ctx, id)
	switch {
	case err != nil:
		return j, err
	case n == 0 && j.Trashed != nil:
		return j, fmt.Errorf("%w: it is in the trash; restore it first", ErrState)
	case n == 0:
		return j, fmt.Errorf("%w: it is %s; one that failed or was cancelled can be retried", ErrState, j.State)
	}
	q.waits(j)
	err = q.reopen(id)
	q.wakeUp()
	return j, err
}

// reopen has the stream of a job that waits again, which somebody may still follow to its former end,
// tell that it does, and more. The job may be over once more by now: its end is told after it is
// recorded, and so after this has looked or before.
func (q *Queue) reopen(id int64) error {
	s, err := q.hold(id)
	if err != nil {
		return err
	}
	defer q.release(id)
	s.mu.Lock()
	j, err := q.Get(context.Background(), id)
	if err == nil {
		s.over = j.State.Final()
	}
	s.mu.Unlock()
	s.say(eventOf(StateEvent, map[string]any{"state": Queued}))
	return errors.Join(err, q.flush(id, s, nil))
}

// Prioritize changes the place of a job that waits.
func (q *Queue) Prioritize(ctx context.Context, id int64, priority int) (Job, error) {
	n, err := q.update("UPDATE jobs SET priority = ? WHERE id = ? AND state = ?", priority, id, Queued)
	if err != nil {
		return Job{}, err
	}
	j, err := q.Get(ctx, id)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: it is %s, and waits no longer", ErrState, j.State)
	}
	return j, err
}

// update changes rows and says how many.
func (q *Queue) update(query string, args ...any) (n int64, err error) {
	err = q.ledger.Change(func(tx *sql.Tx) error {
		r, err := tx.Exec(query, args...)
		if err == nil {
			n, err = r.RowsAffected()
		}
		return err
	})
	return n, err
}

// Trash puts a job that is over into the trash, with its outputs.
func (q *Queue) Trash(ctx context.Context, id int64) (Job, error) {
	return q.flag(ctx, id, "UPDATE jobs SET trashed = ? WHERE id = ? AND trashed IS NULL AND state IN ('done', 'failed', 'cancelled')", now(), id)
}

// Restore takes a job out of the trash.
func (q *Queue) Restore(ctx context.Context, id int64) (Job, error) {
	return q.flag(ctx, id, "UPDATE jobs SET trashed = NULL WHERE id = ? AND trashed IS NOT NULL", id)
}

func (q *Queue) flag(ctx context.Context, id int64, query string, args ...any) (Job, error) {
	n, err := q.update(query, args...)
	if err != nil {
		return Job{}, err
	}
	j, err := q.Get(ctx, id)
	if err == nil && n == 0 {
		where := "not in the trash"
		if j.Trashed != nil {
			where = "in the trash"
		}
		err = fmt.Errorf("%w: it is %s, and %s", ErrState, j.State, where)
	}
	if err == nil {
		err = q.reseal(j)
	}
	return j, err
}

// reseal has the file of a job beside its outputs, if there is one, say whether it is in the trash.
func (q *Queue) reseal(j Job) error {
	if j.folder == "" {
		return nil
	}
	folder := filepath.Join(q.home, outputs, j.folder)
	was, ok, err := sealed(folder)
	if err != nil || !ok || was.ID != j.ID {
		return err
	}
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(folder, sealFile), append(text, '\n'))
}

// Purge removes a job that is in the trash for good, with its outputs.
func (q *Queue) Purge(ctx context.Context, id int64) error {
	if err := q.purge(ctx, id); err != nil {
		return err
	}
	return q.ledger.Scrub()
}

// purge is Purge, but for what the log of the ledger still has.
func (q *Queue) purge(ctx context.Context, id int64) error {
	j, err := q.Get(ctx, id)
	if err != nil {
		return err
	}
	if j.Trashed == nil {
		return fmt.Errorf("%w: it is not in the trash", ErrState)
	}
	if j.folder != "" {
		if err := os.RemoveAll(filepath.Join(q.home, outputs, j.folder)); err != nil {
			return err
		}
	}
	err = q.ledger.Change(func(tx *sql.Tx) error {
		for _, query := range []string{"DELETE FROM events WHERE job = ?", "DELETE FROM jobs WHERE id = ? AND trashed IS NOT NULL"} {
			if _, err := tx.Exec(query, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		q.keeps(j.By, -j.bytes)
	}
	return err
}

// Output finds a file that a job made, and its path.
func (q *Queue) Output(ctx context.Context, id int64, name string) (o Output, path string, err error) {
	j, err := q.Get(ctx, id)
	if err != nil {
		return o, "", err
	}
	for _, o := range j.Outputs {
		if o.Name == name && j.Trashed == nil {
			return o, filepath.Join(q.home, outputs, place(j), name), nil
		}
	}
	return o, "", fmt.Errorf("the job %d has no output %q: %w", id, name, fs.ErrNotExist)
}
