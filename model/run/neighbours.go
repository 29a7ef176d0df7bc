package run

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/feature"
	"atelier/model/metric"
)

const (
	neighbourPool    = 256    // samples that the best are chosen from
	neighbourBest    = 64     // best ones among them, of which those are shown that differ most
	neighbourKnown   = 60_000 // training pictures that are looked through, at most
	neighbourSurface = 2000   // training pictures that show where the real ones lie
	neighbourRadius  = 5      // whose nearest neighbour says how near is near
)

// Neighbours are samples with their nearest training pictures.
type Neighbours struct {
	Samples data.Column // n
	Seeds   []uint64    // n
	Chosen  string      // how the samples were chosen
	Beside  []Beside    // in pixels, and in the space that the run is scored in
}

// Beside are the nearest training pictures in one space.
type Beside struct {
	Space    string
	Pictures data.Column // n·k, the nearest of each sample first
}

// Neighbours draws samples of the seeds from first on and returns n of the best ones, by the density
// of training pictures around them, that differ from each other, with the k nearest training
// pictures of each.
func (r *Run) Neighbours(ctx context.Context, first uint64, n, k int) (*Neighbours, error) {
	s, err := r.neighbourhood(ctx, k, func(d set) (feature.Embedder, error) {
		e, err := r.studio.evaluation(ctx, r.Config, d)
		if err != nil {
			return nil, err
		}
		return e.Embedder(e.Space)
	})
	if err != nil {
		return nil, err
	}
	seeds := Seeds(first, max(n, neighbourPool))
	by, said := s.conditions(r, seeds)
	pool, err := r.drawn(ctx, seeds, by, 1)
	if err != nil {
		return nil, err
	}
	best, how, err := s.best(ctx, pool, n)
	if err != nil {
		return nil, err
	}
	out := &Neighbours{Chosen: how + said, Samples: data.Column{Field: pool.Column(data.Target).Field}}
	for _, i := range best {
		out.Seeds = append(out.Seeds, first+uint64(i))
		out.Samples.Floats = append(out.Samples.Floats, pool.Column(data.Target).Row(i)...)
	}
	out.Beside, err = s.beside(ctx, &out.Samples, k)
	return out, err
}

// NeighboursOf draws the samples of the seeds, see [Run.Draw], and returns them with the k nearest
// training pictures of each, in the space of [Run.Space]: no classifier is trained for it.
func (r *Run) NeighboursOf(ctx context.Context, seeds []uint64, conditions *data.Batch, truncation float64, k int) (*Neighbours, error) {
	s, err := r.neighbourhood(ctx, k, func(set) (feature.Embedder, error) { return r.Space() })
	if err != nil {
		return nil, err
	}
	said := ""
	if conditions == nil {
		conditions, said = s.conditions(r, seeds)
	}
	samples, err := r.drawn(ctx, seeds, conditions, truncation)
	if err != nil {
		return nil, err
	}
	out := &Neighbours{Seeds: seeds, Chosen: "those of the seeds" + said, Samples: *samples.Column(data.Target)}
	out.Beside, err = s.beside(ctx, &out.Samples, k)
	return out, err
}

// drawn are samples of pictures.
func (r *Run) drawn(ctx context.Context, seeds []uint64, conditions *data.Batch, truncation float64) (*data.Batch, error) {
	samples, err := r.Draw(ctx, seeds, conditions, truncation)
	if err != nil {
		return nil, err
	}
	return gather(samples, len(seeds), func(done int) { r.studio.working("drawing samples", done, len(seeds)) })
}

// neighbourhood reads the training pictures, of which k neighbours are wanted, and opens their space.
func (r *Run) neighbourhood(ctx context.Context, k int, open func(set) (feature.Embedder, error)) (*neighbourhood, error) {
	if err := r.CheckPictures(); err != nil {
		return nil, err
	}
	d, changed, err := r.data(ctx)
	if err != nil {
		return nil, err
	}
	if changed != "" {
		return nil, badinput.Errorf("%s; copies can only be looked for among the works that it learned from: restore them", changed)
	}
	space, err := open(d)
	if err != nil {
		return nil, err
	}
	known, err := d.reals(data.Train, neighbourKnown, 0)
	if err != nil {
		return nil, err
	}
	if known.N < max(k, neighbourRadius+1) {
		return nil, badinput.Errorf("the data of run %s has %d training pictures, too few for %d neighbours", r.Dir.Name(), known.N, k)
	}
	s := &neighbourhood{space: space, examples: known, known: known.Column(data.Target)}
	s.points, err = space.Embed(ctx, s.known)
	return s, err
}

