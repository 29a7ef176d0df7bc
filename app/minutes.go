package app

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"atelier/model/run"
	"atelier/model/train"
)

// How the speed of training is measured: after some steps in which graphs are compiled, steps are
// counted for a while.
const (
	passedSteps  = 3
	countedSteps = 2000
	countedTime  = 6 * time.Second
	trainedShare = 0.9 // of the minutes; the rest is for reading, pictures and scores
)

// stepsFor is the number of steps that fit into the requested minutes, measured by a temporary run.
// In a dry run it only says so.
func (a Train) stepsFor(ctx context.Context, env *Env) (int, error) {
	trial := append(append([]string{}, a.Settings...), fmt.Sprintf("steps=%d", countedSteps), "score.every=0", "score.metrics=[]")
	config, err := ConfigOf(a.Recipe, a.File, trial)
	if err != nil {
		return 0, err
	}
	config.Pictures, config.Save = countedSteps, countedSteps
	folder, err := os.MkdirTemp("", "atelier-speed-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	rate, err := speed(ctx, env.Studio, config, folder)
	if err != nil {
		return 0, err
	}
	steps := int(max(1, min(float64(run.MostSteps), math.Round(a.Minutes*60*trainedShare*rate))))
	minutes := "minutes"
	if a.Minutes == 1 {
		minutes = "minute"
	}
	env.say("%.3g steps a second: %d steps in about %.3g %s", rate, steps, a.Minutes, minutes)
	return steps, nil
}

// speed is the number of steps of a run per second.
func speed(ctx context.Context, s *run.Studio, config *run.Config, folder string) (float64, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var from time.Time
	first, last, took := 0, 0, time.Duration(0)
	trial := *s.With(run.Watcher{Working: s.Working, Progress: func(e train.Event) {
		switch {
		case e.Step <= passedSteps:
		case from.IsZero():
			from, first = time.Now(), e.Step
		default:
			last, took = e.Step, time.Since(from)
			if took > countedTime {
				stop()
			}
		}
	}})
	trial.Runs = folder
	_, err := trial.Train(ctx, config)
	if last <= first || took <= 0 {
		return 0, err
	}
	return float64(last-first) / took.Seconds(), nil
}
