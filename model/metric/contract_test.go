package metric

import (
	"context"
	"errors"
	"iter"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/feature"
)

var (
	smallField = data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{4, 4, 1}, Low: -1, High: 1}
	small      = data.Spec{Fields: []data.Field{smallField, {Name: data.Label, Kind: data.Classes, Classes: []string{"dark", "bright"}}}}
)

// grey returns n pictures of uniform noise of the key.
func grey(n int, key ...uint64) *data.Batch {
	b := data.NewBatch(small, n)
	noise.Uniforms(b.Column(data.Target).Floats, 7, key...)
	for i, v := range b.Column(data.Target).Floats {
		b.Column(data.Target).Floats[i] = 2*v - 1
	}
	return b
}

// eye sees pixels, and calls a picture bright by its mean.
type eye struct{}

func (eye) Name() string { return "eye" }

func (eye) Embed(_ context.Context, samples *data.Column) (feature.Points, error) {
	size := samples.Field.Size()
	p := feature.Points{N: len(samples.Floats) / size, Width: size}
	for i := range p.N {
		mean := 0.0
		for _, v := range samples.Row(i) {
			p.Features = append(p.Features, float64(v))
			mean += float64(v) / float64(size)
		}
		bright := 1 / (1 + math.Exp(-10*mean))
		p.Probabilities = append(p.Probabilities, 1-bright, bright)
	}
	return p, nil
}

// complete returns an evaluation in which fakes and reals have the same
// distribution and nothing is missing.
func complete() *Evaluation {
	return &Evaluation{
		Spec: small,
		Reals: func(split data.Split, n, draw int) (*data.Batch, error) {
			return grey(min(n, 10000), uint64(len(split)), uint64(draw)), nil
		},
		Fakes:    func(_ context.Context, n, draw int) (*data.Batch, error) { return grey(n, 99, uint64(draw)), nil },
		Truths:   func(n, draw int) (*data.Batch, error) { return grey(min(n, 10000), 98, uint64(draw)), nil },
		Embedder: func(string) (feature.Embedder, error) { return eye{}, nil },
		Space:    "eye",
		Judge: func(_ context.Context, b *data.Batch) ([]float64, error) {
			return make([]float64, b.N), nil
		},
		Teach:   byBrightness,
		Mixture: &Mixture{Centres: [][]float64{make([]float64, 16)}, Sigma: 0.5},
	}
}

// completeClips is complete for a model of clips of three frames.
func completeClips() *Evaluation {
	f := data.Field{Name: data.Target, Kind: data.Frames, Shape: []int{3, 2, 2, 1}, Low: -1, High: 1}
	random := func(n int, key ...uint64) *data.Batch {
		b := data.NewBatch(data.Spec{Fields: []data.Field{f}}, n)
		noise.Uniforms(b.Columns[0].Floats, 9, key...)
		return b
	}
	return &Evaluation{
		Spec: data.Spec{Fields: []data.Field{f}},
		Reals: func(split data.Split, n, draw int) (*data.Batch, error) {
			return random(min(n, 300), uint64(len(split)), uint64(draw)), nil
		},
		Fakes: func(_ context.Context, n, draw int) (*data.Batch, error) { return random(n, 99, uint64(draw)), nil },
	}
}

// completeText is complete for a model of texts: each token is as likely as it is
// frequent.
func completeText() *Evaluation {
	f := data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{81}, Vocabulary: 4}
	random := func(n int, key ...uint64) *data.Batch {
		b := data.NewBatch(data.Spec{Fields: []data.Field{f}}, n)
		rng := noise.Stream(8, key...)
		for i := range b.Columns[0].Ints {
			b.Columns[0].Ints[i] = int32(rng.IntN(4))
		}
		return b
	}
	text := func(tokens []int32) (string, error) {
		var b strings.Builder
		for _, t := range tokens {
			b.WriteByte("ab c"[t])
		}
		return b.String(), nil
	}
	return &Evaluation{
		Spec: data.Spec{Fields: []data.Field{f}},
		Reals: func(split data.Split, n, draw int) (*data.Batch, error) {
			return random(min(n, 300), uint64(len(split)), uint64(draw)), nil
		},
		Fakes: func(_ context.Context, n, draw int) (*data.Batch, error) { return random(n, 99, uint64(draw)), nil },
		Text:  text,
		Training: func() iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				piece, err := text(random(300, uint64(len(data.Train)), 0).Columns[0].Ints)
				_ = yield(piece, err) && yield("", nil)
			}
		},
		Likelihood: func(_ context.Context, b *data.Batch) ([]float64, error) {
			out := make([]float64, b.N)
			for i := range out {
				out[i] = math.Log(4)
			}
			return out, nil
		},
	}
}

