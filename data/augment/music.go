package augment

import (
	"fmt"
	"math/rand/v2"

	"atelier/data"
	"atelier/internal/events"
	"atelier/internal/registry"
)

func init() {
	data.Augmentations.Add("music", "of events: transposes pieces, changes their tempo, leaves out their style or a part, and moves bars behind the end, so that a model learns to fill them in (MMM, Ens and Pasquier 2020, arXiv:2008.06048)",
		func() data.Augmentation { return &Music{Keys: 6, Tempo: 2, Infill: 0.25, Unstyled: 0.1} })
}

// Music changes pieces of the codec events.
type Music struct {
	Keys     int     `help:"largest transposition in fifths, 0 to 6, of keys that have a signature"`
	Tempo    int     `help:"largest change of tempo in steps of 4 quarter notes per minute, 0 to 10"`
	Infill   float64 `help:"share of the pieces of which up to half of the bars stand behind the others, 0 to 1"`
	Unstyled float64 `help:"share of the pieces whose style is not told, 0 to 1"`
	Thin     float64 `help:"share of the pieces of which a part is left out, 0 to 1"`
}

// Check refuses settings outside their range.
func (a *Music) Check() error {
	switch {
	case a.Keys < 0 || a.Keys > 6:
		return registry.Unfit("keys", fmt.Sprintf("want 0 to 6 fifths, got %d", a.Keys))
	case a.Tempo < 0 || a.Tempo > 10:
		return registry.Unfit("tempo", fmt.Sprintf("want 0 to 10 steps, got %d", a.Tempo))
	}
	for _, s := range []struct {
		name  string
		share float64
	}{{"infill", a.Infill}, {"unstyled", a.Unstyled}, {"thin", a.Thin}} {
		if !(s.share >= 0 && s.share <= 1) {
			return registry.Unfit(s.name, fmt.Sprintf("want 0 to 1, got %g", s.share))
		}
	}
	return nil
}

// Apply implements [data.Augmentation]; there are no pictures.
func (*Music) Apply([]float32, data.Field, *rand.Rand) {}

// Rewrite implements [data.Rewriting].
func (a *Music) Rewrite(tokens []int32, _ data.Field, rng *rand.Rand) {
	events.Rewrite(tokens, func(p *events.Piece) {
		if rng.Float64() < a.Unstyled {
			p.Style = -1
		}
		p.Transpose(rng.IntN(2*a.Keys+1) - a.Keys)
		p.Hasten(rng.IntN(2*a.Tempo+1) - a.Tempo)
		if n := len(p.Parts); rng.Float64() < a.Thin && n > 1 {
			p.Leave(rng.IntN(n))
		}
		if n := len(p.Bars); rng.Float64() < a.Infill && n > 1 {
			bars := 1 + rng.IntN((n+1)/2)
			from := rng.IntN(n - bars + 1)
			for i := range bars {
				p.Bars[from+i].Masked = true
			}
		}
	})
}
