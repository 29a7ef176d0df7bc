package run

import "testing"

// TestComplete resumes a run that was stopped, finds it once it is done, and
// makes another for another run file.
func TestComplete(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t)))
	s := studio(t)
	ctx, done := stopAt(s, 25)
	if _, err := s.Complete(ctx, parse(t)); err == nil {
		t.Fatal("it was not stopped")
	}
	done()
	for range 2 {
		r, err := s.Complete(t.Context(), parse(t))
		if err != nil {
			t.Fatal(err)
		}
		if bytesOf(t, r) != whole {
			t.Error("its weights are not those of a run that was not stopped")
		}
		if seconds, err := r.Seconds(); err != nil || seconds <= 0 {
			t.Errorf("it trained for %v s (%v)", seconds, err)
		}
		if n := runs(t, s); n != 1 {
			t.Errorf("%d runs, want one", n)
		}
	}
	if _, err := s.Complete(t.Context(), parse(t, "seed=2")); err != nil {
		t.Fatal(err)
	}
	if n := runs(t, s); n != 2 {
		t.Errorf("%d runs, want two", n)
	}
}

func runs(t *testing.T, s *Studio) int {
	all, err := List(s.Runs)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
