package arch

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/engine"
	"atelier/internal/gradcheck"
	"atelier/internal/noise"
	"atelier/model/nn"
)

// ours is the program's own backend: gomlx's is slow, and cannot update a part of a tensor.
var ours = sync.OnceValue(func() compute.Backend {
	b, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		panic(err)
	}
	return b
})

func texts(context, vocabulary int) data.Spec {
	return data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{context + 1}, Vocabulary: vocabulary}}}
}

func tokensOf(seed uint64, n, vocabulary int) []int32 {
	rng := noise.Stream(seed)
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(rng.IntN(vocabulary))
	}
	return out
}

// languageModels are small variants.
var languageModels = map[string]LanguageModelArch{
	"gpt":     &GPT{Layers: 2, Heads: 2, Width: 8},
	"gpt one": &GPT{Layers: 1, Heads: 1, Width: 3},
}

func eachLanguageModel(t *testing.T, spec data.Spec, visit func(t *testing.T, m LanguageModel)) {
	for _, name := range LanguageModels.Names() {
		if languageModels[name] == nil {
			t.Errorf("no small variant of language model %s", name)
		}
	}
	for name, a := range languageModels {
		t.Run(name, func(t *testing.T) { visit(t, must(t, a.LanguageModel)(spec)) })
	}
}

// logits runs a language model on whole texts [batch, time], with the weights in the store.
func logits(t *testing.T, store *model.Store, m LanguageModel, text []int32, batch int) []float32 {
	t.Helper()
	in := tensors.FromFlatDataAndDimensions(text, batch, len(text)/batch)
	out, err := model.CallOnceN(ours(), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{m.Logits(s.In("net"), in[0])}
	}, in)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out[0])
}

// seeded is a store whose weights are large enough for attention to matter.
func seeded(t *testing.T, m LanguageModel) *model.Store {
	t.Helper()
	store := model.NewStore()
	nn.Seed(store, 5)
	logits(t, store, m, make([]int32, 1), 1)
	for v := range store.IterVariables() {
		if v.Shape().Rank() < 2 {
			continue
		}
		values := tensors.MustCopyFlatData[float32](v.MustValue())
		for i := range values {
			values[i] *= 20
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// TestLanguageModelsLookBackOnly: no token changes what comes before it, every token
// changes what comes after, and a text means the same in any batch.
func TestLanguageModelsLookBackOnly(t *testing.T) {
	const time, vocabulary = 6, 7
	eachLanguageModel(t, texts(time, vocabulary), func(t *testing.T, m LanguageModel) {
		store := seeded(t, m)
		text := tokensOf(1, 2*time, vocabulary)
		whole := logits(t, store, m, text, 2)
		if len(whole) != 2*time*vocabulary {
			t.Fatalf("%d logits", len(whole))
		}
		if alone := logits(t, store, m, text[time:], 1); !near(alone, whole[time*vocabulary:], 1e-5) {
			t.Error("a text alone has other logits than in a batch")
		}
		for i := range time {
			changed := slices.Clone(text)
			changed[i] = (changed[i] + 1) % vocabulary
			got := logits(t, store, m, changed, 2)
			if !near(got[:i*vocabulary], whole[:i*vocabulary], 1e-6) {
				t.Errorf("token %d changes what comes before it", i)
			}
			for k := i; k < time; k++ {
				if near(got[k*vocabulary:(k+1)*vocabulary], whole[k*vocabulary:(k+1)*vocabulary], 1e-6) {
					t.Errorf("token %d does not change what follows token %d", i, k)
				}
			}
		}
	})
}

// TestContinueIsLogits reads a text in pieces, padded ones among them, with the
// cache, and compares with the whole text at once.
func TestContinueIsLogits(t *testing.T) {
	const context, vocabulary = 6, 7 // 6 is no power of two
	eachLanguageModel(t, texts(context, vocabulary), func(t *testing.T, m LanguageModel) {
		store := seeded(t, m)
		text := tokensOf(2, context, vocabulary)
		whole := logits(t, store, m, text, 1)
		for _, pieces := range [][]int{{1, 1, 1, 1, 1, 1}, {3, 1, 1, 1}, {5, 1}, {6}} {
			var cache []*tensors.Tensor
			for _, s := range m.Cache() {
				cache = append(cache, tensors.FromFlatDataAndDimensions(make([]float32, s.Size()), s.Dimensions...))
			}
			at := 0
			for _, n := range pieces {
				var got []float32
				got, cache = proceed(t, store, m, text[at:at+n], at, cache)
				at += n
				if !near(got, whole[(at-1)*vocabulary:at*vocabulary], 1e-4) {
					t.Errorf("pieces %v: other logits after token %d", pieces, at)
				}
			}
		}
	})
}

// proceed reads tokens at a position, padded to a power of two.
func proceed(t *testing.T, store *model.Store, m LanguageModel, tokens []int32, position int, cache []*tensors.Tensor) ([]float32, []*tensors.Tensor) {
	t.Helper()
	size := 1
	for size < len(tokens) {
		size *= 2
	}
	padded := make([]int32, size)
	copy(padded, tokens)
	inputs := []any{tensors.FromFlatDataAndDimensions(padded, size), tensors.FromScalar(int32(position)), tensors.FromScalar(int32(len(tokens) - 1))}
	for _, c := range cache {
		inputs = append(inputs, c)
	}
	out, err := model.CallOnceN(ours(), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		y, next := m.Continue(s.In("net"), in[0], in[1], in[2], in[3:])
		return append([]*graph.Node{y}, next...)
	}, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out[0]), out[1:]
}

func TestLanguageModelGradients(t *testing.T) {
	const time, vocabulary = 4, 5
	eachLanguageModel(t, texts(time, vocabulary), func(t *testing.T, m LanguageModel) {
		m.(*gpt).dtype = dtypes.Float64
		f := func(s *model.Scope, in []*graph.Node) *graph.Node {
			text := graph.Const(in[0].Graph(), [][]int32{{0, 3, 3, 1}, {4, 2, 0, 3}})
			return scalar(graph.MulScalar(graph.Add(m.Logits(s.In("net"), text), in[0]), 10))
		}
		if err := gradcheck.Check(ours(), f, gradcheck.Normal(4, 2, time, vocabulary)); err != nil {
			t.Error(err)
		}
	})
}

func TestLanguageModelErrors(t *testing.T) {
	for _, c := range []struct {
		a    GPT
		spec data.Spec
		want string
	}{
		{GPT{1, 1, 8}, vectors(2), "gpt learns tokens"},
		{GPT{1, 3, 8}, texts(4, 5), "width: want a multiple of the 3 heads, got 8"},
		{GPT{0, 1, 8}, texts(4, 5), "layers: want 1 to 256, got 0"},
	} {
		if _, err := c.a.LanguageModel(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %s", c.a, err, c.want)
		}
	}
}

func near(a, b []float32, tolerance float64) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > tolerance*(1+math.Abs(float64(b[i]))) {
			return false
		}
	}
	return len(a) == len(b)
}
