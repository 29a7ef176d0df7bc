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

// MarshalJSON writes the line: the fields of the score, in its own encoding, after the others.
func (m Measured) MarshalJSON() ([]byte, error) {
	score, err := json.Marshal(m.Score)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(struct {
		Format  int    `json:"format"`
		Step    int    `json:"step"`
		Program string `json:"program"`
		Engine  string `json:"engine"`
	}{m.Format, m.Step, m.Program, m.Engine})
	return slices.Concat(head[:max(len(head)-1, 0)], []byte(","), score[1:]), err
}

const measuredFormat = 1

// score scores the run with each of the metrics, records the scores and marks the
// checkpoint if it is the best so far. A model that does not generate has no scores.
func (t *trainer) score(ctx context.Context, metrics []registry.Choice[metric.Metric]) error {
	if p, ok := t.model.(family.Pairing); ok {
		return t.scorePair(ctx, p)
	}
	switch {
	case is[family.Predictive](t.model):
		return t.scoreClassifier(ctx)
	case !generates(t.model):
		return nil
	}
	if len(metrics) == 0 {
		return nil
	}
	sampler, err := t.studio.sampler(t.model, t.store)
	if err != nil {
		return err
	}
	e, err := t.studio.evaluationOf(ctx, t.config, t.data, t.model, t.store, sampler)
	if err != nil {
		return err
	}
	e.Fakes = t.metered(e.Fakes)
	e.Embedder = t.opened(e.Embedder)
	scores, err := t.studio.measure(ctx, e, metrics)
	if err != nil {
		return err
	}
	if err := t.dir.record(t.studio, t.loop.Step, scores); err != nil {
		return err
	}
	return t.markBest(scores)
}

// scorable reports whether the run is scored at its end.
func (t *trainer) scorable() bool {
	return is[family.Predictive](t.model) || generates(t.model) && len(t.config.Score.Metrics) > 0
}

// scoreClassifier records a classifier's accuracy.
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

