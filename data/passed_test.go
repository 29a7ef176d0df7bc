package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// worn is a set of numbers, some of which are broken or have no label.
type worn struct {
	n       int
	version string
	broken  func(i int) bool
	label   func(i int) string
	without bool // the broken ones
}

func (s worn) VersionHash(context.Context) (string, error) { return s.version, nil }

func (s worn) Items(_ context.Context, split Split) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for i := range s.n {
			it := Item{Name: fmt.Sprintf("%s/%d", split, i), Bytes: []byte(strconv.Itoa(i))}
			if s.label != nil {
				it.Label = s.label(i)
			}
			if s.broken(i) {
				if it.Bytes = []byte("broken"); s.without {
					continue
				}
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// fragile is plain, but knows the faults of works.
type fragile struct{ plain }

func (c *fragile) Encode(ex Example, b *Batch, at int) error {
	err := c.plain.Encode(ex, b, at)
	var number *strconv.NumError
	switch {
	case errors.As(err, &number):
		return &Fault{"unreadable", errors.New("is no number")}
	case err != nil && ex[Target].Label == "":
		return ErrUnlabelled
	}
	return err
}

// A set with broken works is the set without them, wherever they are, and they are
// counted. Without anybody to tell the first is the error.
func TestBrokenWorksArePassedOver(t *testing.T) {
	ctx := context.Background()
	for what, broken := range map[string]func(i int) bool{
		"none": func(i int) bool { return false }, "the first": func(i int) bool { return i == 0 }, "some": func(i int) bool { return i%7 == 3 },
		"most": func(i int) bool { return i%300 != 299 }, "the last": func(i int) bool { return i == 1999 }, "a block": func(i int) bool { return i/mostRows == 1 },
	} {
		n := 0
		for i := range 2000 {
			if broken(i) {
				n++
			}
		}
		for _, threads := range []int{1, 4} {
			before := runtime.GOMAXPROCS(threads)
			for _, dir := range []string{"", t.TempDir()} {
				var said []string
				cache := Cache{Dir: dir, Notice: func(line string) { said = append(said, line) }}
				got, gotTest, err := cache.Load(ctx, worn{n: 2000, version: what, broken: broken}, &fragile{plain{Pixels}})
				want, wantTest, err2 := Cache{}.Load(ctx, worn{n: 2000, broken: broken, without: true}, &fragile{plain{Pixels}})
				if err != nil || err2 != nil {
					t.Fatal(what, err, err2)
				}
				if got.Len() != want.Len() || got.Hash() != want.Hash() || gotTest.Hash() != wantTest.Hash() {
					t.Errorf("%s: %d examples, want %d", what, got.Len(), want.Len())
				}
				for _, i := range []int{0, got.Len() / 2, got.Len() - 1} {
					if got.Batch([]int{i}).Columns[0].Floats[0] != want.Batch([]int{i}).Columns[0].Floats[0] {
						t.Errorf("%s: example %d is another", what, i)
					}
				}
				first := ""
				if n == 1 {
					first = "skipped 2 (unreadable), such as train/"
				} else if n > 1 {
					first = fmt.Sprintf("skipped %d (unreadable), such as train/%d: unreadable: is no number", 2*n, firstOf(broken))
				}
				if all := strings.Join(said, "\n"); !strings.HasPrefix(all, first) || n == 0 && all != "" {
					t.Errorf("%s: said %q, want %q", what, all, first)
				}
			}
			runtime.GOMAXPROCS(before)
		}
		if _, _, err := Load(ctx, worn{n: 2000, broken: broken}, &fragile{plain{Pixels}}); n > 0 && (err == nil || !strings.Contains(err.Error(), "is no number")) {
			t.Error(what, err)
		}
	}
	told := Cache{Notice: func(string) {}}
	if _, _, err := told.Load(ctx, worn{n: 3, broken: func(int) bool { return true }}, &fragile{plain{Pixels}}); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "skipped 3, such as train/0: unreadable: is no number") {
		t.Error(err)
	}
}

func firstOf(broken func(int) bool) int {
	for i := 0; ; i++ {
		if broken(i) {
			return i
		}
	}
}

// A few works without a label are left out of a set with classes, which is told.
func TestFewWithoutLabel(t *testing.T) {
	label := func(i int) string {
		if i%20 == 7 {
			return ""
		}
		return []string{"a", "b"}[i%2]
	}
	set := worn{n: 600, version: "v", broken: func(int) bool { return false }, label: label}
	for _, dir := range []string{"", t.TempDir()} {
		var said []string
		got, test, err := Cache{Dir: dir, Notice: func(line string) { said = append(said, line) }}.Load(context.Background(), set, &fragile{plain{Pixels}})
		if err != nil || got.Len() != 570 || test.Len() != 570 || len(got.Spec().ClassNames()) != 2 {
			t.Fatalf("%v: %v", got, err)
		}
		if fmt.Sprint(said) != "[60 of 1200 have no label, though others have, the first of them train/7; they are left out]" {
			t.Errorf("%q", said)
		}
	}
}

// A set of which some works have no label is taken without labels, which is told.
func TestSomeWithoutLabel(t *testing.T) {
	label := func(i int) string { return []string{"", "a", "b"}[i%3] }
	set := worn{n: 600, version: "v", broken: func(i int) bool { return i == 5 }, label: label}
	bare := set
	bare.label, bare.without = nil, true
	want, _, err := Load(context.Background(), bare, &fragile{plain{Pixels}})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", t.TempDir()} {
		var said []string
		got, _, err := Cache{Dir: dir, Notice: func(line string) { said = append(said, line) }}.Load(context.Background(), set, &fragile{plain{Pixels}})
		if err != nil || got.Hash() != want.Hash() {
			t.Fatal(err)
		}
		if fmt.Sprint(said) != "[400 of 1198 have no label, though others have, the first of them train/0; the set is used without labels "+
			"skipped 2 (unreadable), such as train/5: unreadable: is no number atelier data add makes a dataset without them, and names them]" {
			t.Errorf("%q", said)
		}
	}
	if _, _, err := Load(context.Background(), set, &fragile{plain{Pixels}}); !errors.Is(err, ErrUnlabelled) {
		t.Error(err)
	}
}
