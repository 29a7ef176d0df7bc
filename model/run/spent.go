package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/energy"
	"atelier/model/train"
)

// Drawn is a draw of samples and the energy that it took.
type Drawn struct {
	Samples int        `json:"samples"`
	Energy  energy.Use `json:"energy"`
}

// Thousand is the energy of a thousand samples.
func (d Drawn) Thousand() energy.Use { return d.Energy.Times(1000 / float64(d.Samples)) }

// Spent is the energy that a run took.
type Spent struct {
	// Step is the newest checkpoint, and Total the energy of training to it, with its pictures and
	// scores.
	Step  int        `json:"step"`
	Total energy.Use `json:"total"`
	// Best is the best checkpoint. After is the energy of the steps after it, which training could
	// have saved; nil if there are none, or if it is not known.
	Best  int         `json:"best"`
	After *energy.Use `json:"after_best,omitempty"`
	// Drawn is the largest measured draw of samples, nil if there was none.
	Drawn *Drawn `json:"drawn,omitempty"`
}

// Spent reads the energy that the run took up to its newest checkpoint. Not ok if it was not
// recorded.
func (d *Dir) Spent() (s Spent, ok bool) {
	step, err := d.Saved()
	if err != nil {
		return s, false
	}
	last, ok := d.clock(step)
	if !ok {
		return s, false
	}
	s = Spent{Step: step, Total: *last.Energy, Best: step, Drawn: last.Drawn}
	best, marked, _ := d.bestStep()
	if !marked {
		return s, true
	}
	s.Best = best
	then, known := d.clock(best)
	if !known || best >= step {
		return s, true
	}
	after := last.Energy.Minus(*then.Energy)
	if last.ScoringEnergy != nil { // a run that stopped before would have been scored as well
		after = after.Minus(*last.ScoringEnergy)
	}
	s.After = &after
	return s, true
}

// clock is the clock of a checkpoint, not ok if it has no energy.
func (d *Dir) clock(step int) (c clock, ok bool) {
	text, err := durable.ReadFile(filepath.Join(d.checkpoint(step), clockFile), mostFacts)
	if err != nil || decode(text, clockFormat, &c) != nil {
		return clock{}, false
	}
	c = c.whole()
	return c, c.Energy != nil
}

// whole is a clock without what is damaged in it.
func (c clock) whole() clock {
	if c.Energy != nil && !c.Energy.Known() {
		c.Energy = nil
	}
	if c.ScoringEnergy != nil && !c.ScoringEnergy.Known() {
		c.ScoringEnergy = nil
	}
	if c.Drawn != nil && !(c.Drawn.Samples > 0 && c.Drawn.Energy.Known()) {
		c.Drawn = nil
	}
	return c
}

// clock is the clock of the run now.
func (t *trainer) clock() clock {
	c := clock{Format: clockFormat, Seconds: t.seconds(), Drawn: t.drawn}
	if !t.untold {
		used := t.spentEnergy()
		c.Energy = &used
	}
	return c
}

// spentEnergy is the energy of the run, over all its processes.
func (t *trainer) spentEnergy() energy.Use { return t.used.Plus(t.meter.Read()) }

// goOnFrom continues the record of a checkpoint. A budget that is spent already is refused.
func (t *trainer) goOnFrom(c clock, step int) error {
	t.drawn, t.untold = c.Drawn, c.Energy == nil && step > 0
	if c.Energy != nil {
		t.used = *c.Energy
	}
	if b := t.studio.Budget; b > 0 && t.used.High >= b {
		return badinput.Errorf("run %s has taken %s so far, which is all of a budget of %s: want a larger one", t.dir.Name(), t.used, b)
	}
	return nil
}

// metered measures what drawing samples takes.
func (t *trainer) metered(draw func(context.Context, int, int) (*data.Batch, error)) func(context.Context, int, int) (*data.Batch, error) {
	return func(ctx context.Context, n, of int) (*data.Batch, error) {
		before := t.meter.Read()
		b, err := draw(ctx, n, of)
		if err == nil {
			t.tally(n, before)
		}
		return b, err
	}
}

// tally keeps the energy of a draw of n samples if none was larger.
func (t *trainer) tally(n int, before energy.Use) {
	if t.drawn == nil || n >= t.drawn.Samples {
		t.drawn = &Drawn{n, t.meter.Read().Minus(before)}
	}
}

// errSpent reports that the budget of energy is spent.
var errSpent = errors.New("the budget of energy is spent")

// keepWithin is the hook that ends training before the step that could exceed the budget, by the
// upper end of the range.
func (t *trainer) keepWithin(_ context.Context, e train.Event) error {
	budget := t.studio.Budget
	if budget <= 0 || e.Step >= e.Total {
		return nil
	}
	here := t.meter.Read()
	next := energy.Joules(0)
	if here.Seconds > 0 {
		next = energy.Joules(float64(here.High) * e.Took.Seconds() / here.Seconds)
	}
	if t.used.High+here.High+next <= budget {
		return nil
	}
	return errSpent
}

// stoppedByBudget says what was reached, and how to go on.
func (t *trainer) stoppedByBudget() string {
	used := t.spentEnergy()
	return fmt.Sprintf("stopped at step %d of %d with %s of %s spent (%s); everything is saved, and nothing is scored; resume with: atelier train --resume %s",
		t.loop.Step, t.loop.Total, used, t.studio.Budget, used.Method(), t.dir.Argument())
}
