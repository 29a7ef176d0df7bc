package library

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/durable"
	"atelier/internal/stopped"
)

// An input of a job is a source or an existing version.
type input struct {
	record store.SourceRecord
	source data.Source // nil if it is a version
	rows   func(ctx context.Context, split data.Split) iter.Seq2[store.Row, error]
	kept   bool // its Items were cleaned: they are compared, but not cleaned again

	divided func() bool // whether its parts are kept
}

// prepare determines, once, whether the parts of the input are kept.
func (in *input) prepare() {
	in.divided = sync.OnceValue(func() bool {
		d, ok := in.source.(data.Divided)
		return in.source == nil || ok && d.Divided()
	})
}

// items yields the Items of a part that are not in the journal, or all of them if the source is not
// resumable.
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
	inFlight      = 96 << 20 // bytes of Items read and not yet written
	commitEvery   = time.Second
	commitIfQuiet = 10 * time.Millisecond
)

// A task is an Item on its way through the cleaners.
type task struct {
	row      store.Row
	drop     *data.Drop // of the source
	weight   int64
	done     chan struct{}
	record   record
	sketches []*data.Sketch // one per comparing cleaner; nil if it does not apply
	err      error
}

// collect reads all sources, cleans each Item on all cores, and writes the results in the order of
// the source.
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

// collectPart collects the rest of one part of one source.
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
	var failed error // of the source: the Items before it are still cleaned and written
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
				if !stopped.Left(ctx, func() { j.clean(in, t) }) {
					close(t.done)
				}
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

// read passes the Items of a part on. If the source cannot skip what was collected before, read
// skips as many Items as the spool holds.
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
		t := &task{row: row, drop: drop, weight: weightOf(row.Item), done: make(chan struct{})}
		if err := room.Acquire(ctx, t.weight); err != nil {
			return err
		}
		if err := hand(t); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// textCopies is the number of copies of a text in memory while it is cleaned: the original, before
// and after a cleaner, and garbage.
const textCopies = 6

// weightOf is an Item's share of the limit of data in flight.
func weightOf(it data.Item) int64 {
	weight := int64(len(it.Bytes)) + 512
	if strings.HasPrefix(it.MediaType, "text/") {
		weight *= textCopies
	}
	return min(weight, inFlight)
}

// write appends the result of each Item to the spool, in order, and commits at least once a second,
// and whenever no result is ready.
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
			select {
			case <-t.done:
			case <-ctx.Done():
				return ctx.Err()
			}
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
