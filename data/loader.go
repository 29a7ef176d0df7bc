package data

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/registry"
)

// Keys of the random streams of the loader.
const (
	shuffleStream uint64 = 0x73687566666c65 // "shuffle"
	augmentStream uint64 = 0x6175676d656e74 // "augment"
	shiftStream   uint64 = 0x7368696674     // "shift"
)

// ErrClosed is returned for a batch requested from a closed loader.
var ErrClosed = errors.New("the loader is closed")

// buffers is the number of batches in use: one held by the caller, one being filled, the
// others ready in advance.
const buffers = 4

// A Loader prepares the batches of a run in advance. Each epoch visits every example once in
// a random order, and batches span epochs. Windows of text are shifted in each epoch. Batch
// k depends only on the set, the batch size, the seed and k, so that a resumed run
// continues with the same batches.
type Loader struct {
	ds   *Dataset
	size uint64
	seed uint64
	augs []Augmentation

	next   uint64 // the batch that Next returns next
	waited time.Duration
	held   *Batch // valid until the following Next
	err    error  // why there are no batches at all

	ready chan *Batch
	free  chan *Batch
	stop  chan struct{}
	once  sync.Once
	done  sync.WaitGroup
}

// NewLoader returns the batches of size examples, from batch number start on.
// The augmentations change the target, which must be pixels, and all other pictures of the
// example in the same way, in the order given. An invalid set or size is reported by
// [Loader.Next].
// The loader must be closed.
func NewLoader(ds *Dataset, size int, seed uint64, augs []Augmentation, start uint64) *Loader {
	l := &Loader{
		ds: ds, size: uint64(max(size, 0)), seed: seed, augs: augs, next: start,
		ready: make(chan *Batch, buffers), // both have room for all, so that sending never blocks
		free:  make(chan *Batch, buffers),
		stop:  make(chan struct{}),
	}
	if l.err = l.check(size); l.err != nil {
		return l
	}
	for range buffers {
		l.free <- NewBatch(ds.Spec(), size)
	}
	l.done.Go(func() { l.prepare(start) })
	return l
}

// LoaderBytes is the memory of the batches of a [Loader].
func LoaderBytes(s Spec, size int) float64 {
	return buffers * float64(exampleBytes(s)) * float64(size)
}

func (l *Loader) check(size int) error {
	target := l.ds.Spec().Target()
	switch {
	case size < 1:
		return fmt.Errorf("want a batch of at least 1 example, got %d", size)
	case l.ds.Len() == 0:
		return ErrEmpty
	}
	for _, a := range l.augs {
		_, rewrites := a.(Rewriting)
		switch {
		case rewrites && target.Kind != Tokens:
			return badinput.Errorf("an augmentation changes tokens of music, but the target of this set is a %s", target)
		case !rewrites && target.Kind != Pixels:
			return badinput.Errorf("augmentations change pictures, but the target of this set is a %s", target)
		}
		if err := registry.Check(a); err != nil {
			return fmt.Errorf("augmentation: %w", err)
		}
	}
	return nil
}

// Next returns the next batch, which is valid until the following call of Next.
func (l *Loader) Next(ctx context.Context) (*Batch, error) {
	if l.err != nil {
		return nil, l.err
	}
	if l.held != nil {
		l.free <- l.held
		l.held = nil
	}
	began := time.Now()
	defer func() { l.waited += time.Since(began) }()
	select {
	case <-l.stop:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case b := <-l.ready:
		l.held = b
		l.next++
		return b, nil
	}
}

// Position is the number of the batch that Next returns next: what a
// checkpoint stores and [NewLoader] starts from.
func (l *Loader) Position() uint64 { return l.next }

// Waited is the time that Next has spent waiting for data.
func (l *Loader) Waited() time.Duration { return l.waited }

// Close stops the preparation and waits for it to end.
func (l *Loader) Close() {
	l.once.Do(func() { close(l.stop) })
	l.done.Wait()
}

// prepare fills batches from number k on until the loader is closed.
func (l *Loader) prepare(k uint64) {
	order := epochOrder{seed: l.seed, text: l.ds.text, indices: make([]int, l.ds.Len())}
	for ; ; k++ {
		select {
		case <-l.stop:
			return
		case b := <-l.free:
			l.fill(b, k, &order)
			l.ready <- b
		}
	}
}

// fill makes batch k.
func (l *Loader) fill(b *Batch, k uint64, order *epochOrder) {
	n := uint64(l.ds.Len())
	for at := range int(l.size) {
		position := k*l.size + uint64(at)
		epoch := position / n
		i := order.of(epoch)[position%n]
		l.ds.shifted(i, order.shift, b, at)
		if len(l.augs) == 0 {
			continue
		}
		// All pictures of an example show the same scene, and are changed in the same way.
		for c := range b.Columns {
			column := &b.Columns[c]
			kind := column.Field.Kind
			if kind != Pixels && kind != Tokens || column.Field.Name == CaptionField {
				continue
			}
			rng := noise.Stream(l.seed, augmentStream, epoch, uint64(i))
			for _, a := range l.augs {
				if r, ok := a.(Rewriting); ok {
					r.Rewrite(column.Tokens(at), column.Field, rng)
					continue
				}
				if kind == Pixels {
					a.Apply(column.Row(at), column.Field, rng)
				}
			}
		}
	}
}

// epochOrder is the order in which an epoch visits the examples.
type epochOrder struct {
	seed    uint64
	epoch   uint64
	indices []int
	text    *windows // nil for other sets
	shift   int      // of the windows
	made    bool
}

// of returns the permutation of the epoch, recomputed only when the epoch changes.
func (o *epochOrder) of(epoch uint64) []int {
	if o.made && o.epoch == epoch {
		return o.indices
	}
	for i := range o.indices {
		o.indices[i] = i
	}
	noise.Stream(o.seed, shuffleStream, epoch).Shuffle(len(o.indices), func(i, j int) {
		o.indices[i], o.indices[j] = o.indices[j], o.indices[i]
	})
	if o.text != nil {
		o.shift = o.text.shiftOf(o.seed, epoch)
	}
	o.epoch, o.made = epoch, true
	return o.indices
}
