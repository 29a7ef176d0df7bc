package family

import (
	"context"
	"fmt"
	"iter"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/language"
	"atelier/model/nn"
	"atelier/model/train"
)

// Decoder implements [Writing].
func (m *lm) Decoder(store *model.Store, k language.Kernels) (*language.Model, error) {
	nn.LowRank(store, m.LoRA)
	config, weights, err := m.network.Decoder(store.Scope(languageScope))
	if err != nil {
		return nil, err
	}
	return language.New(config, &weights, k)
}

// together is how many texts are sampled at once.
const together = 16

// Assign sets the weights in the store to pretrained ones.
func (m *lm) Assign(store *model.Store, c *language.Config, w *language.Weights) error {
	return arch.Assign(m.network, store.Scope(languageScope), c, w)
}

// Writer implements [Writing].
func (m *lm) Writer(decoder *language.Model) *language.Writer {
	return &language.Writer{Model: decoder, Sampling: language.Plain, Slide: true, Control: m.classes, Kept: min(m.classes, 1)}
}

// Control implements [Writing].
func (m *lm) Control(class int, seed uint64) []int32 {
	if m.classes == 0 {
		return nil
	}
	if class < 0 {
		class = noise.Stream(seed, classNoise).IntN(m.classes)
	}
	return []int32{int32(m.spec.Target().Vocabulary + class)}
}

// Texts implements [Writing].
func (m *lm) Texts(decoder *language.Model) Sampler {
	w := m.Writer(decoder)
	return func(ctx context.Context, seeds []uint64, told *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for from := 0; from < len(seeds); from += together {
				texts, err := m.texts(ctx, w, seeds, told, from, min(from+together, len(seeds)))
				if err != nil {
					yield(nil, err)
					return
				}
				for _, b := range texts {
					if !yield(b, nil) {
						return
					}
				}
			}
		}
	}
}

// texts writes a text per seed, of the given classes if there are any.
func (m *lm) texts(ctx context.Context, w *language.Writer, seeds []uint64, told *data.Batch, from, to int) ([]*data.Batch, error) {
	starts := make([]language.Start, to-from)
	texts := make([]*data.Batch, to-from)
	left := make([][]int32, to-from)
	for i, seed := range seeds[from:to] {
		class := -1
		if told != nil && told.Column(data.Label) != nil {
			class = int(told.Column(data.Label).Ints[from+i])
		}
		prompt := m.Control(class, seed)
		if prompt == nil {
			prompt = []int32{m.spec.Target().Begin}
		}
		starts[i] = language.Start{Prompt: prompt, Seed: seed}
		texts[i] = data.NewBatch(m.spec.Only(data.Target), 1)
		left[i] = texts[i].Column(data.Target).Ints
	}
	return texts, w.Write(ctx, starts, func(i int, t language.Token) (more bool, err error) {
		left[i][0] = t.ID
		left[i] = left[i][1:]
		return len(left[i]) > 0, nil
	})
}

// likelySize is the batch size of likelihoods.
const likelySize = 16

// Likelihood implements [Likely].
func (m *lm) Likelihood(backend compute.Backend, store *model.Store) (Likelihood, error) {
	columns := []string{data.Target, data.Label}[:min(m.classes, 1)+1]
	return likelihoodOf(backend, store, func(in []*graph.Node) *graph.Node {
		var class *graph.Node
		if m.classes > 0 {
			class = in[1]
		}
		nats := m.each(store, in[0], class, nil)
		if m.classes > 0 { // the first token does not count without a class either
			nats = graph.Slice(nats, graph.AxisRange(), graph.AxisRange(1))
		}
		return nats
	}, columns...), nil
}

// likelihoodOf is the likelihood by the mean of nats [batch, time], which are built from columns.
func likelihoodOf(backend compute.Backend, store *model.Store, each func(in []*graph.Node) *graph.Node, columns ...string) Likelihood {
	told := graphs.New(backend, store, 1, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return graph.ReduceMean(each(in), 1) // [batch]
	})
	return func(ctx context.Context, b *data.Batch) ([]float64, error) {
		return numbers(ctx, b, likelySize, func(part *data.Batch) ([]float32, error) {
			var inputs []*tensors.Tensor
			for _, name := range columns {
				column := part.Column(name)
				if column == nil {
					return nil, fmt.Errorf("the likelihood of texts needs their %s", name)
				}
				padded := data.NewColumn(column.Field, likelySize)
				copy(padded.Ints, column.Ints)
				inputs = append(inputs, train.Tensor(&padded, likelySize))
			}
			out, err := told.Call(inputs...)
			if err != nil {
				return nil, err
			}
			return tensors.CopyFlatData[float32](out[0])
		})
	}
}
