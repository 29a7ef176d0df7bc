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
	"atelier/model/language"
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
	"gpt":             &GPT{Layers: 2, Heads: 2, Width: 8, Activation: language.GeluExact},
	"gpt one":         &GPT{Layers: 1, Heads: 1, Width: 3, Activation: language.GeluExact},
	"gpt-2":           &GPT{Layers: 2, Heads: 2, Width: 8, Biases: true, Activation: language.GeluTanh},
	"llama":           &Llama{Layers: 2, Heads: 4, KVHeads: 2, Width: 8, Hidden: 12, Base: 100, Halves: true, QKNorm: true, Tied: true, Epsilon: 1e-5},
	"llama of llama2": &Llama{Layers: 1, Heads: 2, Width: 8, HeadWidth: 6, Base: 1000, Epsilon: 1e-3},
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
		return []*graph.Node{m.Logits(s.In("net"), in[0], nil)}
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

func TestLanguageModelGradients(t *testing.T) {
	const time, vocabulary = 4, 5
	eachLanguageModel(t, texts(time, vocabulary), func(t *testing.T, m LanguageModel) {
		switch m := m.(type) {
		case *gpt:
			m.dtype = dtypes.Float64
		case *llama:
			m.dtype = dtypes.Float64
		}
		f := func(s *model.Scope, in []*graph.Node) *graph.Node {
			text := graph.Const(in[0].Graph(), [][]int32{{0, 3, 3, 1}, {4, 2, 0, 3}})
			return scalar(graph.MulScalar(graph.Add(m.Logits(s.In("net"), text, nil), in[0]), 10))
		}
		if err := gradcheck.Check(ours(), f, gradcheck.Normal(4, 2, time, vocabulary)); err != nil {
			t.Error(err)
		}
	})
}

func TestLanguageModelErrors(t *testing.T) {
	for _, c := range []struct {
		a    LanguageModelArch
		spec data.Spec
		want string
	}{
		{&GPT{1, 1, 8, false, "gelu"}, vectors(2), "gpt learns tokens"},
		{&GPT{1, 3, 8, false, "gelu"}, texts(4, 5), "width: want a multiple of the 3 heads, got 8"},
		{&GPT{0, 1, 8, false, "gelu"}, texts(4, 5), "layers: want 1 to 256, got 0"},
		{&GPT{1, 1, 8, false, "relu"}, texts(4, 5), `activation: want gelu or gelu_tanh, got "relu"`},
		{&Llama{Layers: 1, Heads: 1, Width: 8, Base: 10, Epsilon: 1e-5}, vectors(2), "llama learns tokens"},
		{&Llama{Layers: 1, Heads: 4, KVHeads: 3, Width: 8, Base: 10, Epsilon: 1e-5}, texts(4, 5), "kv_heads: want a divisor of the 4 heads, or 0, got 3"},
		{&Llama{Layers: 1, Heads: 1, Width: 7, Base: 10, Epsilon: 1e-5}, texts(4, 5), "width: want a multiple of twice the 1 heads, got 7"},
		{&Llama{Layers: 1, Heads: 1, Width: 8, HeadWidth: 3, Base: 10, Epsilon: 1e-5}, texts(4, 5), "head_width: want an even number"},
		{&Llama{Layers: 1, Heads: 1, Width: 8, Epsilon: 1e-5}, texts(4, 5), "rotary_base: want 1 to 1e12, got 0"},
		{&Llama{Layers: 1, Heads: 1, Width: 8, Base: 10}, texts(4, 5), "epsilon: want more than 0 and below 1, got 0"},
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
