package data

import (
	"context"
	"fmt"
	"sort"

	"atelier/internal/badinput"
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

// leastWindow is the shortest window in which a token is told from one before it.
const leastWindow = 2

// stride is how far one window begins after another.
func (w *windows) stride() int { return w.size - 1 }

// add appends the windows of a text. What is left at its end is too short for one.
func (w *windows) add(text []int32) {
	w.texts, w.first = append(w.texts, text), append(w.first, w.n)
	w.n += w.count(text)
}

// count is how many windows a text has.
func (w *windows) count(text []int32) int { return (len(text)-w.size)/w.stride() + 1 }

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

// encodeTexts hands on the tokens of each Item of a part and returns how many windows
// they have; labels are left aside.
func encodeTexts(ctx context.Context, src *sieve, split Split, codec Streaming, spec Spec, r room, to shelf) (int, error) {
	bytes, w := 0, windows{size: spec.Target().Size()}
	for it, err := range src.items(ctx, split) {
		if err != nil {
			return 0, it.explain(err)
		}
		tokens, err := codec.Tokens(it)
		if err == nil && len(tokens) < w.size {
			err = &Fault{"too short", fmt.Errorf("has %d tokens, and a window has %d: take longer texts or a codec with a smaller context", len(tokens), w.size)}
		}
		if src.passes(it, err) {
			continue
		}
		if err != nil {
			return 0, it.located(err)
		}
		if bytes += 4 * len(tokens); bytes > r.bytes {
			return 0, badinput.Errorf("texts of more than %d tokens take more than there is room for; %s: use fewer of them", r.bytes/4, r.why)
		}
		if err := to.addText(tokens); err != nil {
			return 0, err
		}
		w.n += w.count(tokens)
	}
	return w.n, nil
}
