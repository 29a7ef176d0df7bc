package bench

import (
	"context"
	"fmt"
	"os"
	"slices"

	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("mistakes", "what each common mistake in a GAN does to the score, beside the right version with the same seed and budget",
		func() Suite { return &Mistakes{Seeds: 1, Steps: 600, Width: 128} })
}

// Mistakes trains the recipe classic, scaled down, correctly and with each of the common mistakes.
// The correct runs are kept in the studio; a run with a mistake is not, because no run file can
// reproduce it.
type Mistakes struct {
	Seeds  int    `help:"number of seeds per version"`
	Steps  int    `help:"length of each run"`
	Width  int    `help:"width of the hidden layers"`
	Sheets string `help:"folder for a new sheet of each version's samples; none are kept if empty"`

	sheets *durable.Folder
}

// Check reports a setting that is out of range.
func (m *Mistakes) Check() error {
	if m.Seeds < 1 || m.Steps < 4 || m.Width < 1 {
		return fmt.Errorf("want at least 1 seed, 4 steps and a width of 1, got %d, %d and %d", m.Seeds, m.Steps, m.Width)
	}
	return nil
}

// mistakeScores are the scores by which versions are compared.
var mistakeScores = []string{"fid2k", "precision", "classes_least", "dscore_fake"}

// Run implements [Suite].
func (m *Mistakes) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(m); err != nil {
		return err
	}
	if err := m.expectSheets(); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "mistakes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	wrong := *on.Studio
	wrong.Runs = temporary
	for seed := 1; seed <= m.Seeds; seed++ {
		right, err := m.train(ctx, on.Studio, seed, "right", nil)
		if err != nil {
			return err
		}
		reference := right.at(m.Steps)
		for _, name := range mistakeScores {
			emit(right.row(seed, m.Steps, name))
		}
		for _, v := range mistakes {
			got, err := m.train(ctx, &wrong, seed, v.name, v.make)
			if err != nil {
				return fmt.Errorf("mistake %s: %w", v.name, err)
			}
			for _, name := range mistakeScores {
				row := got.row(seed, m.Steps, name)
				if name == "fid2k" {
					row.Bar, row.Holds = compared(row.Value, reference["fid2k"].Value, v.harmless)
				}
				emit(row)
			}
		}
		m.emitProbability(right, seed, emit)
	}
	return nil
}

// harm is the smallest factor by which a harmful mistake increases the distance; a harmless one
// stays below.
const harm = 1.25

// compared states the claim about a mistake's distance, and whether it holds.
func compared(value, right float64, harmless bool) (bar string, holds bool) {
	if harmless {
		return fmt.Sprintf("< %.4g (%g × right)", harm*right, harm), value < harm*right
	}
	return fmt.Sprintf(">= %.4g (%g × right)", harm*right, harm), value >= harm*right
}

// A version is the scores of one trained run.
type version struct {
	name   string
	scores []run.Measured
}

// at returns the scores of a step by name.
func (v version) at(step int) map[string]run.Measured {
	found := map[string]run.Measured{}
	for _, s := range v.scores {
		if s.Step == step {
			found[s.Name] = s
		}
	}
	return found
}

func (v version) row(seed, step int, name string) Row {
	s := v.at(step)[name]
	return Row{Name: fmt.Sprintf("%s seed %d step %d %s", v.name, seed, step, name),
		Value: s.Value, Unit: s.Unit, Holds: true, Floor: s.Floor, N: s.N}
}

// train trains one version; change makes the mistake.
func (m *Mistakes) train(ctx context.Context, studio *run.Studio, seed int, name string, change func(*run.Config) error) (version, error) {
	text, err := recipes.Read("classic")
	if err != nil {
		return version{}, err
	}
	settings := []string{
		fmt.Sprintf("name=mistakes-%s", name), fmt.Sprintf("seed=%d", seed), fmt.Sprintf("steps=%d", m.Steps),
		fmt.Sprintf("pictures=%d", m.Steps), fmt.Sprintf("save=%d", m.Steps),
		"model.n_critic=1", "model.g_optimizer.rate=1e-3", "model.d_optimizer.rate=1e-3",
		fmt.Sprintf("model.generator.widths=[%d,%d]", m.Width, m.Width),
		fmt.Sprintf("model.discriminator.widths=[%d,%d]", m.Width, m.Width),
		`score.metrics=[{use="fid2k"},{use="precision_recall"},{use="classes"},{use="dscore"}]`,
	}
	if change == nil {
		settings = append(settings, fmt.Sprintf("score.every=%d", (m.Steps+3)/4))
	}
	c, err := run.Parse("classic.toml", text, settings...)
	if err != nil {
		return version{}, err
	}
	if change != nil {
		if err := change(c); err != nil {
			return version{}, err
		}
	}
	r, err := studio.Train(ctx, c)
	if err != nil {
		return version{}, err
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		return version{}, err
	}
	return version{name, scores}, m.keepSheet(r.Dir, name, seed)
}

// expectSheets checks that the sheets can be written, before anything is trained.
func (m *Mistakes) expectSheets() (err error) {
	if m.Sheets == "" {
		return nil
	}
	if m.sheets, err = (&durable.Guard{}).Folder(m.Sheets); err != nil {
		return err
	}
	var names []string
	for seed := 1; seed <= m.Seeds; seed++ {
		names = append(names, sheetName("right", seed))
		for _, v := range mistakes {
			names = append(names, sheetName(v.name, seed))
		}
	}
	return m.sheets.Expect(names)
}

func sheetName(version string, seed int) string {
	return fmt.Sprintf("mistakes-%s-%d.png", version, seed)
}

// keepSheet copies the last sheet of a run.
func (m *Mistakes) keepSheet(d *run.Dir, name string, seed int) error {
	if m.sheets == nil {
		return nil
	}
	picture, err := os.ReadFile(d.Path(fmt.Sprintf("fakes-%06d.png", m.Steps)))
	if err != nil {
		return err
	}
	_, err = m.sheets.WriteFile(sheetName(name, seed), picture)
	return err
}

// emitProbability shows that D's probability does not measure quality: at some step of the correct
// run the pictures are better than at an earlier one although D considers them less real, or worse
// although it considers them more real.
func (m *Mistakes) emitProbability(right version, seed int, emit func(Row)) {
	var steps []int
	for _, s := range right.scores {
		if s.Name == "fid2k" {
			steps = append(steps, s.Step)
		}
	}
	slices.Sort(steps)
	for _, step := range steps[:len(steps)-1] { // the last one is shown above
		emit(right.row(seed, step, "fid2k"))
		emit(right.row(seed, step, "dscore_fake"))
	}
	pairs, against := 0, 0
	for i, later := range steps {
		for _, earlier := range steps[:i] {
			a, b := right.at(earlier), right.at(later)
			better := b["fid2k"].Value < a["fid2k"].Value
			trusted := b["dscore_fake"].Value > a["dscore_fake"].Value
			pairs++
			if better != trusted {
				against++
			}
		}
	}
	emit(Row{Name: fmt.Sprintf("right seed %d pairs of steps that D's probability ranks wrongly", seed),
		Value: 100 * float64(against) / float64(max(pairs, 1)), Unit: "%", Bar: "> 0", Holds: against > 0, N: pairs})
}
