package data

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"

	"github.com/edsrzf/mmap-go"
)

// A mapping is a file in memory, for as long as anything points to the mapping.
// What points into the bytes does not hold it.
type mapping struct{ bytes []byte }

// mapFile maps a file into memory, or reads it where the system cannot map it.
func mapFile(path string) (*mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping does without it
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, errors.New("is empty")
	}
	region, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		if info.Size() > maxBytes {
			return nil, fmt.Errorf("cannot be mapped into memory: %w", err)
		}
		file, err := os.ReadFile(path)
		return &mapping{file}, err
	}
	m := &mapping{region}
	runtime.AddCleanup(m, func(region mmap.MMap) { region.Unmap() }, region)
	return m, nil
}

// openExamples opens a file of examples. The codec takes on the settings that it had
// when the file was made, if fresh finds nothing to say against a codec of such
// settings and the training part. Any error but that there is no file completes a
// sentence that begins with the file's name.
func openExamples(path, key, name string, codec Codec, fresh func(Codec, *Dataset) error) (train, test *Dataset, err error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, nil, err
	}
	return readExamples(m, key, name, codec, fresh)
}

// readExamples is [openExamples] of a file that is in memory.
func readExamples(m *mapping, key, name string, codec Codec, fresh func(Codec, *Dataset) error) (train, test *Dataset, err error) {
	are, numbers, err := readAre(m.bytes)
	if err != nil {
		return nil, nil, err
	}
	if are.Key != key {
		return nil, nil, errors.New("is of other data or settings")
	}
	_, texts := codec.(Streaming)
	var parts [2]*Dataset
	for i, is := range are.Parts {
		d := newDataset(name, are.Spec, texts)
		d.mapped = m
		if numbers, err = d.lay(is, numbers); err != nil {
			return nil, nil, err
		}
		if d.Hash() != is.Hash {
			return nil, nil, errors.New("is damaged: its numbers are not those that were written")
		}
		parts[i] = d
	}
	fitted := reflect.New(reflect.TypeOf(codec).Elem()).Interface().(Codec)
	if err := json.Unmarshal(are.Codec, fitted); err != nil {
		return nil, nil, fmt.Errorf("is damaged: %w", err)
	}
	if err := fresh(fitted, parts[0]); err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], json.Unmarshal(are.Codec, codec)
}

// lay lays the set over the numbers of a part, and returns those behind it.
func (d *Dataset) lay(is partIs, numbers []byte) (rest []byte, err error) {
	take := func(n int) (piece []byte) {
		if n < 0 || n > len(numbers) {
			err = errors.New("is damaged: it is too short")
			return nil
		}
		piece, numbers = numbers[:n:n], numbers[n:]
		return piece
	}
	if is.Examples < 0 || is.Examples > len(numbers)/max(4, exampleBytes(d.spec)) {
		return nil, errors.New("is damaged: it is too short")
	}
	for _, n := range is.Texts {
		if d.text == nil || d.text.size < leastWindow || n < d.text.size {
			return nil, errors.New("is damaged: its texts are too short")
		}
		if tokens := take(4 * n); err == nil {
			err = d.addText(numbersIn[int32](tokens))
		}
		if err != nil {
			return nil, err
		}
	}
	for left := is.Examples; left > 0 && err == nil; left -= d.rows {
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

// compared is how many of the first Items are encoded again when a cached set is
// opened.
const compared = 8

// compareFirst encodes the first training Items again: another version of the
// program may make other numbers of them.
func compareFirst(ctx context.Context, src *sieve, codec Codec, train *Dataset) error {
	outdated := errors.New("is not what this version of the program encodes")
	i := 0
	for it, err := range src.items(ctx, Train) {
		if err != nil {
			return it.explain(err)
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
