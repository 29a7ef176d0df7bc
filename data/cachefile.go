package data

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// A file of examples holds the numbers of both parts in memory layout, then a header as JSON,
// and a tail: the length of the JSON in 8 bytes, little-endian, its SHA-256, and the mark.
const (
	examplesMark = "atelier1"
	tailSize     = 8 + sha256.Size + len(examplesMark)
)

// header describes a file of examples.
type header struct {
	Key   string          `json:"key"`
	Codec json.RawMessage `json:"codec"` // its settings, once fitted
	Spec  Spec            `json:"spec"`
	Parts [2]partHeader   `json:"parts"` // training and test
}

// partHeader describes a part of a set.
type partHeader struct {
	Examples int     `json:"examples"`
	Texts    []int   `json:"texts,omitempty"`   // tokens of each
	Classes  []int32 `json:"classes,omitempty"` // of each text, where they have labels
	Hash     string  `json:"hash"`              // as of [Dataset.Hash]
}

// An examplesWriter writes a file of examples.
type examplesWriter struct {
	to   *bufio.Writer
	head header
	sum  [2]hash.Hash
	err  error // of writing
}

func newExamplesWriter(to io.Writer, key string, spec Spec) *examplesWriter {
	return &examplesWriter{
		to:   bufio.NewWriterSize(to, 1<<20),
		head: header{Key: key, Spec: spec},
		sum:  [2]hash.Hash{newHash(spec), newHash(spec)},
	}
}

// A partWriter writes a part of a set.
type partWriter struct {
	*examplesWriter
	index int
}

// part returns the writer of the next part, the training part first.
func (w *examplesWriter) part(s Split) shelf {
	if s == Train {
		return partWriter{w, 0}
	}
	return partWriter{w, 1}
}

// addBlock implements [shelf].
func (p partWriter) addBlock(b *Batch) error {
	p.head.Parts[p.index].Examples += b.N
	for _, c := range b.Columns {
		p.put(c)
	}
	return p.err
}

// addText implements [shelf].
func (p partWriter) addText(tokens []int32, class int32) error {
	part := &p.head.Parts[p.index]
	part.Texts = append(part.Texts, len(tokens))
	if len(p.head.Spec.ClassNames()) > 0 {
		part.Classes = append(part.Classes, class)
	}
	p.put(Column{Ints: tokens})
	return p.err
}

// put writes numbers and adds them to the hash of the part.
func (p partWriter) put(c Column) {
	p.sum[p.index].Write(littleEndian(c))
	_, err := p.to.Write(inMemory(c))
	p.err = errors.Join(p.err, err)
}

// finish writes the header and the tail.
func (w *examplesWriter) finish(codec Codec) error {
	for i, sum := range w.sum {
		sum.Write(littleEndian(Column{Ints: w.head.Parts[i].Classes}))
		w.head.Parts[i].Hash = hex.EncodeToString(sum.Sum(nil))
	}
	settings, err := json.Marshal(codec)
	if err != nil {
		return err
	}
	w.head.Codec = settings
	text, err := json.Marshal(w.head)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	tail := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	tail = append(append(tail, sum[:]...), examplesMark...)
	_, err1 := w.to.Write(text)
	_, err2 := w.to.Write(tail)
	return errors.Join(w.err, err1, err2, w.to.Flush())
}

// readHeader reads the header at the end of a file, and returns it with the numbers before
// it.
func readHeader(file []byte) (head header, numbers []byte, err error) {
	if len(file) < tailSize || string(file[len(file)-len(examplesMark):]) != examplesMark {
		return head, nil, errors.New("is damaged at its end")
	}
	file, tail := file[:len(file)-tailSize], file[len(file)-tailSize:]
	size := binary.LittleEndian.Uint64(tail)
	if size > uint64(len(file)) {
		return head, nil, errors.New("is damaged at its end")
	}
	numbers, text := file[:len(file)-int(size)], file[len(file)-int(size):]
	if sum := sha256.Sum256(text); string(sum[:]) != string(tail[8:8+sha256.Size]) {
		return head, nil, errors.New("is damaged at its end")
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return head, nil, fmt.Errorf("is damaged: %w", err)
	}
	if err := head.Spec.Check(); err != nil {
		return head, nil, fmt.Errorf("is damaged: %w", err)
	}
	return head, numbers, nil
}
