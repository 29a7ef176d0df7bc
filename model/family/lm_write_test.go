package family

import (
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine"
	"atelier/internal/registry"
	"atelier/model/nn"
	"atelier/model/train"
)

func write(t *testing.T, w *Writer, seed uint64, prompt []int32, how Choosing, n int) (text []int32) {
	t.Helper()
	for token, err := range w.Write(t.Context(), seed, prompt, how) {
		if err != nil {
			t.Fatal(err)
		}
		if text = append(text, token); len(text) == n {
			break
		}
	}
	return text
}

// TestCacheChangesNothing compares what is written with the cache, beyond the
// context, with what the whole context gives without.
func TestCacheChangesNothing(t *testing.T) {
	m, store := learned(t, 5)
	w, err := m.Writer(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	for _, prompt := range [][]int32{nil, {3}, {1, 4, 4}, {0, 1, 2, 3, 4, 3, 2, 1, 0, 4, 4}} {
		got := write(t, w, 1, prompt, Choosing{TopP: 1}, 20)
		text := slices.Clone(prompt)
		if len(text) == 0 {
			text = []int32{0}
		}
		for i, token := range got {
			if want := likeliest(t, m, store, text[beginOf(len(text), m.network.Context()):]); token != want {
				t.Fatalf("prompt %v: token %d is %d, without the cache %d", prompt, i, token, want)
			}
			text = append(text, token)
		}
	}
}

// likeliest is the likeliest token after a text, which is read at once.
func likeliest(t *testing.T, m *lm, store *model.Store, text []int32) int32 {
	t.Helper()
	out, err := model.CallOnceN(backend(t), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{m.network.Logits(store.Scope(languageScope), in[0])}
	}, tensors.FromFlatDataAndDimensions(text, 1, len(text)))
	if err != nil {
		t.Fatal(err)
	}
	last := tensors.MustCopyFlatData[float32](out[0])[(len(text)-1)*written.Target().Vocabulary:]
	return int32(slices.Index(last, slices.Max(last)))
}

// A text depends on its seed and its prompt alone, and what was written is as good a
// prompt as any.
func TestWhatIsWritten(t *testing.T) {
	m, store := learned(t, 5)
	w, err := m.Writer(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	first := write(t, w, 7, nil, Plain, 30)
	write(t, w, 8, []int32{1, 2, 3}, Plain, 9)
	if again := write(t, w, 7, nil, Plain, 30); !slices.Equal(first, again) {
		t.Error("the same seed writes another text after others")
	}
	if slices.Equal(first, write(t, w, 8, nil, Plain, 30)) {
		t.Error("two seeds write one text")
	}
	greedy := Choosing{TopP: 1}
	text := write(t, w, 1, []int32{2}, greedy, 25)
	rest := write(t, w, 1, append([]int32{2}, text[:10]...), greedy, 15)
	if !slices.Equal(rest, text[10:]) {
		t.Error("what follows depends on what of it was given")
	}
}

// TestPromptsAreReadAsWritten: logits are the same to the last bit whether a text is
// read at once or token by token, so that a text goes on alike from a prompt and
// from what was written.
func TestPromptsAreReadAsWritten(t *testing.T) {
	m, err := registry.Choose[Family]("lm").Value.Model(bench)
	if err != nil {
		t.Fatal(err)
	}
	l := &train.Loop{Backend: backend(t), Store: model.NewStore(), Stages: m.Stages(), Batches: &anyTexts{}, Schedule: constant, Total: 1, Damping: 1}
	nn.Seed(l.Store, 1)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := m.(Writing).Writer(backend(t), l.Store)
	if err != nil {
		t.Fatal(err)
	}
	text := tokensUpTo(100)
	step, err := w.newReading()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= len(text); n++ {
		one, err := step.follows(text[:n])
		if err != nil {
			t.Fatal(err)
		}
		if n%33 != 0 && n != 5 {
			continue
		}
		once, err := w.newReading()
		if err != nil {
			t.Fatal(err)
		}
		if all, err := once.follows(text[:n]); err != nil || !slices.Equal(all, one) {
			t.Errorf("%d tokens at once give other logits than one by one (%v)", n, err)
		}
	}
}

func TestBeginOf(t *testing.T) {
	for _, c := range []struct{ n, context, want int }{{1, 6, 0}, {6, 6, 0}, {7, 6, 3}, {9, 6, 3}, {10, 6, 6}, {8, 5, 3}, {3, 1, 2}} {
		if got := beginOf(c.n, c.context); got != c.want {
			t.Errorf("%d tokens, context %d: begins at %d, want %d", c.n, c.context, got, c.want)
		}
	}
}

// TestWritesFromSeveralGoroutines writes the same texts at once as one by one.
func TestWritesFromSeveralGoroutines(t *testing.T) {
	m, store := learned(t, 5)
	w, err := m.Writer(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	const n = 4
	var alone, together [n][]int32
	for i := range n {
		alone[i] = write(t, w, uint64(i), []int32{1, 2, 3}[:i], Plain, 20)
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for token, err := range w.Write(t.Context(), uint64(i), []int32{1, 2, 3}[:i], Plain) {
				if together[i] = append(together[i], token); err != nil || len(together[i]) == 20 {
					break
				}
			}
		})
	}
	wg.Wait()
	for i := range n {
		if !slices.Equal(alone[i], together[i]) {
			t.Errorf("text %d alone is %v, among others %v", i, alone[i], together[i])
		}
	}
}

// TestSameBitsOnAnyThreads trains the model of the recipe, and compares weights and
// what is written.
func TestSameBitsOnAnyThreads(t *testing.T) {
	var first []float32
	var text []int32
	for _, threads := range []int{1, 2, 3} {
		b, err := engine.Open(engine.Options{Device: engine.CPU, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		m, err := registry.Choose[Family]("lm").Value.Model(bench)
		if err != nil {
			t.Fatal(err)
		}
		l := &train.Loop{Backend: b, Store: model.NewStore(), Stages: m.Stages(), Batches: &anyTexts{}, Schedule: constant, Total: 2, Damping: 1}
		nn.Seed(l.Store, 1)
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		weights := tensors.MustCopyFlatData[float32](l.Store.GetVariable("/language/layer_0/attention/qkv/weight").MustValue())
		w, err := m.(Writing).Writer(b, l.Store)
		if err != nil {
			t.Fatal(err)
		}
		written := write(t, w, 1, tokensUpTo(100), Plain, 40)
		if first == nil {
			first, text = weights, written
		}
		if !slices.Equal(first, weights) || !slices.Equal(text, written) {
			t.Errorf("other weights or another text on %d threads than on 1", threads)
		}
		b.Finalize()
	}
}

func tokensUpTo(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// TestCacheIsUpdatedInPlace: the cache after a token lies where it lay before.
func TestCacheIsUpdatedInPlace(t *testing.T) {
	m, store := learned(t, 1)
	w, err := m.Writer(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.newReading()
	if err != nil {
		t.Fatal(err)
	}
	places := func() (out []*float32) {
		for _, c := range r.cache {
			values, err := c.Data()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, &values.([]float32)[0])
		}
		return out
	}
	before := places()
	for n := 3; n < 9; n++ {
		if _, err := r.follows([]int32{0, 1, 2, 3, 4, 0, 1, 2}[:n-1]); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(places(), before) {
			t.Fatalf("after %d tokens the cache lies elsewhere", n-1)
		}
	}
}
