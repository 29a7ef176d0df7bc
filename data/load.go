package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"atelier/internal/badinput"
)

// Load reads both parts of a set and encodes them on all cores, in the order of
// the source. The classes are those that the source names, or else the sorted
// labels of its training Items. The test part may be empty; an empty training
// part is [ErrEmpty]. The first Item that the source drops or that cannot be encoded
// is an error, whatever the number of threads, and so is a part of more than 4 GiB.
// If they can be reported, as in [Cache], such Items are skipped.
//
// A [Streaming] codec is first fitted to both parts, so that held-out texts can be encoded
// too, and the examples are windows of the texts.
//
// Mistakes in the set are bad input.
func Load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	return Cache{}.Load(ctx, src, codec)
}

// load is Load, into memory; large texts into a file of the cache's folder that has no name.
func (c Cache) load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	if codec, err = CodecOf(codec, companions(src)); err != nil {
		return nil, nil, err
	}
	err = c.encodeSet(ctx, src, codec, func(spec Spec) error {
		_, texts := codec.(Streaming)
		train, test = newDataset(nameOf(src), spec, texts), newDataset(nameOf(src), spec, texts)
		if texts {
			return c.loadTexts(ctx, newSieve(src, c), codec, train, test)
		}
		return encodeParts(ctx, newSieve(src, c), codec, spec, memoryRoom(), func(s Split) shelf {
			if s == Train {
				return train
			}
			return test
		})
	})
	if err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// loadTexts encodes both parts of a set of texts, with a scratch for large ones.
func (c Cache) loadTexts(ctx context.Context, src *sieve, codec Codec, train, test *Dataset) error {
	s := &scratch{dir: c.Dir, most: cmp.Or(c.held, mostHeld)}
	parts := map[Split]*spill{Train: {Dataset: train, scratch: s}, Test: {Dataset: test, scratch: s}}
	err := encodeParts(ctx, src, codec, train.spec, diskRoom(s.dir), func(s Split) shelf { return parts[s] })
	m, unmapped := s.mapping()
	if err := cmp.Or(err, unmapped); err != nil {
		return err
	}
	var numbers []byte
	if m != nil {
		numbers = m.bytes
	}
	if numbers, err = parts[Train].finish(m, numbers); err == nil {
		_, err = parts[Test].finish(m, numbers)
	}
	return err
}

// encodeSet encodes a set with the fitted codec. Of a set with some unlabelled Items these are left
// out if they are few, or else it is encoded without labels, with a notice.
func (c Cache) encodeSet(ctx context.Context, src Source, codec Codec, encode func(Spec) error) error {
	spec, err := specOf(ctx, newSieve(src, c), codec)
	if err != nil {
		return err
	}
	if c.Ready != nil {
		if err := c.Ready(spec); err != nil && encodable(ctx, newSieve(src, c), codec, spec) {
			return err
		}
	}
	var lacking *unlabelledError
	if err = encode(spec); !errors.As(err, &lacking) {
		if l, ok := codec.(Labelling); ok && err == nil && l.KeepsLabels() && len(spec.ClassNames()) == 0 {
			c.notice("labels=true has no effect: the works of the set have no labels")
		}
		return err
	}
	if spec, err = codec.Spec(nil); err != nil {
		return err
	}
	c.notice(fmt.Sprintf("%v; the set is used without labels", lacking))
	return encode(spec)
}

// probed is how many training examples are tried before a set is refused for its spec.
const probed = 16

// encodable reports whether one of the first training examples can be encoded. If none can, the
// errors of the works are more helpful than those of their spec.
func encodable(ctx context.Context, src *sieve, codec Codec, spec Spec) bool {
	if _, ok := codec.(Streaming); ok {
		return true // it was fitted to the works
	}
	row, tried := NewBatch(spec, 1), 0
	for ex, err := range src.examples(ctx, Train) {
		if err != nil {
			return false
		}
		if err := codec.Encode(ex, row, 0); err == nil || errors.Is(err, ErrUnlabelled) {
			return true
		}
		if tried++; tried == probed {
			break
		}
	}
	return false
}

