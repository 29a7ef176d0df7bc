package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/metric"
)

// A Measured is a line of a metric-NAME.jsonl file: one score of one checkpoint.
type Measured struct {
	Format  int    `json:"format"`
	Step    int    `json:"step"`
	Program string `json:"program"`
	Engine  string `json:"engine"`
	metric.Score
}

const measuredFormat = 1

// score measures the run as it is now, with each of the metrics, writes the
// scores down and marks the checkpoint if it is the best so far. A model that
// does not generate has none.
func (t *trainer) score(ctx context.Context, metrics []registry.Choice[metric.Metric]) error {
	g, ok := t.model.(family.Generative)
	if !ok {
		return t.scoreClassifier(ctx)
	}
	if len(metrics) == 0 {
		return nil
	}
	sampler, err := g.Sampler(t.studio.Backend, t.store)
	if err != nil {
		return err
	}
	e, err := t.studio.evaluationOf(ctx, t.config, t.data, t.model, t.store, sampler)
	if err != nil {
		return err
	}
	scores, err := t.studio.measure(ctx, e, metrics)
	if err != nil {
		return err
	}
	if err := t.dir.record(t.studio, t.loop.Step, scores); err != nil {
		return err
	}
	return t.markBest(scores)
}

// scorable reports whether the run ends with scores.
func (t *trainer) scorable() bool {
	_, generative := t.model.(family.Generative)
	return !generative || len(t.config.Score.Metrics) > 0
}

// scoreClassifier writes down a classifier's accuracy.
func (t *trainer) scoreClassifier(ctx context.Context) error {
	ck, err := t.studio.latest(t.dir)
	if err != nil {
		return err
	}
	score, err := t.studio.accuracy(ctx, t.config, ck.weights(), t.data.test)
	if errors.Is(err, metric.ErrNotApplicable) {
		t.studio.notice("left out " + err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	return t.dir.record(t.studio, t.loop.Step, []metric.Score{score})
}

// markBest marks the checkpoint that was just scored if none was better.
func (t *trainer) markBest(scores []metric.Score) error {
	i := slices.IndexFunc(scores, func(s metric.Score) bool { return s.Name == t.config.Score.Best })
	if i < 0 {
		if t.config.Score.Best != "" {
			t.studio.notice(fmt.Sprintf("no score is called %q, which score.best asks for: no checkpoint is marked as the best", t.config.Score.Best))
		}
		return nil
	}
	all, err := t.dir.Scores()
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Name == scores[i].Name && scores[i].Worse(m.Score) {
			return nil
		}
	}
	return t.dir.MarkBest(t.loop.Step)
}

// Evaluate measures a run's best checkpoint and keeps the scores with the run; no metrics
// means those of its run file. If they cannot be kept it returns them with the error.
func (r *Run) Evaluate(ctx context.Context, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	scores, err := r.EvaluateTruncated(ctx, metrics, 1)
	if err != nil {
		return nil, err
	}
	if err := r.Dir.record(r.studio, r.Step, scores); err != nil {
		return scores, fmt.Errorf("the scores are not kept: %w", err)
	}
	return scores, nil
}

// EvaluateTruncated measures samples of a run's best checkpoint that are drawn with a
// truncation, see [Run.Draw]. The run does not keep the scores: they are not those of what
// it learned.
func (r *Run) EvaluateTruncated(ctx context.Context, metrics []registry.Choice[metric.Metric], psi float64) ([]metric.Score, error) {
	sampler, err := r.truncated(psi)
	if err != nil {
		return nil, err
	}
	d, err := r.studio.load(ctx, r.Config, nil)
	if err != nil {
		return nil, err
	}
	if len(metrics) == 0 {
		metrics = r.Config.Score.Metrics
	}
	e, err := r.studio.evaluationOf(ctx, r.Config, d, r.model, r.store, sampler)
	if err != nil {
		return nil, err
	}
	scores, err := r.studio.measure(ctx, e, metrics)
	if err == nil && len(scores) == 0 {
		return nil, badinput.Errorf("nothing was measured: no metric that was asked for can be applied to run %s", r.Dir.Name())
	}
	return scores, err
}

// record appends scores to the metric files of the run, one file a score. Several
// processes may do so at once.
func (d *Dir) record(s *Studio, step int, scores []metric.Score) error {
	for _, score := range scores {
		line, err := json.Marshal(Measured{measuredFormat, step, s.Program, s.Engine, score})
		if err != nil {
			return err
		}
		if err := durable.AppendLine(d.Path("metric-"+score.Name+".jsonl"), line); err != nil {
			return err
		}
	}
	return nil
}

// Scores reads every score that the run was given, in the order of their names
// and then of time. A line that was cut short is left out.
func (d *Dir) Scores() (all []Measured, err error) {
	err = d.metricFiles(func(_ string, text []byte) {
		lines, _ := parseScores(text)
		all = append(all, lines...)
	})
	return all, err
}

// ScoreDamage says, on a line each, which files of scores have lines that cannot be read.
func (d *Dir) ScoreDamage() (found []string, err error) {
	err = d.metricFiles(func(name string, text []byte) {
		if lines, damaged := parseScores(text); damaged > 0 {
			found = append(found, fmt.Sprintf("%s: %d of its lines cannot be read; the other %d are used", name, damaged, len(lines)))
		}
	})
	return found, err
}

// metricFiles reads the files of scores in the order of their names.
func (d *Dir) metricFiles(yield func(name string, text []byte)) error {
	files, err := os.ReadDir(d.path) // sorted by name
	if err != nil {
		return err
	}
	for _, f := range files {
		if ok, _ := filepath.Match("metric-*.jsonl", f.Name()); !ok {
			continue
		}
		text, err := durable.ReadFile(d.Path(f.Name()), mostLines)
		if err != nil {
			return err
		}
		yield(f.Name(), text)
	}
	return nil
}

// parseScores reads the lines of a metric file that are whole, and counts the others.
func parseScores(text []byte) (all []Measured, damaged int) {
	for line := range bytes.Lines(text) {
		var m Measured
		if json.Unmarshal(line, &m) == nil {
			all = append(all, m)
		} else {
			damaged++
		}
	}
	return all, damaged
}

// scored reports whether the run was scored at a step.
func (d *Dir) scored(step int) (bool, error) {
	all, err := d.Scores()
	return slices.ContainsFunc(all, func(m Measured) bool { return m.Step == step }), err
}
