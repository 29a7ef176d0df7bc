package data

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
)

// The size of a block of examples, so that a set of unknown length is never copied
// as it grows.
const (
	mostRows   = 256
	blockBytes = 16 << 20 // of which one example may take more
)

// blockRows is the count of examples in a block.
func blockRows(s Spec) int {
	return min(mostRows, max(1, blockBytes/max(1, exampleBytes(s))))
}

// exampleBytes is what one example takes.
func exampleBytes(s Spec) int {
	n := 0
	for _, f := range s.Fields {
		n += 4 * f.Size()
	}
	return n
}

// openBlocks is how many blocks are encoded at a time, so that no core waits for
// the last examples of one.
const openBlocks = 2

// An encoder encodes Items on all cores and hands on the blocks in their order.
type encoder struct {
	spec  Spec
	codec Codec
	limit int // bytes that all examples may take
	to    shelf

	n      int          // examples begun
	open   []*openBlock // oldest first
	work   chan func()
	failed firstError
}

// An openBlock is a block that is being encoded.
type openBlock struct {
	batch *Batch
	n     int
	done  sync.WaitGroup
}

// encode returns how many Items there were.
func (e *encoder) encode(ctx context.Context, items iter.Seq2[Item, error]) (int, error) {
	var workers sync.WaitGroup
	e.work = make(chan func(), 2*runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range e.work {
				f()
			}
		})
	}
	for it, err := range items {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = e.room()
		}
		if err != nil {
			e.failed.note(e.n, it.explain(err))
		}
		if e.failed.any() {
			break
		}
		e.add(it)
	}
	close(e.work)
	workers.Wait()
	for len(e.open) > 0 && !e.failed.any() {
		if err := e.hand(); err != nil {
			e.failed.note(e.n, err)
		}
	}
	return e.n, e.failed.err
}

// room sees to it that the last block has room for one more example, unless the set
// would become too large.
func (e *encoder) room() error {
	rows := blockRows(e.spec)
	if e.n%rows != 0 {
		return nil
	}
	if (e.n+rows)*exampleBytes(e.spec) > e.limit {
		return fmt.Errorf("more than %d examples of %s take more than %.1f GiB of memory; use smaller examples or fewer of them",
			e.n, e.spec, float64(e.limit)/(1<<30))
	}
	if len(e.open) == openBlocks {
		if err := e.hand(); err != nil {
			return err
		}
	}
	e.open = append(e.open, &openBlock{batch: NewBatch(e.spec, rows)})
	return nil
}

// add has the Item encoded into the last block.
func (e *encoder) add(it Item) {
	i, block := e.n, e.open[len(e.open)-1]
	row := block.n
	e.n, block.n = e.n+1, block.n+1
	block.done.Add(1)
	e.work <- func() {
		defer block.done.Done()
		if err := e.codec.Encode(ExampleOf(it), block.batch, row); err != nil {
			e.failed.note(i, it.located(err))
		}
	}
}

// hand hands on the oldest block, once it is whole.
func (e *encoder) hand() error {
	block := e.open[0]
	e.open = e.open[1:]
	block.done.Wait()
	if e.failed.any() {
		return nil
	}
	if block.n < block.batch.N {
		block.batch = block.batch.Rows(0, block.n)
	}
	return e.to.addBlock(block.batch)
}

// A firstError keeps the error of the lowest index. Since work is handed out in
// order, that is the same error on any number of threads.
type firstError struct {
	mu    sync.Mutex
	index int
	err   error
}

func (f *firstError) note(index int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || index < f.index {
		f.index, f.err = index, err
	}
}

func (f *firstError) any() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil
}
