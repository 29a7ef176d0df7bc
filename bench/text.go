package bench

import (
	"context"
	"fmt"
	"math"

	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/language"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("text", "the speed of writing: the small model that comes with the program, and random weights in the layout of Qwen2.5-0.5B in Q8_0; and, with steps or long, what networks learn of tiny-shakespeare",
		func() Suite { return &Text{Tokens: 256, Large: true} })
}

// Text measures language models.
type Text struct {
	Tokens    int  `help:"tokens of each text, 16 to 512"`
	Large     bool `help:"measure random weights of half a gigabyte, too"`
	Long      bool `help:"train the recipe shakespeare-long, too: half an hour of two cores"`
	Processor bool `help:"compare by processor time, for a busy machine; with --threads 1, since threads that wait for others take processor time"`
	Steps     int  `help:"steps of nanoGPT's recipe for CPUs on tiny-shakespeare, whose bar is for 2000; 0 skips the training"`
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

// leastStories is the target of the small model, in tokens/s on one thread.
const leastStories = 7000

var textParts = suiteParts[*Text]{{"stories", (*Text).stories}, {"large", (*Text).large},
	{"shakespeare", (*Text).shakespeare}, {"shakespeare-long", (*Text).shakespeareLong}}

// Run implements [Suite].
func (s *Text) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return textParts.run(ctx, on, "text", s, nil, emit)
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
	seconds := s.clock()
	for range 3 {
		begun, each, n := seconds(), make([]int, texts), 0
		err := w.Write(ctx, starts, func(i int, _ language.Token) (bool, error) {
			each[i]++
			n++
			return each[i] < s.Tokens, nil
		})
		if err != nil {
			return 0, err
		}
		best = max(best, float64(n)/(seconds()-begun))
	}
	return best, nil
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
		if one.Name == "perplexity" && !one.TooFew && one.Step == config.Steps {
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
