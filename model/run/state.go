package run

import (
	"encoding/json"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/train"
	"atelier/model/weights"
)

// The files of a checkpoint.
const (
	weightsFile = "weights.safetensors"
	stateFile   = "state.json"
	stateFormat = 1
)

// A state is what state.json holds: all that a run needs beside its weights to
// go on as if it had not stopped.
type state struct {
	Format   int         `json:"format"`
	Loop     train.State `json:"loop"`
	Failures int         `json:"failures"` // rollbacks so far
	Seconds  float64     `json:"seconds"`  // trained for
}

// A snapshot is a checkpoint that was read.
type snapshot struct {
	*Checkpoint
	state state
}

// weights is the path of the snapshot's weights.
func (c *snapshot) weights() string { return filepath.Join(c.Path, weightsFile) }

// restore sets every variable of the store to the snapshot's value, or says
// that it is of another architecture.
func (c *snapshot) restore(store *model.Store) error {
	f, err := weights.Load(c.weights())
	if err != nil {
		return err
	}
	return f.Restore(store)
}

// restoreNetworks sets all but the optimizers' moments, for a run that is used
// and not trained.
func (c *snapshot) restoreNetworks(store *model.Store) error {
	f, err := weights.Load(c.weights())
	if err != nil {
		return err
	}
	_, left, err := f.Fit(networks(store))
	if err == nil && len(left) > 0 {
		return badinput.Errorf("%s: checkpoint of another architecture than %s says: %v", c.weights(), configFile, left[0])
	}
	return err
}

// networks yields the variables that are no optimizer's moments: those belong
// to the run that they were gathered in.
func networks(store *model.Store) iter.Seq[*model.Variable] {
	return func(yield func(*model.Variable) bool) {
		for v := range store.IterVariables() {
			if !strings.HasPrefix(v.Path(), "/optimizer/") && !yield(v) {
				return
			}
		}
	}
}

// save writes a checkpoint of the run as it is.
func (t *trainer) save() error {
	loop, err := t.loop.State()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(state{stateFormat, loop, t.failures, t.seconds()}, "", "  ")
	if err != nil {
		return err
	}
	if t.stats != nil {
		if err := t.stats.Sync(); err != nil {
			return err
		}
	}
	return t.dir.SaveCheckpoint(t.loop.Step, func(dir string) error {
		if err := weights.Save(filepath.Join(dir, weightsFile), t.store, map[string]string{"step": fmt.Sprint(t.loop.Step)}); err != nil {
			return err
		}
		return durable.WriteFile(filepath.Join(dir, stateFile), append(text, '\n'))
	})
}

// latest reads the newest whole checkpoint of a run.
func (s *Studio) latest(d *Dir) (*snapshot, error) { return s.snapshot(d.Latest()) }

// best reads the best checkpoint of a run, the newest whole one if none was marked.
func (s *Studio) best(d *Dir) (*snapshot, error) { return s.snapshot(d.Best()) }

func (s *Studio) snapshot(ck *Checkpoint, warnings []string, err error) (*snapshot, error) {
	for _, w := range warnings {
		s.notice(w)
	}
	if err != nil {
		return nil, err
	}
	out := &snapshot{Checkpoint: ck}
	if err := readJSON(filepath.Join(ck.Path, stateFile), stateFormat, &out.state); err != nil {
		return nil, err
	}
	return out, nil
}

// adopt takes every weight of another run whose name and shape fit, and says
// which it did not.
func (t *trainer) adopt(name string) error {
	dir, err := OpenDir(t.studio.Runs, name)
	if err != nil {
		return err
	}
	ck, err := t.studio.best(dir)
	if err != nil {
		return err
	}
	f, err := weights.Load(ck.weights())
	if err != nil {
		return err
	}
	taken, left, err := f.Fit(networks(t.store))
	if err != nil {
		return err
	}
	t.studio.notice(fmt.Sprintf("%d weights taken from %s, step %d", len(taken), dir.Name(), ck.Step))
	for _, m := range left {
		t.studio.notice(fmt.Sprintf("not taken: %v", m))
	}
	if len(taken) == 0 {
		return badinput.Errorf("init: no weight of run %s fits this model", dir.Name())
	}
	return nil
}
