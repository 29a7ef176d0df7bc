package bench

import (
	"testing"

	"atelier/engine"
	"atelier/model/run"
)

// The classifier of the suite verdict learns more from a few pictures than guessing would.
func TestVerdictOnTheClassifier(t *testing.T) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	on := &Machine{Studio: &run.Studio{Runs: t.TempDir(), Backend: backend, Program: "test", Engine: "cpu"}, Threads: 2}
	var rows []Row
	v := &Verdicts{Only: []string{cropSet}, Seed: 1, Shrink: 50, Python: "none"}
	if err := v.Run(t.Context(), on, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].N != 24 || rows[0].Value <= 100./12 {
		t.Errorf("%+v", rows)
	}
}
