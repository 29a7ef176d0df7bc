package bench

import (
	"slices"
	"testing"

	"atelier/data"
	_ "atelier/data/cards"
	"atelier/engine"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
)

// TestImageCells reads the run file of every cell of every study: a recipe or a
// setting that there is no longer is found here, and not after hours.
func TestImageCells(t *testing.T) {
	for _, study := range imageStudies {
		names := map[string]bool{}
		for _, cell := range study.cells {
			if names[cell.name] {
				t.Errorf("%s has two cells %s", study.name, cell.name)
			}
			names[cell.name] = true
			if _, err := cell.config(study.name, 1); err != nil {
				t.Errorf("%s %s: %v", study.name, cell.name, err)
			}
		}
	}
}

// TestJudgeFashion is given figures of which all is known.
func TestJudgeFashion(t *testing.T) {
	of := func(values ...float64) (all []imageResult) {
		for _, v := range values {
			all = append(all, imageResult{scores: map[string]metric.Score{
				"fid2k": {Value: v}, "precision": {Value: 0.8}, "recall": {Value: 0.6},
			}})
		}
		return all
	}
	rows := judgeFashion(imageResults{
		"dcgan": of(3, 3.2), "mlp": of(1.4, 9), "dcgan-classes": of(2, 1.1), "style": of(1.2, 1.5),
	})
	want := map[string]bool{
		"fashion best gan (style) worst fid2k, against the best of dcgan": true,
		"fashion best gan (style) worst fid2k, against the best of mlp":   false,
		"fashion best gan (style) mean precision":                         true,
		"fashion best gan (style) mean recall":                            false,
	}
	if len(rows) != len(want) {
		t.Errorf("%d rows, want %d", len(rows), len(want))
	}
	for _, row := range rows {
		if holds, ok := want[row.Name]; !ok || holds != row.Holds {
			t.Errorf("%s: %v, %s, holds %v", row.Name, row.Value, row.Bar, row.Holds)
		}
	}
}

// TestImagesTrain trains a step of the first cell of each study, without scores, and
// readies the models of the others.
func TestImagesTrain(t *testing.T) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	studio := &run.Studio{Runs: t.TempDir(), Backend: backend, Program: "test", Engine: "cpu"}
	for _, study := range imageStudies {
		for i, cell := range study.cells {
			t.Run(study.name+"-"+cell.name, func(t *testing.T) {
				cell.settings = append(slices.Clone(cell.settings), "steps=1", "batch=6", "pictures=1", "limit=64", "score.every=0", "score.metrics=[]")
				c, err := cell.config(study.name, 1)
				if err != nil {
					t.Fatal(err)
				}
				if c.Data.Use == "stacked" { // of digits, which do not come with the program
					c.Data, err = registry.Make[data.Source]("stacked", "size=64", `of={use="starter"}`)
				}
				if err != nil {
					t.Fatal(err)
				}
				if i > 0 {
					spec, err := c.Codec.Value.Spec([]string{"cat", "dog"})
					if err != nil {
						t.Fatal(err)
					}
					if _, err := c.Model.Value.Model(spec); err != nil {
						t.Error(err)
					}
				} else if _, err := studio.Train(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
