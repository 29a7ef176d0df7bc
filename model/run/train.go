package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

// ErrDone reports that a run has nothing left to train.
var ErrDone = errors.New("already trained to its last step")

// Train trains a new run to its end and scores it. Whatever is wrong with the
// settings or the data is reported before anything is written. If ctx ends
// first, everything is saved and the error says how to go on.
func (s *Studio) Train(ctx context.Context, c *Config) (*Run, error) {
	if _, err := c.reopens(); err != nil {
		return nil, err // before the data is read, which can take long
	}
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run began; nothing was written")
	}
	defer t.close()
	text, err := c.reopens() // with what follows from the data
	if err != nil {
		return nil, err
	}
	if _, err := learnedBy(c.Codec.Value); err != nil {
		return nil, err
	}
	if from := c.Init.Value.pretrained(); from != "" {
		if err := t.adopt(from); err != nil {
			return nil, err
		}
	}
	// What a run file cannot hold is known before there is a folder.
	if _, err := c.Encode(); err != nil {
		return nil, err
	}
	if t.dir, err = CreateDir(s.Runs, cmp.Or(c.Name, t.data.train.Name(), c.Data.Use)); err != nil {
		return nil, err
	}
	lock, err := t.dir.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if err := t.writeFirst(text); err != nil {
		return nil, err
	}
	t.recordRun(ctx)
	return t.finish(ctx)
}

// Resume goes on with a run from its newest whole checkpoint, as if it had not
// stopped.
func (s *Studio) Resume(ctx context.Context, name string) (*Run, error) {
	dir, err := OpenDir(s.Runs, name)
	if err != nil {
		return nil, err
	}
	lock, err := dir.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	c, _, err := dir.config()
	if err != nil {
		return nil, err
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
	ck, err := s.latest(dir)
	if err != nil {
		return nil, err
	}
	done, err := dir.scored(ck.Step)
	if err != nil {
		return nil, err
	}
	if ck.Step >= c.Steps && (done || !t.scorable()) {
		return nil, badinput.Errorf("run %s is %w, %d; train a new one with more steps", dir.Name(), ErrDone, c.Steps)
	}
	t.failures, t.spent = ck.state.Failures, time.Duration(ck.state.Seconds*float64(time.Second))
	if err := t.reset(ck.state.Loop, ck.restore); err != nil {
		return nil, err
	}
	if ck.Step < c.Steps {
		s.notice(fmt.Sprintf("going on from step %d of %d", ck.Step, c.Steps))
	} else {
		s.notice(fmt.Sprintf("all %d steps are trained; what is left is to score them", c.Steps))
	}
	return t.finish(ctx)
}

// writeFirst writes what a run has before its first step, the checkpoint of
// step 0 among it.
func (t *trainer) writeFirst(config []byte) error {
	if err := durable.WriteFile(t.dir.Path(configFile), config); err != nil {
		return err
	}
	facts := t.facts()
	var err error
	if facts.Codec, err = t.dir.keepLearned(t.config.Codec.Value); err != nil {
		return err
	}
	if err := t.dir.writeFacts(facts); err != nil {
		return err
	}
	if err := t.showReals(); err != nil {
		return err
	}
	return t.save()
}

// finish trains to the end and scores.
func (t *trainer) finish(ctx context.Context) (*Run, error) {
	var err error
	if t.stats, err = t.dir.OpenStats(t.loop.Step); err != nil {
		return nil, err
	}
	err = t.train(ctx)
	if err := errors.Join(err, t.stats.Close()); err != nil {
		return nil, err
	}
	if err := t.score(ctx, t.config.Score.Metrics); err != nil {
		if stopped.By(ctx, err) { // whatever the scores were waiting for
			return nil, stopped.Because(ctx, "trained to its last step, %d, and saved; stopped before it was scored: do that with: atelier train --resume %s",
				t.loop.Step, t.dir.Argument())
		}
		return nil, err
	}
	return t.studio.open(t.dir, t.config, t.data.train.Spec(), t.model)
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

// ConfigText is the resolved run file.
func (d *Dir) ConfigText() ([]byte, error) {
	return durable.ReadFile(d.Path(configFile), registry.MaxFile)
}

// config reads the resolved run file, its codec as it was trained with, and what the
// run knows of its data.
func (d *Dir) config() (c *Config, f Facts, err error) {
	path := d.Path(configFile)
	text, err := d.ConfigText()
	if err != nil {
		return nil, f, err
	}
	if c, err = Parse(path, text); err != nil {
		return nil, f, err
	}
	if f, err = d.Facts(); err != nil {
		return nil, f, err
	}
	return c, f, d.recallLearned(c.Codec.Value, f.Codec)
}
