package run

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"atelier/internal/registry"
	"atelier/model/train"
)

// Stop holds the settings of early stopping.
type Stop struct {
	Patience int `help:"end training after this many scores without improvement, set by score.every and score.best; 0 turns it off"`
}

// Check reports a setting that is out of range.
func (s *Stop) Check() error {
	if s.Patience < 0 {
		return registry.Unfit("patience", fmt.Sprintf("want at least 0, got %d", s.Patience))
	}
	return nil
}

// stopEarly is the hook that ends training when scores no longer improve. It uses only the
// scores on disk, so that interruptions make no difference.
func (t *trainer) stopEarly(ctx context.Context, e train.Event) error {
	if t.config.Stop.Patience == 0 || !t.scoresAt(e.Step) || ctx.Err() != nil {
		return nil
	}
	best, since, err := t.sinceBest(e.Step)
	if err != nil || since < t.config.Stop.Patience {
		return err
	}
	reason := fmt.Sprintf("%s has not improved in %d scores, since step %d", t.config.Score.Best, since, best)
	t.studio.notice(fmt.Sprintf("training ends with step %d of %d: %s", e.Step, e.Total, reason))
	if e.Step%t.config.Pictures != 0 {
		if err := t.preview(ctx); err != nil {
			return err
		}
	}
	return &train.Action{Stop: true, Reason: reason}
}

// sinceBest returns the step of the best score during training, and the number of scores
// after it. If an ended run was extended, only later ones count.
func (t *trainer) sinceBest(step int) (best, since int, err error) {
	all, err := t.dir.Scores()
	if err != nil {
		return 0, 0, err
	}
	of := map[int]Measured{} // newest score of each step
	for _, m := range all {
		if m.Name == t.config.Score.Best && m.Step <= step && t.scoresAt(m.Step) {
			of[m.Step] = m
		}
	}
	for i, s := range slices.Sorted(maps.Keys(of)) {
		switch {
		case i == 0 || of[best].Worse(of[s].Score):
			best, since = s, 0
		case s > t.longer:
			since++
		}
	}
	return best, since, nil
}

// catchUp scores a run that was interrupted between a checkpoint and its scores, and acts
// on them.
func (t *trainer) catchUp(ctx context.Context) error {
	step := t.loop.Step
	if t.loop.Done() || !t.scoresAt(step) || !t.scorable() {
		return nil
	}
	done, err := t.dir.scored(step)
	if err != nil {
		return err
	}
	if !done {
		if err := t.scoreNow(ctx); err != nil {
			return err
		}
	} else if step == t.longer {
		return nil // it was just extended
	}
	return t.loop.Act(t.stopEarly(ctx, train.Event{Step: step, Total: t.loop.Total}))
}

// lastScore scores the run at its end, unless training already did.
func (t *trainer) lastScore(ctx context.Context) error {
	if t.loop.Ended != "" {
		if done, err := t.dir.scored(t.loop.Step); err != nil || done {
			return err
		}
	}
	return t.timed(func() error { return t.score(ctx, t.config.Score.Metrics) })
}
