package family

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/engine"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/augment"
	"atelier/model/loss"
	"atelier/model/nn"
	"atelier/model/train"
)

var (
	labelled = data.Spec{Fields: []data.Field{
		{Name: data.Target, Kind: data.Pixels, Shape: []int{16, 16, 1}, Low: -1, High: 1},
		{Name: data.Label, Kind: data.Classes, Classes: []string{"cat", "dog", "owl"}},
	}}
	unlabelled = labelled.Only(data.Target)
	filmed     = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Frames, Shape: []int{6, 16, 16, 1}, Low: -1, High: 1}}}
	paired     = data.Spec{Fields: []data.Field{labelled.Target(), {Name: data.CaptionField, Kind: data.Tokens, Shape: []int{2, 4}, Vocabulary: 5}}}
	written    = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{7}, Vocabulary: 5}}}
)

// batches yields the same batch of grey squares, darker by class, with captions that name
// the shade, or of texts that count, for ever.
type batches struct{ spec data.Spec }

func (batches) Position() uint64 { return 0 }

func (s batches) Next(context.Context) (*data.Batch, error) {
	b := data.NewBatch(s.spec, 6)
	if target := b.Column(data.Target); target.Field.Kind == data.Tokens {
		for i := range target.Ints {
			target.Ints[i] = int32((i/7 + i%7) % target.Field.Vocabulary)
		}
		return b, nil
	}
	for i := range 6 {
		row := b.Column(data.Target).Row(i)
		for k := range row {
			row[k] = float32(i%3) - 1
		}
		if labels := b.Column(data.Label); labels != nil {
			labels.Ints[i] = int32(i % 3)
		}
		if captions := b.Column(data.CaptionField); captions != nil {
			copy(captions.Tokens(i), []int32{int32(i%3) + 1, 4, 0, 0, int32(i%3) + 1})
		}
	}
	return b, nil
}

var opened = sync.OnceValues(func() (compute.Backend, error) {
	return engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
})

func backend(t *testing.T) compute.Backend {
	t.Helper()
	b, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// coloured are pictures that a style can be learned on.
var coloured = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{32, 32, 3}, Low: -1, High: 1}}}

// constant leaves the learning rate as it is.
var constant = registry.Choose[train.Schedule]("constant").Value

// made is a choice with settings that are right.
func made[T any](name string, settings ...string) registry.Choice[T] {
	c, err := registry.Make[T](name, settings...)
	if err != nil {
		panic(err)
	}
	return c
}

// small makes a family's networks small enough for a test.
func small(f Family) Family {
	if gan, ok := f.(*GAN); ok {
		gan.Latent = 3
		gan.Generator = made[arch.GeneratorArch]("mlp", "widths=[5]", "norm=batch")
		gan.Discriminator = made[arch.DiscriminatorArch]("mlp", "widths=[5]")
	}
	if vae, ok := f.(*VAE); ok {
		vae.Latent = 3
		vae.Encoder = made[arch.DiscriminatorArch]("mlp", "widths=[5]")
		vae.Decoder = made[arch.GeneratorArch]("mlp", "widths=[5]", "norm=batch")
	}
	if flow, ok := f.(*Flow); ok {
		flow.Network = made[arch.VelocityArch]("unet", "width=4", "limit=4", "depth=1", "features=4")
	}
	if p, ok := f.(*Predict); ok {
		p.Given, p.Ahead, p.Reach = 3, 2, 1
		p.Patch = 1
		p.Network = made[arch.VelocityArch]("unet", "width=4", "limit=4", "depth=1", "features=4")
		p.Discriminator = made[arch.DiscriminatorArch]("clip", "width=4", "stills=2")
	}
	if p, ok := f.(*Figures); ok {
		p.Given, p.Ahead, p.Reach, p.Width, p.Mirror = 3, 2, 1, 8, true
	}
	if lm, ok := f.(*LM); ok {
		lm.Network = made[arch.LanguageModelArch]("gpt", "layers=2", "heads=2", "width=8")
	}
	if s, ok := f.(*Style); ok {
		s.Width, s.Blocks, s.Like = 4, 1, filepath.Join("..", "..", "bench", "photos", "cat.jpg")
		if err := s.Settle(""); err != nil {
			panic(err)
		}
	}
	if p, ok := f.(*Pair); ok {
		p.Embedding, p.Captions = 6, 1
		p.Pictures = made[arch.EncoderArch]("residual", "width=2")
		p.Texts = made[arch.EncoderArch]("transformer", "layers=1", "heads=1", "width=8")
		p.Decoder = made[arch.LanguageModelArch]("gpt", "layers=1", "heads=1", "width=8")
	}
	if s, ok := f.(*SeqGAN); ok {
		s.Embedding, s.Hidden, s.Filters, s.Rollouts, s.Pretrain, s.PretrainD = 4, 5, 3, 2, 1, 1
	}
	return f
}

func trained(t *testing.T, f Family, spec data.Spec, steps int) (Model, *model.Store) {
	t.Helper()
	m, err := f.Model(spec)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	nn.Seed(store, 1)
	l := &train.Loop{Backend: backend(t), Store: store, Stages: m.Stages(), Batches: batches{spec},
		Schedule: constant, Total: steps, Damping: 1}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m, store
}

