package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/stopped"
	"atelier/model/family"
	"atelier/model/nn"
	"atelier/model/train"
)

// maxFailures is how often a run rolls back before it gives up.
const maxFailures = 3

// A trainer is a run under way.
type trainer struct {
	studio *Studio
	config *Config
	data   set
	spec   data.Spec // of the data
	model  family.Model
	medium *Medium
	dir    *Dir
	stats  *Stats
	first  []byte // the run file as the run begins with it
	damage string // of the mark of the best checkpoint, as it was told

	store    *model.Store
	needs    train.Needs
	loader   *data.Loader
	loop     *train.Loop
	failures int           // rollbacks so far
	spent    time.Duration // training time before this process
	began    time.Time
	scoring  time.Duration // how long it takes to score the run; 0 if nothing tells
}

// newTrainer readies a run without writing anything, so that whatever is wrong
// with its settings or its data is known first.
func (s *Studio) newTrainer(ctx context.Context, c *Config) (*trainer, error) {
	t := &trainer{studio: s, config: c, began: time.Now()}
	var err error
	if t.medium, err = mediumOf(c.Codec.Value); err != nil {
		return nil, err
	}
	ready := func(spec data.Spec) error {
		if _, err := c.Model.Value.Model(spec); err != nil {
			return nil // what is wrong with the works themselves is told first
		}
		return t.plan(spec)
	}
	if t.data, err = s.load(ctx, c, ready); err != nil {
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

// plan readies model, store and loop for data of a spec, and refuses what the machine has
// no memory for. Nothing that is large is made yet.
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
	t.store = model.NewStore()
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

// reset makes store, loader and loop anew at a saved state, see begin.
func (t *trainer) reset(at train.State, restore func(*model.Store) error) error {
	t.close()
	if err := t.plan(t.spec); err != nil {
		return err
	}
	return t.begin(at, restore)
}

// begin makes the loader, and goes on from a saved state. restore sets the variables; nil
// leaves them at their first values.
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

// learned is what the run learns from.
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

// train runs to the end and saves. A loss, a gradient or a weight that is not finite
// takes the run back to its last checkpoint with half the learning rate, three times at
// most. If ctx ends before the last step, the error says how to go on.
func (t *trainer) train(ctx context.Context) error {
	for {
		t.loop.Hooks = t.hooks()
		err := t.loop.Run(ctx)
		if err == nil || errors.Is(err, ctx.Err()) {
			err = t.save()
		}
		if bad := notFinite(err); bad != "" {
			if err := t.rollBack(bad); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if t.loop.Step < t.loop.Total {
			return stopped.Because(ctx, "stopped at step %d of %d, everything is saved; go on with: atelier train --resume %s",
				t.loop.Step, t.loop.Total, t.dir.Argument())
		}
		return nil
	}
}

// notFinite says what an error reports to be no number; nothing if it is another.
func notFinite(err error) string {
	var update *train.NotFiniteError
	var weights *notNumbersError
	switch {
	case errors.As(err, &update):
		return fmt.Sprintf("%v is not finite", update)
	case errors.As(err, &weights):
		return weights.Error()
	}
	return ""
}

func (t *trainer) rollBack(bad string) error {
	t.failures++
	if t.failures > maxFailures {
		return fmt.Errorf("gave up: %s, after %d rollbacks; try a lower rate of the optimizers or a stronger penalty", bad, maxFailures)
	}
	ck, err := t.studio.latest(t.dir)
	if err != nil {
		return err
	}
	state := ck.state
	state.Loop.Damping = min(state.Loop.Damping, t.loop.Damping) / 2
	if err := t.reset(state.Loop, ck.restore); err != nil {
		return err
	}
	t.studio.notice(fmt.Sprintf("%s; back to step %d with the learning rate × %g (%d of %d times)",
		bad, state.Loop.Step, state.Loop.Damping, t.failures, maxFailures))
	return nil
}
