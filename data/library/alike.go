package library

import (
	"context"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"atelier/data"
)

// mostLeaders is the number of distinct Items of a band that the others are compared with, so that
// a large band does not cost all pairs.
const mostLeaders = 64

// bandsAtOnce is the number of Items in a batch of bands for a goroutine, unless one band has more.
const bandsAtOnce = 4096

// alike returns, for every Item, the first of the Items that it is similar to, directly or through
// others, according to one comparing cleaner: a forest in which an Item without duplicates is its
// own root. Dropped Items are ignored. The result for a band depends only on its Items, not on the
// order in which bands are compared.
func (j *job) alike(ctx context.Context, k int, o *order) (roots, error) {
	sorter, err := newBandSorter(filepath.Join(j.dir, "bands"))
	if err != nil {
		return nil, err
	}
	defer sorter.close()
	c, err := j.comparison(ctx, k, o, sorter)
	if err != nil {
		return nil, err
	}
	r := newRoots(len(o.at))
	var lock sync.Mutex // guards r
	work, ctx := errgroup.WithContext(ctx)
	batches := make(chan *batch)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() error {
			l := leaders{comparison: c}
			for b := range batches {
				pairs, err := l.compare(ctx, b)
				if err != nil {
					return err
				}
				lock.Lock()
				for _, p := range pairs {
					r.unite(p[0], p[1])
				}
				lock.Unlock()
			}
			return nil
		})
	}
	work.Go(func() error {
		defer close(batches)
		return sorter.batches(ctx, batches)
	})
	return r, work.Wait()
}

// A batch is a number of groups of Items that share a band.
type batch struct {
	items []int32
	ends  []int // ends of the groups
}

// batches passes the groups of Items that share a band.
func (s *bandSorter) batches(ctx context.Context, to chan<- *batch) error {
	b := &batch{}
	hand := func() error {
		select {
		case to <- b:
			b = &batch{}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := s.groups(func(items []int32) error {
		b.items = append(b.items, items...)
		b.ends = append(b.ends, len(b.items))
		if len(b.items) < bandsAtOnce {
			return nil
		}
		return hand()
	})
	if err != nil {
		return err
	}
	return hand()
}

// A comparison is the state shared by the goroutines that compare.
type comparison struct {
	cleaner    data.Comparing
	hasty      data.Hasty // nil if the cleaner is not
	signatures *signatures
	verdicts   verdicts
}

// comparison reads the sketches of a cleaner, adds their bands to the sorter, and records the ranks
// of the Items.
func (j *job) comparison(ctx context.Context, k int, o *order, sorter *bandSorter) (*comparison, error) {
	c := &comparison{cleaner: j.comparing[k].Comparing, verdicts: newVerdicts(len(o.at))}
	c.hasty, _ = c.cleaner.(data.Hasty)
	c.signatures = newSignatures(j.sketches[k], len(o.at), c.hasty != nil)
	o.rank = make([]data.Rank, len(o.at))
	err := c.signatures.file.each(func(s sketched) error {
		i, ok := o.find(s.item)
		if !ok || o.gone[i] {
			return ctx.Err()
		}
		o.rank[i] = s.rank
		c.signatures.add(i, s)
		for _, b := range s.bands {
			if err := sorter.add(banded{b, i}); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// roots is a forest of Items: entry i is an Item of the same tree, itself at the root (Tarjan
// 1975). The root is the lowest Item of its tree.
type roots []int32

func newRoots(n int) roots {
	r := make(roots, n)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}

func (r roots) root(i int32) int32 {
	for r[i] != i {
		r[i] = r[r[i]]
		i = r[i]
	}
	return i
}

func (r roots) unite(a, b int32) {
	a, b = r.root(a), r.root(b)
	r[max(a, b)] = min(a, b)
}