// measurable returns a complete evaluation of what the metric is for.
func measurable(t *testing.T, m Metric) func() *Evaluation {
	stopped, stop := context.WithCancel(t.Context())
	stop() // what applies comes as far as to notice
	for _, whole := range []func() *Evaluation{complete, completeText, completeStacked, completeClips} {
		if _, err := m.Measure(stopped, whole()); !errors.Is(err, ErrNotApplicable) {
			return whole
		}
	}
	t.Fatal("it can be measured on nothing")
	return nil
}

func eachMetric(t *testing.T, f func(t *testing.T, m Metric)) {
	for entry := range Metrics.All() {
		t.Run(entry.Name, func(t *testing.T) { f(t, entry.New()) })
	}
}

// TestContract: scores are described, finite, the same again, and at their
// floor where the fakes are as good as real.
func TestContract(t *testing.T) {
	fileName := regexp.MustCompile(`^[a-z0-9_]+$`)
	eachMetric(t, func(t *testing.T, m Metric) {
		whole := measurable(t, m)
		scores, err := m.Measure(t.Context(), whole())
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.Measure(t.Context(), whole())
		if err != nil || !reflect.DeepEqual(scores, again) {
			t.Errorf("measured again: %v, %v; before: %v", again, err, scores)
		}
		for _, s := range scores {
			if !fileName.MatchString(s.Name) || filepath.Base(s.Name) != s.Name {
				t.Errorf("name %q does not fit into a file name", s.Name)
			}
			if c, ok := m.(Selector); ok && s.Better != Neither && !slices.Contains(c.SelectionScores(), s.Name) {
				t.Errorf("%s is not among the scores that choose a checkpoint: %q", s.Name, c.SelectionScores())
			}
			if s.Better == Neither && s.Note == "" {
				t.Errorf("%s has neither direction nor note", s.Name)
			}
			if s.Draws != Draws || s.N == 0 || math.IsNaN(s.Value+s.Deviation) || s.Deviation < 0 {
				t.Errorf("%+v is incomplete", s)
			}
			if s.Floor != nil {
				off := math.Abs(s.Value-*s.Floor) - 4*(s.Deviation+s.FloorDeviation) - 1e-9
				if off > 0 {
					t.Errorf("%v: as good as real, but far from the floor", s)
				}
			}
			if !strings.Contains(s.String(), s.Name) || strings.Contains(s.String(), "\n") {
				t.Errorf("line %q", s)
			}
		}
	})
}

// TestNotApplicable: what an evaluation lacks is said, and never a panic. A
// metric that lacks nothing comes as far as to ask for fakes.
func TestNotApplicable(t *testing.T) {
	reached := errors.New("asked for fakes")
	lacking := map[string]func(e *Evaluation){
		"everything": func(e *Evaluation) { *e = Evaluation{} },
		"fakes":      func(e *Evaluation) { e.Fakes = nil },
		"reals":      func(e *Evaluation) { e.Reals = nil },
		"test part": func(e *Evaluation) {
			e.Reals = func(data.Split, int, int) (*data.Batch, error) { return grey(0), nil }
		},
		"weights": func(e *Evaluation) {
			e.Embedder = func(string) (feature.Embedder, error) { return nil, feature.ErrNoWeights }
		},
		"space":   func(e *Evaluation) { e.Embedder, e.Space = nil, "" },
		"judge":   func(e *Evaluation) { e.Judge = nil },
		"teacher": func(e *Evaluation) { e.Teach = nil },
		"mixture": func(e *Evaluation) { e.Mixture = nil },
		"labels":  func(e *Evaluation) { e.Spec = small.Only(data.Target) },
	}
	eachMetric(t, func(t *testing.T, m Metric) {
		for what, remove := range lacking {
			e := complete()
			e.Fakes = func(context.Context, int, int) (*data.Batch, error) { return nil, reached }
			remove(e)
			scores, err := m.Measure(t.Context(), e)
			if !errors.Is(err, ErrNotApplicable) && !errors.Is(err, reached) {
				t.Errorf("without %s: %v, %v", what, scores, err)
			}
		}
	})
}

