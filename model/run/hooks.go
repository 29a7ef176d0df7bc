package run

import (
	"context"
	"time"

	"atelier/model/train"
)

// statLines is how many lines of statistics a run writes at most.
const statLines = 1000

// statsEvery is how many steps after a line of statistics the next one comes, in a run
// of so many steps.
func statsEvery(total int) int { return max(1, total/statLines) }

// hooks are what happens beside the updates.
func (t *trainer) hooks() []train.Hook {
	return []train.Hook{t.report, t.keepStats, t.keepPictures, t.keepCheckpoint, t.keepScore}
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

// seconds is the time that the run has trained for, in all its processes.
func (t *trainer) seconds() float64 { return (t.spent + time.Since(t.began)).Seconds() }

// waited is the share of this process's time that training waited for data.
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

// keepScore scores the run during training and marks the best checkpoint.
func (t *trainer) keepScore(ctx context.Context, e train.Event) error {
	if t.config.Score.Every == 0 || e.Step%t.config.Score.Every != 0 || e.Step == e.Total {
		return nil
	}
	if err := t.save(); err != nil {
		return err
	}
	err := t.timed(func() error { return t.score(ctx, t.config.Score.Metrics) })
	if ctx.Err() != nil {
		return nil // the loop stops before its next step, with nothing lost
	}
	return err
}
