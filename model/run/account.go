package run

import (
	"path/filepath"
	"strings"

	"atelier/model/metric"
	"atelier/model/weights"
)

// An Account is what there is to tell of a run's best checkpoint without computing
// anything.
type Account struct {
	// Step is that of the checkpoint, and Seconds the time that it took to get there.
	Step    int     `json:"step"`
	Seconds float64 `json:"seconds"`
	// Weights is how many numbers of each network learn.
	Weights map[string]int `json:"weights"`
	// Scores are the newest of each name that the checkpoint was given, in the order of
	// their names.
	Scores []metric.Score `json:"scores"`
	// Warnings say what is damaged of what is told.
	Warnings []string `json:"warnings,omitempty"`
}

// Account tells of the best checkpoint of a run, or the last one if none was marked.
func (d *Dir) Account() (a Account, err error) {
	ck, warnings, err := d.Best()
	if err != nil {
		return a, err
	}
	a.Step, a.Warnings = ck.Step, warnings
	s, err := ck.readState()
	if err != nil {
		return a, err
	}
	a.Seconds = s.Seconds
	if a.Weights, err = networkSizes(filepath.Join(ck.Path, weightsFile)); err != nil {
		return a, err
	}
	all, err := d.Scores()
	for _, m := range all {
		if m.Step != ck.Step {
			continue
		}
		if n := len(a.Scores); n > 0 && a.Scores[n-1].Name == m.Name {
			a.Scores = a.Scores[:n-1]
		}
		a.Scores = append(a.Scores, m.Score)
	}
	return a, err
}

// networkSizes counts what learns in each network of a file of weights: each is a scope
// of its own.
func networkSizes(path string) (map[string]int, error) {
	f, err := weights.Load(path)
	if err != nil {
		return nil, err
	}
	sizes := map[string]int{}
	for name, n := range f.Learning() {
		if network, _, ok := strings.Cut(name, "/"); ok {
			sizes[network] += n
		}
	}
	return sizes, nil
}
