package source

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"

	"atelier/data"
)

func init() {
	data.Sources.Add("rings", "Gaussians on a ring, which show mode collapse at a glance (Metz et al. 2016, arXiv 1611.02163)",
		func() data.Source { return &Rings{Modes: 8, Radius: 1, Sigma: 0.01, Size: 10_000} })
}

// Rings is an equal mixture of Gaussians whose centres are evenly spaced on a circle.
type Rings struct {
	Modes  int     `help:"how many Gaussians"`
	Radius float64 `help:"radius of the circle"`
	Sigma  float64 `help:"standard deviation of each Gaussian"`
	Size   int     `help:"number of training points; a quarter as many more are test points"`
}

// Check rejects settings for which no points can be drawn.
func (r *Rings) Check() error {
	return cmp.Or(checkCount("modes", r.Modes, 10_000), checkLength("radius", r.Radius),
		checkLength("sigma", r.Sigma), checkCount("size", r.Size, maxPoints))
}

// SetName is "rings".
func (r *Rings) SetName() string { return "rings" }

// Mixture returns the centres, counter-clockwise from (radius, 0).
func (r *Rings) Mixture() (centres [][]float64, sigma float64) {
	for i := range r.Modes {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(r.Modes))
		centres = append(centres, []float64{r.Radius * cos, r.Radius * sin})
	}
	return centres, r.Sigma
}

// Items yields the points as CSV "x,y".
func (r *Rings) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := r.Check(); err != nil {
		return fails(fmt.Errorf("rings %w", err))
	}
	centres, sigma := r.Mixture()
	return mixturePoints(ctx, "rings", centres, sigma, r.Size, split)
}
