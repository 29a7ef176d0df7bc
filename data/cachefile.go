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

// A file of examples holds the numbers of both parts as they lie in memory, then
// what they are, as JSON, and last of all a tail: the length of the JSON in 8 bytes,
// low byte first, its SHA-256, and the mark.
const (
	examplesMark = "atelier1"
	tailSize     = 8 + sha256.Size + len(examplesMark)
)

// examplesAre says what is in a file of examples.
type examplesAre struct {
	Key   string          `json:"key"`
	Codec json.RawMessage `json:"codec"` // its settings, once fitted
	Spec  Spec            `json:"spec"`
	Parts [2]partIs       `json:"parts"` // training and test
}

// partIs says what a part of a set is.
type partIs struct {
	Examples int    `json:"examples"`
	Texts    []int  `json:"texts,omitempty"` // tokens of each
	Hash     string `json:"hash"`            // as of [Dataset.Hash]
}

// An examplesWriter writes a file of examples.
type examplesWriter struct {
	to  *bufio.Writer
	are examplesAre
	sum [2]hash.Hash
	err error // of writing
}

func newExamplesWriter(to io.Writer, key string, spec Spec) *examplesWriter {
	return &examplesWriter{
		to:  bufio.NewWriterSize(to, 1<<20),
		are: examplesAre{Key: key, Spec: spec},
		sum: [2]hash.Hash{newHash(spec), newHash(spec)},
	}
}

// A partWriter writes a part of a set.
type partWriter struct {
	*examplesWriter
	index int
}

// part returns what takes a part, the training part first.
func (w *examplesWriter) part(s Split) shelf {
	if s == Train {
		return partWriter{w, 0}
	}
	return partWriter{w, 1}
}

// addBlock implements [shelf].
func (p partWriter) addBlock(b *Batch) error {
	p.are.Parts[p.index].Examples += b.N
	for _, c := range b.Columns {
		p.put(c)
	}
	return p.err
}

// addText implements [shelf].
func (p partWriter) addText(tokens []int32) error {
	part := &p.are.Parts[p.index]
	part.Texts = append(part.Texts, len(tokens))
	p.put(Column{Ints: tokens})
	return p.err
}

// put writes numbers and takes them into the hash of the part.
func (p partWriter) put(c Column) {
	p.sum[p.index].Write(littleEndian(c))
	_, err := p.to.Write(inMemory(c))
	p.err = errors.Join(p.err, err)
}

// finish writes what is in the file behind the numbers.
func (w *examplesWriter) finish(codec Codec) error {
	for i, sum := range w.sum {
		w.are.Parts[i].Hash = hex.EncodeToString(sum.Sum(nil))
	}
	settings, err := json.Marshal(codec)
	if err != nil {
		return err
	}
	w.are.Codec = settings
	text, err := json.Marshal(w.are)
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

// readAre takes from the end of a file what is in it, and returns the numbers
// before it.
func readAre(file []byte) (are examplesAre, numbers []byte, err error) {
	if len(file) < tailSize || string(file[len(file)-len(examplesMark):]) != examplesMark {
		return are, nil, errors.New("is damaged at its end")
	}
	file, tail := file[:len(file)-tailSize], file[len(file)-tailSize:]
	size := binary.LittleEndian.Uint64(tail)
	if size > uint64(len(file)) {
		return are, nil, errors.New("is damaged at its end")
	}
	numbers, text := file[:len(file)-int(size)], file[len(file)-int(size):]
	if sum := sha256.Sum256(text); string(sum[:]) != string(tail[8:8+sha256.Size]) {
		return are, nil, errors.New("is damaged at its end")
	}
	if err := json.Unmarshal(text, &are); err != nil {
		return are, nil, fmt.Errorf("is damaged: %w", err)
	}
	if err := are.Spec.Check(); err != nil {
		return are, nil, fmt.Errorf("is damaged: %w", err)
	}
	return are, numbers, nil
}
