package data

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// Examples are stored in blocks, so that a set of unknown length is never copied as it
// grows.
const (
	mostRows   = 256
	blockBytes = 16 << 20 // of which one example may take more
)

// blockRows is the number of examples in a block.
func blockRows(s Spec) int {
	return min(mostRows, max(1, blockBytes/max(1, exampleBytes(s))))
}

// exampleBytes is the size of one example.
func exampleBytes(s Spec) int {
	n := 0
	for _, f := range s.Fields {
		n += 4 * f.Size()
	}
	return n
}

// openBlocks is the number of blocks encoded at a time, so that no core waits for the last
// examples of one.
const openBlocks = 2

// An encoder encodes Items on all cores and passes on the blocks in order.
type encoder struct {
	src   *sieve
	spec  Spec
	codec Codec
	split Split
	room  room
	to    shelf

	n       int          // Items begun
	counted bool         // whether counting all of them was attempted
	kept    int          // examples passed on, or waiting
	filling *Batch       // a block whose first examples wait for others, because Items were skipped
	waiting int          // such examples
	open    []*openBlock // oldest first
	work    chan func()
	failed  firstError
}

// An openBlock is a block that is being encoded.
type openBlock struct {
	batch *Batch
	n     int
	done  sync.WaitGroup

	mu   sync.Mutex
	gone map[int]goneRow // by row
}

// A goneRow is an Item that could not be encoded, and why.
type goneRow struct {
	it  Item
	err error
}

// encode encodes the Items of a part and returns how many examples there are.
func (e *encoder) encode(ctx context.Context) (int, error) {
	var workers sync.WaitGroup
	e.work = make(chan func(), 2*runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range e.work {
				f()
			}
		})
	}
	for ex, err := range e.src.examples(ctx, e.split) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = e.makeRoom(ctx)
		}
		if err != nil {
			e.failed.note(e.n, ex[Target].explain(err))
		}
		if e.failed.any() {
			break
		}
		e.add(ex)
	}
	close(e.work)
	workers.Wait()
	for len(e.open) > 0 && !e.failed.any() {
		if err := e.hand(); err != nil {
			e.failed.note(e.n, err)
		}
	}
	if e.waiting > 0 && !e.failed.any() {
		if err := e.to.addBlock(e.filling.Rows(0, e.waiting)); err != nil {
			return 0, err
		}
	}
	return e.kept, e.failed.err
}

// makeRoom ensures room for one more example in the last block, unless the set would become
// too large.
func (e *encoder) makeRoom(ctx context.Context) error {
	rows := blockRows(e.spec)
	if e.n%rows != 0 {
		return nil
	}
	all, known := e.n+rows, false
	if each := exampleBytes(e.spec); !e.counted && (each >= largeExample || all*each > countedFrom) {
		e.counted = true
		var n int
		if n, known = count(ctx, e.src.Source, e.split); known {
			all = max(n, e.n+1)
		}
	}
	if err := e.room.check(all, known, e.spec); err != nil {
		return err
	}
	if len(e.open) == openBlocks {
		if err := e.hand(); err != nil {
			return err
		}
	}
	e.open = append(e.open, &openBlock{batch: NewBatch(e.spec, rows)})
	return nil
}

// add starts encoding the Example into the last block.
func (e *encoder) add(ex Example) {
	i, block := e.n, e.open[len(e.open)-1]
	row := block.n
	e.n, block.n = e.n+1, block.n+1
	block.done.Add(1)
	e.work <- func() {
		defer block.done.Done()
		if err := e.codec.Encode(ex, block.batch, row); err != nil {
			block.lose(row, ex[Target], err)
			if e.src.told.Notice == nil || !passable(err) {
				e.failed.note(i, ex[Target].located(err))
			}
		}
	}
}

// passable reports whether the work can continue after a codec error.
func passable(err error) bool {
	var fault *Fault
	return errors.As(err, &fault) || errors.Is(err, ErrUnlabelled)
}

// lose records that a row holds no example.
func (b *openBlock) lose(row int, it Item, err error) {
	it.Bytes = nil
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone == nil {
		b.gone = map[int]goneRow{}
	}
	b.gone[row] = goneRow{it, err}
}

// hand passes on the oldest block once it is complete.
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
	e.src.taken += block.n
	if len(block.gone) == 0 && e.waiting == 0 {
		e.kept += block.n
		return e.to.addBlock(block.batch)
	}
	return e.close(block)
}

// close passes on the examples of a block without its gaps, so that only the last block is
// shorter.
func (e *encoder) close(block *openBlock) error {
	rows := blockRows(e.spec)
	for row := range block.n {
		if gone, ok := block.gone[row]; ok {
			if e.src.passes(gone.it, gone.err) {
				e.src.taken--
			} else {
				e.src.lacks(gone.it)
			}
			continue
		}
		if e.waiting == 0 {
			e.filling = NewBatch(e.spec, rows)
		}
		e.filling.copyRow(e.waiting, block.batch, row)
		e.kept, e.waiting = e.kept+1, e.waiting+1
		if e.waiting == rows {
			if err := e.to.addBlock(e.filling); err != nil {
				return err
			}
			e.waiting = 0
		}
	}
	return nil
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
