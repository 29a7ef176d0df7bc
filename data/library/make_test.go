package library

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/registry"
)

// A numbers source yields texts of numbers, some of them bad or duplicated.
type numbers struct {
	From, To int
	Stop     int // fails before this one; 0 for never
}

func (s *numbers) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if split == data.Test {
			return
		}
		for i := s.From; i < s.To; i++ {
			if s.Stop != 0 && i == s.Stop {
				yield(data.Item{}, errors.New("the cable was pulled"))
				return
			}
			var err error
			it := data.Item{Name: fmt.Sprintf("%04d", i), MediaType: "text/plain", Label: fmt.Sprint(i % 3), Bytes: fmt.Appendf(nil, "number %d", i/2*2)}
			if i%10 == 7 {
				it.Bytes, err = nil, data.Dropf("unreadable", "sector %d", i)
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// A named source yields the same Items in any order, and can be resumed.
type named struct{ numbers }

func (s *named) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		var all []data.Item
		for it, err := range s.Items(ctx, split) {
			if err != nil && it.Name == "" {
				all = append(all, data.Item{})
				continue
			}
			all = append(all, it)
		}
		for i := range all {
			it := all[(i*7)%len(all)] // another order
			switch {
			case it.Name == "":
				yield(it, errors.New("the cable was pulled"))
				return
			case j.Known(it.Name):
				continue
			}
			var err error
			if it.Bytes == nil {
				err = data.Dropf("unreadable", "")
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// A same cleaner drops Items with the same bytes.
type same struct{}

func (same) Clean(*data.Piece) error { return nil }
func (same) Sketch(p *data.Piece) (data.Sketch, bool, error) {
	sum := sha256.Sum256(p.Bytes)
	return data.Sketch{Bands: []uint64{uint64(sum[0])}, Signature: sum[:]}, true, nil
}
func (same) Alike(a, b []byte) bool { return string(a) == string(b) }
func (same) Reason() string         { return "same" }

// A fifth cleaner drops every text that ends in 5, and changes those that end in 4.
type fifth struct{}

func (fifth) Clean(p *data.Piece) error {
	switch p.Bytes[len(p.Bytes)-1] {
	case '6':
		return data.Dropf("ends in 6", "")
	case '4':
		p.Bytes = append(p.Bytes, '!')
		p.Change("marked", 1)
	}
	return nil
}

func init() {
	data.Sources.Add("numbers-test", "for tests", func() data.Source { return &numbers{} })
	data.Cleaners.Add("same-test", "for tests", func() data.Cleaner { return same{} })
	data.Cleaners.Add("fifth-test", "for tests", func() data.Cleaner { return fifth{} })
}

func pipeline() *Pipeline {
	return &Pipeline{TestShare: 0.2, Clean: []registry.Choice[data.Cleaner]{
		{Use: "fifth-test", Value: fifth{}}, {Use: "same-test", Value: same{}},
	}}
}

func newLibrary(t *testing.T) *Library {
	t.Helper()
	home := t.TempDir()
	s, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	return &Library{Store: s, Home: home, Program: "test"}
}

func source(s data.Source) []registry.Choice[data.Source] {
	return []registry.Choice[data.Source]{{Use: "numbers-test", Value: s}}
}

func names(t *testing.T, v *store.Version) (all []string) {
	t.Helper()
	err := each(t.Context(), v, func(r store.Row) { all = append(all, r.Name+"="+string(r.Bytes)) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAdd(t *testing.T) {
	l := newLibrary(t)
	v, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "MIT")
	if err != nil {
		t.Fatal(err)
	}
	// 0 2 4 8 10 12 14 18 are kept: 6 and 16 are dropped by the cleaner, odd ones as duplicates,
	// and 7 and 17 by the source.
	if got := len(names(t, v)); got != 8 {
		t.Errorf("%d Items, want 8: %v", got, names(t, v))
	}
	reasons := map[string]int{}
	for d, err := range v.Drops(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		reasons[d.Drop.By+"/"+d.Drop.Reason]++
		if d.Drop.Reason == "same" && d.Drop.Detail == "" {
			t.Errorf("%s: not said what it is the same as", d.Name)
		}
	}
	want := map[string]int{"fifth-test/ends in 6": 2, "same-test/same": 8, "numbers-test/unreadable": 2}
	if fmt.Sprint(reasons) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", reasons, want)
	}
	steps := v.Manifest().Steps
	if steps[0].Seen != 18 || steps[0].Changed["marked"] != 4 || steps[1].Seen != 16 || steps[1].Dropped["same"] != 8 {
		t.Errorf("steps %+v", steps)
	}
	err = each(t.Context(), v, func(r store.Row) {
		if r.Origin.Licence != "MIT" {
			t.Errorf("%s: licence %q", r.Name, r.Origin.Licence)
		}
	})
	if err != nil {
		t.Error(err)
	}
	if err := v.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestResumed checks that a job that fails and is resumed makes the same version as one that does
// not fail, and leaves nothing behind.
func TestResumed(t *testing.T) {
	for name, make := range map[string]func(stop int) data.Source{
		"in order": func(stop int) data.Source { return &numbers{0, 500, stop} },
		"by name":  func(stop int) data.Source { return &named{numbers{0, 500, stop}} },
	} {
		t.Run(name, func(t *testing.T) {
			whole, err := newLibrary(t).Add(t.Context(), "n", source(make(0)), pipeline(), "")
			if err != nil {
				t.Fatal(err)
			}
			l := newLibrary(t)
			for _, stop := range []int{3, 120, 400} {
				if _, err := l.make(t.Context(), &store.Manifest{Name: "n"}, pipeline(), same1(make(stop))); err == nil {
					t.Fatal("no error of a source that fails")
				}
			}
			v, err := l.make(t.Context(), &store.Manifest{Name: "n"}, pipeline(), same1(make(0)))
			if err != nil {
				t.Fatal(err)
			}
			if v.Hash() != whole.Hash() {
				t.Errorf("a resumed job made another version:\n%v\n%v", names(t, v), names(t, whole))
			}
		})
	}
}

// same1 is an input that is the same job wherever its source stops.
func same1(s data.Source) []input {
	return []input{{source: s, record: store.SourceRecord{Use: "numbers-test"}}}
}

// A divided source has one Item in each part.
type divided struct{ numbers }

func (divided) Divided() bool { return true }
func (divided) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		yield(data.Item{Name: "it", MediaType: "text/plain", Bytes: []byte("of " + split)}, nil)
	}
}

func TestDivided(t *testing.T) {
	v, err := newLibrary(t).Add(t.Context(), "n", source(&divided{}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	err = each(t.Context(), v, func(r store.Row) {
		if string(r.Bytes) != "of "+string(r.Split) {
			t.Errorf("%q is in the part %s", r.Bytes, r.Split)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// TestThreads checks that the version does not depend on the number of threads.
func TestThreads(t *testing.T) {
	hashes := map[string]int{}
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		v, err := newLibrary(t).Add(t.Context(), "n", source(&numbers{0, 3000, 0}), pipeline(), "")
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		hashes[v.Hash()]++
	}
	if len(hashes) != 1 {
		t.Errorf("hashes by the count of threads: %v", hashes)
	}
}

func TestGrows(t *testing.T) {
	l := newLibrary(t)
	first, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.Add(t.Context(), "n", source(&numbers{10, 40, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	before, after := map[string]data.Split{}, map[string]data.Split{}
	for m, v := range map[*map[string]data.Split]*store.Version{&before: first, &after: second} {
		if err := each(t.Context(), v, func(r store.Row) { (*m)[string(r.Bytes)] = r.Split }); err != nil {
			t.Fatal(err)
		}
	}
	if len(after) != 16 {
		t.Errorf("%d Items, want 16: %v", len(after), after)
	}
	for text, split := range before {
		if after[text] != split {
			t.Errorf("%s was in %s and is in %q", text, split, after[text])
		}
	}
	again, err := l.Add(t.Context(), "n", source(&numbers{10, 40, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	if again.Manifest().Version != 2 {
		t.Errorf("nothing new, and yet version %d", again.Manifest().Version)
	}
}

// TestDiffOfTwins checks that repeated Items are counted as often as they occur.
func TestDiffOfTwins(t *testing.T) {
	l := newLibrary(t)
	everything := &Pipeline{TestShare: 0.2} // 0 2 4 6 8, twice each but 6
	if _, err := l.Add(t.Context(), "n", source(&numbers{0, 10, 0}), everything, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Add(t.Context(), "n", source(&numbers{8, 12, 0}), everything, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b               string
		both, onlyA, onlyB int
	}{{"n@1", "n@1", 9, 0, 0}, {"n@1", "n@2", 9, 0, 4}, {"n@2", "n@1", 9, 4, 0}} {
		d, err := l.Diff(t.Context(), c.a, c.b)
		if err != nil {
			t.Fatal(err)
		}
		if d.Both != c.both || d.OnlyA != c.onlyA || d.OnlyB != c.onlyB {
			t.Errorf("%s to %s: %d in both, %d and %d in one", c.a, c.b, d.Both, d.OnlyA, d.OnlyB)
		}
	}
}

// An endless cleaner is still running when the job is stopped.
type endless struct {
	stop  func()
	until chan struct{}
}

func (c endless) Clean(*data.Piece) error {
	c.stop()
	<-c.until
	return nil
}

// A stopped job does not wait for a cleaner to end.
func TestCleanersAreNotWaitedFor(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	slow := endless{stop, make(chan struct{})}
	defer close(slow.until)
	p := &Pipeline{Clean: []registry.Choice[data.Cleaner]{{Use: "fifth-test", Value: slow}}}
	if _, err := newLibrary(t).Add(ctx, "n", source(&numbers{0, 20, 0}), p, ""); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
