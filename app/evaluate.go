package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"atelier/data"
	"atelier/data/source"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
)

func init() {
	Apps.Add("evaluate", "score a run's best checkpoint, or a folder of pictures or texts made by any program",
		func() App { return &Evaluate{Truncation: 1} })
}

// Evaluate scores a run, or a dataset or a folder of works in the same way.
type Evaluate struct {
	Of         Model    `toml:"run" help:"the run: its name, number or path"`
	Works      Set      `help:"a dataset or a folder of pictures or texts, instead of a run"`
	As         string   `help:"score the folder as those of this recipe or run"`
	AsFile     File     `accept:"text/*" help:"a run file, instead of a recipe"`
	Settings   []string `help:"settings of the recipe to change, each as key=value"`
	Metric     []string `help:"metrics to compute; if empty, those of the run file"`
	Truncation float64  `min:"0" max:"1" help:"truncation psi of a run's samples, 0 to 1: below 1, they are more typical and less varied"`
	Sheet      bool     `help:"also make a sheet of the first pictures of the folder"`
	Votes      File     `accept:"text/*" help:"votes of atelier rate: they give the score rated, which stands beside the others"`
	Side       string   `help:"the side of the votes that is meant; if empty, the one of the name of the run or the folder"`
}

// Evaluated is the result of [Evaluate].
type Evaluated struct {
	// Verdict summarizes the scores.
	Verdict metric.Verdict `json:"verdict"`
	Scores  []metric.Score `json:"scores"`
}

// Example implements [App].
func (a Evaluate) Example() string { return "0001-fashion --metric fid2k" }

// Check implements [Checker].
func (a Evaluate) Check(out Out) error {
	_, err := a.metrics()
	switch as := a.As != "" || a.AsFile.Given(); {
	case err != nil:
		return err
	case (a.Of == "") == (a.Works == ""):
		return registry.Unfit("run", "want a run, or a folder of works")
	case as != (a.Works != ""):
		return registry.Unfit("as", "want a recipe, a run file or a run, and only for a folder of works")
	case as && a.Truncation != 1:
		return registry.Unfit("truncation", "applies to a run's samples; a folder of works is scored as it is")
	case slices.Contains(a.Metric, rated) && !a.Votes.Given():
		return registry.Unfit("votes", "want the votes of atelier rate, for the metric rated")
	case a.Side != "" && !a.Votes.Given():
		return registry.Unfit("side", "want the votes with it")
	case a.Sheet && !as:
		return registry.Unfit("sheet", "applies to a folder of works; for a run, use generate")
	}
	if a.Sheet {
		return CheckPNG(out.File)
	}
	return nil
}

// Run implements [App].
func (a Evaluate) Run(ctx context.Context, env *Env) error {
	metrics, err := a.metrics()
	if err != nil {
		return err
	}
	evaluate, judge := a.run, metric.Judge
	if a.Works != "" {
		evaluate, judge = a.works, metric.JudgeFolder
	}
	scores, err := evaluate(ctx, env, metrics)
	if err == nil || len(scores) > 0 { // scores that could not be saved are still worth showing
		env.found(&Evaluated{judge(scores), scores})
	}
	return err
}

// run scores a run.
func (a Evaluate) run(ctx context.Context, env *Env, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	r, err := env.open(a.Of)
	if errors.Is(err, run.ErrNoRun) {
		return nil, badinput.Errorf("%w; a folder of pictures or texts is scored with --as RECIPE", err)
	}
	if err != nil {
		return nil, err
	}
	given, err := a.judged(r.Dir.Name()) // before what takes long
	if err != nil {
		return nil, err
	}
	if a.Truncation != 1 {
		scores, err := r.EvaluateTruncated(ctx, metrics, a.Truncation)
		return append(scores, given...), err
	}
	var scores []metric.Score
	if !a.onlyJudged() {
		scores, err = r.Evaluate(ctx, metrics)
	}
	if err == nil {
		err = r.Keep(given)
	}
	return append(scores, given...), err
}

// works scores the works of a dataset or a folder.
func (a Evaluate) works(ctx context.Context, env *Env, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	config, err := configOfRun(env.Studio.Runs, a.As, a.AsFile, a.Settings)
	if err != nil {
		return nil, err
	}
	kind := "pictures"
	if config.Words() {
		kind = "texts"
	}
	given, err := a.judged(filepath.Base(string(a.Works)))
	if err != nil || a.onlyJudged() {
		return given, err
	}
	works, _, err := setOf(ctx, a.Works, kind)
	if err != nil {
		return nil, err
	}
	works = source.WholeOf(works)
	if a.Sheet {
		if err := env.expect(sheetFile); err != nil {
			return nil, err
		}
	}
	fakes, err := env.Studio.ReadFakes(ctx, works, config)
	if err != nil {
		return nil, err
	}
	if a.Sheet {
		file, err := fakes.Sheet()
		if err != nil {
			return nil, err
		}
		if err := env.Emit(data.Item{Name: sheetFile, MediaType: picture.PNG.MediaType(), Bytes: file}); err != nil {
			return nil, err
		}
	}
	scores, err := fakes.Evaluate(ctx, metrics)
	return append(scores, given...), err
}

// sheetFile is the file name of the sheet of the first pictures.
const sheetFile = "sheet.png"

// metrics are the requested metrics.
func (a Evaluate) metrics() (chosen []registry.Choice[metric.Metric], err error) {
	for _, name := range a.Metric {
		if name == rated {
			continue // by the votes
		}
		m, err := metric.Metrics.New(name)
		if err != nil {
			return nil, badinput.Mark(err)
		}
		chosen = append(chosen, registry.Choice[metric.Metric]{Use: name, Value: m})
	}
	return chosen, nil
}
