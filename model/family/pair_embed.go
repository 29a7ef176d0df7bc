package family

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/graphs"
)

// A Pairing model embeds pictures and captions in one space.
type Pairing interface {
	// Embeddings embeds with the weights in the store.
	Embeddings(compute.Backend, *model.Store) *Embeddings
}

// Embeddings maps pictures and captions to unit vectors, whose products are the larger the better
// they fit. The vector of a work depends on that work alone. It may be used concurrently.
type Embeddings struct {
	// Width is the width of the vectors.
	Width int
	// Pictures embeds the pictures of a target column, and Texts captions of the field Caption:
	// rows of vectors, row-major.
	Pictures func(ctx context.Context, pictures *data.Column) ([]float32, error)
	Texts    func(ctx context.Context, captions *data.Column) ([]float32, error)
	// Caption is the field of one caption.
	Caption data.Field
	// Captions writes a caption of each picture, by the likeliest token at a time, the first one of
	// those that may begin, any if begin is nil; nil if the model has no decoder. Captions end
	// before the padding.
	Captions func(ctx context.Context, pictures *data.Column, begin func(token int32) bool) ([][]int32, error)
}

// Embeddings implements [Pairing].
func (m *pair) Embeddings(backend compute.Backend, store *model.Store) *Embeddings {
	inference := func(f func(x *graph.Node) *graph.Node) *graphs.Cache {
		return graphs.New(backend, store, drawGraphs, func(_ *model.Scope, x *graph.Node) *graph.Node {
			store.SetTraining(x.Graph(), false)
			return f(x)
		})
	}
	pictures := inference(func(x *graph.Node) *graph.Node {
		unit, _ := m.embedPictures(store, x)
		return unit
	})
	texts := inference(func(tokens *graph.Node) *graph.Node { return m.embedTexts(store, tokens) })
	e := &Embeddings{Width: m.Embedding, Caption: m.caption,
		Pictures: func(ctx context.Context, c *data.Column) ([]float32, error) {
			return inParts(ctx, pictures, data.Target, c, m.Embedding)
		},
		Texts: func(ctx context.Context, c *data.Column) ([]float32, error) {
			return inParts(ctx, texts, data.CaptionField, c, m.Embedding)
		},
	}
	if m.decoder != nil {
		e.Captions = m.captions(backend, store)
	}
	return e
}

// inParts calls a graph on the works of a column, few at a time, and returns rows of that width.
func inParts(ctx context.Context, c *graphs.Cache, name string, works *data.Column, width int) ([]float32, error) {
	all := columnBatch(name, works)
	out := make([]float32, 0, all.N*width)
	for from := 0; from < all.N; from += AtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, err := call(c, all.Rows(from, min(from+AtOnce, all.N)), name)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	for _, v := range out {
		if v-v != 0 {
			return nil, badinput.Errorf("the embedding is not finite: the weights are not those of a trained pair")
		}
	}
	return out, nil
}

// columnBatch is a batch of a column under that name.
func columnBatch(name string, c *data.Column) *data.Batch {
	own := *c
	own.Field.Name = name
	return &data.Batch{N: (len(c.Floats) + len(c.Ints)) / c.Field.Size(), Columns: []data.Column{own}}
}

// Columns of captions that are being written.
const (
	writtenColumn = "written" // tokens so far
	barredColumn  = "barred"  // what is added to the logits of tokens, [vocabulary]
)

// barred is added to the logit of a token that may not follow.
const barred = -1e9

// captions is [Embeddings.Captions]. Every token is chosen by a whole pass of the networks: captions
// are short, and the encoder is small.
func (m *pair) captions(backend compute.Backend, store *model.Store) func(ctx context.Context, pictures *data.Column, begin func(int32) bool) ([][]int32, error) {
	next := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		_, parts := m.embedPictures(store, in[0])
		logits := m.decoder.After(store.Scope(captionScope), parts, in[1]) // [batch, time, vocabulary]
		logits = graph.Add(logits, graph.InsertAxes(in[2], 1))
		return graph.ConvertDType(graph.ArgMax(logits, -1, dtypes.Int32), dtypes.Float32) // [batch, time]
	})
	return func(ctx context.Context, pictures *data.Column, begin func(int32) bool) (out [][]int32, err error) {
		all := columnBatch(data.Target, pictures)
		for from := 0; from < all.N; from += AtOnce {
			some, err := m.write(ctx, next, all.Rows(from, min(from+AtOnce, all.N)), begin)
			if err != nil {
				return nil, err
			}
			out = append(out, some...)
		}
		return out, nil
	}
}

// write writes captions of at most [AtOnce] pictures.
func (m *pair) write(ctx context.Context, next *graphs.Cache, pictures *data.Batch, begin func(int32) bool) ([][]int32, error) {
	length, words := m.caption.Size(), m.caption.Vocabulary
	tokens := data.NewColumn(data.Field{Name: writtenColumn, Kind: data.Tokens, Shape: []int{length + 1}, Vocabulary: words}, pictures.N)
	bars := data.NewColumn(data.Field{Name: barredColumn, Kind: data.Vector, Shape: []int{words}}, pictures.N)
	for i := range bars.Floats {
		if token := i % words; token == 0 || begin != nil && !begin(int32(token)) {
			bars.Floats[i] = barred
		}
	}
	b := &data.Batch{N: pictures.N, Columns: append(pictures.Columns[:1:1], tokens, bars)}
	for at := range length {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		likeliest, err := call(next, b, data.Target, writtenColumn, barredColumn)
		if err != nil {
			return nil, err
		}
		for i := range b.N {
			if row := tokens.Tokens(i); at == 0 || row[at] != 0 {
				row[at+1] = int32(likeliest[i*(length+1)+at])
			}
		}
		clear(bars.Floats)
	}
	out := make([][]int32, b.N)
	for i := range out {
		out[i] = tokens.Tokens(i)[1:]
		if end := slices.Index(out[i], 0); end >= 0 {
			out[i] = out[i][:end]
		}
	}
	return out, nil
}
