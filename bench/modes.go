package bench

import (
	"context"
	"fmt"

	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("modes", "mode coverage of the recipes rings and grid, which show mode collapse (Srivastava et al. 2017, arXiv:1705.07761)",
		func() Suite { return &Modes{Seeds: 10, Shorten: 1} })
}

// Modes trains the recipes rings and grid with several seeds and counts the modes found by each
// run. After an interruption, it continues.
type Modes struct {
	Seeds   int `help:"number of seeds per recipe"`
	Shorten int `help:"divide the steps of each run by this, for a quick look; the bars hold for full runs"`
}

// Check reports a setting that is out of range.
func (m *Modes) Check() error {
	if m.Seeds < 1 || m.Shorten < 1 {
		return fmt.Errorf("want at least 1 seed, and steps divided by at least 1, got %d and %d", m.Seeds, m.Shorten)
	}
	return nil
}

// modeBars are the targets for every run of a recipe.
var modeBars = []struct {
	recipe  string
	found   float64 // modes
	quality float64 // % of samples within 3 sigma of a mode; 0 for no target
}{
	{"rings", 8, 90},
	{"grid", 25, 0},
}

// mostKL is the upper limit of the reverse KL of the modes' shares, in nats.
const mostKL = 0.04

// Run implements [Suite].
func (m *Modes) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(m); err != nil {
		return err
	}
	for _, bar := range modeBars {
		text, err := recipes.Read(bar.recipe)
		if err != nil {
			return err
		}
		for seed := 1; seed <= m.Seeds; seed++ {
			c, err := run.Parse(bar.recipe+".toml", text, fmt.Sprintf("seed=%d", seed), "name="+bar.recipe)
			if err != nil {
				return err
			}
			c.Steps = max(1, c.Steps/m.Shorten)
			r, err := on.Complete(ctx, c)
			if err != nil {
				return err
			}
			scores, err := r.Dir.Scores()
			if err != nil {
				return err
			}
			for _, s := range scores {
				if s.Step == c.Steps {
					emit(modeRow(fmt.Sprintf("%s seed %d %s", bar.recipe, seed, s.Name), s.Score, bar.found, bar.quality))
				}
			}
		}
	}
	return nil
}

func modeRow(name string, s metric.Score, found, quality float64) Row {
	row := Row{Name: name, Value: s.Value, Unit: s.Unit, Holds: true, Floor: s.Floor, N: s.N}
	switch {
	case s.Name == "modes_found":
		row.Bar, row.Holds = fmt.Sprintf(">= %g", found), s.Value >= found
		row.Unit = "modes"
	case s.Name == "modes_high_quality" && quality > 0:
		row.Bar, row.Holds = fmt.Sprintf(">= %g", quality), s.Value >= quality
	case s.Name == "modes_reverse_kl":
		row.Bar, row.Holds = fmt.Sprintf("< %g", mostKL), s.Value < mostKL
	}
	return row
}
