package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/stopped"
)

// ErrDone reports that a run has nothing left to train.
var ErrDone = errors.New("already trained to its last step")

// Resume goes on with a run from its newest whole checkpoint, as if it had not
// stopped.
func (s *Studio) Resume(ctx context.Context, name string) (*Run, error) {
	return s.ResumeTo(ctx, name, 0)
}

// ResumeTo is Resume, up to another step than the run was to end with; 0 leaves it. It must
// be a later one. The schedule of the rates is from then on that of so many steps.
func (s *Studio) ResumeTo(ctx context.Context, name string, steps int) (*Run, error) {
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
	longer, err := ck.longer(c, steps)
	if err != nil {
		return nil, err
	}
	if err := ck.sameSettings(c); err != nil {
		return nil, err
	}
	if longer {
		c.Steps = steps
	}
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run went on; nothing has changed, go on with: atelier train --resume %s", dir.Argument())
	}
	defer t.close()
	t.dir = dir
	if err := t.sameData(); err != nil {
		return nil, err
	}
	if err := t.goOn(ck); err != nil {
		return nil, err
	}
	if longer {
		if err := t.recordLonger(); err != nil {
			return nil, err
		}
	}
	return t.finish(ctx)
}

// longer reports whether a run that ends with steps by its run file is to go on to another.
// If its file was changed to just that, it was interrupted while that was being recorded.
func (c *snapshot) longer(config *Config, steps int) (bool, error) {
	then, err := c.settings()
	switch {
	case err != nil || steps == 0:
		return false, err
	case then != nil && config.Steps == steps:
		config.Steps = then.Steps
	}
	if steps == config.Steps {
		return false, nil
	}
	if steps < config.Steps {
		return false, fewer(c.run, config.Steps, steps)
	}
	return true, nil
}

// fewer refuses fewer steps than a run is to have.
func fewer(d *Dir, has, asked int) error {
	return badinput.Errorf("run %s is to be trained for %d steps; more than that can be asked for, and not %d", d.Name(), has, asked)
}

// recordLonger puts the steps that the run now has into its run file and into a checkpoint.
func (t *trainer) recordLonger() error {
	text, err := t.config.reopens()
	if err != nil {
		return err
	}
	if err := durable.WriteFile(t.dir.Path(configFile), text); err != nil {
		return err
	}
	return t.save()
}

// goOn takes up the run at a checkpoint.
func (t *trainer) goOn(ck *snapshot) error {
	t.tellDamage(ck.Step)
	done, err := t.dir.scored(ck.Step)
	if err != nil {
		return err
	}
	total := t.config.Steps
	if ck.Step >= total && (done || !t.scorable()) {
		return badinput.Errorf("run %s is %w, %d; train it longer with: atelier train --resume %s steps=N", t.dir.Name(), ErrDone, total, t.dir.Argument())
	}
	t.failures, t.spent = ck.state.Failures, time.Duration(ck.state.Seconds*float64(time.Second))
	if err := t.reset(ck.state.Loop, ck.restore); err != nil {
		return err
	}
	if ck.Step >= total {
		t.studio.notice(fmt.Sprintf("all %d steps are trained; what is left is to score them", total))
		return nil
	}
	t.studio.notice(fmt.Sprintf("going on from step %d of %d", ck.Step, total))
	return t.recordMaker()
}

// tellDamage tells what is wrong with a run that is gone on with from a step, and mends
// what can be.
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

// begun reports whether the run has ever come to a checkpoint. Earlier versions made the
// folder first, and then what is in it.
func (d *Dir) begun() bool {
	steps, err := d.steps()
	_, untrained := os.Stat(d.Path(statsFile))
	return err != nil || len(steps) > 0 || untrained == nil
}

// begin begins with a run that was interrupted before its first checkpoint, by its run
// file alone, up to another step than that says if steps is not 0.
func (s *Studio) begin(ctx context.Context, dir *Dir, steps int) (*Run, error) {
	text, err := dir.ConfigText()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("run %s was interrupted before it had a run file, and nothing was trained; remove %s and give the command again that began it", dir.Name(), dir.Path())
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
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run went on; nothing has changed, go on with: atelier train --resume %s", dir.Argument())
	}
	defer t.close()
	if err := t.prepare(); err != nil {
		return nil, err
	}
	s.notice(fmt.Sprintf("run %s was interrupted before its first checkpoint: it begins at step 0", dir.Name()))
	if err := t.writeFirst(dir); err != nil {
		return nil, err
	}
	t.recordRun(ctx)
	return t.finish(ctx)
}

// sameData refuses to go on with other data than the run began with.
func (t *trainer) sameData() error {
	was, err := t.dir.Facts()
	if err != nil {
		return err
	}
	now := t.facts()
	if was.DatasetHash != "" && now.DatasetHash != was.DatasetHash {
		return badinput.Errorf("run %s learned from %s with the hash %s, which now has the hash %s; bring that version back, or train a new run with init={use=\"run\", name=%q}",
			t.dir.Name(), was.Dataset, was.DatasetHash, now.DatasetHash, t.dir.Name())
	}
	if now.Train != was.Train {
		return badinput.Errorf("the data of run %s has changed since it began (%d training examples then, %d now); bring it back, or train a new run with init={use=\"run\", name=%q}",
			t.dir.Name(), was.TrainExamples, now.TrainExamples, t.dir.Name())
	}
	return nil
}
