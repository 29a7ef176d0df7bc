package run

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"time"

	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/feature"
	"atelier/model/metric"
)

// timed scores the run and records how long that took, without what is done once for a set.
func (t *trainer) timed(score func() error) error {
	began, before := time.Now(), t.meter.Read()
	t.opening = 0
	if err := score(); err != nil {
		return err
	}
	t.scoring = time.Since(began) - t.opening
	took := t.meter.Read().Minus(before)
	c := t.clock()
	c.Scoring, c.ScoringEnergy = t.scoring.Seconds(), &took
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(t.dir.checkpoint(t.loop.Step), clockFile), append(text, '\n'))
}

// opened adds up the time in which feature spaces are opened: a classifier may be trained in it.
func (t *trainer) opened(open func(string) (feature.Embedder, error)) func(string) (feature.Embedder, error) {
	if open == nil { // of texts
		return nil
	}
	return func(name string) (feature.Embedder, error) {
		began := time.Now()
		defer func() { t.opening += time.Since(began) }()
		return open(name)
	}
}

// mostClocks is the largest number of runs searched for a scoring time.
const mostClocks = 50

// usualScoring is how long the newest scored run of the same kind took to score, 0 if
// there is none.
func (t *trainer) usualScoring() time.Duration {
	dirs, err := List(t.studio.Runs)
	if err != nil {
		return 0
	}
	for _, d := range slices.Backward(dirs[max(0, len(dirs)-mostClocks):]) {
		facts, err := d.Facts()
		if err != nil || facts.Family != t.config.Model.Use || !facts.Spec.Equal(t.spec) {
			continue
		}
		if took := d.scoringTime(); took > 0 && d.scoresBy(t.config.Score.Metrics) {
			return took
		}
	}
	return 0
}

// scoringTime is how long the newest checkpoint took to score, 0 if unknown.
func (d *Dir) scoringTime() time.Duration {
	step, err := d.Saved()
	if err != nil {
		return 0
	}
	text, err := durable.ReadFile(filepath.Join(d.checkpoint(step), clockFile), mostFacts)
	c := clock{}
	if err != nil || decode(text, clockFormat, &c) != nil || !(c.Scoring >= 0 && c.Scoring < 1e6) {
		return 0
	}
	return time.Duration(c.Scoring * float64(time.Second))
}

// scoresBy reports whether the run is scored with these metrics.
func (d *Dir) scoresBy(metrics []registry.Choice[metric.Metric]) bool {
	text, err := d.ConfigText()
	if err != nil {
		return false
	}
	c, err := Parse(d.Path(configFile), text)
	return err == nil && slices.EqualFunc(c.Score.Metrics, metrics, func(a, b registry.Choice[metric.Metric]) bool { return a.Use == b.Use })
}
