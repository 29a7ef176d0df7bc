package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"atelier/engine"
	"atelier/model/run"
)

// TestText measures short texts of the small model.
func TestText(t *testing.T) {
	kernels := engine.NewDots(engine.Options{Threads: 1})
	defer kernels.Close()
	var rows []Row
	on := &Machine{Studio: &run.Studio{Kernels: kernels, Home: t.TempDir(), Runs: t.TempDir()}, Threads: 1}
	if err := (&Text{Tokens: 16}).Run(t.Context(), on, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Value <= 0 || rows[1].N != 16*16 {
		t.Errorf("%+v", rows)
	}
	if err := (&Text{Tokens: 1}).Run(t.Context(), on, nil); err == nil {
		t.Error("texts of one token are measured")
	}
}

// TestTextTrains trains a few steps, scores after each, emits the last scores, and finds the run again.
func TestTextTrains(t *testing.T) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	kernels := engine.NewDots(engine.Options{Threads: 1})
	defer kernels.Close()
	path := filepath.Join(t.TempDir(), "plays.txt")
	if err := os.WriteFile(path, bytes.Repeat([]byte("To be, or not to be.\n"), 100), 0o666); err != nil {
		t.Fatal(err)
	}
	on := &Machine{Studio: &run.Studio{Backend: backend, Kernels: kernels, Runs: t.TempDir(), Program: "test", Engine: "cpu"}, Threads: 1}
	var rows [2][]Row
	for i := range rows {
		err := trainText(t.Context(), on, "shakespeare", 1.7, "soon", func(r Row) { rows[i] = append(rows[i], r) }, "data.path="+path, "codec.context=8", "batch=2", "steps=2", "score.every=1", "save=2", "pictures=2",
			`model.network={use="llama", layers=1, heads=1, width=8}`, `score.metrics=[{use="perplexity"}]`)
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(rows[0]) != 2 || !reflect.DeepEqual(rows[0], rows[1]) || rows[0][0].Value <= 0 || rows[0][0].Value > 4 {
		t.Errorf("%+v", rows)
	}
}
