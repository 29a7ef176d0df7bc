package data

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"sync"

	"atelier/internal/badinput"
)

// maxBytes is the most that one part of a set may take in memory.
const maxBytes = 4 << 30

// Load reads both parts of a set and encodes them on all cores, in the order of
// the source. The classes are those that the source names, or else the sorted
// labels of its training Items. The test part may be empty; an empty training
// part is [ErrEmpty]. The first Item that cannot be encoded is the error,
// whatever the number of threads, and so is a part of more than 4 GiB.
//
// A [Streaming] codec is first fitted to both parts, so that what is held out can
// be read as well, and the examples are the windows of the texts.
//
// What is wrong with the set is bad input.
func Load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	if s, ok := codec.(Streaming); ok {
		train, test, err = loadTexts(ctx, src, s)
	} else {
		train, test, err = load(ctx, src, codec)
	}
	if ctx.Err() == nil {
		err = badinput.Mark(err)
	}
	return train, test, err
}

func load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	classes, err := classNames(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	spec, err := codec.Spec(classes)
	if err != nil {
		return nil, nil, err
	}
	name := nameOf(src)
	encode := func(split Split) (*Dataset, error) {
		d := &Dataset{name: name, spec: spec}
		if err := d.encode(ctx, src.Items(ctx, split), codec, maxBytes); err != nil {
			return nil, fmt.Errorf("%s part: %w", split, err)
		}
		return d, nil
	}
	if train, err = encode(Train); err != nil {
		return nil, nil, err
	}
	if train.Len() == 0 {
		return nil, nil, fmt.Errorf("the set %q: %w", name, ErrEmpty)
	}
	if test, err = encode(Test); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// nameOf is the name by which people know the set, empty if it has none.
func nameOf(src Source) string {
	if n, ok := src.(Named); ok {
		return n.SetName()
	}
	return ""
}

// classNames returns the names that the source gives its classes, or else the
// sorted labels of its training Items.
func classNames(ctx context.Context, src Source) ([]string, error) {
	if c, ok := src.(Classed); ok {
		if names := c.ClassNames(); len(names) > 0 {
			return names, nil
		}
	}
	seen := map[string]bool{}
	for it, err := range src.Items(ctx, Train) {
		if err != nil {
			return nil, err
		}
		if it.Label != "" {
			seen[it.Label] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// encode appends the Items to the set.
func (d *Dataset) encode(ctx context.Context, items iter.Seq2[Item, error], codec Codec, limit int) error {
	var (
		work   = make(chan func(), 2*runtime.GOMAXPROCS(0))
		failed firstError
		wg     sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	for it, err := range items {
		i := d.n
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = d.grow(limit)
		}
		if err != nil {
			failed.note(i, err)
		}
		if failed.any() {
			break
		}
		block, row := d.blocks[i/blockRows], i%blockRows
		work <- func() {
			if err := codec.Encode(ExampleOf(it), block, row); err != nil {
				failed.note(i, fmt.Errorf("%s: %w", it.Name, err))
			}
		}
	}
	close(work)
	wg.Wait()
	if d.n%blockRows != 0 && !failed.any() {
		last := len(d.blocks) - 1
		d.blocks[last] = d.blocks[last].Rows(0, d.n%blockRows)
	}
	return failed.err
}

// grow makes room for one more example, unless the set would become too large.
func (d *Dataset) grow(limit int) error {
	if d.n%blockRows == 0 {
		var example int
		for _, f := range d.spec.Fields {
			example += 4 * f.Size()
		}
		if (d.n+blockRows)*example > limit {
			return fmt.Errorf("more than %d examples of %s take more than %.1f GiB of memory; use smaller examples or fewer of them",
				d.n, d.spec, float64(limit)/(1<<30))
		}
		d.blocks = append(d.blocks, NewBatch(d.spec, blockRows))
	}
	d.n++
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
