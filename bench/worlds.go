package bench

import (
	"context"
)

func init() {
	Suites.Add("worlds", "moving pictures, worlds and games: clips and films, panoramas and meshes, sprites and levels",
		func() Suite { return &Worlds{} })
}

// Worlds measures what is made to be moved through: films, worlds, games.
type Worlds struct {
	Only []string `help:"the parts to measure; all if empty"`
}

// worldsParts are the parts of the suite. Those of other files are added by [addWorlds].
var worldsParts suiteParts[*Worlds]

// addWorlds adds a part to the suite, from init.
func addWorlds(name string, measure func(ctx context.Context, on *Machine, emit func(Row)) error) {
	worldsParts = append(worldsParts, suitePart[*Worlds]{name, func(_ *Worlds, ctx context.Context, on *Machine, emit func(Row)) error {
		return measure(ctx, on, emit)
	}})
}

// Check reports a setting that is out of range.
func (w *Worlds) Check() error {
	return worldsParts.check(w.Only)
}

// Run implements [Suite]. The parts are measured in the order of their names.
func (w *Worlds) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return worldsParts.sorted().run(ctx, on, "worlds", w, w.Only, emit)
}
