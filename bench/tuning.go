package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

func init() {
	Suites.Add("tuning", "whether a run that begins with the weights of a run of another set is better than one that begins with random weights, after as many steps",
		func() Suite { return &Tuning{Seeds: 3, Learned: 250, Steps: 60, Few: 20, Shrink: 1} })
}

// Tuning trains classifiers of crops of six photographs, from the weights of one of six others and from
// random ones.
type Tuning struct {
	Seeds   int `help:"how many times, each with pictures and weights of its own"`
	Learned int `help:"steps of the run that lends its weights"`
	Steps   int `help:"steps of each run that is measured"`
	Few     int `help:"pictures of a class that these learn from"`
	Shrink  int `help:"divide the number of all other pictures by this, for a quick look"`
}

// Check reports a setting that is out of range.
func (t *Tuning) Check() error {
	if min(t.Seeds, t.Learned, t.Steps, t.Few, t.Shrink) < 1 || t.Few > cropTrain/t.Shrink {
		return fmt.Errorf("want at least 1 of each, and at most %d pictures of a class", cropTrain/max(t.Shrink, 1))
	}
	return nil
}

// Run implements [Suite].
func (t *Tuning) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(t); err != nil {
		return err
	}
	var random, begun float64
	better := 0
	for seed := range t.Seeds {
		r, b, err := t.measure(ctx, on, seed+1)
		if err != nil {
			return err
		}
		on.Tell(fmt.Sprintf("seed %d: %.1f %% from the weights of another run, %.1f %% from random ones", seed+1, 100*b, 100*r))
		random, begun = random+100*r/float64(t.Seeds), begun+100*b/float64(t.Seeds)
		if b > r {
			better++
		}
	}
	emit(Row{Name: "accuracy from the weights of a run of another set, beside random ones", Value: begun, Unit: "%", Peer: &random,
		Bar: fmt.Sprintf("> %.1f", random), Holds: begun > random, N: t.Seeds})
	emit(Row{Name: "seeds with which it is better", Value: float64(better), Bar: fmt.Sprintf("= %d", t.Seeds), Holds: better == t.Seeds, N: t.Seeds})
	return nil
}

// measure returns the accuracies of two runs that differ in their first weights alone.
func (t *Tuning) measure(ctx context.Context, on *Machine, seed int) (random, begun float64, err error) {
	names, train, test, err := photoCrops(uint64(seed), t.Shrink)
	if err != nil {
		return 0, 0, err
	}
	dir, err := os.MkdirTemp("", "tuning")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	half := len(names) / 2
	lent, err := t.train(ctx, on, dir, "lent", names[:half], train[:half], test[:half], t.Learned, seed, "")
	if err != nil {
		return 0, 0, err
	}
	lent.Close()
	few := make(crops, 0, half)
	for _, of := range train[half:] {
		few = append(few, of[:t.Few])
	}
	weights, err := filepath.Glob(lent.Dir.Path("checkpoint", "*", "weights.safetensors"))
	if err != nil || len(weights) == 0 {
		return 0, 0, fmt.Errorf("the run has no weights: %w", err)
	}
	if random, err = t.accuracy(ctx, on, dir, "random", names[half:], few, test[half:], seed, ""); err != nil {
		return 0, 0, err
	}
	begun, err = t.accuracy(ctx, on, dir, "begun", names[half:], few, test[half:], seed, weights[len(weights)-1])
	return random, begun, err
}

// accuracy is that of a run which begins with the weights in a file, or with random ones.
func (t *Tuning) accuracy(ctx context.Context, on *Machine, dir, name string, names []string, train, test crops, seed int, weights string) (float64, error) {
	r, err := t.train(ctx, on, dir, name, names, train, test, t.Steps, seed, weights)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return accuracyOf(r)
}

// train trains a classifier of crops.
func (t *Tuning) train(ctx context.Context, on *Machine, dir, name string, names []string, train, test crops, steps, seed int, weights string) (*run.Run, error) {
	c, err := cropConfig(filepath.Join(dir, name), names, train, test)
	if err != nil {
		return nil, err
	}
	if c.Model, err = registry.Make[family.Family]("classifier", `network={use="residual", width=8}`); err != nil {
		return nil, err
	}
	if weights != "" {
		if c.Init, err = registry.Make[run.Init]("weights", "name="+weights); err != nil {
			return nil, err
		}
	}
	c.Name, c.Steps, c.Seed = name, steps, uint64(seed)
	studio := *on.Studio
	studio.Runs = filepath.Join(dir, "runs")
	return studio.Train(ctx, c)
}
