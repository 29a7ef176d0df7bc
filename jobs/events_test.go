package jobs

import (
	"context"
	"errors"
	"fmt"
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