// TestTextIsNoPanic: what is for pictures says so of text.
func TestTextIsNoPanic(t *testing.T) {
	eachMetric(t, func(t *testing.T, m Metric) {
		if _, err := m.Measure(t.Context(), completeText()); err != nil && !errors.Is(err, ErrNotApplicable) {
			t.Error(err)
		}
	})
}

func TestOneRealExampleIsNoPanic(t *testing.T) {
	eachMetric(t, func(t *testing.T, m Metric) {
		e := complete()
		e.Reals = func(data.Split, int, int) (*data.Batch, error) { return grey(1), nil }
		if _, err := m.Measure(t.Context(), e); err != nil && !errors.Is(err, ErrNotApplicable) {
			t.Error(err)
		}
	})
}

// TestPerplexityByHand: four tokens, each as likely as the others.
func TestPerplexityByHand(t *testing.T) {
	scores, err := perplexity{}.Measure(t.Context(), completeText())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{4, 2, 2} {
		if math.Abs(scores[i].Value-want) > 1e-9 {
			t.Errorf("%v, want %v", scores[i], want)
		}
	}
	column := func(tokens ...int32) *data.Column {
		return &data.Column{Field: data.Field{Kind: data.Tokens, Shape: []int{4}, Vocabulary: 2}, Ints: tokens}
	}
	// Among 4 known tokens and one more of each there are 4 zeros and 2 ones.
	want := -(2*math.Log(4./6) + math.Log(2./6)) / 3
	if got := Unigram(column(0, 0, 0, 1), column(1, 0, 0, 1)); math.Abs(got-want) > 1e-12 {
		t.Errorf("unigram %v, want %v", got, want)
	}
}

func TestCollapseIsSeen(t *testing.T) {
	e := complete()
	e.Fakes = func(_ context.Context, n, draw int) (*data.Batch, error) {
		b, one := grey(n, 99, uint64(draw)), grey(1, 3)
		for i := range n {
			copy(b.Column(data.Target).Row(i), one.Column(data.Target).Floats)
		}
		return b, nil
	}
	for _, name := range []string{"fid2k", "kid2k", "precision_recall", "density_coverage", "classes"} {
		m, err := Metrics.New(name)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := m.Measure(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		s := scores[len(scores)-1] // of pairs, recall and coverage
		if name == "classes" {
			s = scores[0]
		}
		if s.Better == Lower && s.Value < 2**s.Floor || s.Better == Higher && s.Value > *s.Floor/2 {
			t.Errorf("one picture again and again: %v", s)
		}
	}
}

func TestFakesAndPointsAreMadeOnce(t *testing.T) {
	e, made, opened := complete(), 0, 0
	fakes := e.Fakes
	e.Fakes = func(ctx context.Context, n, draw int) (*data.Batch, error) { made++; return fakes(ctx, n, draw) }
	e.Embedder = func(string) (feature.Embedder, error) { opened++; return eye{}, nil }
	for _, name := range []string{"fid2k", "kid2k", "sharpness"} {
		m, err := Metrics.New(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Measure(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if made != Draws || opened != 1 {
		t.Errorf("drew fakes %d times, opened %d spaces", made, opened)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	eachMetric(t, func(t *testing.T, m Metric) {
		if _, err := m.Measure(ctx, measurable(t, m)()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func BenchmarkPrecisionRecall2k128(b *testing.B) {
	cloud := func(key uint64) feature.Points {
		p := feature.Points{N: 2000, Width: 128, Features: make([]float64, 2000*128)}
		rng := noise.Stream(key)
		for i := range p.Features {
			p.Features[i] = rng.NormFloat64()
		}
		return p
	}
	real, fake := cloud(1), cloud(2)
	for b.Loop() {
		if _, _, err := PrecisionRecall(real, fake, nearest); err != nil {
			b.Fatal(err)
		}
	}
}
