package library

import (
	"context"
	"strings"

	"atelier/data"
	"atelier/data/clean"
	"atelier/data/store"
)

// A settlement is the set of decisions that need the whole set.
type settlement struct {
	*order
	verdicts map[int32]verdict // of the Items dropped by it
	steps    []store.Step      // one per cleaner

	forgotten int            // number of Items dropped because they are forgotten
	crossing  map[string]int // by cleaner: number of test Items similar to a training Item
}

// A verdict is the reason for which an Item of the set is dropped.
type verdict struct {
	drop data.Drop
	like int32 // the Item that it is too similar to, -1 for other reasons
}

// forgotten is the reason for which forgotten Items are dropped.
var forgotten = data.Drop{By: "forget", Reason: "forgotten"}

// settle runs the cleaners that need the whole set, in the order of the pipeline.
func (j *job) settle(ctx context.Context) (*settlement, error) {
	s := &settlement{order: &order{sorted: true}, verdicts: map[int32]verdict{}}
	for _, c := range j.pipeline.Clean {
		s.steps = append(s.steps, store.Step{Use: c.Use, Settings: encoded(c.Value), Changed: map[string]int{}, Dropped: map[string]int{}})
	}
	if err := s.arrange(ctx, j); err != nil {
		return nil, err
	}
	compared := 0
	for i, c := range j.pipeline.Clean {
		step := &s.steps[i]
		if !single(c.Value) {
			step.Seen = s.left()
		}
		if _, ok := c.Value.(data.Comparing); ok {
			j.l.progress("comparing ("+c.Use+")", compared, len(j.comparing))
			r, err := j.alike(ctx, compared, s.order)
			if err != nil {
				return nil, err
			}
			s.dropAlike(r, j.comparing[compared], step)
			compared++
		}
		if c, ok := c.Value.(data.Counting); ok {
			s.admit(c, step)
		}
	}
	return s, nil
}

// arrange reads the collected Items in the order of the set, and counts the effects of the cleaners
// of single Items.
func (s *settlement) arrange(ctx context.Context, j *job) error {
	at := map[string]*store.Step{}
	for i := range s.steps {
		at[s.steps[i].Use] = &s.steps[i]
	}
	sums, err := j.l.Store.Forgotten(ctx, j.manifest.Name)
	if err != nil {
		return err
	}
	out := map[digest]bool{}
	for _, sum := range sums {
		out[sum] = true
	}
	for i := range j.inputs {
		j.inputs[i].record.Dropped = nil // from a settlement that another version has made obsolete
	}
	labels := map[string]int32{}
	err = j.walk(ctx, readDescription, func(place int64, in *input, r *record) error {
		for i := range min(r.Seen, len(s.steps)) {
			s.steps[i].Seen++
		}
		if !in.kept {
			for change, n := range r.Changes {
				use, what, _ := strings.Cut(change, "/")
				at[use].Changed[what] += n
			}
		}
		if out[r.Whole] || out[r.Now] {
			drop := forgotten
			s.verdicts[int32(len(s.at))], r.Drop = verdict{drop, -1}, &drop
			s.forgotten++
		}
		if r.Drop != nil {
			count(at, in, r.Drop)
		}
		return s.add(place, r, labels, in.kept, !in.divided(), j.splitOf(in, r) == data.Test)
	})
	s.index()
	return err
}

// count counts a drop for the cleaner that dropped the Item, or else for its source.
func count(at map[string]*store.Step, in *input, d *data.Drop) {
	if step := at[d.By]; step != nil {
		step.Dropped[d.Reason]++
		return
	}
	if in.record.Dropped == nil {
		in.record.Dropped = map[string]int{}
	}
	in.record.Dropped[d.Reason]++
}

// left is the number of Items that are kept.
func (s *settlement) left() int {
	n := 0
	for _, gone := range s.gone {
		if !gone {
			n++
		}
	}
	return n
}

// added is the number of kept Items that are new.
func (s *settlement) added() int {
	n := 0
	for i, gone := range s.gone {
		if !gone && !s.kept[i] {
			n++
		}
	}
	return n
}

// dropAlike keeps one Item of each tree, the best: see before. Items of the existing version are
// always kept.
func (s *settlement) dropAlike(r roots, c comparer, step *store.Step) {
	best := map[int32]int32{} // of the trees with several Items
	both := map[int32]bool{}  // those with existing Items of both parts
	for i := range r {
		i := int32(i)
		root := r.root(i)
		if root == i || s.gone[i] {
			continue
		}
		b, ok := best[root]
		if !ok {
			b = root
		}
		if s.kept[i] && s.kept[b] && s.test[i] != s.test[b] {
			both[root] = true
		}
		if s.before(i, b) {
			b = i
		}
		best[root] = b
	}
	for i := range r {
		i := int32(i)
		root := r.root(i)
		b, several := best[root]
		if both[root] && s.kept[i] && s.test[i] {
			s.cross(c)
		}
		if !several || i == b || s.gone[i] || s.kept[i] {
			continue
		}
		v := verdict{data.Drop{By: c.use, Reason: c.Reason()}, b}
		if both[root] {
			v.drop.Reason = "would join the training and the test part"
		}
		s.drop(i, v, step)
	}
}

// cross counts a kept test Item that has training Items similar to it.
func (s *settlement) cross(c comparer) {
	if _, exact := c.Comparing.(*clean.Exact); exact { // which are counted by their bytes
		return
	}
	if s.crossing == nil {
		s.crossing = map[string]int{}
	}
	s.crossing[c.use]++
}

// before reports whether Item i is preferred to b if only one can be kept: existing Items, then
// test Items as given by the source, then by rank, then test Items as drawn, then the earlier one.
func (s *settlement) before(i, b int32) bool {
	switch {
	case s.kept[i] != s.kept[b]:
		return s.kept[i]
	case s.givenToTest(i) != s.givenToTest(b):
		return s.givenToTest(i)
	case s.rank != nil && s.rank[i] != s.rank[b]:
		return s.rank[i] > s.rank[b]
	case s.test[i] != s.test[b]:
		return s.test[i]
	}
	return i < b
}

func (s *settlement) givenToTest(i int32) bool { return s.test[i] && (s.drawn == nil || !s.drawn[i]) }

func (s *settlement) drop(i int32, v verdict, step *store.Step) {
	s.gone[i] = true
	s.verdicts[i] = v
	step.Dropped[v.drop.Reason]++
}

// admit asks a counting cleaner about every Item that is left.
func (s *settlement) admit(c data.Counting, step *store.Step) {
	counts := map[string]int{}
	for i, gone := range s.gone {
		if !gone {
			counts[s.labels[s.label[i]]]++
		}
	}
	admit := c.Admit(counts)
	for i, gone := range s.gone {
		if gone || s.kept[i] {
			continue
		}
		if d := admit(s.labels[s.label[i]]); d != nil {
			s.drop(int32(i), verdict{*by(d, step.Use), -1}, step)
		}
	}
}
