package data

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"

	"atelier/internal/mapped"
)

// A mapping is a memory-mapped file, mapped as long as the mapping is reachable. Pointers
// into the bytes do not keep it alive.
type mapping struct{ bytes []byte }

// mapFile maps a file into memory.
func mapFile(path string) (*mapping, error) {
	f, err := mapped.Open(path, maxBytes)
	if err != nil {
		return nil, err
	}
	return mappingOf(f), nil
}

// mappingOf closes a file once its bytes are no longer reachable.
func mappingOf(f *mapped.File) *mapping {
	m := &mapping{f.Bytes}
	runtime.AddCleanup(m, func(f *mapped.File) { f.Close() }, f)
	return m
}

// openExamples opens a file of examples. The codec gets the settings that it had when
// the file was made, if fresh accepts them and the training part. Any error except that
// the file does not exist completes a sentence that begins with the file's name.
func openExamples(path, key, name string, codec Codec, fresh func(Codec, *Dataset) error) (train, test *Dataset, err error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, nil, err
	}
	return readExamples(m, key, name, codec, fresh)
}

// readExamples is [openExamples] for a file in memory.
func readExamples(m *mapping, key, name string, codec Codec, fresh func(Codec, *Dataset) error) (train, test *Dataset, err error) {
	head, numbers, err := readHeader(m.bytes)
	if err != nil {
		return nil, nil, err
	}
	if head.Key != key {
		return nil, nil, errors.New("is of other data or settings")
	}
	_, texts := codec.(Streaming)
	var parts [2]*Dataset
	for i, part := range head.Parts {
		d := newDataset(name, head.Spec, texts)
		d.mapped = m
		if numbers, err = d.lay(part, numbers); err != nil {
			return nil, nil, err
		}
		if d.Hash() != part.Hash {
			return nil, nil, errors.New("is damaged: its numbers were changed")
		}
		parts[i] = d
	}
	fitted := reflect.New(reflect.TypeOf(codec).Elem()).Interface().(Codec)
	if err := json.Unmarshal(head.Codec, fitted); err != nil {
		return nil, nil, fmt.Errorf("is damaged: %w", err)
	}
	if err := fresh(fitted, parts[0]); err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], json.Unmarshal(head.Codec, codec)
}

// lay points the set at the numbers of a part, and returns the rest.
func (d *Dataset) lay(part partHeader, numbers []byte) (rest []byte, err error) {
	take := func(n int) (piece []byte) {
		if n < 0 || n > len(numbers) {
			err = errors.New("is damaged: it is too short")
			return nil
		}
		piece, numbers = numbers[:n:n], numbers[n:]
		return piece
	}
	if part.Examples < 0 || part.Examples > len(numbers)/max(4, exampleBytes(d.spec)) {
		return nil, errors.New("is damaged: it is too short")
	}
	classes := part.Classes
	if classes == nil {
		classes = make([]int32, len(part.Texts))
	}
	if len(classes) != len(part.Texts) || (part.Classes != nil) != (d.labelled() && len(part.Texts) > 0) {
		return nil, errors.New("is damaged: not every text has a class")
	}
	for i, n := range part.Texts {
		if d.text == nil || d.text.size < leastWindow || n < d.text.size {
			return nil, errors.New("is damaged: its texts are too short")
		}
		if tokens := take(4 * n); err == nil {
			err = d.addText(numbersIn[int32](tokens), classes[i])
		}
		if err != nil {
			return nil, err
		}
	}
	for left := part.Examples; left > 0 && err == nil; left -= d.rows {
		b := &Batch{N: min(left, d.rows), Columns: make([]Column, len(d.spec.Fields))}
		for i, f := range d.spec.Fields {
			b.Columns[i].Field = f
			if piece := take(4 * f.Size() * b.N); f.whole() {
				b.Columns[i].Ints = numbersIn[int32](piece)
			} else {
				b.Columns[i].Floats = numbersIn[float32](piece)
			}
		}
		if err == nil {
			err = d.addBlock(b)
		}
	}
	return numbers, err
}

// compared is the number of first Items that are encoded again when a cached set is opened.
const compared = 8

// compareFirst encodes the first training Items again: another version of the program may
// encode them differently.
func compareFirst(ctx context.Context, src *sieve, codec Codec, train *Dataset) error {
	outdated := errors.New("is not what this version of the program encodes")
	i := 0
	for it, err := range src.items(ctx, Train) {
		if err != nil {
			return it.explain(err)
		}
		if it.Label == "" && len(train.spec.ClassNames()) > 0 {
			continue // left out
		}
		same, err := train.encodes(i, it, codec)
		if src.passes(it, err) {
			continue
		}
		if err != nil || !same {
			return errors.Join(outdated, err)
		}
		if i++; i == compared {
			break
		}
	}
	return nil
}

// encodes reports whether the Item is encoded to example i, or to text i.
func (d *Dataset) encodes(i int, it Item, codec Codec) (bool, error) {
	defer runtime.KeepAlive(d)
	if s, ok := codec.(Sectioning); ok {
		sections, err := s.Sections(it)
		return err == nil && d.holds(sections[0]), err
	}
	if s, ok := codec.(Streaming); ok {
		tokens, err := s.Tokens(it)
		return err == nil && i < len(d.text.texts) && bytes.Equal(inMemory(Column{Ints: tokens}), inMemory(Column{Ints: d.text.texts[i]})), err
	}
	if i >= d.n {
		return false, nil
	}
	now := NewBatch(d.spec, 1)
	if err := codec.Encode(ExampleOf(it), now, 0); err != nil {
		return false, err
	}
	was := d.Batch([]int{i})
	for k := range now.Columns {
		if !bytes.Equal(inMemory(now.Columns[k]), inMemory(was.Columns[k])) {
			return false, nil
		}
	}
	return true, nil
}

// holds reports whether an example holds a section, which may be behind others.
func (d *Dataset) holds(section []int32) bool {
	for _, text := range d.text.texts {
		for at := 0; at+len(section) <= len(text); at++ {
			if text[at] == section[0] && slices.Equal(text[at:at+len(section)], section) {
				return true
			}
		}
	}
	return false
}
