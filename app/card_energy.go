package app

import (
	"fmt"

	"atelier/internal/energy"
	"atelier/model/run"
)

// EnergyFacts are what is known about the energy of a run.
type EnergyFacts struct {
	// Spent is nil if it was not recorded.
	Spent *run.Spent `json:"spent"`
	// Thousand is the energy of a thousand samples, nil if it is not known.
	Thousand *energy.Use `json:"per_thousand,omitempty"`
	// Intensity is the emission of the grid in grams of CO2 equivalents per kilowatt hour, 0 if it is
	// not known, and Grams the range of that of the run.
	Intensity float64     `json:"grid_intensity,omitempty"`
	Grams     *[2]float64 `json:"grams,omitempty"`
	// InWords are these figures and how they were got, a sentence each.
	InWords []string `json:"in_words"`
}

// GridVariable is the environment variable with the emission of the grid, in grams of CO2
// equivalents per kilowatt hour.
const GridVariable = "ATELIER_GRID"

// MostIntense is the largest emission of a grid that is accepted, in grams per kilowatt hour.
const MostIntense = 5000

// energyFacts describe the energy of a run.
func energyFacts(d *run.Dir, c *run.Config, intensity float64) EnergyFacts {
	e := EnergyFacts{Intensity: intensity}
	say := func(format string, args ...any) { e.InWords = append(e.InWords, fmt.Sprintf(format, args...)) }
	spent, ok := d.Spent()
	if !ok {
		say("The energy was not recorded: an earlier version of the program trained it.")
		return e
	}
	e.Spent = &spent
	say("Training up to step %d, with pictures and scores, took %s (%s).", spent.Step, spent.Total, spent.Total.Method())
	if spent.Drawn != nil {
		thousand := spent.Drawn.Thousand()
		e.Thousand = &thousand
		say("A thousand samples take %s, by a draw of %d.", thousand, spent.Drawn.Samples)
	}
	if intensity > 0 {
		low, high := spent.Total.Carbon(intensity)
		e.Grams = &[2]float64{low, high}
		say("At %g g of CO2 equivalents per kWh of the grid, training emitted %s.", intensity, energy.Grams(low, high))
	} else {
		say("The emission depends on the grid: --grid or %s sets its grams of CO2 equivalents per kWh.", GridVariable)
	}
	switch {
	case spent.After != nil:
		say("The best checkpoint is that of step %d: the %s after it took %s, which stopping earlier would have saved (stop.patience).", spent.Best, Counted(spent.Step-spent.Best, "step"), *spent.After)
	case c.Score.Every == 0:
		say("It was scored only at its end: whether fewer steps would have done is not known (score.every).")
	case spent.Best == spent.Step:
		say("The best checkpoint is the last one: by its scores, no step was in vain.")
	}
	for _, how := range spent.Total.How {
		say("How this is known: %s.", how)
	}
	return e
}