// A neighbourhood is the training pictures in a feature space.
type neighbourhood struct {
	space    feature.Embedder
	examples *data.Batch
	known    *data.Column // their targets
	points   feature.Points
}

// conditions are what samples of the seeds are drawn by, if the run needs any: those of training
// examples, each chosen by its seed. They are also said.
func (s *neighbourhood) conditions(r *Run, seeds []uint64) (by *data.Batch, said string) {
	rows := make([]int, len(seeds))
	for i, seed := range seeds {
		rows[i] = int(seed % uint64(s.examples.N))
	}
	if by = conditionsAt(r.model, s.examples, rows); by != nil {
		said = ", each by the " + strings.Join(r.Needs(), " and ") + " of a training example"
	}
	return by, said
}

// best returns the indices of n samples of high realism that differ from each other, and how they
// were chosen: those of the highest realism alone are often alike, such as eight trousers.
// D's logits do not serve: D rates some broken samples above any good one.
func (s *neighbourhood) best(ctx context.Context, pool *data.Batch, n int) (chosen []int, how string, err error) {
	points, err := s.space.Embed(ctx, pool.Column(data.Target))
	if err != nil {
		return nil, "", err
	}
	worth, err := s.realism(points)
	if err != nil {
		return nil, "", err
	}
	order := make([]int, pool.N)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(worth[j], worth[i]) })
	good := order[:max(n, min(neighbourBest, pool.N))]
	how = fmt.Sprintf("unlike each other, of the %d best of %d by realism in %s", len(good), pool.N, s.space.Name())
	return unlike(points, good, n), how, nil
}

// unlike chooses n of the points of these indices: the first, and then always the one that is
// farthest from all that are chosen.
func unlike(points feature.Points, of []int, n int) (chosen []int) {
	distance := make([]float64, len(of)) // from the nearest chosen one, -1 of those themselves
	for i := range distance {
		distance[i] = math.Inf(1)
	}
	for range n {
		far := 0
		for i, d := range distance {
			if d > distance[far] {
				far = i
			}
		}
		chosen = append(chosen, of[far])
		for i, j := range of {
			distance[i] = min(distance[i], floats.Distance(points.Row(of[far]), points.Row(j), 2))
		}
		distance[far] = -1
	}
	return chosen
}

// realism is the density of training pictures around samples.
func (s *neighbourhood) realism(samples feature.Points) ([]float64, error) {
	n := min(s.points.N, neighbourSurface)
	surface, err := metric.NewManifold(feature.Points{N: n, Width: s.points.Width, Features: s.points.Features[:n*s.points.Width]}, neighbourRadius)
	if err != nil {
		return nil, err
	}
	return surface.Realism(samples)
}

// beside finds the k nearest training pictures of each sample.
func (s *neighbourhood) beside(ctx context.Context, samples *data.Column, k int) ([]Beside, error) {
	points, err := s.space.Embed(ctx, samples)
	if err != nil {
		return nil, err
	}
	pixels := Beside{Space: "pixels", Pictures: data.Column{Field: s.known.Field}}
	features := Beside{Space: s.space.Name(), Pictures: data.Column{Field: s.known.Field}}
	for i := range points.N {
		near, _ := metric.Nearest(samples.Row(i), s.known, k)
		pixels.add(s.known, near)
		features.add(s.known, metric.NearestPoints(points.Row(i), s.points, k))
	}
	return []Beside{pixels, features}, nil
}

// add adds training pictures.
func (b *Beside) add(known *data.Column, indices []int) {
	for _, i := range indices {
		b.Pictures.Floats = append(b.Pictures.Floats, known.Row(i)...)
	}
}
