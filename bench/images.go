package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("images", "models of pictures at equal training time on the same data and scores, on several seeds",
		func() Suite { return &Images{Seeds: 3, Shorten: 1} })
}

// Images trains models of pictures and compares their scores with targets. Each training is a run
// of the studio; existing runs are reused.
type Images struct {
	Only    []string `help:"the parts to measure; all if empty"`
	Seeds   int      `help:"number of seeds per model"`
	Shorten int      `help:"divide the steps of each run by this, for a quick look; the bars hold for full runs"`
}

// An imageStudy is a comparison of models on one set. Each is in its own file.
type imageStudy struct {
	name  string
	cells []imageCell
	// judge compares the results of all cells; nil compares nothing.
	judge func(imageResults) []Row
	// baselines measures what is not a run; nil measures nothing.
	baselines func(ctx context.Context, on *Machine, emit func(Row)) error
}

// An imageCell is one model of a study: a recipe with changed settings.
type imageCell struct {
	name, recipe string
	settings     []string
	seeds        int // 0 is the suite's number
	shows        []string
	bars         []imageBar
}

// An imageBar is the target of a score for each run of a cell.
type imageBar struct {
	score string
	bound float64
	below bool // whether it is an upper limit, not a lower one
}

// imageResults are the runs of a study by cell, one run per seed.
type imageResults map[string][]imageResult

type imageResult struct {
	seed    int
	seconds float64
	scores  map[string]metric.Score
}

var imageStudies []imageStudy

// imageParts are the studies as parts of the suite.
func imageParts() (all suiteParts[*Images]) {
	for _, study := range imageStudies {
		all = append(all, suitePart[*Images]{study.name, func(s *Images, ctx context.Context, on *Machine, emit func(Row)) error {
			return s.measure(ctx, on, study, emit)
		}})
	}
	return all
}

// Check reports a setting that is out of range.
func (s *Images) Check() error {
	if err := imageParts().check(s.Only); err != nil {
		return err
	}
	if s.Seeds < 1 || s.Shorten < 1 {
		return fmt.Errorf("want at least 1 seed, and steps divided by at least 1, got %d and %d", s.Seeds, s.Shorten)
	}
	return nil
}

// Run implements [Suite].
func (s *Images) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return imageParts().run(ctx, on, "images", s, s.Only, emit)
}

// measure trains the cells of a study and judges them. The first seed of each cell comes first, so
// that an interrupted suite has covered all models.
func (s *Images) measure(ctx context.Context, on *Machine, study imageStudy, emit func(Row)) error {
	results := imageResults{}
	for seed := 1; seed <= s.Seeds; seed++ {
		for _, cell := range study.cells {
			if cell.seeds > 0 && seed > cell.seeds {
				continue
			}
			got, err := s.train(ctx, on, study.name, cell, seed)
			if err != nil {
				return fmt.Errorf("%s, seed %d: %w", cell.name, seed, err)
			}
			results[cell.name] = append(results[cell.name], got)
			for _, row := range cell.rows(study.name, got) {
				emit(row)
			}
		}
	}
	if study.judge != nil {
		for _, row := range study.judge(results) {
			emit(row)
		}
	}
	if study.baselines != nil {
		return study.baselines(ctx, on, emit)
	}
	return nil
}

// train trains a cell with a seed, or finds the run.
func (s *Images) train(ctx context.Context, on *Machine, study string, cell imageCell, seed int) (imageResult, error) {
	out := imageResult{seed: seed, scores: map[string]metric.Score{}}
	c, err := cell.config(study, seed)
	if err != nil {
		return out, err
	}
	c.Steps = max(1, c.Steps/s.Shorten)
	r, err := on.Complete(ctx, c)
	if err != nil {
		return out, err
	}
	if out.seconds, err = r.Seconds(); err != nil {
		return out, err
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		return out, err
	}
	for _, m := range scores {
		if m.Step == c.Steps {
			out.scores[m.Name] = m.Score
		}
	}
	return out, nil
}

// config is the run file of a cell.
func (cell imageCell) config(study string, seed int) (*run.Config, error) {
	text, err := recipes.Read(cell.recipe)
	if err != nil {
		return nil, err
	}
	settings := append(slices.Clone(cell.settings), fmt.Sprintf("name=%s-%s", study, cell.name), fmt.Sprintf("seed=%d", seed))
	return run.Parse(cell.recipe+".toml", text, settings...)
}

// rows are the training time of a run, and the scores that its cell shows or has targets for.
func (cell imageCell) rows(study string, got imageResult) []Row {
	of := fmt.Sprintf("%s %s seed %d ", study, cell.name, got.seed)
	rows := []Row{{Name: of + "time", Value: got.seconds, Unit: "s", Holds: true}}
	for _, name := range cell.shows {
		if score, ok := got.scores[name]; ok {
			rows = append(rows, cell.row(of, score))
		}
	}
	return rows
}

func (cell imageCell) row(of string, s metric.Score) Row {
	row := Row{Name: of + s.Name, Value: s.Value, Unit: s.Unit, Holds: true, Floor: s.Floor, N: s.N}
	for _, bar := range cell.bars {
		switch {
		case bar.score != s.Name:
		case bar.below:
			row.Bar, row.Holds = fmt.Sprintf("<= %g", bar.bound), s.Value <= bar.bound
		default:
			row.Bar, row.Holds = fmt.Sprintf(">= %g", bar.bound), s.Value >= bar.bound
		}
	}
	return row
}

// of returns a score of all runs of a cell, one value per seed.
func (r imageResults) of(cell, score string) []float64 {
	var all []float64
	for _, got := range r[cell] {
		if s, ok := got.scores[score]; ok {
			all = append(all, s.Value)
		}
	}
	return all
}
