package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/metric"
)

const (
	bestFile   = "best.json"
	bestFormat = 1
)

// best is the contents of best.json.
type best struct {
	Format int `json:"format"`
	Step   int `json:"step"`
}

// MarkBest records the checkpoint of a step as the best so far; it is kept until another
// is marked.
func (d *Dir) MarkBest(step int) error {
	if _, err := durable.Verify(d.checkpoint(step)); err != nil {
		return fmt.Errorf("run %s: step %d cannot be the best: %w", d.Name(), step, err)
	}
	data, err := json.Marshal(best{bestFormat, step})
	if err != nil {
		return err
	}
	return durable.WriteFile(d.Path(checkpoints, bestFile), append(data, '\n'))
}

// checkBest refuses a score.best that no metric produces.
func (s *Score) checkBest() error {
	if s.Best == "" || len(s.Metrics) == 0 {
		return nil // which is left out
	}
	var names []string
	for entry := range metric.Metrics.All() {
		if c, ok := entry.New().(metric.Selector); ok {
			names = append(names, c.SelectionScores()...)
		}
	}
	for _, m := range s.Metrics {
		if _, ok := m.Value.(metric.Selector); !ok || slices.Contains(names, s.Best) {
			return nil
		}
	}
	return badinput.Errorf("score.best = %q: no metric produces this score; %s", s.Best, registry.Suggest(s.Best, names))
}

// Best returns the checkpoint that was marked as the best, or the newest whole
// one if none was marked or, with a warning, if that one is damaged.
func (d *Dir) Best() (*Checkpoint, []string, error) {
	step, marked, damage := d.bestStep()
	var warnings []string
	if damage != "" {
		warnings = append(warnings, damage)
	}
	if marked {
		ck, err := d.open(step)
		if err == nil {
			return ck, warnings, nil
		}
		warnings = append(warnings, passedOver(step, true, err))
	}
	ck, more, err := d.Latest()
	for _, w := range more {
		if !slices.Contains(warnings, w) {
			warnings = append(warnings, w)
		}
	}
	return ck, warnings, err
}

// bestStep returns the step marked as the best, if any. If the mark is damaged, it goes by
// the scores on disk, with a warning.
func (d *Dir) bestStep() (step int, marked bool, damage string) {
	path := d.Path(checkpoints, bestFile)
	text, err := durable.ReadFile(path, mostFacts)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, ""
	}
	if err == nil {
		if step, err = parseBest(text); err != nil {
			err = fmt.Errorf("%s %w", path, err)
		}
	}
	steps, unlisted := d.steps()
	switch {
	case err != nil: // which names the file
	case unlisted != nil || slices.Contains(steps, step):
		return step, true, ""
	default:
		err = fmt.Errorf("%s names step %d, which has no checkpoint", path, step)
	}
	if step, marked = d.bestByScores(steps); marked {
		return step, true, fmt.Sprintf("%v; going by the scores on disk, the best checkpoint is step %d", err, step)
	}
	return 0, false, fmt.Sprintf("%v, and there is no score on disk to choose the best checkpoint by", err)
}

// parseBest reads the marked step. The error completes a sentence that begins
// with the file's name.
func parseBest(text []byte) (step int, err error) {
	var b best
	if err := json.Unmarshal(text, &b); err != nil || b.Format != bestFormat || b.Step < 0 {
		return 0, fmt.Errorf("is damaged: it should hold {\"format\": %d, \"step\": ...}", bestFormat)
	}
	return b.Step, nil
}

// bestByScores returns the step with the best value of score.best, the last one of ties.
func (d *Dir) bestByScores(steps []int) (step int, ok bool) {
	text, err := d.ConfigText()
	if err != nil {
		return 0, false
	}
	c, err := Parse(d.Path(configFile), text)
	if err != nil || c.Score.Best == "" {
		return 0, false
	}
	all, err := d.Scores()
	if err != nil {
		return 0, false
	}
	of := map[int]Measured{} // the newest of each step
	by := Deciding(all, c.Score.Best)
	for _, m := range all {
		if m.Name == by && !m.TooFew && slices.Contains(steps, m.Step) {
			of[m.Step] = m
		}
	}
	for _, s := range steps {
		if m, scored := of[s]; scored && (!ok || !m.Worse(of[step].Score)) {
			step, ok = s, true
		}
	}
	return step, ok
}

// Damage lists what is wrong with the facts and checkpoints of a run. Only the size is
// checked of files with more bytes than the limit.
func (d *Dir) Damage(most int64) (found []string) {
	if !d.begun() {
		return nil
	}
	if _, err := d.Facts(); err != nil {
		found = append(found, fmt.Sprintf("the run cannot be used: %v", err))
	}
	best, marked, damage := d.bestStep()
	if damage != "" {
		found = append(found, damage)
	}
	newest, err := d.Saved()
	if err != nil {
		return append(found, err.Error())
	}
	steps, _ := d.steps()
	if marked && best != newest {
		found = append(found, d.glance(best, most)...)
	}
	if len(steps) == 0 {
		return append(found, "the run cannot be used: it was trained, but its checkpoints are missing")
	}
	return append(found, d.glance(newest, most)...)
}

func (d *Dir) glance(step int, most int64) []string {
	if err := durable.Glance(d.checkpoint(step), most); err != nil {
		return []string{fmt.Sprintf("the checkpoint of step %d cannot be used: %v", step, err)}
	}
	return nil
}

// mendBest repairs a damaged mark of the best checkpoint, with a notice. If the best is
// not known, no checkpoint is removed until one is marked.
func (t *trainer) mendBest() {
	step, marked, damage := t.dir.bestStep()
	if damage == "" || damage == t.damage {
		return
	}
	t.damage = damage
	if marked && t.dir.MarkBest(step) == nil {
		t.studio.notice(damage + ", which is marked again")
		return
	}
	t.studio.notice(damage + ": all checkpoints are kept until one is marked again")
}
