package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/duration"
	"atelier/internal/stopped"
	"atelier/model/train"
)

// ErrDone reports that a run has nothing left to train.
var ErrDone = errors.New("already trained to its last step")

// Resume resumes a run from its newest complete checkpoint, as if it had not stopped.
func (s *Studio) Resume(ctx context.Context, name string) (*Run, error) {
	return s.ResumeTo(ctx, name, 0)
}

// ResumeTo is Resume with a new, larger total number of steps; 0 keeps it. From then on
// the learning rate schedule is that of the new total.
func (s *Studio) ResumeTo(ctx context.Context, name string, steps int) (*Run, error) {
	s = s.once() // what reads the same file twice finds the same damage
	dir, err := OpenDir(s.Runs, name)
	if err != nil {
		return nil, err
	}
	lock, err := dir.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if !dir.begun() {
		return s.begin(ctx, dir, steps)
	}
	c, _, err := dir.config()
	if err != nil {
		return nil, err
	}
	ck, err := s.latest(dir)
	if err != nil {
		return nil, err
	}
	c, longer, err := ck.longer(c, steps)
	if err != nil {
		return nil, err
	}
	if err := ck.sameSettings(c); err != nil {
		return nil, err
	}
	if longer {
		c.Steps = steps
		ck.again()
	}
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run was resumed; nothing has changed, resume with: atelier train --resume %s", dir.Argument())
	}
	defer t.close()
	t.dir = dir
	if err := t.sameData(); err != nil {
		return nil, err
	}
	if err := t.goOn(ctx, ck); err != nil {
		return nil, err
	}
	t.extended = longer
	return t.finish(ctx)
}

// longer returns the settings of a run that is extended to more steps than its run file
// says, and whether it is; 0 keeps the steps of the file. If only the file has the new steps,
// an extension was interrupted while being recorded.
func (c *snapshot) longer(config *Config, steps int) (*Config, bool, error) {
	then, err := c.settings()
	if err != nil || steps == 0 {
		return config, false, err
	}
	own := *config
	if then != nil && own.Steps == steps {
		own.Steps = then.Steps
	}
	switch {
	case steps == own.Steps:
		return &own, false, nil
	case steps < own.Steps:
		return nil, false, fewer(c.run, own.Steps, steps)
	}
	return &own, true, nil
}

// again restarts a run that had ended; patience is counted anew.
func (c *snapshot) again() {
	if c.state.Loop.Ended != "" {
		c.state.Loop.Ended, c.state.Longer = "", c.Step
	}
}

// fewer refuses to reduce the steps of a run.
func fewer(d *Dir, has, asked int) error {
	return badinput.Errorf("run %s has %d steps; the number can be raised, but not set to %d", d.Name(), has, asked)
}

// saveExtended writes a checkpoint of a run that goes on to another step than its run file
// says, with that file: both, or neither.
func (t *trainer) saveExtended() error {
	path := t.dir.Path(configFile)
	before, err := t.dir.ConfigText()
	if err != nil {
		return err
	}
	text, err := t.config.reopens()
	if err != nil {
		return err
	}
	if err := durable.WriteFile(path, text); err != nil {
		return err
	}
	if err := t.saveCheckpoint(); err != nil {
		return errors.Join(err, durable.WriteFile(path, before))
	}
	t.extended = false
	return nil
}

// keepExtended saves a run that was asked for more steps once it has taken the first of
// them: if it fails before, it is as it was.
func (t *trainer) keepExtended(context.Context, train.Event) error {
	if !t.extended {
		return nil
	}
	return t.save()
}

// goOn resumes the run at a checkpoint.
func (t *trainer) goOn(ctx context.Context, ck *snapshot) error {
	t.tellDamage(ck.Step)
	done, err := t.dir.scored(ck.Step)
	if err != nil {
		return err
	}
	total, ended := t.config.Steps, ck.state.Loop.Ended
	if ended != "" && (done || !t.scorable()) {
		return badinput.Errorf("run %s %w: it ended with step %d, since %s; train it longer with: atelier train --resume %s steps=N, with N above %d",
			t.dir.Name(), ErrDone, ck.Step, ended, t.dir.Argument(), total)
	}
	if ck.Step >= total && (done || !t.scorable()) {
		return badinput.Errorf("run %s is %w, %d; train it longer with: atelier train --resume %s steps=N", t.dir.Name(), ErrDone, total, t.dir.Argument())
	}
	t.failures, t.longer, t.spent = ck.state.Failures, ck.state.Longer, time.Duration(ck.state.Seconds*float64(time.Second))
	if err := t.goOnFrom(ck.state.clock, ck.Step); err != nil {
		return err
	}
	if err := t.reset(ck.state.Loop, ck.restore); err != nil {
		return err
	}
	if t.loop.Done() {
		t.studio.notice(fmt.Sprintf("all %d steps are trained; only the scores are missing", ck.Step))
		return t.tellRest(ctx, 0)
	}
	t.studio.notice(fmt.Sprintf("resuming at step %d of %d", ck.Step, total))
	if err := t.tellRest(ctx, during(total-ck.Step, float64(ck.Step)/t.spent.Seconds())); err != nil {
		return err
	}
	return t.recordMaker()
}

