package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/energy"
	"atelier/internal/stopped"
	"atelier/model/family"
	"atelier/model/nn"
	"atelier/model/train"
)

// maxFailures is the number of rollbacks after which a run gives up.
const maxFailures = 3

// A trainer is a run in training.
type trainer struct {
	studio *Studio
	config *Config
	data   set
	spec   data.Spec // of the data
	model  family.Model
	medium *Medium
	dir    *Dir
	stats  *Stats
	first  []byte // the initial run file
	damage string // of the mark of the best checkpoint, as reported

	store    *model.Store
	needs    train.Needs
	loader   *data.Loader
	loop     *train.Loop
	acting   []train.Hook  // what acts on the run, see [train.Action]
	failures int           // rollbacks so far
	longer   int           // the step after which it was asked for more of a run that had ended
	extended bool          // it goes on to another step than its run file says as yet
	spent    time.Duration // training time before this process
	began    time.Time
	meter    *energy.Meter // of this process
	used     energy.Use    // before this process
	untold   bool          // earlier steps were trained by a version that recorded no energy
	drawn    *Drawn        // the largest measured draw
	spentAll bool          // of the budget
	scoring  time.Duration // how long scoring takes; 0 if unknown
	opening  time.Duration // how long opening feature spaces has taken, in this scoring
	unseen   *heldOut      // of the store; nil until the first measurement
}

// newTrainer prepares a run without writing anything, so that mistakes in its settings or
// data are found first.
func (s *Studio) newTrainer(ctx context.Context, c *Config) (*trainer, error) {
	t := &trainer{studio: s, config: c, began: time.Now(), meter: energy.NewMeter()}
	t.acting = []train.Hook{t.stopEarly, t.keepWithin}
	var err error
	if t.medium, err = mediumOf(c.Codec.Value); err != nil {
		return nil, err
	}
	if f, ok := c.Model.Value.(family.Settling); ok {
		if err := f.Settle(s.Home); err != nil {
			return nil, err
		}
	}
	if t.data, err = s.load(ctx, c, t.plan); err != nil {
		return nil, err
	}
	if t.loop == nil || !t.data.train.Spec().Equal(t.spec) {
		err = t.plan(t.data.train.Spec())
	} else {
		err = t.fits() // with the data
	}
	if err != nil {
		return nil, err
	}
	return t, t.begin(train.State{Damping: 1}, nil)
}

// plan prepares model, store and loop for data of a spec, and refuses what exceeds the
// memory. Nothing large is allocated yet.
func (t *trainer) plan(spec data.Spec) (err error) {
	if t.model == nil || !spec.Equal(t.spec) {
		if t.model, err = t.config.Model.Value.Model(spec); err != nil {
			return badinput.Mark(err)
		}
		if err := usesAll(t.model, t.config.Model.Use, spec); err != nil {
			return err
		}
		t.spec = spec
	}
	t.store, t.unseen = model.NewStore(), nil
	nn.Seed(t.store, t.config.Seed)
	t.loop = &train.Loop{
		Backend: t.studio.Backend, Store: t.store, Stages: t.model.Stages(),
		Schedule: t.config.Schedule.Value, Seed: t.config.Seed, Total: t.config.Steps,
	}
	if t.needs, err = t.loop.Plan(spec, t.config.Batch); err != nil {
		return badinput.Mark(err)
	}
	return t.fits()
}

// reset recreates store, loader and loop at a saved state, see begin.
func (t *trainer) reset(at train.State, restore func(*model.Store) error) error {
	t.close()
	if err := t.plan(t.spec); err != nil {
		return err
	}
	return t.begin(at, restore)
}

// begin creates the loader, and continues from a saved state. restore sets the variables;
// nil leaves them at their initial values.
func (t *trainer) begin(at train.State, restore func(*model.Store) error) error {
	t.loader = data.NewLoader(t.learned(), t.config.Batch, t.config.Seed, t.augmentations(), at.Position)
	t.loop.Batches = t.loader
	if err := t.loop.Initialize(); err != nil {
		return err
	}
	if restore != nil {
		if err := restore(t.store); err != nil {
			return err
		}
	}
	return t.loop.Restore(at)
}

// learned is the training data of the run.
func (t *trainer) learned() *data.Dataset {
	if n := t.config.Limit; n > 0 && n < t.data.train.Len() {
		return t.data.train.First(n)
	}
	return t.data.train
}

func (t *trainer) augmentations() []data.Augmentation {
	var out []data.Augmentation
	for _, a := range t.config.Augment {
		out = append(out, a.Value)
	}
	return out
}

func (t *trainer) close() {
	if t.loader != nil {
		t.loader.Close()
	}
}

// train trains to the end and saves. Hooks may act on the run in between; a non-finite
// loss, gradient or weight rolls it back to its last checkpoint with half the learning rate.
// If ctx ends before the last step, the error says how to resume.
func (t *trainer) train(ctx context.Context) error {
	for {
		t.loop.Hooks = t.hooks()
		err := t.loop.Run(ctx)
		if err == nil || errors.Is(err, ctx.Err()) {
			err = t.save()
		}
		if errors.Is(err, errSpent) {
			t.spentAll = true
			return t.save()
		}
		if a := asked(err); a != nil {
			if err := t.rollBack(a); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if !t.loop.Done() {
			return stopped.Because(ctx, "stopped at step %d of %d, everything is saved; resume with: atelier train --resume %s",
				t.loop.Step, t.loop.Total, t.dir.Argument())
		}
		return nil
	}
}

// asked returns the rollback that an error requests: by a hook, or because something is
// not finite.
func asked(err error) (a *train.Action) {
	var update *train.NotFiniteError
	var weights *notNumbersError
	switch {
	case errors.As(err, &a):
		return a
	case errors.As(err, &update):
		return &train.Action{Back: true, Rate: 0.5, Reason: fmt.Sprintf("%v is not finite", update)}
	case errors.As(err, &weights):
		return &train.Action{Back: true, Rate: 0.5, Reason: weights.Error()}
	}
	return nil
}

// rollBack returns the run to its last checkpoint, at most maxFailures times.
func (t *trainer) rollBack(a *train.Action) error {
	t.failures++
	if t.failures > maxFailures {
		return fmt.Errorf("gave up: %s, after %d rollbacks; try a lower rate of the optimizers or a stronger penalty", a.Reason, maxFailures)
	}
	ck, err := t.studio.latest(t.dir)
	if err != nil {
		return err
	}
	state := ck.state
	state.Loop.Damping = a.Damped(min(state.Loop.Damping, t.loop.Damping))
	if err := t.reset(state.Loop, ck.restore); err != nil {
		return err
	}
	t.studio.notice(fmt.Sprintf("%s; back to step %d with the learning rate × %g (%d of %d times)",
		a.Reason, state.Loop.Step, state.Loop.Damping, t.failures, maxFailures))
	return nil
}
