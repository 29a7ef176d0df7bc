package library

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/registry"
)

// A meanwhile source calls a function once, after its Items were read.
type meanwhile struct {
	numbers
	do func()
}

func (m *meanwhile) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for it, err := range m.numbers.Items(ctx, split) {
			if !yield(it, err) {
				return
			}
		}
		if do := m.do; do != nil && split == data.Test {
			m.do = nil
			do()
		}
	}
}

func bytesOf(t *testing.T, v *store.Version) (all []string) {
	t.Helper()
	if err := each(t.Context(), v, func(r store.Row) { all = append(all, string(r.Bytes)) }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// TestAddFollowsTheNewest makes another version during an add: the result is the same as one after
// the other.
func TestAddFollowsTheNewest(t *testing.T) {
	add := func(l *Library, s data.Source) *store.Version {
		t.Helper()
		v, err := l.Add(t.Context(), "n", source(s), pipeline(), "")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, before := range map[string]bool{"new": false, "grown": true} {
		for what, other := range map[string]func(*Library){
			"add": func(l *Library) { add(l, &numbers{100, 140, 0}) },
			"forget": func(l *Library) {
				if before {
					if _, err := l.Forget(t.Context(), "n", &Selection{Origins: []string{"001*"}}); err != nil {
						t.Error(err)
					}
				}
			},
			"remove": func(l *Library) {
				if before {
					if err := l.Store.Remove(t.Context(), "n"); err != nil {
						t.Error(err)
					}
				}
			},
		} {
			one, other2 := newLibrary(t), newLibrary(t)
			if before {
				add(one, &numbers{0, 30, 0})
				add(other2, &numbers{0, 30, 0})
			}
			other(one)
			want := add(one, &numbers{20, 60, 0})
			got := add(other2, &meanwhile{numbers{20, 60, 0}, func() { other(other2) }})
			if !slices.Equal(bytesOf(t, got), bytesOf(t, want)) {
				t.Errorf("%s, %s: %v, want %v", name, what, bytesOf(t, got), bytesOf(t, want))
			}
			if got.Ref() != want.Ref() || fmt.Sprint(got.Manifest().Base) != fmt.Sprint(want.Manifest().Base) {
				t.Errorf("%s, %s: %s from %v, want %s from %v", name, what, got.Ref(), got.Manifest().Base, want.Ref(), want.Manifest().Base)
			}
			if err := got.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestCleanFollowsTheNewest adds to a dataset while it is cleaned: a name means the newest version,
// a number means that one.
func TestCleanFollowsTheNewest(t *testing.T) {
	for ref, want := range map[string]int{"n": 24, "n@1": 8} {
		l := newLibrary(t)
		if _, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), ""); err != nil {
			t.Fatal(err)
		}
		p := pipeline()
		p.Clean = append(p.Clean, registry.Choice[data.Cleaner]{Use: "once-test", Value: &once{do: func() {
			if _, err := l.Add(t.Context(), "n", source(&numbers{0, 60, 0}), pipeline(), ""); err != nil {
				t.Error(err)
			}
		}}})
		v, err := l.Clean(t.Context(), ref, p)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(names(t, v)); v.Ref() != "n@3" || got != want {
			t.Errorf("%s: %s with %d Items, want %d", ref, v.Ref(), got, want)
		}
	}
}

// A once cleaner calls a function at the first Item.
type once struct {
	do   func()
	done atomic.Bool
}

func (o *once) Clean(*data.Piece) error {
	if o.done.CompareAndSwap(false, true) {
		o.do()
	}
	return nil
}

// TestForgetGivesWay makes another version during a forget.
func TestForgetGivesWay(t *testing.T) {
	l := newLibrary(t)
	first, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Add(t.Context(), "n", source(&numbers{100, 140, 0}), pipeline(), ""); err != nil {
		t.Fatal(err)
	}
	in, _ := keptInput(first)
	_, err = l.follow(t.Context(), &store.Manifest{Name: "n", Base: baseOf(first)}, pipeline(), []input{in}, &following{newest: first})
	if err == nil || !strings.Contains(err.Error(), "n@2 was made meanwhile; repeat the command") {
		t.Error(err)
	}
}

// A twins source has the same texts in both parts.
type twins struct{}

func (twins) Divided() bool { return true }
func (twins) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for i := range 3 {
			text := fmt.Sprintf("the same text %d", i)
			if i == 2 {
				text += " in " + string(split)
			}
			yield(data.Item{Name: fmt.Sprint(split, i), MediaType: "text/plain", Bytes: []byte(text)}, nil)
		}
	}
}

// TestCrossingIsTold counts the duplicates across parts that a recipe leaves.
func TestCrossingIsTold(t *testing.T) {
	near := &Pipeline{}
	for _, settings := range [][]string{{"exact"}, {"near-texts", "letters=5", "ideographs=3", "jaccard=0.5"}} {
		c, err := registry.Make[data.Cleaner](settings[0], settings[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		near.Clean = append(near.Clean, c)
	}
	l := newLibrary(t)
	v, err := l.Add(t.Context(), "n", source(twins{}), &Pipeline{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if c := CrossingOf(v.Manifest()); c.Exact != 2 || len(c.Near) > 0 || len(c.Lines()) != 1 {
		t.Errorf("%+v", c)
	}
	var page strings.Builder
	if err := l.Report(t.Context(), "n", &page); err != nil || !strings.Contains(page.String(), "2 Items to measure against are exact copies") {
		t.Error(err)
	}
	// Existing duplicates are kept, and reported.
	if v, err = l.Add(t.Context(), "n", source(&numbers{0, 3, 0}), near, ""); err != nil {
		t.Fatal(err)
	}
	if c := CrossingOf(v.Manifest()); c.Exact != 2 || c.Near["near-texts"] != 3 || len(c.Lines()) != 2 {
		t.Errorf("%+v", c)
	}
	if v, err = newLibrary(t).Add(t.Context(), "n", source(twins{}), near, ""); err != nil {
		t.Fatal(err)
	}
	if c := CrossingOf(v.Manifest()); len(c.Lines()) != 0 {
		t.Errorf("%+v", c)
	}
}
