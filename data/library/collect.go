package library

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/durable"
)

// An input is what a job reads: a source, or a version that is there already.
type input struct {
	record store.SourceRecord
	source data.Source // nil if it is a version
	rows   func(ctx context.Context, split data.Split) iter.Seq2[store.Row, error]
	kept   bool // its Items are clean: they are compared, but not cleaned again

	divided func() bool // whether its parts are to be kept
}

// prepare finds out once whether the parts of the input are to be kept.
func (in *input) prepare() {
	in.divided = sync.OnceValue(func() bool {
		d, ok := in.source.(data.Divided)
		return in.source == nil || ok && d.Divided()
	})
}

// items yields the Items of a part that the journal does not know, or all of them
// if the source is not resumable.
func (in *input) items(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[store.Row, error] {
	if in.source == nil {
		return in.rows(ctx, split)
	}
	items := in.source.Items
	if r, ok := in.source.(data.Resumable); ok {
		items = func(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] { return r.Rest(ctx, split, j) }
	}
	return func(yield func(store.Row, error) bool) {
		for it, err := range items(ctx, split) {
			if !yield(store.Row{Item: it, Split: split}, err) {
				return
			}
		}
	}
}

const (
	inFlight      = 96 << 20 // bytes of Items that are read and not written yet
	commitEvery   = time.Second
	commitIfQuiet = 10 * time.Millisecond
)

// A task is one Item on its way through the cleaners.
type task struct {
	row      store.Row
	drop     *data.Drop // of the source
	weight   int64
	done     chan struct{}
	record   record
	sketches []*data.Sketch // one a comparing cleaner; nil where it does not apply
	err      error
}

// collect reads all that the sources have, cleans each Item by itself on all
// cores, and writes what becomes of it in the order of the source.
func (j *job) collect(ctx context.Context) error {
	j.restart()
	for i := range j.inputs {
		for _, split := range []data.Split{data.Train, data.Test} {
			if err := j.collectPart(ctx, i, split); err != nil {
				return err
			}
		}
		if r, ok := j.inputs[i].source.(data.Remarking); ok {
			for _, line := range r.Remarks() {
				j.l.notice("%s", line)
			}
		}
	}
	return nil
}

// collectPart collects one part of one source, or what is left of it.
func (j *job) collectPart(ctx context.Context, source int, split data.Split) error {
	in := &j.inputs[source]
	sp := j.span(source, split)
	if sp.Done {
		return nil
	}
	if sp.Count == 0 {
		sp.Begin, sp.End, sp.Passed = j.spool.size, j.spool.size, 0
	}
	g, ctx := errgroup.WithContext(ctx)
	var (
		work    = make(chan *task, 2*runtime.GOMAXPROCS(0))
		ordered = make(chan *task, 1024)
		room    = semaphore.NewWeighted(inFlight)
	)
	var failed error // of the source: what it gave before is cleaned and written all the same
	g.Go(func() error {
		defer close(work)
		defer close(ordered)
		failed = j.read(ctx, in, sp, room, func(t *task) error {
			for _, to := range []chan *task{work, ordered} {
				select {
				case to <- t:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
		return ctx.Err()
	})
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for t := range work {
				j.clean(in, t)
				close(t.done)
			}
			return nil
		})
	}
	g.Go(func() error { return j.write(ctx, sp, ordered, room) })
	err := g.Wait()
	if err == nil {
		err = failed
	}
	sp.Done = err == nil
	if committed := j.commit(); err == nil {
		err = committed
	}
	return err
}

// read hands on the Items of a part. Of a source that cannot pass over what was
// collected before, it drops as many as there are in the spool.
func (j *job) read(ctx context.Context, in *input, sp *span, room *semaphore.Weighted, hand func(*task) error) error {
	skip := 0
	if !sp.ByName {
		skip = sp.Count
	}
	journal := &part{j: j.journal, source: j.id(sp.Source), split: sp.Split, fresh: sp.Count == 0}
	for row, err := range in.items(ctx, sp.Split, journal) {
		var drop *data.Drop
		if err != nil && !errors.As(err, &drop) {
			return err
		}
		if skip > 0 {
			skip--
			continue
		}
		if drop != nil {
			drop = by(drop, in.record.Use)
		}
		t := &task{row: row, drop: drop, weight: min(int64(len(row.Bytes))+512, inFlight), done: make(chan struct{})}
		if err := room.Acquire(ctx, t.weight); err != nil {
			return err
		}
		if err := hand(t); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// write appends what became of each Item to the spool, in order, and commits now
// and then: when nothing more comes for a moment, and at least once a second.
func (j *job) write(ctx context.Context, sp *span, ordered <-chan *task, room *semaphore.Weighted) error {
	quiet := time.NewTimer(commitIfQuiet)
	defer quiet.Stop()
	committed, last := sp.Count, time.Now()
	for {
		quiet.Reset(commitIfQuiet)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quiet.C:
			if sp.Count == committed && !j.journal.waiting() {
				continue
			}
		case t, ok := <-ordered:
			if !ok {
				return nil
			}
			<-t.done
			if t.err != nil {
				return t.err
			}
			if err := j.append(sp, t); err != nil {
				return err
			}
			room.Release(t.weight)
			if time.Since(last) < commitEvery {
				continue
			}
		}
		if err := j.commit(); err != nil {
			return err
		}
		committed, last = sp.Count, time.Now()
		j.l.progress("collected", j.count(), 0)
	}
}

// append writes one record and its sketches.
func (j *job) append(sp *span, t *task) error {
	at, err := j.spool.append(t.record.encode())
	if err != nil {
		return durable.Explain(j.dir, err)
	}
	for i, s := range t.sketches {
		if s == nil {
			continue
		}
		if err := j.sketches[i].add(at, s); err != nil {
			return err
		}
	}
	if sp.ByName {
		j.journal.add(pending{j.id(sp.Source), sp.Split, t.row.Name, at})
	}
	sp.Count++
	if t.drop != nil {
		sp.Passed++
	}
	sp.End = j.spool.size
	return nil
}
