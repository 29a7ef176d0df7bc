package data

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"runtime"
	"sync"
)

// ErrEmpty reports a set without a single training example.
var ErrEmpty = errors.New("no training examples")

// A Dataset is an encoded part of a set, in memory or in a memory-mapped file of a [Cache].
// It is safe for concurrent reads.
type Dataset struct {
	name   string
	spec   Spec
	n      int
	rows   int      // of a block
	blocks []*Batch // the last may be shorter
	text   *windows // instead of blocks, where the examples are windows of texts
	mapped *mapping // where the numbers lie, nil if in memory
	whole  *Dataset // of which this is the beginning; nil if it is whole

	hashOnce sync.Once
	hash     string
}

// DatasetOf returns a set of the examples of a batch, whose memory it shares. It has no
// name.
func DatasetOf(b *Batch) *Dataset {
	var spec Spec
	for _, c := range b.Columns {
		spec.Fields = append(spec.Fields, c.Field)
	}
	return &Dataset{spec: spec, n: b.N, rows: max(1, b.N), blocks: []*Batch{b}}
}

// newDataset returns a set without examples, for windows of texts or for blocks.
func newDataset(name string, spec Spec, texts bool) *Dataset {
	d := &Dataset{name: name, spec: spec, rows: blockRows(spec)}
	if texts {
		d.text = &windows{size: spec.Target().Size()}
	}
	return d
}

// addBlock implements [shelf].
func (d *Dataset) addBlock(b *Batch) error {
	d.blocks = append(d.blocks, b)
	d.n += b.N
	return nil
}

// addText implements [shelf].
func (d *Dataset) addText(tokens []int32, class int32) error {
	d.text.add(tokens, class)
	d.n = d.text.n
	return nil
}

// Name is the name of the set for people, empty if it has none.
func (d *Dataset) Name() string { return d.name }

// Held is the memory of the numbers in bytes: 0 if they are in a file.
func (d *Dataset) Held() float64 {
	switch {
	case d.mapped != nil:
		return 0
	case d.text == nil:
		return float64(d.n) * float64(exampleBytes(d.spec))
	}
	n := 0.
	for _, tokens := range d.text.texts {
		n += 4 * float64(len(tokens)+1)
	}
	return n
}

// Spec says which fields the examples have.
func (d *Dataset) Spec() Spec { return d.spec }

// Len is the number of examples.
func (d *Dataset) Len() int { return d.n }

// Example copies example i of [0, Len) into row at of the batch, into those of
// its columns that the set has.
func (d *Dataset) Example(i int, b *Batch, at int) { d.shifted(i, 0, b, at) }

// shifted is Example for a window of text moved by a shift.
func (d *Dataset) shifted(i, shift int, b *Batch, at int) {
	defer runtime.KeepAlive(d) // and with it what is mapped
	if d.text != nil {
		tokens, class := d.text.window(i, shift)
		copy(b.Column(Target).Tokens(at), tokens)
		if c := b.Column(Label); c != nil && d.labelled() {
			c.Ints[at] = class
		}
		return
	}
	b.copyRow(at, d.blocks[i/d.rows], i%d.rows)
}

// Texts yields the tokens of each text that the examples are windows of; nothing for other sets.
// They are not to be changed, or kept longer than the set.
func (d *Dataset) Texts() iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		defer runtime.KeepAlive(d) // and with it what is mapped
		if d.text == nil {
			return
		}
		for _, tokens := range d.text.texts {
			if !yield(tokens) {
				return
			}
		}
	}
}

// labelled reports whether the examples have labels.
func (d *Dataset) labelled() bool { return len(d.spec.ClassNames()) > 0 }

// First returns the first n examples as a set, n at most [Dataset.Len]; their numbers
// are shared.
func (d *Dataset) First(n int) *Dataset {
	return &Dataset{name: d.name, spec: d.spec, n: n, rows: d.rows, blocks: d.blocks, text: d.text, mapped: d.mapped, whole: d}
}

// Batch returns a new batch of the examples with these indices, in this order.
func (d *Dataset) Batch(indices []int) *Batch {
	b := NewBatch(d.spec, len(indices))
	for at, i := range indices {
		d.Example(i, b, at)
	}
	return b
}

// Hash is the SHA-256, in hex, of the spec and of every number in order, or for the
// beginning of a set of the set's hash and the length: two sets with the same hash
// train the same model.
func (d *Dataset) Hash() string {
	d.hashOnce.Do(func() {
		defer runtime.KeepAlive(d)
		h := newHash(d.spec)
		if d.whole != nil {
			fmt.Fprintf(h, "the first %d of %s", d.n, d.whole.Hash())
			d.hash = hex.EncodeToString(h.Sum(nil))
			return
		}
		for _, b := range d.blocks {
			for _, c := range b.Columns {
				h.Write(littleEndian(c))
			}
		}
		if d.text != nil {
			for _, tokens := range d.text.texts {
				h.Write(littleEndian(Column{Ints: tokens}))
			}
			if d.labelled() {
				h.Write(littleEndian(Column{Ints: d.text.class}))
			}
		}
		d.hash = hex.EncodeToString(h.Sum(nil))
	})
	return d.hash
}

// newHash returns the hash of a set of the spec that has no examples yet.
func newHash(spec Spec) hash.Hash {
	h := sha256.New()
	text, err := json.Marshal(spec)
	if err != nil {
		panic(err) // a Spec is plain data
	}
	h.Write(text)
	return h
}
