package jobs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/picture"
)

// A Task is a job while it is being done: what the worker reports to.
type Task struct {
	// Job is the job as it was begun.
	Job Job
	// Together is how many jobs were begun at once with it.
	Together int

	queue  *Queue
	live   *live
	stream *stream

	mu   sync.Mutex
	told time.Time // progress
	text strings.Builder
}

// begin makes the task of a job that was taken.
func (q *Queue) begin(j Job, together int) (*Task, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	s, err := q.hold(j.ID)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	s.mu.Lock()
	s.next, s.over = max(s.next, j.firstEvent()), false
	s.mu.Unlock()
	j.Outputs = []Output{}
	q.keeps(j.By, -j.bytes) // of an attempt before, which are made again
	j.bytes = 0
	l := &live{job: j, ctx: ctx, cancel: cancel, ended: make(chan struct{})}
	q.mu.Lock()
	q.live[j.ID] = l
	q.mu.Unlock()
	t := &Task{Job: j, Together: together, queue: q, live: l, stream: s}
	s.say(eventOf(StateEvent, map[string]any{"state": Running, "attempt": j.Attempt}))
	return t, nil
}

// flushing keeps the events of the task while it is being done, until its caller calls stop.
func (t *Task) flushing() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(textEvery)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-tick.C:
				t.sayText()
				if time.Since(last) >= flushEvery {
					last = time.Now()
					t.queue.flush(t.Job.ID, t.stream, nil) // an error is met again at the end
				}
			case <-end:
				t.sayText()
				return
			}
		}
	}()
	return func() { close(end); <-ended }
}

// snapshot is the job as it is now.
func (t *Task) snapshot() Job {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	j := t.live.job
	j.Outputs = slices.Clone(j.Outputs)
	return j
}

// change changes what is known of the job.
func (t *Task) change(do func(*Job)) {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	do(&t.live.job)
}

// Log tells a line for people.
func (t *Task) Log(line string) { t.stream.say(eventOf(LogEvent, line)) }

// Notice tells a line about something to know.
func (t *Task) Notice(line string) { t.stream.say(eventOf(NoticeEvent, line)) }

// Found keeps the result.
func (t *Task) Found(v any) {
	e := eventOf(FoundEvent, v)
	t.change(func(j *Job) { j.Found = e.Data })
	t.stream.say(e)
}

// Progress tells how far the work has come.
func (t *Task) Progress(p Progress) {
	t.change(func(j *Job) { j.Progress = &p })
	t.mu.Lock()
	soon := time.Since(t.told) < progressEvery && p.Done < p.Total
	if !soon {
		t.told = time.Now()
	}
	t.mu.Unlock()
	if !soon {
		t.stream.say(eventOf(ProgressEvent, p))
	}
}

// Text tells a piece of a text as it is written.
func (t *Task) Text(piece string) { t.mu.Lock(); t.text.WriteString(piece); t.mu.Unlock() }

// sayText tells what was written since it was last told. Several may do so at once, and none tells a
// later piece before an earlier one.
func (t *Task) sayText() {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.text.String()
	t.text.Reset()
	if text != "" {
		t.stream.say(eventOf(TextEvent, text))
	}
}

// Training records which run is trained, before the first step.
func (t *Task) Training(run string) error {
	t.change(func(j *Job) { j.Run = run })
	t.stream.say(eventOf(RunEvent, run))
	return t.queue.flush(t.Job.ID, t.stream, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET run = ? WHERE id = ?", run, t.Job.ID)
		return err
	})
}

const (
	outputs  = "outputs"
	sealFile = "job.json" // of the folder of a job that is over
	sealMost = 16 << 20   // bytes
)

// place is the folder of the outputs of a job, below the outputs, such as 2026-11-29/000017-mix.
func place(j Job) string {
	name := fmt.Sprintf("%06d-%s", j.ID, strings.ReplaceAll(j.App, " ", "-"))
	return filepath.Join(j.Created.Format(time.DateOnly), name)
}

// path is that of an output of the job.
func (t *Task) path(name ...string) string {
	return filepath.Join(append([]string{t.queue.home, outputs, place(t.Job)}, name...)...)
}

// resumeOutputs reports that the job was finished by an attempt that ended before it could be
// recorded, and takes over what it made; what an unfinished one left is removed.
func (t *Task) resumeOutputs() (finished bool, err error) {
	if t.Job.Attempt == 1 && t.Job.folder == "" {
		if _, err := os.Stat(t.path()); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
	}
	text, err := durable.ReadFile(t.path(sealFile), sealMost)
	var was Job
	if err == nil && json.Unmarshal(text, &was) == nil && was.State == Done && was.ID == t.Job.ID && was.Created.Equal(t.Job.Created) {
		t.change(func(j *Job) { j.Outputs, j.Found, j.Run = was.Outputs, was.Found, was.Run })
		for _, o := range was.Outputs {
			t.keeps(o.Bytes)
		}
		return true, nil
	}
	if err := os.RemoveAll(t.path()); err != nil {
		return false, durable.Explain(t.path(), err)
	}
	return false, nil
}

// Emit writes a file that the job made.
func (t *Task) Emit(it data.Item) error {
	if err := CheckName(it.Name); err != nil {
		return err
	}
	if strings.EqualFold(it.Name, sealFile) {
		return badinput.Errorf("an output cannot be called %s", sealFile)
	}
	if err := t.queue.room(t.Job.By, int64(len(it.Bytes))); err != nil {
		return err
	}
	if err := os.MkdirAll(t.path(), 0o700); err != nil {
		return durable.Explain(t.path(), err)
	}
	if err := writeNew(t.path(it.Name), it.Bytes); err != nil {
		return err
	}
	sum := sha256.Sum256(it.Bytes)
	o := Output{Name: it.Name, MediaType: it.MediaType, Bytes: int64(len(it.Bytes)), SHA256: hex.EncodeToString(sum[:])}
	if f, err := picture.Open(it.Bytes); err == nil {
		o.Width, o.Height = f.Width, f.Height
	}
	t.change(func(j *Job) { j.Outputs = append(j.Outputs, o) })
	t.keeps(o.Bytes)
	t.sayText()
	t.stream.say(eventOf(OutputEvent, o))
	return nil
}

// keeps counts bytes of the job's files.
func (t *Task) keeps(bytes int64) {
	t.change(func(j *Job) { j.bytes += bytes })
	t.queue.keeps(t.Job.By, bytes)
}

// seal writes what the job was beside its files, if there are any.
func (t *Task) seal(j *Job) error {
	j.Progress = nil
	if len(j.Outputs) == 0 {
		return nil
	}
	j.folder = place(*j)
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	names := []string{sealFile}
	for _, o := range j.Outputs {
		names = append(names, o.Name)
	}
	if err := os.Remove(t.path(sealFile)); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an attempt that was not recorded
		return err
	}
	if err := writeNew(t.path(sealFile), append(text, '\n')); err != nil {
		return err
	}
	return t.queue.settler.settle(t.path(), names)
}
