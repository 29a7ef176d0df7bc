package bench

import (
	"testing"

	"github.com/gomlx/compute/gobackend"

	_ "atelier/data/codec"
	_ "atelier/data/source"
	"atelier/model/run"
	"atelier/recipes"
)

// TestRingsFindTheirModes trains the recipe rings on wider modes and for a
// tenth of its steps: all modes must be found. The whole recipe is held to its
// bars by the suite.
func TestRingsFindTheirModes(t *testing.T) {
	text, err := recipes.Read("rings")
	if err != nil {
		t.Fatal(err)
	}
	c, err := run.Parse("rings.toml", text, "data.sigma=0.05", "steps=600", "model.ema=0.99",
		"model.generator.widths=[48,48]", "model.discriminator.widths=[48,48]", "model.penalty=[{use=\"r1\", gamma=0.05}]")
	if err != nil {
		t.Fatal(err)
	}
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	s := &run.Studio{Runs: t.TempDir(), Backend: backend, Program: "test", Engine: "go"}
	r, err := s.Train(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		t.Fatal(err)
	}
	for _, score := range scores {
		t.Log(score.Score)
		if score.Name == "modes_found" && score.Value < 8 {
			t.Errorf("found %g of 8 modes", score.Value)
		}
	}
	if len(scores) == 0 {
		t.Error("no scores")
	}
}
