package run

import (
	"path/filepath"
	"strings"

	"atelier/internal/energy"
	"atelier/model/metric"
	"atelier/model/weights"
)

// An Account describes a run's best checkpoint, without any computation.
type Account struct {
	// Step is the step of the checkpoint, and Seconds the training time up to it.
	Step    int     `json:"step"`
	Seconds float64 `json:"seconds"`
	// Energy is what training to it took, pictures and scores included; nil if that was not recorded.
	Energy *energy.Use `json:"energy,omitempty"`
	// Weights is the number of trainable parameters of each network.
	Weights map[string]int `json:"weights"`
	// Scores are the newest scores of the checkpoint, sorted by name.
	Scores []metric.Score `json:"scores"`
	// Warnings name damaged files.
	Warnings []string `json:"warnings,omitempty"`
}

// Account describes the best checkpoint of a run, or the last one if none was marked.
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
	a.Seconds, a.Energy = s.Seconds, s.clock.Energy
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

// networkSizes counts the trainable parameters of each network, a scope, in a file of
// weights.
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
