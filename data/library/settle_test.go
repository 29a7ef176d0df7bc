package library

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"atelier/data/store"
)

// TestDropAlike checks properties of any set: existing Items are kept, one Item of each tree is
// kept, and no new Item connects the parts.
func TestDropAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		s := &settlement{order: &order{at: make([]int64, n)}, verdicts: map[int32]verdict{}}
		for i := range n {
			kept := rapid.Bool().Draw(t, fmt.Sprint("kept ", i))
			s.kept = append(s.kept, kept)
			s.test = append(s.test, rapid.Bool().Draw(t, fmt.Sprint("test ", i)))
			s.gone = append(s.gone, !kept && rapid.IntRange(0, 4).Draw(t, fmt.Sprint("gone ", i)) == 0)
		}
		r := newRoots(n)
		for range rapid.IntRange(0, n).Draw(t, "pairs") {
			a, b := int32(rapid.IntRange(0, n-1).Draw(t, "a")), int32(rapid.IntRange(0, n-1).Draw(t, "b"))
			if !s.gone[a] && !s.gone[b] { // dropped Items are not compared
				r.unite(a, b)
			}
		}
		before := append([]bool(nil), s.gone...)
		step := &store.Step{Dropped: map[string]int{}}
		s.dropAlike(r, comparer{Comparing: same{}, use: "same-test"}, step)
		checkTrees(t, s, r, before)
		told := 0
		for _, n := range step.Dropped {
			told += n
		}
		if told != len(s.verdicts) {
			t.Fatalf("%d drops are told, %d decided", told, len(s.verdicts))
		}
	})
}

// checkTrees checks every tree of similar Items.
func checkTrees(t *rapid.T, s *settlement, r roots, before []bool) {
	left, kept, parts, bridged := map[int32]int{}, map[int32]int{}, map[int32]map[bool]bool{}, map[int32]map[bool]bool{}
	for i := range r {
		root := r.root(int32(i))
		if parts[root] == nil {
			parts[root], bridged[root] = map[bool]bool{}, map[bool]bool{}
		}
		if s.kept[i] {
			kept[root]++
			bridged[root][s.test[i]] = true
			if s.gone[i] {
				t.Fatalf("Item %d, which was there before, is dropped", i)
			}
		}
		if !s.gone[i] {
			left[root]++
			parts[root][s.test[i]] = true
		}
	}
	for i := range r {
		root := r.root(int32(i))
		v, dropped := s.verdicts[int32(i)]
		switch {
		case before[i]:
			if dropped {
				t.Fatalf("Item %d is dropped twice", i)
			}
		case left[root] != max(kept[root], 1):
			t.Fatalf("%d Items are left of the tree of %d, in which %d were there before", left[root], i, kept[root])
		case len(parts[root]) > max(len(bridged[root]), 1):
			t.Fatalf("the tree of %d is in both parts", i)
		case dropped && (v.drop.Reason != "same") != (len(bridged[root]) == 2):
			t.Fatalf("Item %d is dropped as %q", i, v.drop.Reason)
		case dropped && s.gone[v.like]:
			t.Fatalf("Item %d is like %d, which is dropped as well", i, v.like)
		}
	}
}
