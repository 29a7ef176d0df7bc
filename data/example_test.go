package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// paired is a set of numbers with their negatives beside them; one has none.
type paired struct {
	numbers
	without int
}

func (paired) Companions() []string { return []string{SourceField} }

func (s paired) Examples(ctx context.Context, split Split) iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		i := 0
		for it, err := range s.Items(ctx, split) {
			ex := ExampleOf(it)
			if i++; i-1 != s.without {
				ex[SourceField] = Item{Name: "beside " + it.Name, Bytes: []byte("-" + string(it.Bytes))}
			}
			if !yield(ex, err) {
				return
			}
		}
	}
}

// withSource is a codec of numbers and of those beside them.
type withSource struct{ plain }

func (c withSource) Companion(field string) (Codec, error) {
	if field != SourceField {
		return nil, fmt.Errorf("no %s", field)
	}
	return c.plain, nil
}

// A set of pairs has a field for each Item of its Examples, in agreement.
func TestFieldsOfExamples(t *testing.T) {
	var said []string
	told := Cache{Notice: func(line string) { said = append(said, line) }}
	train, _, err := told.Load(t.Context(), paired{numbers{train: 1000, test: 3}, 7}, withSource{plain{Pixels}})
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := train.Spec().Field(SourceField); !ok || f.Kind != Pixels || train.Len() != 999 {
		t.Fatal(train.Spec(), train.Len())
	}
	for i := range train.Len() {
		b := train.Batch([]int{i})
		if b.Column(Target).Floats[0] != -b.Column(SourceField).Floats[0] {
			t.Fatalf("example %d: %v", i, b)
		}
	}
	if len(said) == 0 || !strings.Contains(said[0], "train/7: no source: ") {
		t.Errorf("said %q", said)
	}
	if _, _, err := Load(t.Context(), paired{numbers: numbers{train: 3}, without: -1}, plain{Pixels}); err == nil || !strings.Contains(err.Error(), "besides the targets") {
		t.Errorf("a codec of targets alone: %v", err)
	}
	broken := numbers{train: 1}
	_, _, err = Load(t.Context(), brokenSource{paired{broken, -1}}, withSource{plain{Pixels}})
	if !errors.Is(err, strconv.ErrSyntax) || !strings.Contains(err.Error(), "train/0: its source, beside train/0: ") {
		t.Errorf("a source that cannot be encoded: %v", err)
	}
}

// brokenSource has sources that are no numbers.
type brokenSource struct{ paired }

func (s brokenSource) Examples(ctx context.Context, split Split) iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		for ex, err := range s.paired.Examples(ctx, split) {
			ex[SourceField] = Item{Name: ex[SourceField].Name, Bytes: []byte("x")}
			if !yield(ex, err) {
				return
			}
		}
	}
}

// scaled multiplies a picture by a random number.
type scaled struct{}

func (scaled) Apply(pixels []float32, _ Field, rng *rand.Rand) {
	k := float32(1 + rng.Float64())
	for i := range pixels {
		pixels[i] *= k
	}
}

// What changes a target at random changes what stands beside it alike, and as it would
// without.
func TestAugmentedAlike(t *testing.T) {
	alone, _, err := Load(t.Context(), numbers{train: 50}, plain{Pixels})
	if err != nil {
		t.Fatal(err)
	}
	train, _, err := Load(t.Context(), paired{numbers{train: 50}, -1}, withSource{plain{Pixels}})
	if err != nil {
		t.Fatal(err)
	}
	with, without := NewLoader(train, 32, 1, []Augmentation{scaled{}}, 0), NewLoader(alone, 32, 1, []Augmentation{scaled{}}, 0)
	defer with.Close()
	defer without.Close()
	for range 4 {
		b, err := with.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, err := without.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		target := b.Column(Target).Floats
		if !slices.Equal(target, want.Column(Target).Floats) {
			t.Fatal("targets are changed in another way than without a source")
		}
		for i, v := range b.Column(SourceField).Floats {
			if v != -target[i] {
				t.Fatalf("a target %g beside a source %g", target[i], v)
			}
		}
	}
}
