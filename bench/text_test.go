package bench

import (
	"testing"

	"atelier/engine"
	"atelier/model/run"
)

// TestText measures short texts of the small model.
func TestText(t *testing.T) {
	kernels := engine.NewDots(engine.Options{Threads: 1})
	defer kernels.Close()
	var rows []Row
	on := &Machine{Studio: &run.Studio{Kernels: kernels, Home: t.TempDir()}, Threads: 1}
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
