package source

import (
	"context"
	"fmt"
	"iter"

	"atelier/data"
)

func init() {
	data.Sources.Add("grid", "points of Gaussians on a square grid, on which mode collapse is seen at a glance (Lin, Khetan, Fanti, Oh 2017, arXiv 1712.04086)",
		func() data.Source { return &Grid{Side: 5, Spacing: 2, Sigma: 0.05, Size: 10_000} })
}

// Grid is an equal mixture of side × side Gaussians around the origin.
type Grid struct {
	Side    int     `help:"how many Gaussians along each side"`
	Spacing float64 `help:"distance between neighbouring centres"`
	Sigma   float64 `help:"standard deviation of each Gaussian"`
	Size    int     `help:"how many training points; there are a quarter as many to test with"`
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
	if g.Side < 1 || g.Side > 100 {
		return fails(fmt.Errorf("grid: side is %d; it must be between 1 and 100", g.Side))
	}
	if err := checkMixture("grid", g.Side*g.Side, g.Spacing, g.Sigma, g.Size); err != nil {
		return fails(err)
	}
	centres, sigma := g.Mixture()
	return mixturePoints(ctx, "grid", centres, sigma, g.Size, split)
}
