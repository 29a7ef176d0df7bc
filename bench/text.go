package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"atelier/internal/quant"
	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/language"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("text", "the speed of writing: the small model that comes with the program, and random weights in the layout of Qwen2.5-0.5B in Q8_0; and, with steps or long, what networks learn of tiny-shakespeare; resumes where it was interrupted",
		func() Suite { return &Text{Tokens: 256, Large: true} })
}

// Text measures language models.
type Text struct {
	Tokens int  `help:"tokens of each text, 16 to 512"`
	Large  bool `help:"measure random weights of half a gigabyte, too"`
	Long   bool `help:"train the recipe shakespeare-long, too: half an hour of two cores"`
	Steps  int  `help:"steps of nanoGPT's recipe for CPUs on tiny-shakespeare, whose bar is for 2000; 0 skips the training"`
}

// Check reports a setting that is out of range.
func (s *Text) Check() error {
	if s.Tokens < 16 || s.Tokens > 512 {
		return registry.Unfit("tokens", fmt.Sprintf("want 16 to 512, got %d", s.Tokens))
	}
	if s.Steps < 0 || s.Steps > 1e6 {
		return registry.Unfit("steps", fmt.Sprintf("want 0 to 1000000, got %d", s.Steps))
	}
	return nil
}

// Targets of the suite.
const (
	leastStories   = 7000 // tokens/s on one thread
	leastBandwidth = 0.6
	leastPeak      = 0.4
)

// Run implements [Suite].
func (s *Text) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	for _, part := range []func(context.Context, *Machine, func(Row)) error{s.stories, s.large, s.shakespeare, s.shakespeareLong} {
		if err := part(ctx, on, emit); err != nil {
			return err
		}
	}
	return nil
}

// stories times the embedded model.
func (s *Text) stories(ctx context.Context, on *Machine, emit func(Row)) error {
	o, err := brought.Find(on.Home, brought.BuiltIn)
	if err != nil {
		return err
	}
	defer o.Close()
	m, err := language.New(o.Config, &o.Weights, on.Kernels)
	if err != nil {
		return err
	}
	alone, err := s.rate(ctx, m, 1)
	if err != nil {
		return err
	}
	emit(Row{Name: fmt.Sprintf("stories260k, one text, %d threads", on.Threads), Value: alone, Unit: "tokens/s", Bar: fmt.Sprintf(">= %d on one thread", leastStories), Holds: alone >= leastStories, N: s.Tokens})
	together, err := s.rate(ctx, m, 16)
	if err != nil {
		return err
	}
	times := together / alone
	emit(Row{Name: "stories260k, 16 texts at once", Value: together, Unit: "tokens/s", Bar: "> one text", Holds: times > 1, Peer: &alone, Ratio: &times, N: 16 * s.Tokens})
	return nil
}

// rate is the number of tokens per second for a number of texts, the best of three times.
func (s *Text) rate(ctx context.Context, m *language.Model, texts int) (best float64, err error) {
	starts := make([]language.Start, texts)
	for i := range starts {
		starts[i] = language.Start{Prompt: []int32{1}, Seed: uint64(i)}
	}
	w := &language.Writer{Model: m, Sampling: language.Plain, Slide: true}
	for range 3 {
		begun, each, n := time.Now(), make([]int, texts), 0
		err := w.Write(ctx, starts, func(i int, _ language.Token) (bool, error) {
			each[i]++
			n++
			return each[i] < s.Tokens, nil
		})
		if err != nil {
			return 0, err
		}
		best = max(best, float64(n)/time.Since(begun).Seconds())
	}
	return best, nil
}

// large times random weights of the size of a real chat model.
func (s *Text) large(ctx context.Context, on *Machine, emit func(Row)) error {
	if !s.Large {
		return nil
	}
	config := language.Config{
		Vocabulary: 151936, Context: 32768, Width: 896, Hidden: 4864, Layers: 24, Heads: 14, KVHeads: 2, HeadWidth: 64,
		Epsilon: 1e-6, Rotary: &language.Rotary{Base: 1e6, Halves: true}, Activation: language.Silu,
	}
	weights, bytes := randomWeights(config)
	m, err := language.New(config, weights, on.Kernels)
	if err != nil {
		return err
	}
	bandwidth := on.bandwidth(int(bytes))
	short := Text{Tokens: 32}
	rate, err := short.rate(ctx, m, 1)
	if err != nil {
		return err
	}
	share := rate * bytes / bandwidth
	emit(Row{Name: "Qwen2.5-0.5B's layout in Q8_0, writing", Value: rate, Unit: "tokens/s", Bar: fmt.Sprintf(">= %g of the bandwidth", leastBandwidth), Holds: share >= leastBandwidth, Share: &share, N: short.Tokens})
	peak, err := on.Peak()
	if err != nil {
		return err
	}
	const prompt = 256
	tokens := make([]int32, prompt)
	begun := time.Now()
	if err := m.Read(ctx, language.Reading{Text: m.NewText(), Tokens: tokens}); err != nil {
		return err
	}
	inLayers := float64(m.Parameters() - config.Vocabulary*config.Width)
	speed := 2 * inLayers * prompt / time.Since(begun).Seconds() / 1e9
	ofPeak := speed / peak
	emit(Row{Name: "Qwen2.5-0.5B's layout in Q8_0, reading a prompt", Value: speed, Unit: "GFLOP/s", Bar: fmt.Sprintf(">= %g of the peak in float32", leastPeak), Holds: ofPeak >= leastPeak, Share: &ofPeak, N: prompt})
	return nil
}

