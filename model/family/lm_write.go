package family

import (
	"context"
	"iter"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/noise"
	"atelier/model/arch"
	"atelier/model/graphs"
)

// A Writer continues texts, one token at a time, each at the cost of one token:
// what was read before is kept in a cache, which is updated in place. It may be used
// from several goroutines.
//
// Where a text outgrows the model's context, the model goes on with the later half
// of it alone. So what comes next depends on the tokens before it, and not on which
// of them were given and which were written.
type Writer struct {
	backend    compute.Backend
	store      *model.Store
	network    arch.LanguageModel
	vocabulary int

	mu    sync.Mutex
	sizes map[int]*graphs.Resident // by the number of tokens that are read at once
}

// Writer implements [Writing].
func (m *lm) Writer(backend compute.Backend, store *model.Store) (*Writer, error) {
	w := &Writer{backend: backend, store: store, network: m.network, vocabulary: m.spec.Target().Vocabulary, sizes: map[int]*graphs.Resident{}}
	_, err := w.reader(1)
	return w, err
}

// Write yields the tokens that follow a prompt, without end. The text depends on the
// seed, the prompt and the choosing alone. Where there is no prompt it begins after
// token 0.
func (w *Writer) Write(ctx context.Context, seed uint64, prompt []int32, how Choosing) iter.Seq2[int32, error] {
	return func(yield func(int32, error) bool) {
		text := append([]int32(nil), prompt...)
		if len(text) == 0 {
			text = append(text, 0)
		}
		r, err := w.newReading()
		chooser := newChooser(how, noise.Stream(seed, tokenNoise), w.vocabulary)
		for err == nil {
			var logits []float32
			if err = ctx.Err(); err == nil {
				logits, err = r.follows(text)
			}
			if err != nil {
				break
			}
			token := chooser.choose(logits)
			if !yield(token, nil) {
				return
			}
			text = append(text, token)
		}
		yield(0, err)
	}
}

// reader returns the graph that reads n tokens, a power of two, compiled once. Its
// arguments are the cache, the tokens, the position and, if n > 1, the last token's
// index; its results the logits and the cache.
func (w *Writer) reader(n int) (*graphs.Resident, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.sizes[n]; r != nil {
		return r, nil
	}
	var arguments []graphs.Argument
	for _, s := range w.network.Cache() {
		arguments = append(arguments, graphs.Argument{Shape: s, Donated: true})
	}
	layers := len(arguments)
	arguments = append(arguments, graphs.Argument{Shape: shapes.Make(dtypes.Int32, n)}, graphs.Argument{Shape: shapes.Make(dtypes.Int32)})
	if n > 1 {
		arguments = append(arguments, graphs.Argument{Shape: shapes.Make(dtypes.Int32)})
	}
	r, err := graphs.NewResident(w.backend, w.store, arguments, func(in []*graph.Node) []*graph.Node {
		tokens, position, last := in[layers], in[layers+1], (*graph.Node)(nil)
		if n > 1 {
			last = in[layers+2]
		}
		logits, cache := w.network.Continue(w.store.Scope(languageScope), tokens, position, last, in[:layers])
		return append([]*graph.Node{logits}, cache...)
	})
	if err == nil {
		w.sizes[n] = r
	}
	return r, err
}
