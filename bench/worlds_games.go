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
	copiedSide  = 6    // of windows that are looked for in the training maps
	patternSide = 3    // of windows whose distribution is compared
	rarity      = 1e-5 // added to the frequency of a pattern
	mostCopied  = 1.1  // times what held-out maps share with the training maps
	leastSolved = 99.0 // %
	leastMinute = 100.0
	levelSteps  = 700
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
	config, err := app.ConfigOf("levels", app.File{}, []string{"name=bench-levels", fmt.Sprintf("steps=%d", levelSteps)})
	if err != nil {
		return err
	}
	on.Tell("training the recipe levels")
	r, err := on.Train(ctx, config)
	if err != nil {
		return err
	}
	defer r.Close()
	one, all, learned := map[string]levelSet{}, map[string]levelSet{}, map[string]levelSet{}
	for _, theme := range levels.Themes[:3] {
		if one[theme], err = fromExamples(ctx, on, theme, train[theme][:1], emit); err != nil {
			return err
		}
		if all[theme], err = fromExamples(ctx, on, theme, train[theme], nil); err != nil {
			return err
		}
		request := app.New[*app.Level]()
		request.From, request.Theme, request.N, request.Format = app.Model(r.Dir.Name()), theme, levelsEach, "txt"
		if learned[theme], err = madeLevels(ctx, on, theme, "lm", request, emit); err != nil {
			return err
		}
	}
	for _, theme := range levels.Themes[:3] {
		real := copiedShare(test[theme], train[theme])
		copied := copiedShare(learned[theme], train[theme])
		emit(Row{Name: theme + ", lm: windows of 6×6 copied from training maps", Value: copied, Unit: "%", Bar: fmt.Sprintf("<= %.1f, of held-out maps, × %g", real, mostCopied),
			Holds: copied <= mostCopied*real, Floor: &real, N: levelsEach})
		floor := patternKL(test[theme], train[theme])
		single, mixed := patternKL(test[theme], one[theme]), patternKL(test[theme], all[theme])
		kl := patternKL(test[theme], learned[theme])
		emit(Row{Name: theme + ", lm: KL of 3×3 patterns to held-out maps", Value: kl, Unit: "nats", Bar: fmt.Sprintf("< %.2f, of wave function collapse from one map", single),
			Holds: kl < single, Floor: &floor, Peer: &single, N: levelsEach})
		emit(Row{Name: theme + ", wfc from every training map: KL of 3×3 patterns to held-out maps", Value: mixed, Unit: "nats", Bar: "measured alone", Holds: true, Floor: &floor, N: levelsEach})
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

// windowsOf calls do for every window of maps, and those of their mirror images if wanted.
func (all levelSet) windowsOf(side int, mirrored bool, do func(window string)) {
	for _, m := range all {
		both := []*tilemap.Map{m}
		if mirrored {
			both = append(both, m.Mirrored())
		}
		for _, m := range both {
			for y := range m.Height - side + 1 {
				for x := range m.Width - side + 1 {
					do(string(m.Part(x, y, side, side).Cells))
				}
			}
		}
	}
}

// copiedShare is the percentage of the windows of maps that are in others, or in their mirror images.
// Windows of a single tile do not count.
func copiedShare(of, in levelSet) float64 {
	known := map[string]bool{}
	in.windowsOf(copiedSide, true, func(w string) { known[w] = true })
	copied, n := 0, 0
	of.windowsOf(copiedSide, false, func(w string) {
		cells := []rune(w)
		if !slices.ContainsFunc(cells, func(r rune) bool { return r != cells[0] }) {
			return
		}
		if n++; known[w] {
			copied++
		}
	})
	return 100 * float64(copied) / float64(max(1, n))
}

// patternKL is the Kullback-Leibler divergence of the patterns of made maps from those of real ones, in
// nats (Lucas and Volz 2019, arXiv:1905.05077).
func patternKL(real, made levelSet) float64 {
	count := func(all levelSet) (map[string]float64, float64) {
		of, n := map[string]float64{}, 0.0
		all.windowsOf(patternSide, false, func(w string) { of[w]++; n++ })
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
