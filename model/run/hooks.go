package run

import (
	"context"
	"time"

	"atelier/model/train"
)

// statLines is the largest number of lines of statistics of a run.
const statLines = 1000

// statsEvery is the number of steps between lines of statistics, given the steps of a run.
func statsEvery(total int) int { return max(1, total/statLines) }

// hooks returns the hooks of training.
func (t *trainer) hooks() []train.Hook {
	return append([]train.Hook{t.holdOut, t.report, t.keepStats, t.keepPictures, t.keepExtended, t.keepCheckpoint, t.keepScore}, t.acting...)
}

func (t *trainer) report(_ context.Context, e train.Event) error {
	if t.studio.Progress != nil {
		if t.scorable() {
			e.Then, e.ThenTakes = "scores", t.scoring
		}
		t.studio.Progress(e)
	}
	return nil
}

// keepStats writes the statistics of a step to stats.jsonl.
func (t *trainer) keepStats(_ context.Context, e train.Event) error {
	if e.Step%statsEvery(e.Total) != 0 && e.Step != e.Total {
		return nil
	}
	line := map[string]any{"step": e.Step, "rate": e.Rate, "seconds": t.seconds(), "waited": t.waited()}
	for name, v := range e.Stats {
		line[name] = v
	}
	return t.stats.Append(line)
}

// seconds is the training time of the run, over all its processes.
func (t *trainer) seconds() float64 { return (t.spent + time.Since(t.began)).Seconds() }

// waited is the share of this process's training time spent waiting for data.
func (t *trainer) waited() float64 {
	return t.loader.Waited().Seconds() / max(1e-9, time.Since(t.began).Seconds())
}

func (t *trainer) keepPictures(ctx context.Context, e train.Event) error {
	if e.Step%t.config.Pictures != 0 && e.Step != e.Total {
		return nil
	}
	return t.preview(ctx)
}

func (t *trainer) keepCheckpoint(_ context.Context, e train.Event) error {
	if e.Step%t.config.Save != 0 {
		return nil
	}
	return t.save()
}

// scoresAt reports whether the run is scored after a step, which is not its last.
func (t *trainer) scoresAt(step int) bool {
	every := t.config.Score.Every
	return every > 0 && step > 0 && step%every == 0 && step < t.loop.Total
}

// keepScore scores the run during training and marks the best checkpoint.
func (t *trainer) keepScore(ctx context.Context, e train.Event) error {
	if !t.scoresAt(e.Step) {
		return nil
	}
	if err := t.save(); err != nil {
		return err
	}
	return t.scoreNow(ctx)
}

// scoreNow scores the run during training.
func (t *trainer) scoreNow(ctx context.Context) error {
	err := t.timed(func() error { return t.score(ctx, t.config.Score.Metrics) })
	if ctx.Err() != nil {
		return nil // the loop stops before its next step, and scores when resumed
	}
	return err
}
