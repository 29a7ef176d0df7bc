package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/leaks"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(cacheOf); dir != "" {
		loadAsProcess(dir)
		return
	}
	leaks.Main(m)
}

// numbers is a source of the numbers 0 to n-1 as text.
type numbers struct {
	train, test int
	label       func(split Split, i int) string
}

func (s numbers) Items(_ context.Context, split Split) iter.Seq2[Item, error] {
	n := s.train
	if split == Test {
		n = s.test
	}
	return func(yield func(Item, error) bool) {
		for i := range n {
			it := Item{Name: fmt.Sprintf("%s/%d", split, i), Bytes: []byte(strconv.Itoa(i))}
			if s.label != nil {
				it.Label = s.label(split, i)
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// plain encodes a number as a vector of one, or as a picture of one pixel.
type plain struct{ kind Kind }

func (c plain) Spec(classes []string) (Spec, error) {
	s := Spec{Fields: []Field{{Name: Target, Kind: c.kind, Shape: []int{1, 1, 1}, Low: -1e9, High: 1e9}}}
	if classes != nil {
		s.Fields = append(s.Fields, Field{Name: Label, Kind: Classes, Classes: classes})
	}
	return s, nil
}

func (plain) Encode(ex Example, b *Batch, at int) error {
	v, err := strconv.Atoi(string(ex[Target].Bytes))
	if err != nil {
		return err
	}
	b.Column(Target).Row(at)[0] = float32(v)
	if c := b.Column(Label); c != nil {
		i := slices.Index(c.Field.Classes, ex[Target].Label)
		if i < 0 {
			return fmt.Errorf("no class %q", ex[Target].Label)
		}
		c.Ints[at] = int32(i)
	}
	return nil
}

func (plain) Decode(*Batch, int) (Item, error) { return Item{}, errors.ErrUnsupported }
func (plain) MediaType() string                { return "" }

// jitter adds a random number.
type jitter struct{}

func (jitter) Apply(pixels []float32, _ Field, rng *rand.Rand) { pixels[0] += rng.Float32() }

func mustLoad(t interface{ Fatal(...any) }, n int) *Dataset {
	ds, _, err := Load(context.Background(), numbers{train: n}, plain{Pixels})
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// An unfitAugmentation has a setting that its Check refuses.
type unfitAugmentation struct{}

func (unfitAugmentation) Apply([]float32, Field, *rand.Rand) {}

func (unfitAugmentation) Check() error { return errors.New("want another share") }

func TestLoaderRefusesUnfitSettings(t *testing.T) {
	l := NewLoader(mustLoad(t, 8), 2, 1, []Augmentation{unfitAugmentation{}}, 0)
	defer l.Close()
	if _, err := l.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "want another share") {
		t.Errorf("error %v", err)
	}
}

// draw returns the targets of n batches from number start on.
func draw(t interface{ Fatal(...any) }, ds *Dataset, size int, seed uint64, augs []Augmentation, start uint64, n int) []float32 {
	l := NewLoader(ds, size, seed, augs, start)
	defer l.Close()
	var out []float32
	for range n {
		b, err := l.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Column(Target).Floats...)
	}
	if got := l.Position(); got != start+uint64(n) {
		t.Fatal("position", got)
	}
	return out
}

func TestLoaderResumes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ds := mustLoad(t, rapid.IntRange(1, 40).Draw(t, "examples"))
		size := rapid.IntRange(1, 50).Draw(t, "size")
		seed := rapid.Uint64().Draw(t, "seed")
		cut := rapid.IntRange(0, 12).Draw(t, "cut")
		augs := []Augmentation{jitter{}}[:rapid.IntRange(0, 1).Draw(t, "augmentations")]
		whole := draw(t, ds, size, seed, augs, 0, 12)
		resumed := draw(t, ds, size, seed, augs, uint64(cut), 12-cut)
		if !slices.Equal(whole[cut*size:], resumed) {
			t.Fatal("a resumed run sees other batches")
		}
	})
}

func TestLoaderVisitsEachOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "examples")
		size := rapid.IntRange(1, 50).Draw(t, "size")
		batches := (3*n + size - 1) / size
		seen := draw(t, mustLoad(t, n), size, rapid.Uint64().Draw(t, "seed"), nil, 0, batches)
		for epoch := range 3 {
			part := slices.Sorted(slices.Values(seen[epoch*n : (epoch+1)*n]))
			for i, v := range part {
				if v != float32(i) {
					t.Fatalf("epoch %d has %v", epoch, part)
				}
			}
		}
	})
}

