package family

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/nn"
	"atelier/model/train"
)

// bench is the model of the recipe shakespeare with a vocabulary of 256.
var bench = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{129}, Vocabulary: 256}}}

// anyTexts yields texts of random tokens.
type anyTexts struct{ taken uint64 }

func (t *anyTexts) Position() uint64 { return t.taken }

func (t *anyTexts) Next(context.Context) (*data.Batch, error) {
	b, rng := data.NewBatch(bench, 16), noise.Stream(1, t.taken)
	for i := range b.Columns[0].Ints {
		b.Columns[0].Ints[i] = int32(rng.IntN(256))
	}
	t.taken++
	return b, nil
}

// built is a language model with its first weights.
func built(b *testing.B) (*lm, *train.Loop) {
	b.Helper()
	m, err := registry.Choose[Family]("lm").Value.Model(bench)
	if err != nil {
		b.Fatal(err)
	}
	ours, err := opened()
	if err != nil {
		b.Fatal(err)
	}
	l := &train.Loop{Backend: ours, Store: model.NewStore(), Stages: m.Stages(), Batches: &anyTexts{}, Schedule: constant, Damping: 1}
	nn.Seed(l.Store, 1)
	if err := l.Build(bench, 16); err != nil {
		b.Fatal(err)
	}
	return m.(*lm), l
}

// BenchmarkLMStep is one step of training, 16 texts of 128 tokens.
func BenchmarkLMStep(b *testing.B) {
	_, l := built(b)
	for b.Loop() {
		l.Total++
		if err := l.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrite writes texts of 127 tokens, one at a time.
func BenchmarkWrite(b *testing.B) {
	m, l := built(b)
	decoder, err := m.Decoder(l.Store, kernels())
	if err != nil {
		b.Fatal(err)
	}
	w := &language.Writer{Model: decoder, Sampling: language.Plain}
	for b.Loop() {
		n := 0
		err := w.Write(b.Context(), []language.Start{{Prompt: []int32{0}, Seed: 1}}, func(int, language.Token) (bool, error) {
			n++
			return n < 127, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(127*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
