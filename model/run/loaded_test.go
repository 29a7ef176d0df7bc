package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"atelier/engine"
	"atelier/model/family"
)

// firstDrawn is the first sample of a run, as a file.
func firstDrawn(r *Run) (string, error) {
	samples, err := r.Draw(context.Background(), Seeds(0, 3), nil, 1)
	if err != nil {
		return "", err
	}
	for b, err := range samples {
		if err != nil {
			return "", err
		}
		item, err := r.Decode(b)
		return string(item.Bytes), err
	}
	return "", nil
}

// Who opens the same checkpoint shares it; another checkpoint, and a run file that was
// changed, are others. What a person should know is told each time.
func TestOpenedRunsAreShared(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=4", "score.metrics=[]")
	s.Loaded = NewLoaded(0)
	open := func() *Run {
		t.Helper()
		r, err := s.Open("tiny")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b := open(), open()
	if a.network != b.network || s.Loaded.Len() != 1 {
		t.Error("two have opened the run, and each has its own weights")
	}
	want, err := firstDrawn(a)
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	a.Close() // twice is once
	if got, err := firstDrawn(b); err != nil || got != want {
		t.Errorf("once another has closed the run, it draws otherwise; error %v", err)
	}
	b.Close()
	if c := open(); c.network != b.network {
		t.Error("the weights did not stay")
	}
	if _, err := s.ResumeTo(t.Context(), "tiny", 5); err != nil {
		t.Fatal(err)
	}
	if c := open(); c.network == b.network || c.Step != 5 {
		t.Errorf("of the old checkpoint: step %d", c.Step)
	}
	edit(t, s, configFile, "pictures = 30", "pictures = 31")
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	for i := range 2 {
		if open(); len(notices) != i+1 {
			t.Errorf("told %q", notices)
		}
	}
	s.Loaded.Close()
	if s.Loaded.Len() != 0 {
		t.Error("some are kept after the end")
	}
	if got, err := firstDrawn(open()); err != nil || got == "" {
		t.Errorf("after the end nothing can be opened: %v", err)
	}
}

// copies are n copies of a trained run.
func copies(t *testing.T, s *Studio, n int) (names []string) {
	t.Helper()
	r := trained(t, s, "steps=1", "score.metrics=[]")
	root := t.TempDir()
	for i := range n {
		to := filepath.Join(root, fmt.Sprintf("%04d-copy", i+1))
		if err := os.CopyFS(to, os.DirFS(r.Dir.Path())); err != nil {
			t.Fatal(err)
		}
		names = append(names, to)
	}
	return names
}

// Of ten runs that were opened, those stay that there is room for, the last ones; none
// that is in use goes.
func TestOpenedRunsWithinABound(t *testing.T) {
	s := studio(t)
	names := copies(t, s, 10)
	s.Loaded = NewLoaded(0)
	one, err := s.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	want, err := firstDrawn(one)
	if err != nil {
		t.Fatal(err)
	}
	each := s.Loaded.Bytes()
	one.Close()
	s.Loaded = NewLoaded(3*each + each/2)
	used, err := s.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		r, err := s.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := firstDrawn(r); err != nil || got != want {
			t.Errorf("%s draws otherwise; error %v", name, err)
		}
		r.Close()
		if got := s.Loaded.Bytes(); got > 3*each+each/2 {
			t.Fatalf("%d bytes are kept, of which one run takes %d", got, each)
		}
	}
	if s.Loaded.Len() != 3 {
		t.Errorf("%d runs are kept, and there is room for 3", s.Loaded.Len())
	}
	if got, err := firstDrawn(used); err != nil || got != want {
		t.Errorf("the run in use was evicted: %v", err)
	}
	was := used.network
	if again, err := s.Open(names[0]); err != nil || again.network != was {
		t.Errorf("the run that is in use is read again; error %v", err)
	}
}

// Those who share a run look for codes at once, and each finds what it finds alone.
func TestInversionsAtOnce(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=1", "score.metrics=[]")
	find := func() ([]float32, error) {
		r, err := s.Open("tiny")
		if err != nil {
			return nil, err
		}
		defer r.Close()
		invert, err := r.Inverter()
		if err != nil {
			return nil, err
		}
		given, err := r.Draw(t.Context(), Seeds(7, 1), nil, 1)
		if err != nil {
			return nil, err
		}
		for b, err := range given {
			if err != nil {
				return nil, err
			}
			found, err := invert(t.Context(), b, Seeds(0, 4), nil, func(int, int) {})
			if err != nil {
				return nil, err
			}
			return found.Codes.Column(family.Code).Floats, nil
		}
		return nil, nil
	}
	want, err := find()
	if err != nil {
		t.Fatal(err)
	}
	s.Loaded = NewLoaded(0)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, err := find(); err != nil || len(got) == 0 || !slices.Equal(got, want) {
				t.Errorf("%v, alone %v, error %v", got, want, err)
			}
		})
	}
	all.Wait()
}

// Many open, draw and close at once, with room for none.
func TestOpenedRunsAtOnce(t *testing.T) {
	s := studio(t)
	names := copies(t, s, 3)
	s.Loaded = NewLoaded(1)
	var all sync.WaitGroup
	drawn := make([]string, 24)
	for i := range drawn {
		all.Go(func() {
			r, err := s.Open(names[i%len(names)])
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			if drawn[i], err = firstDrawn(r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(slices.Compact(drawn)) != 1 {
		t.Error("one run draws otherwise than the others")
	}
	if s.Loaded.Len() != 0 {
		t.Errorf("%d runs are kept without room", s.Loaded.Len())
	}
}

// Backends and runs that are opened and closed leave neither threads nor memory.
func TestClosedRunsLeaveNothing(t *testing.T) {
	s := studio(t)
	names := copies(t, s, 1)
	heap := func() (bytes uint64, goroutines int) {
		var m runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	round := func() {
		b, err := engine.Open(engine.Options{Threads: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Finalize()
		own := &Studio{Runs: s.Runs, Backend: b, Loaded: NewLoaded(0)}
		defer own.Loaded.Close()
		r, err := own.Open(names[0])
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := firstDrawn(r); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		round()
	}
	before, running := heap()
	for range 50 {
		round()
	}
	after, now := heap()
	if grown := int64(after) - int64(before); grown > 4<<20 {
		t.Errorf("the memory in use has grown by %d bytes", grown)
	}
	if now > running {
		t.Errorf("%d goroutines run, before it were %d", now, running)
	}
}