func TestLoaderShuffles(t *testing.T) {
	ds := mustLoad(t, 100)
	seen := draw(t, ds, 100, 1, nil, 0, 2)
	if slices.Equal(seen[:100], seen[100:]) || slices.IsSorted(seen[:100]) {
		t.Error("the order of two epochs is the same")
	}
	if slices.Equal(seen, draw(t, ds, 100, 2, nil, 0, 2)) {
		t.Error("the order of two seeds is the same")
	}
	varied := draw(t, ds, 100, 1, []Augmentation{jitter{}}, 0, 2)
	if varied[0] == seen[0] {
		t.Error("the augmentation does nothing")
	}
	if ds.Batch([]int{7}).Column(Target).Floats[0] != 7 {
		t.Error("the augmentation changed the set")
	}
}

// TestFirst yields the first examples of a set and no others, and is another set.
func TestFirst(t *testing.T) {
	whole := mustLoad(t, 1000)
	ds := whole.First(30)
	seen := slices.Sorted(slices.Values(draw(t, ds, 10, 1, nil, 0, 3)))
	for i, v := range seen {
		if v != float32(i) {
			t.Fatalf("an epoch of 30 examples has %v", seen)
		}
	}
	if ds.Len() != 30 || whole.Len() != 1000 || ds.Hash() == whole.Hash() || ds.Hash() == whole.First(31).Hash() {
		t.Errorf("%d examples of %d, hashes %s and %s", ds.Len(), whole.Len(), ds.Hash(), whole.Hash())
	}
}

func TestLoaderDoesNotAllocate(t *testing.T) {
	l := NewLoader(mustLoad(t, 100_000), 64, 1, nil, 0)
	defer l.Close()
	if n := testing.AllocsPerRun(200, func() {
		if _, err := l.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}); n >= 1 {
		t.Errorf("%g allocations a batch", n)
	}
}

func TestLoaderRefuses(t *testing.T) {
	vectors, _, err := Load(context.Background(), numbers{train: 3}, plain{Vector})
	if err != nil {
		t.Fatal(err)
	}
	for want, l := range map[string]*Loader{
		"at least 1":            NewLoader(vectors, 0, 1, nil, 0),
		"augmentations change ": NewLoader(vectors, 1, 1, []Augmentation{jitter{}}, 0),
		"no training examples":  NewLoader(&Dataset{}, 1, 1, nil, 0),
	} {
		if _, err := l.Next(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		l.Close()
	}
	l := NewLoader(vectors, 1, 1, nil, 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range buffers + 1 { // ready batches may win against the cancelled context
		if _, err = l.Next(ctx); err != nil {
			break
		}
	}
	l.Close()
	for range 20 {
		if _, err = l.Next(context.Background()); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrClosed) && !errors.Is(err, context.Canceled) {
		t.Errorf("a closed loader says %v", err)
	}
}

func TestLoad(t *testing.T) {
	ctx := context.Background()
	parity := func(_ Split, i int) string { return []string{"even", "odd"}[i%2] }
	train, test, err := Load(ctx, numbers{train: 1000, test: 10, label: parity}, plain{Pixels})
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 1000 || test.Len() != 10 || !slices.Equal(train.Spec().ClassNames(), []string{"even", "odd"}) {
		t.Fatal(train.Len(), test.Len(), train.Spec())
	}
	b := train.Batch([]int{999, 0, 256})
	if !slices.Equal(b.Column(Target).Floats, []float32{999, 0, 256}) || !slices.Equal(b.Column(Label).Ints, []int32{1, 0, 0}) {
		t.Error(b)
	}
	if again := mustLoad(t, 1000); again.Hash() == train.Hash() || again.Hash() != mustLoad(t, 1000).Hash() {
		t.Error("the hash does not distinguish sets")
	}
}

func TestLoadRefuses(t *testing.T) {
	ctx := context.Background()
	strange := func(split Split, i int) string {
		if split == Test && i >= 2 {
			return "new"
		}
		return "old"
	}
	_, _, err := Load(ctx, numbers{train: 3, test: 300, label: strange}, plain{Pixels})
	if want := `test part: test/2: no class "new"`; err == nil || err.Error() != want || !errors.Is(err, badinput.Err) {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, _, err := Load(ctx, numbers{}, plain{Pixels}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty set gives %v", err)
	}
	spec, _ := plain{Pixels}.Spec(nil)
	large := encoder{src: newSieve(numbers{train: 10_000}, Cache{}), spec: spec, codec: plain{Pixels}, split: Train, room: room{4096, "there are 4 KB"}, to: newDataset("", spec, false)}
	_, err = large.encode(ctx)
	if err == nil || !strings.Contains(err.Error(), "more than 1024 examples of target 1×1×1") {
		t.Errorf("a set that is too large gives %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := Load(stopped, numbers{train: 3}, plain{Pixels}); !errors.Is(err, context.Canceled) || errors.Is(err, badinput.Err) {
		t.Errorf("an interrupted load gives %v", err)
	}
}