// bandwidth is the number of bytes per second read from a float32 matrix of the given size that is
// multiplied by one vector, the best of three times.
func (m *Machine) bandwidth(bytes int) (best float64) {
	const cols = 4096
	rows := bytes / (4 * cols)
	matrix := quant.Dense(make([]float32, rows*cols), rows)
	for i := 0; i < len(matrix.Data); i += 4096 {
		matrix.Data[i] = 1 // pages that were never written take no memory
	}
	x, dst := make([]float32, cols), make([]float32, rows)
	for range 3 {
		begun := time.Now()
		m.Kernels.Multiply(dst, x, 1, matrix)
		best = max(best, float64(len(matrix.Data))/time.Since(begun).Seconds())
	}
	return best
}

// randomWeights returns random weights in Q8_0, and the number of bytes read per token.
func randomWeights(c language.Config) (w *language.Weights, bytes float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func(rows, cols int) quant.Matrix {
		m := quant.Matrix{Type: quant.Q8_0, Rows: rows, Cols: cols, Data: make([]byte, rows*quant.Q8_0.Bytes(cols))}
		at := 0
		for ; at+8 <= len(m.Data); at += 8 {
			binary.LittleEndian.PutUint64(m.Data[at:], rng.Uint64())
		}
		for ; at < len(m.Data); at++ {
			m.Data[at] = byte(rng.Uint64())
		}
		const scale = 0x0c00 // 2^-12 as float16
		_, size := quant.Q8_0.Block()
		for at := 0; at < len(m.Data); at += size {
			binary.LittleEndian.PutUint16(m.Data[at:], scale)
		}
		bytes += float64(len(m.Data))
		return m
	}
	vector := func(n int, v float32) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = v
		}
		return x
	}
	linear := func(rows, cols int) language.Linear { return language.Linear{Weight: matrix(rows, cols)} }
	norm := func() language.Norm { return language.Norm{Scale: vector(c.Width, 1)} }
	w = &language.Weights{Tokens: matrix(c.Vocabulary, c.Width), Norm: norm()}
	for range c.Layers {
		inner, kv := c.Heads*c.HeadWidth, c.KVHeads*c.HeadWidth
		l := language.Layer{
			AttentionNorm: norm(), Q: linear(inner, c.Width), K: linear(kv, c.Width), V: linear(kv, c.Width), O: linear(c.Width, inner),
			FeedNorm: norm(), Gate: linear(c.Hidden, c.Width), FeedUp: linear(c.Hidden, c.Width), FeedDown: linear(c.Width, c.Hidden),
		}
		l.Q.Bias, l.K.Bias, l.V.Bias = vector(inner, 0.01), vector(kv, 0.01), vector(kv, 0.01)
		w.Layers = append(w.Layers, l)
	}
	return w, bytes
}

// shakespeare trains as in nanoGPT's README on a CPU: windows of 64 characters, batch size 12, four
// layers of width 128.
func (s *Text) shakespeare(ctx context.Context, on *Machine, emit func(Row)) error {
	if s.Steps == 0 {
		return nil
	}
	const most = 1.70 // nats; nanoGPT's own figure is 1.88
	return trainText(ctx, on, "shakespeare", most, "after 2000 steps", emit, "codec.context=64", "batch=12", fmt.Sprintf("steps=%d", s.Steps),
		fmt.Sprintf("save=%d", s.Steps), fmt.Sprintf("pictures=%d", s.Steps), "score.metrics=[{use=\"perplexity\"}]")
}

// shakespeareLong trains the recipe that has half an hour of two cores.
func (s *Text) shakespeareLong(ctx context.Context, on *Machine, emit func(Row)) error {
	if !s.Long {
		return nil
	}
	const most = 1.50 // nats; 1.47 is nanoGPT's on a GPU
	return trainText(ctx, on, "shakespeare-long", most, "in 1800 s of two idle cores", emit)
}

// trainText trains a recipe, or finds or resumes its run, and emits the held-out loss and the time.
func trainText(ctx context.Context, on *Machine, recipe string, most float64, when string, emit func(Row), settings ...string) error {
	text, err := recipes.Read(recipe)
	if err != nil {
		return err
	}
	config, err := run.Parse(recipe+".toml", text, append([]string{"name=bench-" + recipe}, settings...)...)
	if err != nil {
		return err
	}
	r, err := on.Complete(ctx, config)
	if err != nil {
		return err
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		return err
	}
	for _, one := range scores {
		if one.Name == "perplexity" && !one.TooFew {
			nats := math.Log(one.Value)
			emit(Row{Name: fmt.Sprintf("%s after %d steps", recipe, config.Steps), Value: nats, Unit: "nats per character", Bar: fmt.Sprintf("<= %.2f %s", most, when), Holds: nats <= most, N: one.N})
		}
	}
	took, err := r.Seconds()
	if err != nil {
		return err
	}
	emit(Row{Name: fmt.Sprintf("%s, %d steps with scores", recipe, config.Steps), Value: took, Unit: "s by the clock", Holds: true, N: 1})
	return nil
}
