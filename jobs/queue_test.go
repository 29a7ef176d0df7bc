package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/leaks"
	"atelier/internal/ledger"
)

func TestMain(m *testing.M) {
	if home := os.Getenv(childHome); home != "" {
		child(home)
		return
	}
	leaks.Main(m)
}

// opened is a queue on a home of its own, or on one that there is.
func opened(t *testing.T, home string) *Queue {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(home, "server.db"), Tables)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	q, err := OpenQueue(l, home)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// worker is a worker of a function.
type worker func(ctx context.Context, t *Task) error

func (w worker) Work(ctx context.Context, t *Task) error { return w(ctx, t) }
func (worker) Like(j Job) string                         { return map[bool]string{true: "alike"}[j.App == "mix"] }
func (worker) Thread(j Job) string                       { return map[bool]string{true: string(j.Inputs)}[j.App == "chat"] }

// running does the jobs of a queue until the test ends, or stop is called.
func running(t *testing.T, q *Queue, w Worker, apps int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx, w, Lanes(apps), time.Second) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func add(t *testing.T, q *Queue, j Job) Job {
	t.Helper()
	if j.Inputs == nil {
		j.Inputs = json.RawMessage("{}")
	}
	j, err := q.Add(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// over waits until a job is over.
func over(t *testing.T, q *Queue, id int64) Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := q.Follow(ctx, id, 0, time.Hour, func(Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	j, err := q.Get(t.Context(), id)
	if err != nil || !j.State.Final() {
		t.Fatal(j.State, err)
	}
	return j
}

// story are the events of a job after an id, each in a word.
func story(t *testing.T, q *Queue, id, after int64) (words []string, last int64) {
	t.Helper()
	err := q.Follow(t.Context(), id, after, time.Hour, func(e Event) error {
		if e.Type != ProgressEvent {
			words, last = append(words, e.Type+string(e.Data)), e.ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return words, last
}

// A job tells what it does, and what it made is kept; who reads its events in two parts misses
// none.
func TestJob(t *testing.T) {
	home := t.TempDir()
	q := opened(t, home)
	running(t, q, worker(func(_ context.Context, task *Task) error {
		task.Log("begun")
		task.Progress(Progress{Done: 1, Total: 2})
		task.Text("a ")
		task.Text("b")
		if err := task.Emit(data.Item{Name: "a.txt", MediaType: "text/plain", Bytes: []byte("a b")}); err != nil {
			return err
		}
		if err := task.Emit(data.Item{Name: "../a.txt"}); !errors.Is(err, badinput.Err) {
			return fmt.Errorf("a path was written: %v", err)
		}
		task.Found(map[string]int{"n": 3})
		return nil
	}), 1)
	j := over(t, q, add(t, q, Job{App: "write"}).ID)
	if j.State != Done || len(j.Outputs) != 1 || string(j.Found) != `{"n":3}` || j.Attempt != 1 || j.Problem != nil {
		t.Errorf("%+v %+v", j, j.Problem)
	}
	_, path, err := q.Output(t.Context(), j.ID, "a.txt")
	if b, lost := os.ReadFile(path); err != nil || lost != nil || string(b) != "a b" {
		t.Error(string(b), err, lost)
	}
	all, _ := story(t, q, j.ID, 0)
	if got := strings.Join(all, " "); !strings.Contains(got, `log"begun" text"a b" output{`) || !strings.HasSuffix(got, `state{"state":"done"}`) {
		t.Error(got)
	}
	first := int64(perAttempt + 3)
	if rest, _ := story(t, q, j.ID, first); !slices.Equal(rest, all[3:]) {
		t.Error(rest, "of", all)
	}
	if _, err := q.Get(t.Context(), 99); !errors.Is(err, ErrNoJob) {
		t.Error(err)
	}
}

// One training is done at a time, others wait in the order of their priority; a job that is
// cancelled keeps what it finished, and can be retried.
func TestOrder(t *testing.T) {
	q := opened(t, t.TempDir())
	if err := q.Pause(true); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order []int64
	atOnce, most := 0, 0
	release := make(chan struct{})
	w := worker(func(ctx context.Context, task *Task) error {
		mu.Lock()
		order = append(order, task.Job.ID)
		atOnce++
		most = max(most, atOnce)
		mu.Unlock()
		defer func() { mu.Lock(); atOnce--; mu.Unlock() }()
		if err := task.Emit(data.Item{Name: "kept.txt", MediaType: "text/plain", Bytes: []byte("kept")}); err != nil {
			return err
		}
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	running(t, q, w, 4)
	a, b, c := add(t, q, Job{App: "train"}), add(t, q, Job{App: "train"}), add(t, q, Job{App: "train", Priority: 5})
	d := add(t, q, Job{App: "train"})
	if j, err := q.Cancel(t.Context(), d.ID); err != nil || j.State != Cancelled {
		t.Error(j.State, err)
	}
	if _, err := q.Prioritize(t.Context(), b.ID, 9); err != nil {
		t.Fatal(err)
	}
	if err := q.Pause(false); err != nil {
		t.Fatal(err)
	}
	for q.Busy() == 0 {
		time.Sleep(time.Millisecond)
	}
	j, err := q.Cancel(t.Context(), b.ID)
	if err != nil || j.State != Cancelled || len(j.Outputs) != 1 {
		t.Errorf("%+v %v", j, err)
	}
	if _, err := q.Cancel(t.Context(), b.ID); !errors.Is(err, ErrState) {
		t.Error(err)
	}
	close(release)
	over(t, q, a.ID)
	over(t, q, c.ID)
	if _, err := q.Retry(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	if j := over(t, q, b.ID); j.State != Done {
		t.Error(j.State)
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []int64{b.ID, c.ID, a.ID, b.ID}; most != 1 || !slices.Equal(order, want) {
		t.Errorf("%d at once, in the order %v, want %v", most, order, want)
	}
	if _, err := q.Retry(t.Context(), a.ID); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}

// A job that fails says why; one that panics ends no other.
func TestFailures(t *testing.T) {
	q := opened(t, t.TempDir())
	running(t, q, worker(func(_ context.Context, task *Task) error {
		if task.Job.App == "tile" {
			panic("a bug")
		}
		return &FieldError{"n", badinput.Errorf("want less")}
	}), 2)
	j := over(t, q, add(t, q, Job{App: "mix"}).ID)
	if p := j.Problem; j.State != Failed || p == nil || *p != (Problem{"n: want less", "n", true}) {
		t.Errorf("%+v %+v", j, j.Problem)
	}
	if j = over(t, q, add(t, q, Job{App: "tile"}).ID); j.State != Failed || !strings.Contains(j.Problem.Message, "a bug") || j.Problem.Mistake {
		t.Errorf("%+v", j)
	}
	trashed, err := q.Trash(t.Context(), j.ID)
	if err != nil || trashed.Trashed == nil {
		t.Fatal(err)
	}
	if all, err := q.List(t.Context(), Filter{}); err != nil || len(all) != 1 {
		t.Error(len(all), err)
	}
	if _, err := q.Restore(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	if err := q.Purge(t.Context(), j.ID); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}

// Jobs of a thread are done one after another, in order, while those of others go on beside them.
func TestThreads(t *testing.T) {
	q := opened(t, t.TempDir())
	first := add(t, q, Job{App: "chat", Inputs: json.RawMessage(`"one"`)})
	var same []Job
	for range 2 * atOnce {
		same = append(same, add(t, q, Job{App: "chat", Inputs: first.Inputs}))
	}
	other := add(t, q, Job{App: "chat", Inputs: json.RawMessage(`"other"`)})
	beside := make(chan struct{})
	var mu sync.Mutex
	var ended []int64
	running(t, q, worker(func(ctx context.Context, task *Task) error {
		switch task.Job.ID {
		case first.ID:
			<-beside
		case other.ID:
			close(beside)
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		ended = append(ended, task.Job.ID)
		return nil
	}), 2)
	for _, j := range append(same, first, other) {
		over(t, q, j.ID)
	}
	if ended[0] != first.ID || !slices.IsSorted(ended) {
		t.Errorf("done in the order %v", ended)
	}
}

// Whoever begins to follow a job while it ends is told that it is over.
func TestFollowedAtItsEnd(t *testing.T) {
	q := opened(t, t.TempDir())
	running(t, q, worker(func(context.Context, *Task) error { return nil }), 4)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				j, err := q.Add(Job{App: "tile", Inputs: json.RawMessage("{}")}, nil)
				if err != nil {
					t.Error(err)
					return
				}
				var followers sync.WaitGroup
				for range 4 {
					followers.Go(func() {
						last := ""
						err := q.Follow(t.Context(), j.ID, 0, 20*time.Second, func(e Event) error {
							if last = string(e.Data); e.Type == "" {
								return errors.New("nothing was told in 20 seconds")
							}
							return nil
						})
						if err != nil || last != `{"state":"done"}` {
							t.Errorf("%d: %v after %q", j.ID, err, last)
						}
					})
				}
				followers.Wait()
			}
		})
	}
	all.Wait()
}

// A server that stops puts back what does not end, and the next one does it.
func TestPutBack(t *testing.T) {
	home := t.TempDir()
	q := opened(t, home)
	stop := running(t, q, worker(func(ctx context.Context, _ *Task) error { <-ctx.Done(); return ctx.Err() }), 1)
	j := add(t, q, Job{App: "write"})
	for q.Busy() == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	if j, err := q.Get(t.Context(), j.ID); err != nil || j.State != Queued || j.Attempt != 0 {
		t.Errorf("%+v %v", j, err)
	}
	q.ledger.Close()
	q = opened(t, home)
	running(t, q, worker(func(context.Context, *Task) error { return nil }), 1)
	if j := over(t, q, j.ID); j.State != Done || j.Attempt != 1 {
		t.Errorf("%+v", j)
	}
}

// Jobs that are alike are begun together, in the place of one.
func TestAlike(t *testing.T) {
	q := opened(t, t.TempDir())
	if err := q.Pause(true); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Add(5)
	running(t, q, worker(func(_ context.Context, task *Task) error {
		if task.Job.App == "mix" {
			all.Done()
			all.Wait() // for the others
		}
		return nil
	}), 1)
	var ids []int64
	for _, app := range []string{"mix", "mix", "tile", "mix", "mix", "mix"} {
		ids = append(ids, add(t, q, Job{App: app}).ID)
	}
	if err := q.Pause(false); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if j := over(t, q, id); j.State != Done {
			t.Error(j)
		}
	}
}

// Who cancels a job that does not end at once is told that it is ending; and it does end as cancelled.
func TestEnding(t *testing.T) {
	q := opened(t, t.TempDir())
	begun, release := make(chan struct{}), make(chan struct{})
	running(t, q, worker(func(ctx context.Context, _ *Task) error {
		close(begun)
		<-release
		return ctx.Err()
	}), 1)
	j := add(t, q, Job{App: "denoise"})
	<-begun
	if j, err := q.Get(t.Context(), j.ID); err != nil || j.Ending {
		t.Error(j, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop() // who asked does not wait
	if j, err := q.Cancel(ctx, j.ID); err != nil || j.State != Running || !j.Ending {
		t.Error(j, err)
	}
	close(release)
	if j := over(t, q, j.ID); j.State != Cancelled || j.Ending {
		t.Error(j)
	}
}
