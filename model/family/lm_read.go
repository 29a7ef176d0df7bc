package family

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/model/graphs"
)

// A reading is a text under way: what was read of it lies in the cache.
type reading struct {
	writer *Writer
	cache  []compute.Buffer
	begin  int // index of the first token of the text that is in the cache
	read   int // tokens in the cache
	logits []float32
}

func (w *Writer) newReading() (*reading, error) {
	r := &reading{writer: w, logits: make([]float32, w.vocabulary)}
	for _, s := range w.network.Cache() {
		b, err := w.backend.BufferFromFlatData(0, make([]float32, s.Size()), s)
		if err != nil {
			return nil, err
		}
		r.cache = append(r.cache, b)
	}
	return r, nil
}

// beginOf is where the context of a text of n tokens begins. Each time the context
// is full it goes on with its later half.
func beginOf(n, context int) int {
	begin := 0
	for n-begin > context {
		begin += max(context-context/2, 1)
	}
	return begin
}

// follows returns the logits [vocabulary] of what follows a text, of which the tokens
// that the cache does not hold are read. They are valid until the next call.
func (r *reading) follows(text []int32) ([]float32, error) {
	if begin := beginOf(len(text), r.writer.network.Context()); begin != r.begin {
		r.begin, r.read = begin, 0
	}
	tokens := text[r.begin+r.read:]
	n := graphs.Bucket(len(tokens))
	reader, err := r.writer.reader(n)
	if err != nil {
		return nil, err
	}
	padded := make([]int32, n)
	copy(padded, tokens)
	inputs := [][]int32{padded, {int32(r.read)}, {int32(len(tokens) - 1)}}
	if n == 1 {
		inputs = inputs[:2]
	}
	arguments := append([]compute.Buffer(nil), r.cache...)
	for i, values := range inputs {
		shape := shapes.Make(dtypes.Int32)
		if i == 0 {
			shape = shapes.Make(dtypes.Int32, n)
		}
		b, err := r.writer.backend.BufferFromFlatData(0, values, shape)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, b)
	}
	out, err := reader.Call(arguments...)
	if err != nil {
		return nil, err
	}
	r.cache = out[1:]
	r.read += len(tokens)
	return r.logits, out[0].ToFlatData(r.logits)
}