// scorePair records the recall of a pair.
func (t *trainer) scorePair(ctx context.Context, p family.Pairing) error {
	score, err := recall(ctx, p.Embeddings(t.studio.Backend, t.store), t.data.test)
	if errors.Is(err, metric.ErrNotApplicable) {
		t.studio.notice("left out " + err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.dir.record(t.studio, t.loop.Step, []metric.Score{score}); err != nil {
		return err
	}
	return t.markBest([]metric.Score{score})
}

// markBest marks the checkpoint that was just scored if it is the best so far.
func (t *trainer) markBest(scores []metric.Score) error {
	all, err := t.dir.Scores()
	if err != nil {
		return err
	}
	by := Deciding(all, t.config.Score.Best)
	i := slices.IndexFunc(scores, func(s metric.Score) bool { return s.Name == by && !s.TooFew })
	if i < 0 {
		if t.config.Score.Best != "" {
			t.studio.notice(fmt.Sprintf("there is no score %q, which score.best asks for, or it could not be measured: no checkpoint is marked as the best", t.config.Score.Best))
		}
		return nil
	}
	for _, m := range all {
		if m.Name == scores[i].Name && scores[i].Worse(m.Score) {
			return nil
		}
	}
	err = t.dir.MarkBest(t.loop.Step)
	if info, none := os.Stat(t.dir.Path(checkpoints, bestFile)); none == nil && info.IsDir() {
		return nil // it is reported, and all checkpoints are kept
	}
	return err
}

// Deciding is the name of the score that chooses the best checkpoint: the configured one or, if
// that cannot distinguish checkpoints, kid2k or fid2k if available.
func Deciding(all []Measured, asked string) string {
	telling := true
	measured := map[string]bool{}
	for _, m := range all {
		measured[m.Name] = true
		telling = telling && (m.Name != asked || m.Telling())
	}
	if telling || asked == "" {
		return asked
	}
	for _, name := range []string{"kid2k", "fid2k"} {
		if measured[name] {
			return name
		}
	}
	return asked
}

// Evaluate measures a run's best checkpoint and keeps the scores with the run; no metrics
// means those of its run file. If they cannot be kept it returns them with the error. Scores by data
// that have changed are not kept, which is told.
func (r *Run) Evaluate(ctx context.Context, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	damage, _ := r.Dir.ScoreDamage()
	for _, line := range damage { // before hours of work whose scores may not be kept
		r.studio.notice(line)
	}
	scores, changed, err := r.evaluate(ctx, metrics, 1)
	if err != nil || changed {
		return scores, err
	}
	return scores, r.Keep(scores)
}

// Keep keeps scores of the best checkpoint with the run.
func (r *Run) Keep(scores []metric.Score) error {
	if err := r.Dir.record(r.studio, r.Step, scores); err != nil {
		return fmt.Errorf("the scores were not saved: %w", err)
	}
	return nil
}

// EvaluateTruncated scores truncated samples of a run's best checkpoint, see [Run.Draw].
// The scores are not saved, since they do not describe the full distribution.
func (r *Run) EvaluateTruncated(ctx context.Context, metrics []registry.Choice[metric.Metric], psi float64) ([]metric.Score, error) {
	scores, _, err := r.evaluate(ctx, metrics, psi)
	return scores, err
}

// evaluate scores samples, and reports whether the data have changed since the run was trained.
func (r *Run) evaluate(ctx context.Context, metrics []registry.Choice[metric.Metric], psi float64) (scores []metric.Score, changed bool, err error) {
	sampler, err := r.truncated(psi)
	if err != nil {
		return nil, false, err
	}
	d, how, err := r.data(ctx)
	if err != nil {
		return nil, false, err
	}
	if changed = how != ""; changed {
		r.studio.notice(how + "; scores are by the data as they are now, and are not kept with the run")
	}
	if len(metrics) == 0 {
		metrics = r.Config.Score.Metrics
	}
	e, err := r.studio.evaluationOf(ctx, r.Config, d, r.model, r.store, sampler)
	if err != nil {
		return nil, false, err
	}
	e.Changed = changed
	scores, err = r.studio.measure(ctx, e, metrics)
	if err == nil && len(scores) == 0 {
		return nil, false, badinput.Errorf("nothing was measured: none of the requested metrics applies to run %s", r.Dir.Name())
	}
	return scores, changed, err
}

// record appends scores to the metric files of the run, one file per score. Several processes may
// do so at once. A failed write does not prevent the others.
func (d *Dir) record(s *Studio, step int, scores []metric.Score) (err error) {
	for _, score := range scores {
		line, fault := json.Marshal(Measured{measuredFormat, step, s.Program, s.Engine, score})
		if fault == nil {
			fault = durable.AppendLine(d.Path("metric-"+score.Name+".jsonl"), line)
		}
		err = errors.Join(err, fault)
	}
	return err
}

// Scores reads all scores of the run, sorted by name and then by time. Unreadable lines and files
// are left out: [Dir.ScoreDamage] lists them.
func (d *Dir) Scores() (all []Measured, err error) {
	err = d.metricFiles(func(_ string, text []byte, _ error) {
		lines, _ := parseScores(text)
		all = append(all, lines...)
	})
	return all, err
}

// ScoreDamage says, on a line each, which files of scores cannot be read, or have lines
// that cannot.
func (d *Dir) ScoreDamage() (found []string, err error) {
	err = d.metricFiles(func(name string, text []byte, unread error) {
		if unread != nil {
			found = append(found, fmt.Sprintf("%s is left out: %v", name, unread))
		} else if lines, damaged := parseScores(text); damaged > 0 {
			found = append(found, fmt.Sprintf("%s: %d of its lines cannot be read; the other %d are used", name, damaged, len(lines)))
		}
	})
	return found, err
}

// metricFiles reads the score files, sorted by name.
func (d *Dir) metricFiles(yield func(name string, text []byte, err error)) error {
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
			text = nil
		}
		yield(f.Name(), text, err)
	}
	return nil
}

// parseScores reads the valid lines of a metric file, and counts the others.
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
