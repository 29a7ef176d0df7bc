package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

const (
	checkpoints = "checkpoint" // folder in the folder of the run
	stepPrefix  = "step-"
	keepNewest  = 2 // so that one is left when the other is damaged
)

// ErrNoCheckpoint reports a run without checkpoints.
var ErrNoCheckpoint = badinput.Errorf("no checkpoint yet")

// A Checkpoint is a saved state of a run, verified to be complete.
type Checkpoint struct {
	Path string // its folder
	Step int
	Hash string // of all its files, hexadecimal SHA-256
}

// SaveCheckpoint saves the state after a step, whose files write provides. Once it is
// safely on disk, older checkpoints are removed, except the newest two and the best, as
// are later ones from before a rollback. The caller holds the Lock.
func (d *Dir) SaveCheckpoint(step int, write func(*durable.Files) error) error {
	if err := os.MkdirAll(d.Path(checkpoints), 0o777); err != nil {
		return durable.Explain(d.Path(checkpoints), err)
	}
	if err := durable.WriteDir(d.checkpoint(step), write); err != nil {
		return err
	}
	return d.prune(step)
}

// Saved returns the step of the newest checkpoint without reading it, 0 if there is
// none.
func (d *Dir) Saved() (int, error) {
	steps, err := d.steps()
	if err != nil || len(steps) == 0 {
		return 0, err
	}
	return steps[len(steps)-1], nil
}

// Latest returns the newest complete checkpoint, with a warning for each damaged one that
// was skipped. The error is ErrNoCheckpoint if none was saved yet.
func (d *Dir) Latest() (*Checkpoint, []string, error) {
	steps, err := d.steps()
	if err != nil {
		return nil, nil, err
	}
	var warnings []string
	best, marked, _ := d.bestStep()
	for _, step := range slices.Backward(steps) {
		ck, err := d.open(step)
		if err == nil {
			return ck, warnings, nil
		}
		warnings = append(warnings, passedOver(step, marked && step == best, err))
	}
	if len(warnings) == 0 {
		return nil, nil, fmt.Errorf("run %s has %w", d.Name(), ErrNoCheckpoint)
	}
	return nil, warnings, fmt.Errorf("run %s has no whole checkpoint left: %s", d.Name(), strings.Join(warnings, "; "))
}

// passedOver says that a checkpoint is not used, and why.
func passedOver(step int, best bool, why error) string {
	line := fmt.Sprintf("checkpoint of step %d skipped: %v", step, why)
	if best {
		line += "; it is the best one: restore it from a copy if there is one"
	}
	return line
}

func (d *Dir) open(step int) (*Checkpoint, error) {
	path := d.checkpoint(step)
	hash, err := durable.Verify(path)
	if err != nil {
		return nil, err
	}
	return &Checkpoint{path, step, hash}, nil
}

// prune removes outdated checkpoints once that of step is saved, but none while the mark
// of the best is damaged.
func (d *Dir) prune(step int) error {
	steps, err := d.steps()
	if err != nil {
		return err
	}
	bestStep, marked, damage := d.bestStep()
	if damage != "" {
		return nil
	}
	if marked && bestStep > step {
		os.Remove(d.Path(checkpoints, bestFile))
		marked = false
	}
	at := slices.Index(steps, step)
	for i, s := range steps {
		newest := i <= at && i > at-keepNewest
		if newest || marked && s == bestStep {
			continue
		}
		if err := durable.Remove(d.checkpoint(s)); err != nil {
			return err
		}
	}
	return nil
}

// Checkpoints are the steps that have a checkpoint, in order, and the one of them that is the best,
// which is the newest if none is marked; 0 if there is none.
func (d *Dir) Checkpoints() (steps []int, best int, err error) {
	if steps, err = d.steps(); err != nil || len(steps) == 0 {
		return nil, 0, err
	}
	best = steps[len(steps)-1]
	if step, marked, _ := d.bestStep(); marked && slices.Contains(steps, step) {
		best = step
	}
	return steps, best, nil
}

// steps lists the steps that have a checkpoint, complete or not, in order.
func (d *Dir) steps() ([]int, error) {
	entries, err := os.ReadDir(d.Path(checkpoints))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var steps []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), stepPrefix)
		step, err := strconv.Atoi(digits)
		if ok && err == nil && e.IsDir() {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

func (d *Dir) checkpoint(step int) string {
	return d.Path(checkpoints, fmt.Sprintf("%s%07d", stepPrefix, step))
}

// Holds reports whether the run has a complete checkpoint with a hash.
func (d *Dir) Holds(hash string) (bool, error) {
	steps, err := d.steps()
	for _, step := range steps {
		if ck, e := d.open(step); e == nil && ck.Hash == hash {
			return true, nil
		}
	}
	return false, err
}
