package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// Batches is the source of training data of a loop.
type Batches interface {
	// Next returns the next batch, valid until the one after.
	Next(context.Context) (*data.Batch, error)
	// Position is the number of batches taken, saved in checkpoints.
	Position() uint64
}

// A Hook runs after each step. An error stops the loop, unless it is an [Action].
type Hook func(context.Context, Event) error

// An Event describes a step to hooks.
type Event struct {
	Step  int // steps done, from 1
	Total int
	Stage string
	Stats Stats
	Rate  float64       // factor of the learning rates
	Took  time.Duration // the step alone
	// Then is what follows the last step, such as "scores", empty for nothing, and
	// ThenTakes how long that takes, 0 if unknown.
	Then      string
	ThenTakes time.Duration
}

// A Loop runs the phases of its stages, step after step.
type Loop struct {
	Backend  compute.Backend
	Store    *model.Store
	Stages   []Stage
	Batches  Batches
	Schedule Schedule
	Hooks    []Hook
	Seed     uint64
	Total    int // steps of the whole run
	Step     int // steps done
	// Damping multiplies all learning rates; a run halves it after a failure.
	Damping float64
	// Ended says why training ended before its last step; empty if it did not.
	Ended string

	updaters map[*Phase]*updater
}

// Build compiles every phase for batches of size examples of the spec and initialises
// variables without a value, so that errors show before anything is trained or written.
func (l *Loop) Build(spec data.Spec, size int) error {
	if _, err := l.Plan(spec, size); err != nil {
		return err
	}
	return l.Initialize()
}

// Initialize initialises variables without a value.
func (l *Loop) Initialize() error { return l.Store.InitializeVariables(l.Backend, nil) }

// fit reports settings of the schedule that are out of range. A loop that only opens a
// trained model has none.
func (l *Loop) fit() error {
	if l.Schedule == nil {
		return nil
	}
	if err := registry.Check(l.Schedule); err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	return nil
}

// Run trains until all steps are done or a hook stops it. If ctx is done, it finishes the
// current step and returns the context's error, in a state that can be saved.
func (l *Loop) Run(ctx context.Context) error {
	for !l.Done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		stage, err := l.stage()
		if err != nil {
			return err
		}
		began := time.Now()
		rate := l.Schedule.Factor(l.Step, l.Total) * l.Damping
		stats, err := l.step(ctx, stage, rate)
		if err != nil {
			return err
		}
		l.Step++
		e := Event{Step: l.Step, Total: l.Total, Stage: stage.Name, Stats: stats, Rate: rate, Took: time.Since(began)}
		for _, hook := range l.Hooks {
			if err := l.Act(hook(ctx, e)); err != nil {
				return err
			}
		}
	}
	return nil
}

// stage returns the stage that the next step belongs to.
func (l *Loop) stage() (*Stage, error) {
	end := 0
	for i := range l.Stages {
		end += l.Stages[i].Steps
		if l.Stages[i].Steps == 0 || l.Step < end {
			return &l.Stages[i], nil
		}
	}
	return nil, fmt.Errorf("step %d: the stages end after %d steps", l.Step, end)
}

func (l *Loop) step(ctx context.Context, stage *Stage, rate float64) (Stats, error) {
	stats := Stats{}
	// A batch is taken even when the context is done: steps are never left unfinished.
	ctx = context.WithoutCancel(ctx)
	for i := range stage.Phases {
		p := &stage.Phases[i]
		if l.Step%p.every() != 0 {
			continue
		}
		for k := range p.times() {
			got, err := l.update(ctx, p, k, rate)
			if err != nil {
				return nil, err
			}
			for name, v := range got {
				stats[name] = v
			}
		}
	}
	return stats, nil
}

func (l *Loop) update(ctx context.Context, p *Phase, k int, rate float64) (Stats, error) {
	b, err := l.Batches.Next(ctx)
	if err != nil {
		return nil, err
	}
	// Columns added by a phase must not stay in a batch that is used again.
	b = &data.Batch{N: b.N, Columns: slices.Clone(b.Columns)}
	turn := Turn{Step: l.Step, Index: k, Seed: l.Seed, Batch: b, Backend: l.Backend, Store: l.Store}
	if p.Prepare != nil {
		if err := p.Prepare(turn); err != nil {
			return nil, err
		}
	}
	u, err := l.updater(p)
	if err != nil {
		return nil, err
	}
	stats, err := u.run(b, rate)
	var bad *NotFiniteError
	if errors.As(err, &bad) {
		bad.Step = l.Step + 1
	}
	if err == nil && p.After != nil {
		err = p.After(turn, stats)
	}
	return stats, err
}

func (l *Loop) updater(p *Phase) (*updater, error) {
	if u := l.updaters[p]; u != nil {
		return u, nil
	}
	u, err := newUpdater(l.Backend, l.Store, p)
	if err != nil {
		return nil, err
	}
	if l.updaters == nil {
		l.updaters = map[*Phase]*updater{}
	}
	l.updaters[p] = u
	return u, nil
}

// A State is the part of a loop, besides its store, that is saved in checkpoints.
type State struct {
	Step     int                        `json:"step"`
	Position uint64                     `json:"position"` // batches taken
	Damping  float64                    `json:"damping"`
	Ended    string                     `json:"ended,omitempty"`    // as of the loop
	Memories map[string]json.RawMessage `json:"memories,omitempty"` // by "stage/phase"
}

// State returns what must be saved to resume from here.
func (l *Loop) State() (State, error) {
	s := State{Step: l.Step, Position: l.Batches.Position(), Damping: l.Damping, Ended: l.Ended}
	err := l.memories(func(name string, m Memory) error {
		raw, err := m.Save()
		if err != nil {
			return err
		}
		if s.Memories == nil {
			s.Memories = map[string]json.RawMessage{}
		}
		s.Memories[name] = raw
		return nil
	})
	return s, err
}

// Restore sets the loop to a saved state. The caller restores the store and continues
// Batches from s.Position.
func (l *Loop) Restore(s State) error {
	l.Step, l.Damping, l.Ended = s.Step, s.Damping, s.Ended
	return l.memories(func(name string, m Memory) error { return m.Load(s.Memories[name]) })
}

func (l *Loop) memories(each func(name string, m Memory) error) error {
	for _, stage := range l.Stages {
		for _, p := range stage.Phases {
			if p.Memory == nil {
				continue
			}
			if err := each(stage.Name+"/"+p.Name, p.Memory); err != nil {
				return fmt.Errorf("state of phase %s: %w", p.Name, err)
			}
		}
	}
	return nil
}
