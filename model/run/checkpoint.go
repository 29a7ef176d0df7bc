package run

import (
	"encoding/json"
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
	bestFile    = "best.json"
	bestFormat  = 1
	keepNewest  = 2 // so that one is left when the other is damaged
)

// ErrNoCheckpoint is what a run has until its first one.
var ErrNoCheckpoint = badinput.Errorf("no checkpoint yet")

// A Checkpoint is a saved state of a run, checked to be whole.
type Checkpoint struct {
	Path string // its folder
	Step int
	Hash string // of all its files, hexadecimal SHA-256
}

// best is what best.json holds.
type best struct {
	Format int `json:"format"`
	Step   int `json:"step"`
}

// SaveCheckpoint saves the state after a step: write puts its files into the
// folder it is given. Only once it is safely on disk do older ones go, all but
// the newest two and the best; later ones, from which the run has turned back,
// go too. The caller holds the Lock.
func (d *Dir) SaveCheckpoint(step int, write func(dir string) error) error {
	if err := os.MkdirAll(d.Path(checkpoints), 0o777); err != nil {
		return durable.Explain(d.Path(checkpoints), err)
	}
	if err := durable.WriteDir(d.checkpoint(step), write); err != nil {
		return err
	}
	return d.prune(step)
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

// Saved returns the step of the newest checkpoint without reading it, 0 if there is
// none.
func (d *Dir) Saved() (int, error) {
	steps, err := d.steps()
	if err != nil || len(steps) == 0 {
		return 0, err
	}
	return steps[len(steps)-1], nil
}

// Latest returns the newest whole checkpoint, with a warning for each damaged
// one that was passed over. The error is ErrNoCheckpoint if none was saved yet.
func (d *Dir) Latest() (*Checkpoint, []string, error) {
	steps, err := d.steps()
	if err != nil {
		return nil, nil, err
	}
	var warnings []string
	for _, step := range slices.Backward(steps) {
		ck, err := d.open(step)
		if err == nil {
			return ck, warnings, nil
		}
		warnings = append(warnings, fmt.Sprintf("checkpoint of step %d passed over: %v", step, err))
	}
	if len(warnings) == 0 {
		return nil, nil, fmt.Errorf("run %s has %w", d.Name(), ErrNoCheckpoint)
	}
	return nil, warnings, fmt.Errorf("run %s has no whole checkpoint left: %s", d.Name(), strings.Join(warnings, "; "))
}

// Best returns the checkpoint that was marked as the best, or the newest whole
// one if none was marked or, with a warning, if that one is damaged.
func (d *Dir) Best() (*Checkpoint, []string, error) {
	step, marked, err := d.best()
	if err == nil && !marked {
		return d.Latest()
	}
	var ck *Checkpoint
	if err == nil {
		ck, err = d.open(step)
	}
	if err == nil {
		return ck, nil, nil
	}
	ck, warnings, latestErr := d.Latest()
	return ck, append([]string{fmt.Sprintf("best checkpoint passed over: %v", err)}, warnings...), latestErr
}

func (d *Dir) open(step int) (*Checkpoint, error) {
	path := d.checkpoint(step)
	hash, err := durable.Verify(path)
	if err != nil {
		return nil, err
	}
	return &Checkpoint{path, step, hash}, nil
}

// best reads which step was marked as the best, if any.
func (d *Dir) best() (step int, marked bool, err error) {
	path := d.Path(checkpoints, bestFile)
	data, err := durable.ReadFile(path, mostFacts)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	var b best
	if err := json.Unmarshal(data, &b); err != nil || b.Format != bestFormat {
		return 0, false, fmt.Errorf("%s is damaged: it should hold {\"format\": %d, \"step\": ...}", path, bestFormat)
	}
	return b.Step, true, nil
}

// prune removes the checkpoints that are not kept once that of step is saved.
func (d *Dir) prune(step int) error {
	steps, err := d.steps()
	if err != nil {
		return err
	}
	bestStep, marked, err := d.best()
	if err != nil || marked && bestStep > step {
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

// steps lists the steps that have a checkpoint, whole or not, in order.
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