// A shelf takes what a part of a set is encoded to, in order.
type shelf interface {
	// addBlock takes [blockRows] examples; the last block may have fewer.
	addBlock(b *Batch) error
	// addText takes the tokens of a text, and its class if texts are labelled.
	addText(tokens []int32, class int32) error
}

// fewUnlabelled is the largest share of unlabelled Items that are left out of a set with classes.
const fewUnlabelled = 0.1

// encodeParts encodes both parts of a set, each within the room, and reports what was
// skipped. That Items have no label is an error unless they are few, and no part is without others.
func encodeParts(ctx context.Context, src *sieve, codec Codec, spec Spec, r room, to func(Split) shelf) error {
	empty := false
	for _, split := range []Split{Train, Test} {
		var (
			n      int
			err    error
			faults = src.faults
		)
		if s, ok := codec.(Streaming); ok {
			n, err = encodeTexts(ctx, src, split, s, spec, r, to(split))
		} else {
			e := encoder{src: src, spec: spec, codec: codec, split: split, room: r, to: to(split)}
			n, err = e.encode(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s part: %w", split, err)
		}
		if n == 0 && (split == Train || src.faults > faults) && src.unlabelled == nil {
			return src.empty(split)
		}
		empty = empty || n == 0
	}
	if src.unlabelled != nil {
		lacking := &unlabelledError{*src.unlabelled, src.taken}
		if empty || len(spec.ClassNames()) < 2 || float64(lacking.n) > fewUnlabelled*float64(lacking.of) {
			return lacking
		}
		src.told.notice(fmt.Sprintf("%v; they are left out", lacking))
	}
	src.tell()
	return nil
}

// specOf returns the spec of the encoded set; a streaming codec is fitted to it.
func specOf(ctx context.Context, src *sieve, codec Codec) (Spec, error) {
	if s, ok := codec.(Streaming); ok {
		some := false
		err := s.Fit(func(yield func(Item, error) bool) {
			for it, err := range bothParts(ctx, src) {
				if some = true; !yield(it, err) {
					return
				}
			}
		})
		if err != nil {
			return Spec{}, err
		}
		if read := len(src.passed) > 0; read && !some { // more helpful than that the codec learned nothing
			return Spec{}, src.empty(Train)
		}
		if l, ok := s.(Labelling); !ok || !l.KeepsLabels() {
			return s.Spec(nil)
		}
	}
	if f, ok := alone(codec).(Fitting); ok && f.Fits() {
		if err := f.Fit(part(ctx, src, Train)); err != nil {
			return Spec{}, err
		}
	}
	classes, err := classNames(ctx, src)
	if err != nil {
		return Spec{}, err
	}
	return codec.Spec(classes)
}

// bothParts yields the training Items and then the others.
func bothParts(ctx context.Context, src *sieve) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, split := range []Split{Train, Test} {
			for it, err := range part(ctx, src, split) {
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// part yields the Items of a part.
func part(ctx context.Context, src *sieve, split Split) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for it, err := range src.items(ctx, split) {
			if !yield(it, it.explain(err)) || err != nil {
				return
			}
		}
	}
}

// nameOf is the name of the set for people, empty if it has none.
func nameOf(src Source) string {
	if n, ok := src.(Named); ok {
		return n.SetName()
	}
	return ""
}

// classNames returns the names that the source gives its classes, or else the
// sorted labels of its training Items.
func classNames(ctx context.Context, src *sieve) ([]string, error) {
	if c, ok := src.Source.(Classed); ok {
		if names := c.ClassNames(); len(names) > 0 {
			return names, nil
		}
	}
	seen := map[string]bool{}
	for it, err := range src.items(ctx, Train) {
		if err != nil {
			return nil, it.explain(err)
		}
		if it.Label != "" {
			seen[it.Label] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// marked marks an error of a set as bad input, unless the work was stopped.
func marked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return badinput.Mark(err)
}
