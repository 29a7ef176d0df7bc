package family

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/engine"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/nn"
	"atelier/model/train"
)

// learned is a language model that has learned to count, and its store.
func learned(t *testing.T, steps int) (*lm, *model.Store) {
	t.Helper()
	f := small(registry.Choose[Family]("lm").Value).(*LM)
	f.Optimizer = train.NewAdam(1e-2, 0.9, 0.99, "decay=0.1")
	m, store := trained(t, f, written, steps)
	return m.(*lm), store
}

// kernels is the arithmetic of what is written in tests.
var kernels = sync.OnceValue(func() language.Kernels { return engine.NewDots(engine.Options{}) })

// write continues a prompt with n tokens.
func write(t *testing.T, m Writing, store *model.Store, seed uint64, prompt []int32, how language.Sampling, n int) (text []int32) {
	t.Helper()
	decoder, err := m.Decoder(store, kernels())
	if err != nil {
		t.Fatal(err)
	}
	w := &language.Writer{Model: decoder, Sampling: how, Slide: true}
	err = w.Write(t.Context(), []language.Start{{Prompt: prompt, Seed: seed}}, func(_ int, token language.Token) (bool, error) {
		text = append(text, token.ID)
		return len(text) < n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLearnsToCount(t *testing.T) {
	m, store := learned(t, 150)
	if got := write(t, m, store, 1, []int32{2, 3}, language.Sampling{TopP: 1}, 8); !slices.Equal(got, []int32{4, 0, 1, 2, 3, 4, 0, 1}) {
		t.Errorf("after 2 3 comes %v", got)
	}
	likelihood, err := m.Likelihood(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(written, likelySize+1) // more than one batch
	copy(b.Columns[0].Tokens(likelySize), []int32{3, 4, 0, 1, 2, 3, 4})
	nats, err := likelihood(t.Context(), b)
	if err != nil || len(nats) != b.N || nats[likelySize] > 0.2 || nats[0] < 1 {
		t.Errorf("zeros %v, counting %v nats (%v)", nats[0], nats[likelySize], err)
	}
}

// either is a batch source of texts that count up, of class 0, or down, of class 1.
type either struct{ taken uint64 }

var eitherSpec = data.Spec{Fields: []data.Field{written.Target(), {Name: data.Label, Kind: data.Classes, Classes: []string{"up", "down"}}}}

func (e *either) Position() uint64 { return e.taken }

func (e *either) Next(context.Context) (*data.Batch, error) {
	b := data.NewBatch(eitherSpec, 8)
	for i := range b.N {
		e.taken++
		text, class := b.Columns[0].Tokens(i), i%2
		b.Columns[1].Ints[i] = int32(class)
		for k := range text {
			at := int(e.taken) + k
			if class == 1 {
				at = int(e.taken) - k + 100
			}
			text[k] = int32(at % 5)
		}
	}
	return b, nil
}

// TestControlTokens: a text of a class begins with the control token of the class, goes on as
// those of the class do however long it gets, and holds no control token.
func TestControlTokens(t *testing.T) {
	f := small(registry.Choose[Family]("lm").Value).(*LM)
	f.Conditional, f.Optimizer = true, train.NewAdam(1e-2, 0.9, 0.99)
	made, err := f.Model(eitherSpec)
	if err != nil {
		t.Fatal(err)
	}
	m := made.(*lm)
	l := &train.Loop{Backend: backend(t), Store: model.NewStore(), Stages: m.Stages(), Batches: &either{}, Schedule: constant, Total: 150, Damping: 1}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	decoder, err := m.Decoder(l.Store, kernels())
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	for class, step := range []int32{1, 4} {
		told := OfClass(eitherSpec.Fields[1], class, 1)
		w, text := m.Writer(decoder), []int32(nil)
		w.Temperature = 0
		prompt := append(m.Control(class, 0), 2)
		err := w.Write(t.Context(), []language.Start{{Prompt: prompt}}, func(_ int, token language.Token) (bool, error) {
			text = append(text, token.ID)
			return len(text) < n, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		before := int32(2)
		for i, token := range text {
			if token != (before+step)%5 {
				t.Fatalf("class %d: token %d after %d, in %v", class, i, before, text)
			}
			before = token
		}
		for b, err := range m.Texts(decoder)(t.Context(), []uint64{1}, told) {
			if err != nil {
				t.Fatal(err)
			}
			if text := b.Columns[0].Ints; text[1] != (text[0]+step)%5 {
				t.Errorf("class %d: a sample is %v", class, text)
			}
		}
		likelihood, err := m.Likelihood(backend(t), l.Store)
		if err != nil {
			t.Fatal(err)
		}
		b := data.NewBatch(eitherSpec, 2) // the same text as of either class
		for i := range 2 {
			b.Columns[1].Ints[i] = int32(i)
			for k := range b.Columns[0].Tokens(i) {
				b.Columns[0].Tokens(i)[k] = int32(k) * step % 5
			}
		}
		if nats, err := likelihood(t.Context(), b); err != nil || nats[class] > 0.2 || nats[1-class] < 1 {
			t.Errorf("a text of class %d: %v nats as of each class (%v)", class, nats, err)
		}
	}
	if a, b := m.Control(-1, 1), m.Control(-1, 1); !slices.Equal(a, b) || a[0] < 5 || a[0] > 6 {
		t.Errorf("control tokens of a seed %v and %v", a, b)
	}
	if _, err := f.Model(written); err == nil || !strings.Contains(err.Error(), "codec.labels=true") {
		t.Errorf("without labels: %v", err)
	}
}

// TestLoRA: with adapters the weights stay as they are, and what is written is by weights and
// adapters together.
func TestLoRA(t *testing.T) {
	first, before := learned(t, 5)
	f := small(registry.Choose[Family]("lm").Value).(*LM)
	f.LoRA, f.Optimizer = 2, train.NewAdam(2e-2, 0.9, 0.99)
	made, err := f.Model(written)
	if err != nil {
		t.Fatal(err)
	}
	m := made.(*lm)
	l := &train.Loop{Backend: backend(t), Store: model.NewStore(), Stages: m.Stages(), Batches: batches{written}, Schedule: constant, Total: 200, Damping: 1}
	if err := l.Build(written, 8); err != nil {
		t.Fatal(err)
	}
	for v := range before.IterVariables() {
		if !strings.HasPrefix(v.Path(), "/language/") {
			continue
		}
		if err := l.Store.GetVariable(v.Path()).SetValue(v.MustValue()); err != nil {
			t.Fatal(err)
		}
	}
	prompt := []int32{2, 3}
	if !slices.Equal(write(t, first, before, 1, prompt, language.Plain, 20), write(t, m, l.Store, 1, prompt, language.Plain, 20)) {
		t.Error("untrained adapters change what is written")
	}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	adapters := 0
	for v := range l.Store.IterVariables() {
		if strings.HasPrefix(v.Path(), "/"+nn.AdapterScope+"/") {
			adapters++
		}
	}
	if adapters != 2*2*4 { // two layers of qkv, out, up and down
		t.Errorf("%d matrices of adapters", adapters)
	}
	for v := range before.IterVariables() {
		if strings.HasPrefix(v.Path(), "/language/") && !v.MustValue().Equal(l.Store.GetVariable(v.Path()).MustValue()) {
			t.Errorf("%s has changed", v.Path())
		}
	}
	if got := write(t, m, l.Store, 1, prompt, language.Sampling{TopP: 1}, 8); !slices.Equal(got, []int32{4, 0, 1, 2, 3, 4, 0, 1}) {
		t.Errorf("after 2 3 comes %v", got)
	}
	if got, want := write(t, m, l.Store, 1, prompt, language.Sampling{TopP: 1}, 1)[0], likeliest(t, m, l.Store, prompt); got != want {
		t.Errorf("the decoder says %d, the graph %d", got, want)
	}
}

// TestDropout: it changes training by the seed and the step alone, and nothing else.
func TestDropout(t *testing.T) {
	once := func(dropout float64, seed uint64) []float32 {
		f := small(registry.Choose[Family]("lm").Value).(*LM)
		f.Dropout = dropout
		m, err := f.Model(written)
		if err != nil {
			t.Fatal(err)
		}
		l := &train.Loop{Backend: backend(t), Store: model.NewStore(), Stages: m.Stages(), Batches: batches{written}, Schedule: constant, Total: 2, Damping: 1, Seed: seed}
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := data.NewBatch(written, 1)
		likelihood, err := m.(Likely).Likelihood(l.Backend, l.Store)
		if err != nil {
			t.Fatal(err)
		}
		var twice [2][]float64
		for i := range twice {
			if twice[i], err = likelihood(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(twice[0], twice[1]) {
			t.Errorf("dropout %g: likelihoods %v", dropout, twice)
		}
		return tensors.MustCopyFlatData[float32](l.Store.GetVariable("/language/token/table").MustValue())
	}
	dropped := once(0.3, 1)
	if !slices.Equal(dropped, once(0.3, 1)) {
		t.Error("the same seed trains other weights")
	}
	if slices.Equal(dropped, once(0.3, 2)) || slices.Equal(dropped, once(0, 1)) {
		t.Error("dropout does not depend on the seed, or changes nothing")
	}
}

// TestWritesAsItReads compares what is written, beyond the context, with what the graph gives
// for the whole context.
func TestWritesAsItReads(t *testing.T) {
	m, store := learned(t, 5)
	context := m.network.Context()
	for _, prompt := range [][]int32{{3}, {1, 4, 4}, {0, 1, 2, 3, 4, 3, 2, 1, 0, 4, 4}} {
		text := slices.Clone(prompt)
		for i, token := range write(t, m, store, 1, prompt, language.Sampling{TopP: 1}, 20) {
			begin := 0 // of what is not dropped: the earlier half is when the context is full
			for len(text)-begin > context {
				begin += context - context/2
			}
			if want := likeliest(t, m, store, text[begin:]); token != want {
				t.Fatalf("prompt %v: token %d is %d, by the graph %d", prompt, i, token, want)
			}
			text = append(text, token)
		}
	}
}

// likeliest is the likeliest token after a text, by the graph.
func likeliest(t *testing.T, m *lm, store *model.Store, text []int32) int32 {
	t.Helper()
	out, err := model.CallOnceN(backend(t), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{m.network.Logits(store.Scope(languageScope), in[0], nil)}
	}, tensors.FromFlatDataAndDimensions(text, 1, len(text)))
	if err != nil {
		t.Fatal(err)
	}
	last := tensors.MustCopyFlatData[float32](out[0])[(len(text)-1)*written.Target().Vocabulary:]
	return int32(slices.Index(last, slices.Max(last)))
}

// TestSamplesTexts draws texts of the length of an example, each from its own seed.
func TestSamplesTexts(t *testing.T) {
	m, store := learned(t, 5)
	decoder, err := m.Decoder(store, kernels())
	if err != nil {
		t.Fatal(err)
	}
	seeds := make([]uint64, together+3)
	for i := range seeds {
		seeds[i] = uint64(i % together)
	}
	var texts [][]int32
	for b, err := range m.Texts(decoder)(t.Context(), seeds, nil) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, b.Column(data.Target).Ints)
	}
	if len(texts) != len(seeds) || len(texts[0]) != written.Target().Size() || !slices.Equal(texts[0], texts[together]) || slices.Equal(texts[0], texts[1]) {
		t.Errorf("%d texts: %v", len(texts), texts)
	}
}

// TestSameBitsOnAnyThreads trains the model of the recipe, and compares weights and what is
// written.
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
		dots := engine.NewDots(engine.Options{Threads: threads})
		decoder, err := m.(Writing).Decoder(l.Store, dots)
		if err != nil {
			t.Fatal(err)
		}
		prompt := make([]int32, 100)
		for i := range prompt {
			prompt[i] = int32(i)
		}
		var written []int32
		err = (&language.Writer{Model: decoder, Sampling: language.Plain, Slide: true}).Write(t.Context(), []language.Start{{Prompt: prompt}}, func(_ int, token language.Token) (bool, error) {
			written = append(written, token.ID)
			return len(written) < 40, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first, text = weights, written
		}
		if !slices.Equal(first, weights) || !slices.Equal(text, written) {
			t.Errorf("other weights or another text on %d threads than on 1", threads)
		}
		dots.Close()
		b.Finalize()
	}
}

func TestWrongData(t *testing.T) {
	for name, c := range map[string]struct {
		spec data.Spec
		want string
	}{
		"lm":  {labelled, "an lm learns texts of two tokens or more"},
		"gan": {written, "a gan learns pictures and points"},
	} {
		if _, err := registry.Choose[Family](name).Value.Model(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