// TestEveryFamily holds what is registered to the contract of Family: it trains and
// draws, on the engine alone.
func TestEveryFamily(t *testing.T) {
	costs, err := engine.Profile(backend(t))
	if err != nil {
		t.Fatal(err)
	}
	defer noFallback(t, costs)
	for e := range Families.All() {
		t.Run(e.Name, func(t *testing.T) {
			spec := labelled
			for _, other := range []data.Spec{paired, written, coloured, filmed} {
				if _, err := small(e.New()).Model(spec); err != nil {
					spec = other
				}
			}
			m, store := trained(t, small(e.New()), spec, 3)
			g, ok := m.(Generative)
			if !ok {
				return
			}
			sampler, err := g.Sampler(backend(t), store)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			var given *data.Batch
			if c, ok := m.(Conditioned); ok && len(c.Needs()) > 0 {
				given, _ = batches{spec}.Next(t.Context())
			}
			for b, err := range sampler(t.Context(), []uint64{7, 8, 7}, given) {
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range b.Column(data.Target).Ints {
					if v < 0 || int(v) >= spec.Target().Vocabulary {
						t.Fatalf("sample %d holds token %d of %d", n, v, spec.Target().Vocabulary)
					}
				}
				for _, v := range b.Column(data.Target).Floats {
					if !(v >= -1 && v <= 1) {
						t.Fatalf("sample %d holds %v, outside [-1, 1]", n, v)
					}
				}
				n++
			}
			if n != 3 {
				t.Errorf("drew %d of 3", n)
			}
		})
	}
}

// TestEveryGame trains a conditional gan for a few steps with each loss and
// with each penalty and augmentation: every update must be finite, and made by the
// engine alone.
func TestEveryGame(t *testing.T) {
	costs, err := engine.Profile(backend(t))
	if err != nil {
		t.Fatal(err)
	}
	defer noFallback(t, costs)
	var penalties []registry.Choice[loss.Penalty]
	for _, name := range loss.Penalties.Names() {
		penalties = append(penalties, registry.Choose[loss.Penalty](name))
	}
	var changes []registry.Choice[augment.Augmentation]
	for _, name := range augment.Augmentations.Names() {
		changes = append(changes, registry.Choose[augment.Augmentation](name))
	}
	for _, name := range loss.Adversarials.Names() {
		t.Run(name, func(t *testing.T) {
			gan := small(registry.Choose[Family]("gan").Value).(*GAN)
			gan.Conditional = true
			gan.Loss = registry.Choose[loss.Adversarial](name)
			gan.Penalty, gan.PenaltyEvery = penalties, 2
			gan.Augment, gan.AugmentTarget = changes, 0.5
			trained(t, gan, labelled, 3)
		})
	}
}

func TestConditions(t *testing.T) {
	gan := small(registry.Choose[Family]("gan").Value).(*GAN)
	if _, err := (&GAN{Conditional: true}).Model(unlabelled); err == nil || !strings.Contains(err.Error(), "no labels") {
		t.Errorf("conditional without classes: %v", err)
	}
	gan.Conditional = true
	m, store := trained(t, gan, labelled, 2)
	sampler, err := m.(Generative).Sampler(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(class int32) (string, error) {
		field, _ := labelled.Field(data.Label)
		b := &data.Batch{N: 1}
		b.Set(data.Column{Field: field, Ints: []int32{class}})
		for got, err := range sampler(t.Context(), []uint64{5}, b) {
			if err != nil {
				return "", err
			}
			if label := got.Column(data.Label).Ints[0]; label != class {
				t.Errorf("asked for class %d, got %d", class, label)
			}
			return fmt.Sprint(got.Column(data.Target).Floats), nil
		}
		return "", nil
	}
	cat, err := draw(0)
	if err != nil {
		t.Fatal(err)
	}
	owl, err := draw(2)
	if err != nil {
		t.Fatal(err)
	}
	if cat == owl {
		t.Error("the same seed gives the same sample for two classes")
	}
	if _, err := draw(3); err == nil {
		t.Error("a class that does not exist was drawn")
	}
}

func TestJudge(t *testing.T) {
	m, store := trained(t, small(registry.Choose[Family]("gan").Value), unlabelled, 2)
	judge, err := m.(Judging).Judge(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(unlabelled, AtOnce+5)
	for i := range b.Columns[0].Floats {
		b.Columns[0].Floats[i] = float32(i%7)/7 - 0.5
	}
	logits, err := judge(t.Context(), b)
	if err != nil || len(logits) != b.N {
		t.Fatalf("%d logits of %d: %v", len(logits), b.N, err)
	}
	one, err := judge(t.Context(), b.Rows(AtOnce+4, AtOnce+5))
	if err != nil || one[0] != logits[AtOnce+4] {
		t.Errorf("alone %v, among others %v (%v)", one, logits[AtOnce+4], err)
	}
}

// noFallback checks that the engine did all by itself.
func noFallback(t *testing.T, costs func() []engine.Cost) {
	for _, c := range costs() {
		if c.Fallback {
			t.Errorf("%s fell back %d times to gomlx's Go backend", c.Name, c.Calls)
		}
	}
}
