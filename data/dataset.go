package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"sync"
)

// ErrEmpty reports a set without a single training example.
var ErrEmpty = errors.New("no training examples")

// blockRows is the count of examples that are allocated at a time, so that a
// set of unknown length is never copied as it grows.
const blockRows = 256

// A Dataset is a part of a set as numbers, whole in memory. It may be read from
// several goroutines at once.
type Dataset struct {
	name   string
	spec   Spec
	n      int
	blocks []*Batch // of blockRows examples each, the last may be shorter
	text   *windows // instead of blocks, where the examples are windows of texts

	hashOnce sync.Once
	hash     string
}

// Name is the name by which people know the set, empty if it has none.
func (d *Dataset) Name() string { return d.name }

// Spec says which fields the examples have.
func (d *Dataset) Spec() Spec { return d.spec }

// Len is the count of examples.
func (d *Dataset) Len() int { return d.n }

// Example copies example i of [0, Len) into row at of the batch, into those of
// its columns that the set has.
func (d *Dataset) Example(i int, b *Batch, at int) { d.shifted(i, 0, b, at) }

// shifted is Example for a window of text that is moved on by a shift.
func (d *Dataset) shifted(i, shift int, b *Batch, at int) {
	if d.text != nil {
		copy(b.Column(Target).Tokens(at), d.text.window(i, shift))
		return
	}
	block, row := d.blocks[i/blockRows], i%blockRows
	for j := range b.Columns {
		to := &b.Columns[j]
		from := block.Column(to.Field.Name)
		if from == nil {
			continue
		}
		n := from.Field.Size()
		if from.Ints != nil {
			copy(to.Ints[at*n:(at+1)*n], from.Ints[row*n:(row+1)*n])
			continue
		}
		copy(to.Row(at), from.Row(row))
	}
}

// Batch returns a new batch of the examples with these indices, in this order.
func (d *Dataset) Batch(indices []int) *Batch {
	b := NewBatch(d.spec, len(indices))
	for at, i := range indices {
		d.Example(i, b, at)
	}
	return b
}

// Hash is the SHA-256, in hex, of the spec and of every number in order: two
// sets with the same hash train the same model.
func (d *Dataset) Hash() string {
	d.hashOnce.Do(func() {
		h := sha256.New()
		spec, err := json.Marshal(d.spec)
		if err != nil {
			panic(err) // a Spec is plain data
		}
		h.Write(spec)
		for _, b := range d.blocks {
			for _, c := range b.Columns {
				h.Write(littleEndian(c))
			}
		}
		if d.text != nil {
			for _, tokens := range d.text.texts {
				h.Write(littleEndian(Column{Ints: tokens}))
			}
		}
		d.hash = hex.EncodeToString(h.Sum(nil))
	})
	return d.hash
}

// littleEndian returns the numbers of the column as bytes that are the same on
// every machine.
func littleEndian(c Column) []byte {
	out := make([]byte, 0, 4*(len(c.Floats)+len(c.Ints)))
	for _, v := range c.Floats {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	for _, v := range c.Ints {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	return out
}
