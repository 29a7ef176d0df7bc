package run

import (
	"context"
	"errors"
	"time"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/metric"
	"atelier/model/train"
)

// How the pace of training is measured: after some steps in which graphs are compiled, steps are
// counted for a while.
const (
	passedSteps = 3
	countedTime = 2 * time.Second
)

// How the time of scoring is estimated from that of drawing samples: so many are drawn for most scores
// of pictures, and comparing them takes about twice as long as drawing them (measured for pictures of
// 64×64 and 28×28, of which 60 to 3,000 are known).
const (
	drawnOnce    = 64
	scoredDraws  = 2000 * metric.Draws
	scoredFactor = 3
)

// A Pace is how fast a run trains and is scored on this machine.
type Pace struct {
	// Steps is the number of steps a second.
	Steps float64
	// Scoring estimates how long scoring takes, without training a classifier; 0 if nothing tells.
	Scoring time.Duration
	// Lessons is how many steps a classifier is trained for before the scores, 0 if none is needed,
	// and LessonSteps how many of those are done a second.
	Lessons     int
	LessonSteps float64
}

// Teaching is how long the classifier that the scores need is trained.
func (p Pace) Teaching() time.Duration { return during(p.Lessons, p.LessonSteps) }

// Training is how long so many steps take.
func (p Pace) Training(steps int) time.Duration { return during(steps, p.Steps) }

func during(steps int, rate float64) time.Duration {
	if steps == 0 || rate <= 0 {
		return 0
	}
	return time.Duration(float64(steps) / rate * float64(time.Second))
}

// pace measures the pace of a prepared run, which it leaves some steps further.
func (t *trainer) pace(ctx context.Context) (p Pace, err error) {
	if p.Steps, err = t.speed(ctx); err != nil || !t.scorable() {
		return p, err
	}
	if p.Scoring, err = t.expectedScoring(ctx); err != nil {
		return p, err
	}
	own := t.unlearned()
	if own == nil {
		return p, nil
	}
	judge := &trainer{studio: t.studio, config: own, data: t.data, began: time.Now()}
	if err := judge.plan(t.spec); err != nil {
		return p, err
	}
	defer judge.close()
	if err := judge.begin(train.State{Damping: 1}, nil); err != nil {
		return p, err
	}
	p.Lessons = own.Steps
	p.LessonSteps, err = judge.speed(ctx)
	return p, err
}

// speed trains for a while and returns the number of steps a second, 0 if there were too few to tell.
func (t *trainer) speed(ctx context.Context) (float64, error) {
	enough := errors.New("enough")
	var from time.Time
	rate := 0.0
	t.loop.Hooks = []train.Hook{func(_ context.Context, e train.Event) error {
		switch {
		case e.Step < passedSteps:
		case from.IsZero():
			from = time.Now()
		default:
			took := time.Since(from)
			rate = float64(e.Step-passedSteps) / max(took.Seconds(), 1e-9)
			if took >= countedTime {
				return enough
			}
		}
		return nil
	}}
	if err := t.loop.Run(ctx); err != nil && !errors.Is(err, enough) && asked(err) == nil { // the run itself goes back
		return 0, err
	}
	return rate, ctx.Err()
}

// expectedScoring is how long a run of the same kind took to score, or an estimate by the time that
// drawing a few pictures takes; 0 for other works.
func (t *trainer) expectedScoring(ctx context.Context) (time.Duration, error) {
	if took := t.usualScoring(); took > 0 {
		return took, nil
	}
	if target := t.spec.Target(); target.Kind != data.Pixels || !generates(t.model) {
		return 0, nil
	}
	draw, err := t.drawer()
	if err != nil {
		return 0, err
	}
	var took time.Duration
	for range 2 { // the first compiles
		began := time.Now()
		if _, err := draw(ctx, Seeds(0, drawnOnce)); err != nil {
			return 0, err
		}
		took = time.Since(began)
	}
	return took * scoredDraws / drawnOnce * scoredFactor, nil
}

// unlearned is how the classifier that the scores of a run need is trained, nil if they need none, or
// it is there already, or cannot be.
func (t *trainer) unlearned() *Config {
	of := feature.Set{Name: t.data.train.Name(), Hash: t.data.train.Hash(), Spec: t.spec, Home: t.studio.Home}
	if !generates(t.model) || spaceOf(t.config, of.Spec) != classifierName || len(of.Spec.ClassNames()) < 2 {
		return nil
	}
	if _, err := t.studio.classifierSpace(registry.Choose[family.Family](classifierName), of); !errors.Is(err, feature.ErrNoWeights) {
		return nil
	}
	own, err := t.config.judge(t.data)
	if err != nil {
		return nil
	}
	if _, _, ok := t.studio.finishedClassifier(of.Hash, of.Spec, own.Steps); ok {
		return nil
	}
	return own
}
