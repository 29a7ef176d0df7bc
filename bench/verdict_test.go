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
	if len(rows) != 1 || rows[0].N != 72 || rows[0].Value <= 100./12 {
		t.Errorf("%+v", rows)
	}
}

// The suite tuning trains its runs, and says which are better.
func TestTuning(t *testing.T) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	on := &Machine{Studio: &run.Studio{Runs: t.TempDir(), Backend: backend, Program: "test", Engine: "cpu"}, Threads: 2}
	var rows []Row
	s := &Tuning{Seeds: 1, Learned: 10, Steps: 4, Few: 4, Shrink: 50}
	if err := s.Run(t.Context(), on, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Peer == nil || rows[0].Value <= 100./6 || rows[0].Holds != (rows[0].Value > *rows[0].Peer) || rows[1].Value > 1 {
		t.Errorf("%+v", rows)
	}
	if s.Few = 11; s.Run(t.Context(), on, nil) == nil {
		t.Error("more pictures than there are")
	}
}
