package bench

import (
	"context"
	"fmt"
	"path/filepath"

	"atelier/internal/registry"
	"atelier/model/retrieve/about"
)

func init() {
	Suites.Add("dialogue", "summaries, answers to held-out questions, and adversarial texts against likelihood, in the oracle experiment of SeqGAN and on real text",
		func() Suite {
			return &Dialogue{Vocabulary: 100, Sequences: 10_000, Pretrain: 6000, PretrainD: 2000, Game: 100, Batch: 64, Rollouts: 4}
		})
}

// Dialogue measures what is done with texts.
type Dialogue struct {
	Only       []string `help:"the parts to measure: summaries, questions, oracle, texts; all if empty"`
	Vocabulary int      `help:"tokens of the oracle; 5000 is the published size, which takes far longer"`
	Sequences  int      `help:"texts of the oracle to learn from; 10000 is the published number"`
	Pretrain   int      `help:"steps of maximum likelihood"`
	PretrainD  int      `toml:"pretrain_d" help:"steps of the discriminator alone"`
	Game       int      `help:"steps of the game"`
	Batch      int      `help:"texts of a step"`
	Rollouts   int      `help:"rollouts of each beginning of a text"`
}

// dialogueParts are the parts of the suite, in order.
var dialogueParts = suiteParts[*Dialogue]{
	{"summaries", func(_ *Dialogue, ctx context.Context, on *Machine, emit func(Row)) error {
		return (&Summaries{Sentences: 3}).Run(ctx, on, emit)
	}},
	{"questions", func(_ *Dialogue, _ context.Context, _ *Machine, emit func(Row)) error {
		questions(emit)
		return nil
	}},
	{"oracle", (*Dialogue).oracle},
	{"texts", (*Dialogue).texts},
}

// Check reports a setting that is out of range.
func (s *Dialogue) Check() error {
	if err := dialogueParts.check(s.Only); err != nil {
		return err
	}
	for _, l := range []struct {
		key                string
		value, least, most int
	}{
		{"vocabulary", s.Vocabulary, 2, 100_000}, {"sequences", s.Sequences, s.Batch, 1_000_000}, {"pretrain", s.Pretrain, oracleLooks, 1_000_000},
		{"pretrain_d", s.PretrainD, 1, 1_000_000}, {"game", s.Game, 1, 100_000}, {"batch", s.Batch, 2, 4096}, {"rollouts", s.Rollouts, 1, 64},
	} {
		if l.value < l.least || l.value > l.most {
			return registry.Unfit(l.key, fmt.Sprintf("want %d to %d, got %d", l.least, l.most, l.value))
		}
	}
	return nil
}

// folder is where the suite keeps what it has.
func (s *Dialogue) folder(on *Machine) string { return filepath.Join(on.Runs, "bench-dialogue") }

// Run implements [Suite].
func (s *Dialogue) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return dialogueParts.run(ctx, on, "dialogue", s, s.Only, emit)
}

// stamp are the settings that rows depend on.
func (s *Dialogue) stamp() Dialogue {
	copied := *s
	copied.Only = nil
	return copied
}

// The bars of answers, in percent.
const (
	leastRight   = 80
	leastRefused = 90
)

// questions asks the questions that no wording was written for, and those of other things.
func questions(emit func(Row)) {
	share := func(name, language string, all []about.Question, holds func(about.Question) bool, least float64) {
		n, right := 0, 0
		for _, q := range all {
			if q.Language != language {
				continue
			}
			if n++; holds(q) {
				right++
			}
		}
		value := 100 * float64(right) / float64(max(1, n))
		row := Row{Name: fmt.Sprintf("%s, %s", name, language), Value: value, Unit: "%", Holds: value >= least, N: n}
		if least > 0 {
			row.Bar = fmt.Sprintf(">= %g", least)
		}
		emit(row)
	}
	for _, language := range []string{about.English, about.Chinese} {
		share("held-out questions whose right answer is first", language, about.HeldOut(), func(q about.Question) bool {
			found, _ := about.Find(q.Text)
			return found.Turn.ID == q.ID
		}, leastRight)
		share("held-out questions that are answered rightly", language, about.HeldOut(), func(q about.Question) bool {
			found, known := about.Find(q.Text)
			return known && found.Turn.ID == q.ID
		}, 0)
		share("foreign questions that are not answered", language, about.Foreign(), func(q about.Question) bool {
			_, known := about.Find(q.Text)
			return !known
		}, leastRefused)
	}
}
