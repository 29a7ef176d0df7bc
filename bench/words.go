package bench

import (
	"context"
	"fmt"

	"atelier/internal/registry"
	"atelier/model/run"
)

func init() {
	Suites.Add("words", "pictures and words: what captions draw, beside the real pictures and floors that draw nothing",
		func() Suite {
			return &Words{Set: `{use = "stored", name = "emoji-captions"}`, Drawn: run.Illustrator, Pair: run.Finder, Held: 500}
		})
}

// Words measures what pictures and words have to do with each other: on the held-out pictures of a
// set of emoji, whose combinations of emoji, skin tone and vendor no run has learned from.
type Words struct {
	Only  []string `help:"the parts to measure; all if empty"`
	Set   string   `help:"the emoji: a dataset or a source of atelier data add emoji-captions"`
	Drawn string   `help:"the run that draws: illustrator, which comes with the program, or one of the recipe words"`
	Pair  string   `help:"the run by which pictures and captions find each other: finder, which comes with the program, or one of the recipe pair"`
	Judge string   `help:"a run of the recipe pair-judge, which learned from the held-out pictures too; without one, the bars beside it are left out"`
	Held  int      `help:"how many held-out captions are drawn at most; the bars are those of 500"`
}

var wordParts = suiteParts[*Words]{{"drawn", (*Words).drawn}, {"time", (*Words).time},
	{"found", (*Words).found}, {"described", (*Words).described}, {"searched", (*Words).searched}}

// Check reports a setting that is out of range.
func (w *Words) Check() error {
	if err := wordParts.check(w.Only); err != nil {
		return err
	}
	if w.Held < 2 || w.Held > 10_000 {
		return registry.Unfit("held", fmt.Sprintf("want 2 to 10000 captions, got %d", w.Held))
	}
	return nil
}

// Run implements [Suite].
func (w *Words) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return wordParts.run(ctx, on, "words", w, w.Only, emit)
}
