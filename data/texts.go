package data

import (
	"context"
	"errors"
	"fmt"
)

// A textEncoder encodes the texts of a part, in order.
type textEncoder struct {
	src   *sieve
	codec Streaming
	size  int // tokens of a window
	room  room
	to    shelf
	taken int // bytes of tokens so far
	n     int // windows so far

	// For a codec with end tokens, whose texts have no labels: held keeps texts that are too short
	// to fill a window, which are joined until they do.
	end          int32
	joins        bool
	held, joined []int32
	// Of a Sectioning codec, whose sections are examples of their own or share one.
	sections Sectioning
}

// encodeTexts passes on the tokens of each Item of a part, and its class if the spec has labels,
// and returns their number of windows.
func encodeTexts(ctx context.Context, src *sieve, split Split, codec Streaming, spec Spec, r room, to shelf) (int, error) {
	e := textEncoder{src: src, codec: codec, size: spec.Target().Size(), room: r, to: to}
	labels, labelled := spec.Field(Label)
	ends := false
	if c, ok := codec.(Ending); ok {
		e.end, ends = c.End()
	}
	e.joins = ends && !labelled
	e.sections, _ = codec.(Sectioning)
	var last Item
	for it, err := range src.items(ctx, split) {
		if err != nil {
			return 0, it.explain(err)
		}
		parts, err := e.tokens(it, ends)
		if src.passes(it, err) {
			continue
		}
		var class int32
		if err == nil && labelled {
			class, err = labels.Class(it.Label)
		}
		if errors.Is(err, ErrUnlabelled) && src.told.Notice != nil {
			src.lacks(it)
			continue
		}
		if err != nil {
			return 0, it.located(err)
		}
		src.taken++
		last, last.Bytes = it, nil
		for _, tokens := range parts {
			if err := e.add(tokens, class); err != nil {
				return 0, err
			}
		}
	}
	err := e.finish(last)
	return e.n, err
}

// tokens are those of an Item, in one text or in sections.
func (e *textEncoder) tokens(it Item, ends bool) ([][]int32, error) {
	if e.sections != nil {
		return e.sections.Sections(it)
	}
	tokens, err := e.codec.Tokens(it)
	if err == nil && ends {
		tokens = append([]int32{e.end}, tokens...)
		if !e.joins {
			tokens = append(tokens, e.end)
		}
	}
	if err == nil && !e.joins && len(tokens) < e.size {
		err = e.short(len(tokens))
	}
	return [][]int32{tokens}, err
}

// short says that a text of n tokens fills no window.
func (e *textEncoder) short(n int) error {
	return &Fault{"too short", fmt.Errorf("has %d tokens, and a window has %d: take longer texts or a codec with a smaller context", n, e.size)}
}

// add takes the tokens of a text.
func (e *textEncoder) add(tokens []int32, class int32) error {
	if e.taken += 4 * len(tokens); e.taken > e.room.bytes {
		return e.room.fewerTexts()
	}
	if e.sections != nil {
		return e.share(tokens, class)
	}
	if !e.joins {
		return e.hand(tokens, class)
	}
	if e.joined = append(e.joined, tokens...); len(e.joined)+1 < e.size {
		return nil
	}
	err := e.hand(e.held, 0)
	e.held, e.joined = append(e.joined, e.end), nil
	return err
}

// share adds a section to an example. Sections of classes have examples of their own.
func (e *textEncoder) share(tokens []int32, class int32) error {
	if e.joins && len(e.held)+len(tokens) <= e.size {
		e.held = append(e.held, tokens...)
		return nil
	}
	err := e.hand(e.filled(), class)
	if e.held = tokens; !e.joins && err == nil {
		err = e.hand(e.filled(), class)
		e.held = nil
	}
	return err
}

// filled is what is held, with ends up to the size of an example.
func (e *textEncoder) filled() []int32 {
	for len(e.held) > 0 && len(e.held) < e.size {
		e.held = append(e.held, e.end)
	}
	return e.held
}

// hand passes on the tokens of a text.
func (e *textEncoder) hand(tokens []int32, class int32) error {
	if len(tokens) == 0 {
		return nil
	}
	w := windows{size: e.size}
	e.n += w.count(tokens)
	return e.to.addText(tokens, class)
}

// finish passes on the held texts. A rest too short for a window is joined to the texts before it;
// if there are none, the last text is too short.
func (e *textEncoder) finish(last Item) error {
	if e.sections != nil {
		return e.hand(e.filled(), 0)
	}
	if len(e.joined) > 0 && len(e.held) == 0 {
		if err := e.short(len(e.joined) + 1); !e.src.passes(last, err) {
			return last.located(err)
		}
		e.src.taken--
		return nil
	}
	if len(e.joined) > 0 {
		e.held = append(append(e.held, e.joined[1:]...), e.end)
	}
	return e.hand(e.held, 0)
}
