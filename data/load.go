package data

import (
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
// is the error, whatever the number of threads, and so is a part of more than 4 GiB.
// Where there is somebody to tell, as [Cache] has it, such Items are passed over.
//
// A [Streaming] codec is first fitted to both parts, so that what is held out can
// be read as well, and the examples are the windows of the texts.
//
// What is wrong with the set is bad input.
func Load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	return Cache{}.Load(ctx, src, codec)
}

// load is Load, into memory.
func (c Cache) load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	if codec, err = CodecOf(codec, companions(src)); err != nil {
		return nil, nil, err
	}
	err = c.encodeSet(ctx, src, codec, func(spec Spec) error {
		_, texts := codec.(Streaming)
		train, test = newDataset(nameOf(src), spec, texts), newDataset(nameOf(src), spec, texts)
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

// encodeSet has a set encoded as the codec fits it. One of which some Items have no label
// is encoded without labels, and that is told.
func (c Cache) encodeSet(ctx context.Context, src Source, codec Codec, encode func(Spec) error) error {
	spec, err := specOf(ctx, newSieve(src, c), codec)
	if err == nil && c.Ready != nil {
		err = c.Ready(spec)
	}
	if err != nil {
		return err
	}
	var lacking *unlabelledError
	if err = encode(spec); !errors.As(err, &lacking) {
		return err
	}
	if spec, err = codec.Spec(nil); err != nil {
		return err
	}
	c.notice(fmt.Sprintf("%v; the set is taken without labels", lacking))
	return encode(spec)
}

// A shelf takes what a part of a set is encoded to, in order.
type shelf interface {
	// addBlock takes as many examples as [blockRows] says; of the last, fewer.
	addBlock(b *Batch) error
	// addText takes the tokens of a text.
	addText(tokens []int32) error
}

// encodeParts encodes both parts of a set, each of which may take the room, and tells what was passed over.
func encodeParts(ctx context.Context, src *sieve, codec Codec, spec Spec, r room, to func(Split) shelf) error {
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
	}
	if src.unlabelled != nil {
		return &unlabelledError{*src.unlabelled, src.taken}
	}
	src.tell()
	return nil
}

// specOf says what the codec makes of the set, to which a streaming one is fitted.
func specOf(ctx context.Context, src *sieve, codec Codec) (Spec, error) {
	if s, ok := codec.(Streaming); ok {
		if err := s.Fit(bothParts(ctx, src)); err != nil {
			return Spec{}, err
		}
		return s.Spec(nil)
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
			for it, err := range src.items(ctx, split) {
				if !yield(it, it.explain(err)) || err != nil {
					return
				}
			}
		}
	}
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

// marked marks what is wrong with a set as bad input, unless the work was stopped.
func marked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return badinput.Mark(err)
}
