package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/energy"
	"atelier/internal/memory"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
)

func init() {
	Apps.Add("train", "train a new run from a recipe or a run file, or resume an interrupted one",
		func() App { return &Train{} })
}

// Train trains a run.
type Train struct {
	Recipe   string   `help:"a recipe"`
	File     File     `accept:"text/*" help:"a run file, instead of a recipe"`
	Settings []string `help:"single settings to change, each as key=value; with --resume only steps=N"`
	Works    Set      `help:"a dataset, or a folder or an archive of pictures, texts or music of your own, or one long text, instead of a recipe: recipe and settings are chosen to suit them"`
	Resume   Model    `help:"resume this run: its name, number or path"`
	Minutes  float64  `min:"0.1" max:"100000" zero:"unset" help:"train for about this many minutes: the number of steps follows from the measured speed"`
	Budget   string   `toml:"energy_budget" help:"stop training when this much energy is spent, such as 20Wh or 0.5kWh, by the upper end of what is measured or estimated; everything is saved"`
	DryRun   bool     `help:"say what would be trained, and train nothing"`
}

// Trained is the result of [Train]: the run, and its scores.
type Trained struct {
	Run    string         `json:"run"`
	Step   int            `json:"step"`
	Scores []metric.Score `json:"scores"`
	// Verdict summarizes the scores.
	Verdict metric.Verdict `json:"verdict"`
	// Preview is the path of the newest preview of the run, empty if there is none.
	Preview string `json:"preview,omitempty"`
	// Dir is the run's folder.
	Dir *run.Dir `json:"-"`
}

// Example implements [App].
func (a Train) Example() string { return "fashion steps=8000 model.loss.use=hinge" }

// Check implements [Checker].
func (a Train) Check(Out) error {
	if a.Budget != "" {
		if _, err := energy.Parse(a.Budget); err != nil {
			return registry.Unfit("energy_budget", err.Error())
		}
	}
	switch {
	case a.Resume != "" && (a.Minutes > 0 || a.DryRun):
		return badinput.Errorf("train --resume %s: --minutes and --dry-run are for a new run; steps=N trains this one longer", a.Resume)
	case a.Resume != "":
		_, err := a.longer()
		return err
	case a.Minutes > 0 && slices.ContainsFunc(a.Settings, func(s string) bool { return strings.HasPrefix(s, "steps=") }):
		return registry.Unfit("minutes", "it sets the steps by the measured speed: give either steps=N or the minutes")
	case a.Recipe == "" && a.Works == "" && !a.File.Given():
		return registry.Unfit("recipe", "want a recipe, a run file, works of your own, or a run to resume")
	}
	return nil
}

// Run implements [App].
func (a Train) Run(ctx context.Context, env *Env) error {
	r, err := a.train(ctx, env)
	if err != nil || r == nil {
		return err
	}
	found, err := TrainedIn(r.Dir, r.Step)
	if err == nil {
		env.found(found)
	}
	return err
}

// TrainedIn is what a training to a step has left in the folder of a run.
func TrainedIn(d *run.Dir, step int) (*Trained, error) {
	scores, err := d.Scores()
	if err != nil {
		return nil, err
	}
	preview, _, err := d.LastPreview()
	if err != nil {
		return nil, err
	}
	last := Latest(scores)
	return &Trained{Run: d.Name(), Step: step, Scores: last, Verdict: metric.Judge(last), Preview: preview, Dir: d}, nil
}

func (a Train) train(ctx context.Context, env *Env) (*run.Run, error) {
	studio := *env.Studio
	studio.Budget, _ = energy.Parse(a.Budget) // 0 where there is none
	if a.Resume != "" {
		steps, err := a.longer()
		if err != nil {
			return nil, err
		}
		return studio.ResumeTo(ctx, string(a.Resume), steps)
	}
	var own *Plan
	if a.Works != "" {
		var err error
		if own, err = PlanFor(ctx, string(a.Works)); err != nil {
			return nil, err
		}
		own.set(a.Settings)
		own.tell(env.say)
		a.Recipe, a.Settings = own.Recipe, own.Settings
	}
	config, plan, err := a.planned(ctx, &studio, own)
	if err != nil {
		return nil, err
	}
	if own != nil {
		env.say("the same as: %s", own.Command())
	}
	if a.DryRun {
		env.tellPlan(plan)
	}
	if plan != nil {
		env.tellTime(plan)
	}
	if a.DryRun {
		return nil, nil
	}
	return studio.Train(ctx, config)
}

// worthTelling is the number of steps from which on it is said how long a run on one's own works takes,
// which has to be measured first.
const worthTelling = 200

// planned is how a run is made within the requested minutes. The plan is nil if nothing of it is said.
func (a Train) planned(ctx context.Context, studio *run.Studio, own *Plan) (*run.Config, *run.Plan, error) {
	config, err := ConfigOf(a.Recipe, a.File, a.Settings)
	if err != nil || a.Minutes == 0 && !a.DryRun && (own == nil || config.Steps < worthTelling) {
		return config, nil, err
	}
	plan, err := studio.Plan(ctx, config)
	if err != nil || a.Minutes == 0 {
		return config, plan, err
	}
	set := a.fit(plan)
	a.Settings = append(slices.Clone(a.Settings), set...)
	if own != nil {
		own.set(set)
		a.Settings = own.Settings
	}
	config, err = ConfigOf(a.Recipe, a.File, a.Settings)
	return config, plan, err
}

// longer is the requested number of steps of a resumed run, 0 to leave it: the only setting that
// can be changed.
func (a Train) longer() (int, error) {
	if len(a.Settings) == 0 {
		return 0, nil
	}
	text, ok := strings.CutPrefix(a.Settings[0], "steps=")
	steps, err := strconv.Atoi(text)
	switch {
	case !ok || len(a.Settings) > 1:
		return 0, badinput.Errorf("train --resume %s takes no argument except steps=N, got %q: a run keeps its settings", a.Resume, a.Settings[len(a.Settings)-1])
	case err != nil || steps < 1 || steps > run.MostSteps:
		return 0, badinput.Errorf("train --resume %s: want steps=N with a whole number from 1 to %d, got %q", a.Resume, run.MostSteps, a.Settings[0])
	}
	return steps, nil
}

// Latest returns the scores of the last scored step, the newest of each name.
func Latest(all []run.Measured) []metric.Score {
	step := 0
	for _, m := range all {
		step = max(step, m.Step)
	}
	last := []metric.Score{}
	for _, m := range all {
		if m.Step != step {
			continue
		}
		if n := len(last); n > 0 && last[n-1].Name == m.Name {
			last = last[:n-1]
		}
		last = append(last, m.Score)
	}
	return last
}

// tellPlan prints what a run would be.
func (e *Env) tellPlan(p *run.Plan) {
	examples := Counted(p.Examples, "example")
	if p.Classes > 0 {
		examples += fmt.Sprintf(" in %d classes", p.Classes)
	}
	e.say("data: %s, %s, and %d to test with", p.Data, examples, p.HeldOut)
	e.say("steps: %d of %s", p.Steps, Counted(p.Batch, "example"))
	e.say("parameters: %d", p.Parameters)
	e.say("memory: about %s", memory.Size(p.Memory))
}
