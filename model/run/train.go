package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

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
	if err := t.prepare(); err != nil {
		return nil, err
	}
	if t.dir, err = CreateDir(s.Runs, cmp.Or(c.Name, t.data.train.Name(), c.Data.Use), t.writeFirst); err != nil {
		return nil, err
	}
	lock, err := t.dir.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	t.recordRun(ctx)
	return t.finish(ctx)
}

// prepare does what comes before the first step, and finds what a run file cannot hold
// before there is a folder.
func (t *trainer) prepare() error {
	var err error
	if t.first, err = t.config.reopens(); err != nil { // with what follows from the data
		return err
	}
	if _, err := learnedBy(t.config.Codec.Value); err != nil {
		return err
	}
	if from := t.config.Init.Value.pretrained(); from != "" {
		return t.adopt(from)
	}
	return nil
}

// writeFirst writes what a run has before its first step into its folder, the
// checkpoint of step 0 among it.
func (t *trainer) writeFirst(d *Dir) error {
	t.dir = d
	if err := durable.WriteFile(t.dir.Path(configFile), t.first); err != nil {
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
	t.scoring = t.usualScoring()
	err = t.train(ctx)
	if err := errors.Join(err, t.stats.Close()); err != nil {
		return nil, t.halted(err)
	}
	if err := t.timed(func() error { return t.score(ctx, t.config.Score.Metrics) }); err != nil {
		if stopped.By(ctx, err) { // whatever the scores were waiting for
			return nil, stopped.Because(ctx, "trained to its last step, %d, and saved; stopped before it was scored: do that with: atelier train --resume %s",
				t.loop.Step, t.dir.Argument())
		}
		return nil, t.halted(err)
	}
	return t.studio.open(t.dir, t.config, t.data.train.Spec(), t.model)
}

// halted says of what could not be written what is kept, and how to go on.
func (t *trainer) halted(err error) error {
	var unwritten *durable.WriteError
	if !errors.As(err, &unwritten) {
		return err
	}
	ck, _, lost := t.dir.Latest()
	if lost != nil {
		return errors.Join(err, lost)
	}
	return fmt.Errorf("stopped at step %d of %d: %w; what was saved at step %d is kept: go on from there with: atelier train --resume %s",
		t.loop.Step, t.loop.Total, err, ck.Step, t.dir.Argument())
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
	if err == nil {
		c, err = Parse(path, text)
	}
	if err != nil {
		return nil, f, d.orCopy(err)
	}
	if f, err = d.Facts(); err != nil {
		return nil, f, err
	}
	return c, f, d.recallLearned(c.Codec.Value, f.Codec)
}

// orCopy names the copy of a run file that cannot be read, if there is a checkpoint with
// one.
func (d *Dir) orCopy(err error) error {
	ck, _, none := d.Latest()
	if none != nil {
		return err
	}
	copied := filepath.Join(ck.Path, configFile)
	if _, none := os.Stat(copied); none != nil {
		return err
	}
	return fmt.Errorf("%w; as it was when step %d was saved it lies in %s", err, ck.Step, copied)
}