// tellRest says how long the rest of the steps takes, 0 for none or if that is unknown, and the scores.
func (t *trainer) tellRest(ctx context.Context, rest time.Duration) error {
	var parts []string
	if rest > 0 {
		parts = append(parts, "at the pace so far, the rest in about "+duration.Roughly(rest))
	}
	if t.scorable() && t.unlearned() == nil {
		scores, err := t.expectedScoring(ctx)
		if err != nil {
			return err
		}
		if scores > 0 {
			parts = append(parts, "scores in about "+duration.Roughly(scores))
		}
	}
	if len(parts) > 0 {
		t.studio.notice(strings.Join(parts, ", then "))
	}
	return nil
}

// tellDamage reports damage of a run that is resumed at a step, and repairs what can be
// repaired.
func (t *trainer) tellDamage(step int) {
	t.mendBest()
	if _, warnings, err := t.dir.Best(); err == nil && t.damage == "" {
		for _, w := range warnings {
			t.studio.notice(w)
		}
	}
	if stats, err := t.dir.ReadStats(); err == nil {
		if damage := stats.Damage(step, t.config.Steps); damage != "" {
			t.studio.notice(damage)
		}
	}
}

// begun reports whether the run ever had a checkpoint. Earlier versions created the folder
// before its contents.
func (d *Dir) begun() bool {
	steps, err := d.steps()
	_, untrained := os.Stat(d.Path(statsFile))
	return err != nil || len(steps) > 0 || untrained == nil
}

// begin starts a run that was interrupted before its first checkpoint from its run file,
// with another number of steps unless steps is 0.
func (s *Studio) begin(ctx context.Context, dir *Dir, steps int) (*Run, error) {
	text, err := dir.ConfigText()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("run %s was interrupted before it had a run file, and nothing was trained; remove %s and repeat the command that started it", dir.Name(), dir.Path())
	}
	if err != nil {
		return nil, err
	}
	c, err := Parse(dir.Path(configFile), text)
	if err != nil {
		return nil, err
	}
	if steps != 0 && steps < c.Steps {
		return nil, fewer(dir, c.Steps, steps)
	}
	c.Steps = max(c.Steps, steps)
	if err := c.Init.Value.settle(s, c); err != nil {
		return nil, err
	}
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run was resumed; nothing has changed, resume with: atelier train --resume %s", dir.Argument())
	}
	defer t.close()
	if err := t.prepare(); err != nil {
		return nil, err
	}
	s.notice(fmt.Sprintf("run %s was interrupted before its first checkpoint: it starts at step 0", dir.Name()))
	if err := t.writeFirst(dir); err != nil {
		return nil, err
	}
	t.recordRun(ctx)
	return t.finish(ctx)
}

// sameData refuses to resume with other data than the run started with.
func (t *trainer) sameData() error {
	was, err := t.dir.Facts()
	if err != nil {
		return err
	}
	now := t.facts()
	if was.DatasetHash != "" && now.DatasetHash != was.DatasetHash {
		return badinput.Errorf("run %s was trained on %s with the hash %s, which now has the hash %s; restore that version, or train a new run with init={use=\"run\", name=%q}",
			t.dir.Name(), was.Dataset, was.DatasetHash, now.DatasetHash, t.dir.Name())
	}
	if now.Train != was.Train {
		return badinput.Errorf("the data of run %s has changed since it started (%d training examples then, %d now); restore it, or train a new run with init={use=\"run\", name=%q}",
			t.dir.Name(), was.TrainExamples, now.TrainExamples, t.dir.Name())
	}
	return nil
}
