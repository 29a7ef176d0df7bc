package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Events that several flush at the same time are all on the disk.
func TestFlushedTogether(t *testing.T) {
	q := opened(t, t.TempDir())
	j := add(t, q, Job{App: "tile"})
	s, err := q.hold(j.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer q.release(j.ID)
	const each, tellers = 50, 8
	var all sync.WaitGroup
	for i := range tellers {
		all.Go(func() {
			for n := range each {
				s.say(eventOf(LogEvent, fmt.Sprint(i, n)))
				if err := q.flush(j.ID, s, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	kept, err := q.kept(t.Context(), j.ID)
	if err != nil || len(kept) != each*tellers {
		t.Errorf("%d of %d events are kept: %v", len(kept), each*tellers, err)
	}
}

// Pieces of a text are told in their order: while one is being told, no other can be taken.
func TestTextInOrder(t *testing.T) {
	q := opened(t, t.TempDir())
	add(t, q, Job{App: "tile"})
	tasks, err := q.take(OfApp, worker(nil))
	if err != nil || len(tasks) != 1 {
		t.Fatal(len(tasks), err)
	}
	one := tasks[0]
	one.Text("a piece")
	one.stream.mu.Lock() // nothing can be told
	told := make(chan struct{})
	go func() { one.sayText(); close(told) }()
	for range 10_000 {
		if one.mu.TryLock() {
			taken := one.text.Len() == 0
			one.mu.Unlock()
			if taken {
				t.Error("the piece is taken and not told, and another one can be")
				break
			}
		}
		runtime.Gosched()
	}
	one.stream.mu.Unlock()
	<-told
}

// A job that waits again says so, to those who follow it to its former end too.
func TestRetryIsTold(t *testing.T) {
	q := opened(t, t.TempDir())
	stop := running(t, q, worker(func(context.Context, *Task) error { return errors.New("it fails") }), 1)
	j := add(t, q, Job{App: "tile"})
	over(t, q, j.ID)
	stop()
	if _, err := q.Retry(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	kept, err := q.kept(t.Context(), j.ID)
	if n := len(kept); err != nil || n == 0 || string(kept[n-1].Data) != `{"state":"queued"}` {
		t.Errorf("%+v, error %v", kept, err)
	}
}

// Whoever follows a job that waits again is not told that it is over, although another still follows
// it to its former end.
func TestFollowedAgain(t *testing.T) {
	q := opened(t, t.TempDir())
	stop := running(t, q, worker(func(context.Context, *Task) error { return errors.New("it fails") }), 1)
	j := add(t, q, Job{App: "tile"})
	if _, err := q.hold(j.ID); err != nil {
		t.Fatal(err)
	}
	defer q.release(j.ID)
	over(t, q, j.ID)
	stop()
	if _, err := q.Retry(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	waits := errors.New("it waits")
	err := q.Follow(t.Context(), j.ID, 0, time.Millisecond, func(e Event) error {
		if e.Type == "" {
			return waits
		}
		return nil
	})
	if !errors.Is(err, waits) {
		t.Errorf("the job waits, and its stream ended: %v", err)
	}
}

// The numbers of events that a kill lost are not given again, even to a job that was begun several
// times before it was retried: whoever saw them misses none of the new ones.
func TestEventsAfterKill(t *testing.T) {
	q := opened(t, t.TempDir())
	j := add(t, q, Job{App: "tile"})
	begun := func() *Task {
		t.Helper()
		tasks, err := q.take(OfApp, worker(nil))
		if err != nil || len(tasks) != 1 {
			t.Fatal(len(tasks), err)
		}
		return tasks[0]
	}
	last := func(t *Task) int64 { return t.stream.events[len(t.stream.events)-1].ID }
	killed := func() {
		t.Helper()
		if _, err := q.update("UPDATE jobs SET state = ? WHERE id = ?", Queued, j.ID); err != nil {
			t.Fatal(err)
		}
		q.live, q.streams = map[int64]*live{}, map[int64]*stream{}
		q.waits(j)
	}
	for range 2 {
		begun()
		killed()
	}
	if err := begun().end(Failed, &Problem{Message: "it fails"}); err != nil {
		t.Fatal(err)
	}
	q.live, q.streams = map[int64]*live{}, map[int64]*stream{}
	if again, err := q.Retry(t.Context(), j.ID); err != nil || again.Attempt != 3 {
		t.Fatal(again.Attempt, err)
	}
	first := begun()
	first.Log("told, and lost")
	seen := last(first)
	killed()
	if second := begun(); second.stream.events[len(second.stream.events)-1].ID <= seen || second.Job.Attempt != 5 {
		t.Errorf("attempt %d tells %d again", second.Job.Attempt, seen)
	}
}
