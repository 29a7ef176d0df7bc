package family

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/train"
)

// pairOf is a small pair, trained until it tells three shades of grey.
func pairOf(t *testing.T) *Embeddings {
	t.Helper()
	f := small(registry.Choose[Family]("pair").Value).(*Pair)
	f.Optimizer = train.NewAdam(2e-2, 0.9, 0.99)
	m, store := trained(t, f, paired, 120)
	return m.(Pairing).Embeddings(backend(t), store)
}

// TestPairTells finds each picture by its captions and the captions by the picture, and writes them.
func TestPairTells(t *testing.T) {
	e := pairOf(t)
	b, err := batches{paired}.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pictures := b.Rows(0, 3).Column(data.Target)
	captions := data.NewColumn(e.Caption, 6)
	for i := range 3 {
		copy(captions.Tokens(i), []int32{int32(i) + 1, 4})
		copy(captions.Tokens(3+i), []int32{int32(i) + 1})
	}
	seen, err := e.Pictures(t.Context(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	told, err := e.Texts(t.Context(), &captions)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 6 {
		best, most := -1, float32(-2)
		for i := range 3 {
			product := float32(0)
			for j := range e.Width {
				product += seen[i*e.Width+j] * told[k*e.Width+j]
			}
			if product > most {
				best, most = i, product
			}
		}
		if best != k%3 {
			t.Errorf("caption %d fits picture %d best", k, best)
		}
	}
	alone, err := e.Pictures(t.Context(), &data.Column{Field: pictures.Field, Floats: pictures.Row(1)})
	if err != nil || !slices.Equal(alone, seen[e.Width:2*e.Width]) {
		t.Errorf("a picture alone is embedded as %v, %v, among others as %v", alone, err, seen[e.Width:2*e.Width])
	}
	written, err := e.Captions(t.Context(), pictures, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, tokens := range written {
		if len(tokens) == 0 || tokens[0] != int32(i)+1 {
			t.Errorf("picture %d is described by %v", i, tokens)
		}
	}
	begun, err := e.Captions(t.Context(), pictures, func(token int32) bool { return token == 3 })
	if err != nil || begun[0][0] != 3 || begun[1][0] != 3 {
		t.Errorf("captions that begin with 3 are %v, %v", begun, err)
	}
	if none, err := e.Captions(t.Context(), &data.Column{Field: pictures.Field}, nil); err != nil || len(none) != 0 {
		t.Errorf("no pictures are described by %v, %v", none, err)
	}
}

// TestPairChoosesCaptions: every caption of a picture has its turn, and no empty one; the choice
// depends on the seed and the step alone.
func TestPairChoosesCaptions(t *testing.T) {
	m := must(small(registry.Choose[Family]("pair").Value).Model(paired)).(*pair)
	chosen := func(seed uint64, step int) string {
		b, err := batches{paired}.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		clear(b.Column(data.CaptionField).Tokens(5)[4:])
		if err := m.prepare(train.Turn{Batch: b, Seed: seed, Step: step}); err != nil {
			t.Fatal(err)
		}
		c := b.Column(data.CaptionField)
		if c.Tokens(5)[1] != 4 {
			t.Fatalf("an empty caption was chosen: %v", c.Tokens(5))
		}
		return fmt.Sprint(c.Ints)
	}
	seen := map[string]bool{}
	for step := range 20 {
		seen[chosen(1, step)] = true
	}
	if len(seen) < 10 || chosen(1, 3) != chosen(1, 3) || chosen(1, 3) == chosen(2, 3) {
		t.Errorf("%d different choices in 20 steps", len(seen))
	}
}

func TestPairErrors(t *testing.T) {
	for want, f := range map[string]func(p *Pair) data.Spec{
		"learns pictures with captions": func(*Pair) data.Spec { return labelled },
		"embedding: want 1 to":          func(p *Pair) data.Spec { p.Embedding = 0; return paired },
		"temperature: want 0.01 to 10":  func(p *Pair) data.Spec { p.Temperature = 0; return paired },
		"captions: want 0 to 1000":      func(p *Pair) data.Spec { p.Captions = -1; return paired },
		"residual encodes pictures":     func(p *Pair) data.Spec { p.Texts = p.Pictures; return paired },
		"llama does not read pictures": func(p *Pair) data.Spec {
			p.Decoder, p.Captions = registry.Choose[arch.LanguageModelArch]("llama"), 1
			return paired
		},
	} {
		p := registry.Choose[Family]("pair").Value.(*Pair)
		if _, err := p.Model(f(p)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
