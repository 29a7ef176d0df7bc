package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"atelier/internal/durable"
)

const (
	bestFile   = "best.json"
	bestFormat = 1
)

// best is what best.json holds.
type best struct {
	Format int `json:"format"`
	Step   int `json:"step"`
}

// MarkBest records that the checkpoint of a step is the best so far; it is kept
// until another is marked.
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
		warnings = append(warnings, fmt.Sprintf("best checkpoint, of step %d, passed over for the newest: %v; bring it back from a copy if there is one", step, err))
	}
	ck, more, err := d.Latest()
	return ck, append(warnings, more...), err
}

// bestStep returns which step was marked as the best, if any. Where the mark is damaged,
// the scores on disk tell, with a warning.
func (d *Dir) bestStep() (step int, marked bool, damage string) {
	path := d.Path(checkpoints, bestFile)
	text, err := durable.ReadFile(path, mostFacts)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, ""
	}
	if err == nil {
		step, err = parseBest(text)
	}
	steps, unlisted := d.steps()
	switch {
	case err != nil:
		err = fmt.Errorf("%s %w", path, err)
	case unlisted != nil || slices.Contains(steps, step):
		return step, true, ""
	default:
		err = fmt.Errorf("%s names step %d, which has no checkpoint", path, step)
	}
	if step, marked = d.bestByScores(steps); marked {
		return step, true, fmt.Sprintf("%v; by the scores on disk the best checkpoint is that of step %d", err, step)
	}
	return 0, false, fmt.Sprintf("%v, and no score on disk tells which checkpoint is the best", err)
}

// parseBest reads the step that is marked. The error completes a sentence that begins
// with the file's name.
func parseBest(text []byte) (step int, err error) {
	var b best
	if err := json.Unmarshal(text, &b); err != nil || b.Format != bestFormat || b.Step < 0 {
		return 0, fmt.Errorf("is damaged: it should hold {\"format\": %d, \"step\": ...}", bestFormat)
	}
	return b.Step, nil
}

// bestByScores returns which of the steps has the best score of those that choose the
// best checkpoint, the last one of those that are equal.
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
	for _, m := range all {
		if m.Name == c.Score.Best && slices.Contains(steps, m.Step) {
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

// Damage tells what is wrong with what a run is used and resumed from: its facts and its
// checkpoints. Of files with more than so many bytes the size alone is checked.
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
		return append(found, "the run cannot be used: it has trained, and its checkpoints are gone")
	}
	return append(found, d.glance(newest, most)...)
}

func (d *Dir) glance(step int, most int64) []string {
	if err := durable.Glance(d.checkpoint(step), most); err != nil {
		return []string{fmt.Sprintf("the checkpoint of step %d cannot be used: %v", step, err)}
	}
	return nil
}

// mendBest marks the best checkpoint anew where the mark is damaged, and says so. Where
// nothing tells which it is, no checkpoint is removed until another is marked.
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
