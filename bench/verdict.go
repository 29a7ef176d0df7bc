package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
)

func init() {
	Suites.Add("verdict", "whether verdicts on folders with known flaws are right, and whether copies are found; resumes where it was interrupted, with kept=FILE",
		func() Suite { return &Verdicts{Seed: 3, Shrink: 1} })
}

// Verdicts judges folders made from the embedded sets.
type Verdicts struct {
	Only   []string `help:"which parts to run: fashion, fashion-plain, emoji, classifier; all if empty"`
	Seed   int      `help:"how the sets are divided; the rules were tuned on seed 1"`
	Shrink int      `help:"divide the number of pictures by this, for a quick look; the bars hold for whole sets"`

	Python string `help:"the Python that has PyTorch, beside which the classifier is trained; looked for if empty, and \"none\" does without"`

	Kept string `help:"file to which the rows of each folder are added when it is judged; a folder that is in it with these settings is not judged again"`

	first *run.Fakes // of the set, whose reals the others are compared with
}

// Check reports a setting that is out of range.
func (v *Verdicts) Check() error {
	names := []string{cropSet}
	for _, s := range verdictSets {
		names = append(names, s.name)
	}
	if err := checkOnly(v.Only, names, "set"); err != nil {
		return err
	}
	if v.Shrink < 1 {
		return registry.Unfit("shrink", fmt.Sprintf("want at least 1, got %d", v.Shrink))
	}
	return nil
}

// leastCopies is the smallest share of modified copies that must be found, and mostAlarms the
// largest share of held-out pictures mistaken for copies, in %.
const (
	leastCopies = 90
	mostAlarms  = 1
)

// fewHeld is the size of a held-out set that is too small for a verdict.
const fewHeld = 60

// Run implements [Suite].
func (v *Verdicts) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(v); err != nil {
		return err
	}
	if len(v.Only) == 0 || slices.Contains(v.Only, cropSet) {
		if err := v.kept(on).once(cropSet, emit, func(emit func(Row)) error { return v.judgeClassifier(ctx, on, emit) }); err != nil {
			return fmt.Errorf("%s: %w", cropSet, err)
		}
	}
	for _, set := range verdictSets {
		if len(v.Only) > 0 && !slices.Contains(v.Only, set.name) {
			continue
		}
		set.train, set.held, set.honest = set.train/v.Shrink, set.held/v.Shrink, set.honest/v.Shrink
		v.first = nil
		p, err := set.parts(ctx, v.Seed)
		if err != nil {
			return err
		}
		if err := v.judge(ctx, on, p, emit); err != nil {
			return fmt.Errorf("%s: %w", set.name, err)
		}
	}
	return nil
}

// kept is where the rows of what was judged are.
func (v *Verdicts) kept(on *Machine) kept {
	return kept{v.Kept, fmt.Sprintf("%d %d %q", v.Seed, v.Shrink, v.Python), on.Studio.Program}
}

// judge makes and judges all folders of a set.
func (v *Verdicts) judge(ctx context.Context, on *Machine, p verdictParts, emit func(Row)) error {
	set := fmt.Sprintf("%s seed %d, ", p.set.name, v.Seed)
	for i, f := range verdictFolders {
		name := set + f.name
		if err := v.kept(on).once(name, emit, func(emit func(Row)) error {
			parts := p
			var items []data.Item
			var err error
			if f.make == nil { // the fault is in the set
				parts.few, parts.held, items = true, p.held[:min(len(p.held), fewHeld)], p.honest
			} else if items, err = f.make(ctx, on, p, noise.Stream(uint64(v.Seed), verdictKey, 2, uint64(i))); err != nil {
				return err
			}
			if len(items) == 0 {
				return nil
			}
			return v.judgeFolder(ctx, on, parts, name, items, f.want, emit)
		}); err != nil {
			return err
		}
	}
	for i := range honestFolders {
		name, want := fmt.Sprintf("%shonest folder %d", set, i+1), []metric.Finding{metric.FoundNothing}
		if err := v.kept(on).once(name, emit, func(emit func(Row)) error {
			return v.judgeFolder(ctx, on, p, name, honest(p, i), want, emit)
		}); err != nil {
			return err
		}
	}
	return nil
}

// fakes reads a folder to measure against the set.
func (v *Verdicts) fakes(ctx context.Context, on *Machine, p verdictParts, items []data.Item) (*run.Fakes, error) {
	if v.first != nil && !p.few {
		return v.first.Others(ctx, pictureFolder(items))
	}
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	fakes, err := on.ReadFakes(ctx, pictureFolder(items), c)
	if err == nil && !p.few {
		v.first = fakes
	}
	return fakes, err
}

// judgeFolder reports the verdict on a folder and, for copies, how many are found.
func (v *Verdicts) judgeFolder(ctx context.Context, on *Machine, p verdictParts, name string, items []data.Item, want []metric.Finding, emit func(Row)) error {
	fakes, err := v.fakes(ctx, on, p, items)
	if err != nil {
		return err
	}
	scores, err := fakes.Evaluate(ctx, nil)
	if err != nil {
		return err
	}
	got := metric.Judge(scores)
	right := slices.Contains(want, got.Finding)
	on.Tell(fmt.Sprintf("%s: %s", name, got.Sentence))
	row := Row{Name: name + " is judged: " + string(got.Finding), Bar: "= 1", Holds: right, N: len(items)}
	if right {
		row.Value = 1
	}
	emit(row)
	for _, s := range scores {
		copies := slices.Equal(want, copied) && !strings.Contains(name, "tenth")
		if s.Name == "memorised" && copies {
			emit(Row{Name: name + ", found", Value: s.Value, Unit: "%", Bar: fmt.Sprintf(">= %d", leastCopies), Holds: s.Value >= leastCopies, Floor: s.Floor, N: s.N})
		}
		if s.Name == "memorised" && strings.HasSuffix(name, "honest folder 1") && s.Floor != nil {
			emit(Row{Name: name + ", held-out pictures taken for copies", Value: *s.Floor, Unit: "%", Bar: fmt.Sprintf("<= %d", mostAlarms), Holds: *s.Floor <= mostAlarms, N: s.N})
		}
	}
	return nil
}
