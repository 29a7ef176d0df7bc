package data

import (
	"context"
	"fmt"
	"iter"
	"sort"

	"atelier/internal/noise"
)

// windows are the examples of a part that is text: pieces of equal size that are
// cut from the tokens of its Items, none across the border of two Items. They
// overlap by one token, so that each token but an Item's first is to be told from
// those before it exactly once.
type windows struct {
	size  int       // tokens of a window
	texts [][]int32 // one an Item, none shorter than a window
	first []int     // index of each text's first window
	n     int       // windows in all
}

// stride is how far one window begins after another.
func (w *windows) stride() int { return w.size - 1 }

// add appends the windows of a text. What is left at its end is too short for one.
func (w *windows) add(text []int32) {
	w.texts, w.first = append(w.texts, text), append(w.first, w.n)
	w.n += (len(text)-w.size)/w.stride() + 1
}

// window returns window i, moved on by a shift as far as its text goes.
func (w *windows) window(i, shift int) []int32 {
	at := sort.SearchInts(w.first, i+1) - 1
	text := w.texts[at]
	begin := min((i-w.first[at])*w.stride()+shift, len(text)-w.size)
	return text[begin : begin+w.size]
}

// shiftOf is how far the windows of an epoch are moved on, so that over the epochs
// every token stands at every place of a window.
func (w *windows) shiftOf(seed, epoch uint64) int {
	return noise.Stream(seed, shiftStream, epoch).IntN(w.stride())
}

// loadTexts reads both parts of a set as texts; labels are left aside.
func loadTexts(ctx context.Context, src Source, codec Streaming) (train, test *Dataset, err error) {
	if err := codec.Fit(bothParts(ctx, src)); err != nil {
		return nil, nil, err
	}
	spec, err := codec.Spec(nil)
	if err != nil {
		return nil, nil, err
	}
	read := func(split Split) (*Dataset, error) {
		d := &Dataset{name: nameOf(src), spec: spec, text: &windows{size: spec.Target().Size()}}
		if err := d.readTexts(src.Items(ctx, split), codec, maxBytes); err != nil {
			return nil, fmt.Errorf("%s part: %w", split, err)
		}
		return d, nil
	}
	if train, err = read(Train); err != nil {
		return nil, nil, err
	}
	if train.Len() == 0 {
		return nil, nil, fmt.Errorf("the set %q: %w", train.name, ErrEmpty)
	}
	test, err = read(Test)
	return train, test, err
}

// bothParts yields the training Items and then the others.
func bothParts(ctx context.Context, src Source) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, split := range []Split{Train, Test} {
			for it, err := range src.Items(ctx, split) {
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// readTexts appends the Items to the set.
func (d *Dataset) readTexts(items iter.Seq2[Item, error], codec Streaming, limit int) error {
	bytes := 0
	for it, err := range items {
		if err != nil {
			return err
		}
		tokens, err := codec.Tokens(it)
		if err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
		if len(tokens) < d.text.size {
			return fmt.Errorf("%s: has %d tokens, and a window has %d: take longer texts or a codec with a smaller context", it.Name, len(tokens), d.text.size)
		}
		if bytes += 4 * len(tokens); bytes > limit {
			return fmt.Errorf("texts of more than %d tokens take more than %.1f GiB of memory; use fewer of them", limit/4, float64(limit)/(1<<30))
		}
		d.text.add(tokens)
	}
	d.n = d.text.n
	return nil
}
