package source

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"atelier/data"
)

func init() {
	data.Sources.Add("grid", "Gaussians on a square grid, which show mode collapse at a glance (Lin, Khetan, Fanti, Oh 2017, arXiv 1712.04086)",
		func() data.Source { return &Grid{Side: 5, Spacing: 2, Sigma: 0.05, Size: 10_000} })
}

// Grid is an equal mixture of side × side Gaussians around the origin.
type Grid struct {
	Side    int     `help:"how many Gaussians along each side"`
	Spacing float64 `help:"distance between neighbouring centres"`
	Sigma   float64 `help:"standard deviation of each Gaussian"`
	Size    int     `help:"number of training points; a quarter as many more are test points"`
}

// Check rejects settings for which no points can be drawn.
func (g *Grid) Check() error {
	return cmp.Or(checkCount("side", g.Side, 100), checkLength("spacing", g.Spacing),
		checkLength("sigma", g.Sigma), checkCount("size", g.Size, maxPoints))
}

// SetName is "grid".
func (g *Grid) SetName() string { return "grid" }

// Mixture returns the centres, row by row from the lower left.
func (g *Grid) Mixture() (centres [][]float64, sigma float64) {
	middle := float64(g.Side-1) / 2
	for y := range g.Side {
		for x := range g.Side {
			centres = append(centres, []float64{(float64(x) - middle) * g.Spacing, (float64(y) - middle) * g.Spacing})
		}
	}
	return centres, g.Sigma
}

// Items yields the points as CSV "x,y".
func (g *Grid) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := g.Check(); err != nil {
		return fails(fmt.Errorf("grid %w", err))
	}
	centres, sigma := g.Mixture()
	return mixturePoints(ctx, "grid", centres, sigma, g.Size, split)
}
