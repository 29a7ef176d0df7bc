package run

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/train"
	"atelier/model/weights"
)

// A snapshot is a checkpoint in memory.
type snapshot struct {
	*Checkpoint
	run   *Dir
	state state
}

// weights is the path of the snapshot's weights.
func (c *snapshot) weights() string { return filepath.Join(c.Path, weightsFile) }

// load reads the snapshot's weights; those of networks must be finite.
func (c *snapshot) load(counts func(name string) bool) (*weights.File, error) {
	f, err := weights.Load(c.weights())
	if err != nil {
		return nil, err
	}
	return f, c.numbers(f, counts)
}

// serve gives a store the network weights of a snapshot, which must be finite.
func (c *snapshot) serve(backend compute.Backend, store *model.Store) error {
	f, closed, err := weights.Map(c.weights())
	if err != nil {
		return err
	}
	defer closed()
	if err := c.numbers(f, ofNetwork); err != nil {
		return err
	}
	return f.Serve(backend, store, ofNetwork)
}

// numbers rejects weights that are not finite.
func (c *snapshot) numbers(f *weights.File, counts func(name string) bool) error {
	if name, found := f.NotFinite(counts); found {
		return c.notNumbers(name, counts)
	}
	return nil
}

// notNumbers reports a tensor with NaN or infinite values, and which checkpoint is still good.
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
			return badinput.Errorf("run %s: the weights of step %d are not finite: %s has a NaN or an infinity; those of step %d are good: to use them, move %s elsewhere", c.run.Name(), c.Step, name, step, c.Path)
		}
	}
	return badinput.Errorf("run %s: the weights of step %d are not finite: %s has a NaN or an infinity; no other checkpoint is good: train a new run, with a lower rate of the optimizers", c.run.Name(), c.Step, name)
}

// changedSettings lists the settings that differ between the run file and the checkpoint.
// Checkpoints of earlier versions do not record settings.
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

// settings returns the settings recorded in the checkpoint, nil if there are none.
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

// sameSettings refuses to resume with other settings than those in the checkpoint.
func (c *snapshot) sameSettings(now *Config) error {
	changed, err := c.changedSettings(now)
	if err != nil || len(changed) == 0 {
		return err
	}
	file := c.run.Path(configFile)
	return badinput.Errorf("%s was changed since step %d was saved, but a run keeps its settings: %s; revert the change, or train a new run with: atelier train %s 'init={use=\"run\", name=%q}'",
		file, c.Step, strings.Join(changed, ", "), file, c.run.Name())
}

// restore sets every variable of the store to the snapshot's value, or reports another
// architecture.
func (c *snapshot) restore(store *model.Store) error {
	f, err := c.load(anyTensor)
	if err != nil {
		return err
	}
	return f.Restore(store)
}

// fits rejects weights of networks that differ from those of the run file.
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

// moments is the prefix of variables that belong to one run only.
const moments = "optimizer/"

func anyTensor(string) bool { return true }

// ofNetwork reports whether a tensor belongs to a network.
func ofNetwork(name string) bool { return !strings.HasPrefix(name, moments) }

// networks yields the variables other than optimizer moments.
func networks(store *model.Store) iter.Seq[*model.Variable] {
	return func(yield func(*model.Variable) bool) {
		for v := range store.IterVariables() {
			if ofNetwork(strings.TrimPrefix(v.Path(), "/")) && !yield(v) {
				return
			}
		}
	}
}

// latest reads the newest complete checkpoint of a run.
func (s *Studio) latest(d *Dir) (*snapshot, error) {
	ck, warnings, err := d.Latest()
	return s.snapshot(d, ck, warnings, err)
}

// best reads the best checkpoint of a run, or the newest complete one if none was marked.
func (s *Studio) best(d *Dir) (*snapshot, error) {
	ck, warnings, err := d.Best()
	return s.snapshot(d, ck, warnings, err)
}

// usedInstead says which checkpoint is used after warnings about others.
func usedInstead(step int) string {
	if step == 0 {
		return "the weights used are those of step 0, which are untrained"
	}
	return fmt.Sprintf("the weights used are those of step %d", step)
}

func (s *Studio) snapshot(d *Dir, ck *Checkpoint, warnings []string, err error) (*snapshot, error) {
	for _, w := range warnings {
		s.notice(w)
	}
	if err != nil {
		return nil, err
	}
	if len(warnings) > 0 {
		s.notice(usedInstead(ck.Step))
	}
	out := &snapshot{Checkpoint: ck, run: d}
	out.state, err = ck.readState()
	return out, err
}

// adopt takes every weight of another run whose name and shape match, and reports the
// others.
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
	variables := networks(t.store)
	same, err := t.sameTokens(dir)
	if err != nil {
		return err
	}
	if !same {
		if variables, err = t.withoutTokens(dir, variables); err != nil {
			return err
		}
	}
	taken, left, err := f.Fit(variables)
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
