package run

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/train"
	"atelier/model/weights"
)

// A snapshot is a checkpoint that was read.
type snapshot struct {
	*Checkpoint
	run   *Dir
	state state
}

// weights is the path of the snapshot's weights.
func (c *snapshot) weights() string { return filepath.Join(c.Path, weightsFile) }

// load reads the snapshot's weights, of which those that count must be numbers.
func (c *snapshot) load(counts func(name string) bool) (*weights.File, error) {
	f, err := weights.Load(c.weights())
	if err != nil {
		return nil, err
	}
	if name, found := f.NotFinite(counts); found {
		return nil, c.notNumbers(name, counts)
	}
	return f, nil
}

// notNumbers says that a tensor of the weights has a NaN or an infinity, and at which
// step that was otherwise.
func (c *snapshot) notNumbers(name string, counts func(string) bool) error {
	steps, _ := c.run.steps()
	for _, step := range slices.Backward(steps) {
		if step == c.Step {
			continue
		}
		ck, err := c.run.open(step)
		if err != nil {
			continue
		}
		f, err := weights.Load(filepath.Join(ck.Path, weightsFile))
		if err != nil {
			continue
		}
		if _, found := f.NotFinite(counts); !found {
			return badinput.Errorf("run %s: the weights of step %d are not numbers: %s has a NaN or an infinity; those of step %d are good: to use them, move %s elsewhere", c.run.Name(), c.Step, name, step, c.Path)
		}
	}
	return badinput.Errorf("run %s: the weights of step %d are not numbers: %s has a NaN or an infinity; no other checkpoint is good: train a new run, with a lower rate of the optimizers", c.run.Name(), c.Step, name)
}

// changedSettings says which settings the run file has now that are others than when the
// checkpoint was saved. Checkpoints of earlier versions do not tell.
func (c *snapshot) changedSettings(now *Config) ([]string, error) {
	then, err := c.settings()
	if then == nil || err != nil {
		return nil, err
	}
	was, err := then.Encode()
	if err != nil {
		return nil, err
	}
	is, err := now.Encode()
	if err != nil {
		return nil, err
	}
	return registry.Differences(was, is)
}

// settings are those that the run had when the checkpoint was saved, nil if it does not tell.
func (c *snapshot) settings() (*Config, error) {
	path := filepath.Join(c.Path, configFile)
	text, err := durable.ReadFile(path, registry.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// sameSettings refuses to go on with other settings than the run had when the checkpoint
// was saved.
func (c *snapshot) sameSettings(now *Config) error {
	changed, err := c.changedSettings(now)
	if err != nil || len(changed) == 0 {
		return err
	}
	file := c.run.Path(configFile)
	return badinput.Errorf("%s was changed since step %d was saved, and a run keeps its settings: %s; put that back, or train a new run with: atelier train %s 'init={use=\"run\", name=%q}'",
		file, c.Step, strings.Join(changed, ", "), file, c.run.Name())
}

// restore sets every variable of the store to the snapshot's value, or says
// that it is of another architecture.
func (c *snapshot) restore(store *model.Store) error {
	f, err := c.load(anyTensor)
	if err != nil {
		return err
	}
	return f.Restore(store)
}

// fits refuses weights of other networks than a run file says.
func (c *snapshot) fits(s *Studio, config *Config, spec data.Spec, m family.Model) error {
	f, err := weights.Load(c.weights())
	if err != nil {
		return err
	}
	loop := &train.Loop{Backend: s.Backend, Store: model.NewStore(), Stages: m.Stages()}
	if _, err := loop.Plan(spec, config.Batch); err != nil {
		return err
	}
	_, left, err := f.Fit(networks(loop.Store))
	if err == nil && len(left) > 0 {
		return badinput.Errorf("%s: checkpoint of another architecture than %s says: %v", c.weights(), configFile, left[0])
	}
	return err
}

// moments begins the names of what belongs to the run that it was gathered in.
const moments = "optimizer/"

func anyTensor(string) bool { return true }

// ofNetwork reports whether a tensor is one of a network's.
func ofNetwork(name string) bool { return !strings.HasPrefix(name, moments) }

// networks yields the variables that are no optimizer's moments.
func networks(store *model.Store) iter.Seq[*model.Variable] {
	return func(yield func(*model.Variable) bool) {
		for v := range store.IterVariables() {
			if ofNetwork(strings.TrimPrefix(v.Path(), "/")) && !yield(v) {
				return
			}
		}
	}
}

// latest reads the newest whole checkpoint of a run.
func (s *Studio) latest(d *Dir) (*snapshot, error) {
	ck, warnings, err := d.Latest()
	return s.snapshot(d, ck, warnings, err)
}

// best reads the best checkpoint of a run, the newest whole one if none was marked.
func (s *Studio) best(d *Dir) (*snapshot, error) {
	ck, warnings, err := d.Best()
	return s.snapshot(d, ck, warnings, err)
}

func (s *Studio) snapshot(d *Dir, ck *Checkpoint, warnings []string, err error) (*snapshot, error) {
	for _, w := range warnings {
		s.notice(w)
	}
	if err != nil {
		return nil, err
	}
	out := &snapshot{Checkpoint: ck, run: d}
	out.state, err = ck.readState()
	return out, err
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
	f, err := ck.load(ofNetwork)
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
