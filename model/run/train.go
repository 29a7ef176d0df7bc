package run

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

// Train trains a new run to its end and scores it. Mistakes in the settings or the data are
// reported before anything is written. If ctx ends first, everything is saved and the error
// says how to resume.
func (s *Studio) Train(ctx context.Context, c *Config) (*Run, error) {
	t, err := s.prepared(ctx, c)
	if err != nil {
		return nil, err
	}
	defer t.close()
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

// prepared checks the settings of a new run, reads its data and prepares it, and writes nothing.
func (s *Studio) prepared(ctx context.Context, c *Config) (*trainer, error) {
	if _, err := c.reopens(); err != nil {
		return nil, err // before the data is read, which can be slow
	}
	if err := c.Score.checkBest(); err != nil {
		return nil, err
	}
	if err := c.Init.Value.settle(s, c); err != nil {
		return nil, err
	}
	t, err := s.newTrainer(ctx, c)
	if err != nil {
		return nil, stopped.Explained(ctx, err, "stopped before the run started; nothing was written")
	}
	if err := t.prepare(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// A Plan is what a run would be, see [Studio.Plan].
type Plan struct {
	// Data is the name of the set, Examples, HeldOut and Classes the sizes of its parts and how
	// many classes it has.
	Data                       string
	Examples, HeldOut, Classes int
	Steps, Batch               int
	// Parameters is how many weights are trained.
	Parameters int
	// Memory is how many bytes training takes, an estimate.
	Memory float64
	// Pace is how fast it trains.
	Pace Pace
}

// Plan prepares a run as [Studio.Train] does, with the same errors, measures how fast it trains, and
// writes nothing.
func (s *Studio) Plan(ctx context.Context, c *Config) (*Plan, error) {
	t, err := s.prepared(ctx, c)
	if err != nil {
		return nil, err
	}
	defer t.close()
	p := &Plan{Data: t.data.train.Name(), Examples: t.learned().Len(), HeldOut: t.data.test.Len(), Classes: len(t.spec.ClassNames()),
		Steps: c.Steps, Batch: c.Batch, Memory: t.needed(t.needs, c.Batch)}
	for v := range t.store.IterVariables() {
		if v.Trainable {
			p.Parameters += v.Shape().Size()
		}
	}
	p.Pace, err = t.pace(ctx)
	return p, stopped.Explained(ctx, err, "stopped before the run started; nothing was written")
}

// prepare does what comes before the first step, and checks that the run file can be
// written before there is a folder.
func (t *trainer) prepare() error {
	var err error
	if t.first, err = t.config.reopens(); err != nil { // with what follows from the data
		return err
	}
	if _, err := learnedBy(t.config.Codec.Value); err != nil {
		return err
	}
	return t.config.Init.Value.adopt(t)
}

// writeFirst writes the initial files of a run into its folder, including the checkpoint of
// step 0.
func (t *trainer) writeFirst(d *Dir) error {
	t.dir = d
	if err := durable.WriteFile(t.dir.Path(configFile), t.first); err != nil {
		return err
	}
	if t.studio.For != "" {
		if err := durable.WriteFile(t.dir.Path(forFile), []byte(t.studio.For+"\n")); err != nil {
			return err
		}
	}
	if t.studio.By != "" {
		if err := d.GiveTo(t.studio.By); err != nil {
			return err
		}
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

// forFile names the request that a run was made for.
const forFile = "for"

// MadeFor returns the run below root that was made for a request, see [Studio.For]; nil if
// there is none.
func MadeFor(root, request string) (*Dir, error) {
	all, err := List(root)
	if err != nil {
		return nil, err
	}
	for _, d := range slices.Backward(all) {
		if d.MadeFor() == request {
			return d, nil
		}
	}
	return nil, nil
}

// MadeFor is the request that the run was made for, see [Studio.For]; empty if there is none.
func (d *Dir) MadeFor() string {
	text, err := durable.ReadFile(d.Path(forFile), mostFacts)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(text))
}

// finish trains to the end and scores.
func (t *trainer) finish(ctx context.Context) (*Run, error) {
	if t.studio.Training != nil {
		t.studio.Training(t.dir.Name())
	}
	var err error
	if t.stats, err = t.dir.OpenStats(t.loop.Step); err != nil {
		return nil, err
	}
	t.scoring = t.usualScoring()
	defer t.meter.Watch()()
	if err = t.catchUp(ctx); err == nil {
		err = t.train(ctx)
	}
	if err := errors.Join(err, t.stats.Close()); err != nil {
		return nil, t.halted(err)
	}
	if t.spentAll {
		t.studio.notice(t.stoppedByBudget())
		return t.studio.open(t.dir, t.config, t.data.train.Spec(), t.model)
	}
	if err := t.lastScore(ctx); err != nil {
		if stopped.By(ctx, err) { // whatever the scores were waiting for
			return nil, stopped.Because(ctx, "trained to its last step, %d, and saved; stopped before it was scored: score it with: atelier train --resume %s",
				t.loop.Step, t.dir.Argument())
		}
		return nil, t.halted(err)
	}
	return t.studio.open(t.dir, t.config, t.data.train.Spec(), t.model)
}

// halted adds to a write error what was saved, and how to resume.
func (t *trainer) halted(err error) error {
	var unwritten *durable.WriteError
	if !errors.As(err, &unwritten) {
		return err
	}
	ck, _, lost := t.dir.Latest()
	if lost != nil {
		return errors.Join(err, lost)
	}
	return fmt.Errorf("stopped at step %d of %d: %w; step %d was saved: resume from there with: atelier train --resume %s",
		t.loop.Step, t.loop.Total, err, ck.Step, t.dir.Argument())
}

// ConfigText is the resolved run file.
func (d *Dir) ConfigText() ([]byte, error) {
	return durable.ReadFile(d.Path(configFile), registry.MaxFile)
}

// config reads the resolved run file, its codec as trained, and the facts of the run.
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

// orCopy adds to the error of an unreadable run file where a checkpoint has a copy.
func (d *Dir) orCopy(err error) error {
	ck, _, none := d.Latest()
	if none != nil {
		return err
	}
	copied := filepath.Join(ck.Path, configFile)
	if _, none := os.Stat(copied); none != nil {
		return err
	}
	return fmt.Errorf("%w; a copy from step %d is in %s", err, ck.Step, copied)
}
