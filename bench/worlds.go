package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("worlds", "moving pictures, worlds and games: clips and films, panoramas and meshes, sprites and levels",
		func() Suite { return &Worlds{} })
}

// Worlds measures what is made to be moved through: films, worlds, games.
type Worlds struct {
	Only []string `help:"the works to measure; all of them if empty"`
}

// A worldsWork measures one kind of thing. Those of other files are added by [addWorlds].
type worldsWork func(ctx context.Context, on *Machine, emit func(Row)) error

// worldsWorks are the works of the suite, by name.
var worldsWorks = map[string]worldsWork{}

// addWorlds adds a work to the suite.
func addWorlds(name string, measure worldsWork) { worldsWorks[name] = measure }

// Check reports a setting that is out of range.
func (w *Worlds) Check() error {
	return checkOnly(w.Only, slices.Sorted(maps.Keys(worldsWorks)), "work")
}

// Run implements [Suite]. The works are measured in the order of their names.
func (w *Worlds) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(w); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(worldsWorks)) {
		if len(w.Only) > 0 && !slices.Contains(w.Only, name) {
			continue
		}
		if err := worldsWorks[name](ctx, on, emit); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
