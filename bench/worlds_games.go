package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"atelier/app"
	"atelier/data"
	"atelier/internal/levels"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

func init() { addWorlds("levels", measureLevels) }

// How levels are measured.
const (
	levelsEach  = 40   // of each theme and way of making
	patternSide = 3    // of windows whose distribution is compared
	rarity      = 1e-5 // added to the frequency of a pattern
	mostCopied  = 1.1  // times what held-out maps share with the training maps
	leastSolved = 99.0 // %
	leastMinute = 100.0
)

// A levelSet is maps of one theme.
type levelSet []*tilemap.Map

// measureLevels measures levels made from one example, from many and by a language model: whether
// they can be finished, how much is copied, and how like held-out maps their patterns are.
func measureLevels(ctx context.Context, on *Machine, emit func(Row)) error {
	train, test, err := splitLevels(ctx)
	if err != nil {
		return err
	}
	one, all := map[string]levelSet{}, map[string]levelSet{}
	for _, theme := range levels.Themes[:3] {
		if one[theme], err = fromExamples(ctx, on, theme, train[theme][:1], emit); err != nil {
			return err
		}
		if all[theme], err = fromExamples(ctx, on, theme, train[theme], nil); err != nil {
			return err
		}
	}
	for _, by := range []struct{ recipe, name string }{{"levels-gan", "gan"}, {"levels", "lm"}} {
		if err := learnedLevels(ctx, on, by.recipe, by.name, train, test, one, emit); err != nil {
			return err
		}
	}
	for _, theme := range levels.Themes[:3] {
		emit(Row{Name: theme + ", wfc from every training map: KL of 3×3 patterns to held-out maps", Value: patternKL(test[theme], all[theme]), Unit: "nats", Bar: "measured alone", Holds: true, N: levelsEach})
	}
	return nil
}

// learnedLevels measures the levels of the run of a recipe, which is trained if there is none.
func learnedLevels(ctx context.Context, on *Machine, recipe, name string, train, test, one map[string]levelSet, emit func(Row)) error {
	config, err := app.ConfigOf(recipe, app.File{}, []string{"name=" + recipe})
	if err != nil {
		return err
	}
	r, err := on.Complete(ctx, config)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, theme := range levels.Themes[:3] {
		request := app.New[*app.Level]()
		request.From, request.Theme, request.N, request.Format = app.Model(r.Dir.Name()), theme, levelsEach, "txt"
		made, err := madeLevels(ctx, on, theme, name, request, emit)
		if err != nil {
			return err
		}
		of := levels.NewCopies(train[theme])
		real, copied := 100*of.Share(test[theme]...), 100*of.Share(made...)
		emit(Row{Name: theme + ", " + name + ": windows of 6×6 copied from training maps", Value: copied, Unit: "%", Bar: fmt.Sprintf("<= %.3g, of held-out maps, × %g", real, mostCopied),
			Holds: copied <= mostCopied*real, Floor: &real, N: levelsEach})
		floor, single, kl := patternKL(test[theme], train[theme]), patternKL(test[theme], one[theme]), patternKL(test[theme], made)
		emit(Row{Name: theme + ", " + name + ": KL of 3×3 patterns to held-out maps", Value: kl, Unit: "nats", Bar: fmt.Sprintf("< %.2f, of wave function collapse from one map", single),
			Holds: kl < single, Floor: &floor, Peer: &single, N: levelsEach})
	}
	return nil
}

// splitLevels are the maps of the program for training and for testing, by theme.
func splitLevels(ctx context.Context) (train, test map[string]levelSet, err error) {
	from, err := registry.Make[data.Source]("starter", "name=levels")
	if err != nil {
		return nil, nil, err
	}
	train, test = map[string]levelSet{}, map[string]levelSet{}
	for split, into := range map[data.Split]map[string]levelSet{data.Train: train, data.Test: test} {
		for it, err := range from.Value.Items(ctx, split) {
			if err != nil {
				return nil, nil, err
			}
			m, err := tilemap.ReadText(it.Bytes)
			if err != nil {
				return nil, nil, err
			}
			into[it.Label] = append(into[it.Label], m)
		}
	}
	return train, test, nil
}

// fromExamples makes levels by wave function collapse, from examples by turns.
func fromExamples(ctx context.Context, on *Machine, theme string, examples levelSet, emit func(Row)) (made levelSet, err error) {
	name := "wfc"
	for i, m := range examples {
		n := levelsEach / len(examples)
		if i < levelsEach%len(examples) {
			n++
		}
		request := app.New[*app.Level]()
		request.Theme, request.Map, request.N, request.Format = theme, app.File{Name: "example.txt", Bytes: m.Text()}, n, "txt"
		request.Seed = uint64(1 + 1000*i)
		more, err := madeLevels(ctx, on, theme, name, request, emit)
		if err != nil {
			return nil, err
		}
		made = append(made, more...)
	}
	return made, nil
}

// madeLevels are the levels of a request, which are solved again from their files.
func madeLevels(ctx context.Context, on *Machine, theme, how string, request *app.Level, emit func(Row)) (made levelSet, err error) {
	rules, err := levels.RulesOf(theme)
	if err != nil {
		return nil, err
	}
	solved, asDrawn := 0, 0
	env := &app.Env{Studio: on.Studio, Out: app.Out{Apart: true},
		Emit: func(it data.Item) error {
			m, err := tilemap.ReadText(it.Bytes)
			if err != nil {
				return err
			}
			if made = append(made, m); rules.Solve(m) != nil {
				solved++
			}
			return nil
		},
		Say: func(line string) {
			if !strings.Contains(line, "changed so that") && !strings.Contains(line, "candidates") {
				asDrawn++
			}
		},
	}
	before := processorSeconds()
	if err := app.Run(ctx, request, env); err != nil {
		return nil, err
	}
	minute := 60 * float64(len(made)) / max(1e-3, processorSeconds()-before)
	if emit == nil {
		return made, nil
	}
	share := 100 * float64(solved) / float64(len(made))
	emit(Row{Name: theme + ", " + how + ": levels that can be finished", Value: share, Unit: "%", Bar: fmt.Sprintf(">= %g", leastSolved), Holds: share >= leastSolved, N: len(made)})
	emit(Row{Name: theme + ", " + how + ": of them the first candidate, unchanged", Value: 100 * float64(asDrawn) / float64(len(made)), Unit: "%", Bar: "measured alone", Holds: true, N: len(made)})
	emit(Row{Name: theme + ", " + how + ": levels a minute of processor time", Value: minute, Unit: "1/min", Bar: fmt.Sprintf(">= %g", leastMinute), Holds: minute >= leastMinute, N: len(made)})
	return made, nil
}

// patternKL is the Kullback-Leibler divergence of the patterns of made maps from those of real ones, in
// nats (Lucas and Volz 2019, arXiv:1905.05077).
func patternKL(real, made levelSet) float64 {
	count := func(all levelSet) (map[string]float64, float64) {
		of, n := map[string]float64{}, 0.0
		for _, m := range all {
			for y := range m.Height - patternSide + 1 {
				for x := range m.Width - patternSide + 1 {
					of[string(m.Part(x, y, patternSide, patternSide).Cells)]++
					n++
				}
			}
		}
		return of, n
	}
	p, np := count(real)
	q, nq := count(made)
	kl := 0.0
	names := make([]string, 0, len(p))
	for w := range p {
		names = append(names, w)
	}
	slices.Sort(names) // sums are the same every time
	for _, w := range names {
		share := p[w] / np
		kl += share * math.Log(share/(q[w]/nq+rarity))
	}
	return kl
}
