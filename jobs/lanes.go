package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"atelier/internal/badinput"
)

// Lanes say how many jobs of each kind are done at once: one training at a time, and so with
// evaluations and collections.
func Lanes(apps int) map[Kind]int {
	return map[Kind]int{OfApp: apps, Train: 1, Evaluate: 1, Collect: 1}
}

// A Worker does jobs.
type Worker interface {
	// Work does a job and reports through the task. It ends soon after ctx does.
	Work(ctx context.Context, t *Task) error
	// Like says which jobs are best done at once, for they share what they need; empty for none.
	Like(j Job) string
	// Thread says which jobs are done one after another, for each goes on with what those before it
	// made; empty for none.
	Thread(j Job) string
}

// atOnce is how many jobs that are alike are begun at once, in the place of one.
const atOnce = 48

// Run does jobs until ctx ends. Those that are being done then are given the time of grace to
// end, and wait again.
func (q *Queue) Run(ctx context.Context, w Worker, lanes map[Kind]int, grace time.Duration) error {
	q.settler = newSettler()
	defer q.settler.close()
	var all sync.WaitGroup
	free := map[Kind]chan struct{}{}
	for kind, n := range lanes {
		free[kind] = make(chan struct{}, n)
	}
	var failed error
	for ctx.Err() == nil && failed == nil {
		for kind, places := range free {
			for failed == nil && len(places) < cap(places) && !q.Paused() {
				taken, err := q.take(kind, w)
				if failed = err; err != nil || len(taken) == 0 {
					break
				}
				places <- struct{}{}
				all.Go(func() {
					defer q.wakeUp()
					defer func() { <-places }()
					q.doAll(taken, w)
				})
			}
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
	q.mu.Lock()
	for _, l := range q.live {
		l.cancel(errPutBack)
	}
	q.mu.Unlock()
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-ended:
		return failed
	case <-time.After(grace):
		return errors.Join(failed, fmt.Errorf("%d jobs did not end in %v; they wait again when the program starts", q.Busy(), grace))
	}
}

// take begins the next job of a kind, and those that are best done at once with it.
func (q *Queue) take(kind Kind, w Worker) (taken []*Task, err error) {
	if q.Waiting() == 0 {
		return nil, nil
	}
	busy := q.threads(w)
	var jobs []Job
	err = q.ledger.Change(func(tx *sql.Tx) error {
		rows, err := tx.Stmt(q.does.next).Query(kind)
		if err != nil {
			return err
		}
		like := ""
		for seen := 0; seen < atOnce && rows.Next(); {
			j, err := scan(rows)
			if err != nil {
				return errors.Join(err, rows.Close())
			}
			if thread := w.Thread(j); thread != "" && slices.Contains(busy, thread) {
				continue
			}
			seen++
			if len(jobs) == 0 {
				like = w.Like(j)
			} else if like == "" || w.Like(j) != like {
				continue
			}
			jobs = append(jobs, j)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for i := range jobs {
			at := time.UnixMilli(now()).UTC()
			jobs[i].State, jobs[i].Started, jobs[i].Ended = Running, &at, nil
			jobs[i].Attempt++
			if _, err := tx.Stmt(q.does.began).Exec(Running, at.UnixMilli(), jobs[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		q.leaves(j)
	}
	for _, j := range jobs {
		t, err := q.begin(j, len(jobs))
		if err != nil {
			return taken, err
		}
		taken = append(taken, t)
	}
	return taken, nil
}

// threads are those of the jobs that are being done.
func (q *Queue) threads(w Worker) (busy []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.live {
		busy = append(busy, w.Thread(l.job))
	}
	return busy
}

// doAll does jobs side by side.
func (q *Queue) doAll(tasks []*Task, w Worker) {
	var all sync.WaitGroup
	for _, t := range tasks {
		all.Go(func() { q.do(t, w) })
	}
	all.Wait()
}

// do does one job.
func (q *Queue) do(t *Task, w Worker) {
	defer close(t.live.ended)
	stop := t.flushing()
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil { // a bug in one app must not end the others
				err = fmt.Errorf("the program has a bug: %v\n%s", r, debug.Stack())
			}
		}()
		if finished, err := t.resumeOutputs(); finished || err != nil {
			return err
		}
		return w.Work(t.live.ctx, t)
	}()
	stop()
	cause := context.Cause(t.live.ctx)
	t.live.cancel(nil)
	switch {
	case err == nil:
		err = t.end(Done, nil)
	case errors.Is(cause, errPutBack):
		err = t.putBack()
	case errors.Is(cause, errCancelled):
		err = t.end(Cancelled, nil)
	default:
		err = t.end(Failed, problemOf(err))
	}
	if err != nil { // the ledger cannot be written: it is done again after the next start
		t.Log(fmt.Sprintf("the end of the job could not be recorded: %v", err))
	}
	q.mu.Lock()
	delete(q.live, t.Job.ID)
	q.mu.Unlock()
	q.release(t.Job.ID)
}

// problemOf says why a job failed.
func problemOf(err error) *Problem {
	p := &Problem{Message: err.Error(), Mistake: errors.Is(err, badinput.Err)}
	if field := (*FieldError)(nil); errors.As(err, &field) {
		p.Field = field.Field
	}
	return p
}

// putBack has the job wait again, as if it had not been begun.
func (t *Task) putBack() error {
	t.stream.say(eventOf(StateEvent, map[string]any{"state": Queued}))
	err := t.queue.flush(t.Job.ID, t.stream, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET state = ?, attempt = attempt - 1, run = ?, bytes = 0 WHERE id = ?", Queued, t.live.job.Run, t.Job.ID)
		return err
	})
	if err == nil {
		t.queue.keeps(t.Job.By, -t.snapshot().bytes)
		t.queue.waits(t.Job)
	}
	return err
}

// end records how a job ended: first its files, then the row.
func (t *Task) end(state State, p *Problem) error {
	j := t.snapshot()
	at := time.UnixMilli(now()).UTC()
	j.State, j.Ended, j.Problem = state, &at, p
	if err := t.seal(&j); err != nil {
		return err
	}
	if p != nil {
		t.stream.say(eventOf(StateEvent, map[string]any{"state": state, "problem": p}))
	} else {
		t.stream.say(eventOf(StateEvent, map[string]any{"state": state}))
	}
	outputs, problem := marshal(j.Outputs), []byte(nil)
	if p != nil {
		problem = marshal(p)
	}
	err := t.queue.flush(j.ID, t.stream, func(tx *sql.Tx) error {
		_, err := tx.Stmt(t.queue.does.ended).Exec(state, at.UnixMilli(), j.Run, j.folder, outputs, []byte(j.Found), problem, j.bytes, j.ID)
		return err
	})
	if err == nil {
		t.queue.endStream(j.ID)
	}
	return err
}
