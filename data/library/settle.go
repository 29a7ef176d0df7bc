package library

import (
	"context"
	"strings"

	"atelier/data"
	"atelier/data/clean"
	"atelier/data/store"
)

// A settlement is what was decided of the Items by looking at the whole set.
type settlement struct {
	*order
	verdicts map[int32]verdict // of those that are dropped for it
	steps    []store.Step      // one a cleaner

	forgotten int            // how many were dropped because they are forgotten
	crossing  map[string]int // by cleaner: how many Items of the test part are alike to some to train on
}

// A verdict is why an Item of the set is dropped.
type verdict struct {
	drop data.Drop
	like int32 // the Item that it is too much alike to, -1 if that is not why
}

// forgotten is why Items are dropped that are not to come again.
var forgotten = data.Drop{By: "forget", Reason: "forgotten"}

// settle runs the cleaners that look at the whole set, in the order of the pipeline.
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

// arrange reads what was collected into the order of the set, and counts what the
// cleaners of single Items did.
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
		j.inputs[i].record.Dropped = nil // of a settlement that another version overtook
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

// count counts a drop with the cleaner that dropped the Item, or else with its source.
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

// left is the count of Items that are not dropped.
func (s *settlement) left() int {
	n := 0
	for _, gone := range s.gone {
		if !gone {
			n++
		}
	}
	return n
}

// added is the count of Items that are left and were not there before.
func (s *settlement) added() int {
	n := 0
	for i, gone := range s.gone {
		if !gone && !s.kept[i] {
			n++
		}
	}
	return n
}

// dropAlike keeps one Item of each tree, the best: see before. What was in the set before
// stays in any case.
func (s *settlement) dropAlike(r roots, c comparer, step *store.Step) {
	best := map[int32]int32{} // of the trees with several Items
	both := map[int32]bool{}  // those that join Items of both parts that were there before
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

// cross counts an Item of the test part that has come to stay beside others to train on.
func (s *settlement) cross(c comparer) {
	if _, exact := c.Comparing.(*clean.Exact); exact { // which are counted by their bytes
		return
	}
	if s.crossing == nil {
		s.crossing = map[string]int{}
	}
	s.crossing[c.use]++
}

// before reports whether Item i goes before b where only one can stay: what was in the set
// before, then what a source gives to be measured against, then what ranks higher, then
// what was drawn to be measured against, then what came first.
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

// admit asks a counting cleaner of every Item that is left.
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
