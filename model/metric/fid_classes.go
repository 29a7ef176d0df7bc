package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
	"atelier/model/feature"
)

const (
	classesMost  = 10_000 // fakes of all classes per draw
	classesLeast = 50     // smallest number per class; other classes are left out
)

func init() {
	Metrics.Add("fid_classes", "FID within each class, the mean and the worst, up to 10,000 fakes to as many test examples; the class of a fake is the one it was drawn for, or else a classifier's (intra FID of Miyato and Koyama 2018, arXiv:1802.05637)",
		func() Metric { return fidClasses{} })
}

// fidClasses has no settings, so that its numbers are comparable.
type fidClasses struct{}

// SelectionScores implements [Selector].
func (fidClasses) SelectionScores() []string { return []string{"fid_classes", "fid_classes_worst"} }

func (fidClasses) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	names := e.Spec.ClassNames()
	if len(names) < 2 {
		return nil, fmt.Errorf("%w: the set has no classes", ErrNotApplicable)
	}
	space, err := e.embedder("")
	if err != nil {
		return nil, err
	}
	test, err := e.reals(data.Test, classesMost, 0)
	if err != nil {
		return nil, err
	}
	draws, conditional := make([]classDraw, Draws), false
	for i := range draws {
		if draws[i], conditional, err = e.classDraw(ctx, space, test.N, i); err != nil {
			return nil, err
		}
	}
	within, err := distancesWithin(draws, len(names))
	if err != nil {
		return nil, err
	}
	scores := []Score{{Name: "fid_classes", Better: Lower, Space: space.Name()}, {Name: "fid_classes_worst", Better: Lower, Space: space.Name()}}
	worst := within.worst()
	scores[1].Remark(fmt.Sprintf("that of %q", names[worst]))
	for i := range scores {
		within.remark(&scores[i], names, conditional)
	}
	return overDraws(ctx, scores, func(draw int) (sample, error) {
		fakes, floors := within.fakes[draw], within.floors[draw]
		return sample{
			values: []float64{within.mean(fakes), fakes[worst]}, floors: []float64{within.mean(floors), floors[worst]},
			fakes: test.N, reals: test.N,
		}, nil
	})
}

// A classDraw is one draw in a feature space, by class.
type classDraw struct{ real, fake, train []feature.Points }

// classDraw draws n fakes and as many test examples, and twice as many training
// examples, which are assigned to classes like the fakes: by their labels if the model is
// conditional, else by a classifier.
func (e *Evaluation) classDraw(ctx context.Context, space feature.Embedder, n, draw int) (d classDraw, conditional bool, err error) {
	if err := ctx.Err(); err != nil {
		return d, false, err
	}
	fakes, err := e.fakes(ctx, n, draw)
	if err != nil {
		return d, false, err
	}
	conditional = fakes.Column(data.Label) != nil
	if d.fake, err = e.classPoints(ctx, space, fakesSet, fakes, draw, conditional); err != nil {
		return d, false, err
	}
	test, err := e.reals(data.Test, n, draw)
	if err != nil {
		return d, false, err
	}
	if d.real, err = e.classPoints(ctx, space, string(data.Test), test, draw, true); err != nil {
		return d, false, err
	}
	train, err := e.reals(data.Train, 2*n, draw)
	if err != nil {
		return d, false, err
	}
	d.train, err = e.classPoints(ctx, space, string(data.Train), train, draw, conditional)
	return d, conditional, err
}

// classPoints embeds examples of a set, sorted by their labels or by a classifier.
func (e *Evaluation) classPoints(ctx context.Context, space feature.Embedder, set string, b *data.Batch, draw int, labelled bool) ([]feature.Points, error) {
	whole := func() (*data.Batch, error) { return b, nil }
	p, err := e.embed(ctx, space, pointsKey{space.Name(), set, b.N, draw}, whole)
	if err != nil {
		return nil, err
	}
	names := e.Spec.ClassNames()
	if labelled {
		return sorted(p, b.Column(data.Label).Ints, len(names)), nil
	}
	judge, err := e.embedder("classifier")
	if err != nil {
		return nil, err
	}
	seen, err := e.embed(ctx, judge, pointsKey{judge.Name(), set, b.N, draw}, whole)
	if err != nil {
		return nil, err
	}
	if len(seen.Probabilities) != seen.N*len(names) {
		return nil, fmt.Errorf("%w: the classifier does not know the set's %d classes", ErrNotApplicable, len(names))
	}
	var classes []int32
	for row := range slices.Chunk(seen.Probabilities, len(names)) {
		classes = append(classes, int32(floats.MaxIdx(row)))
	}
	return sorted(p, classes, len(names)), nil
}

// sorted returns the points of each class.
func sorted(p feature.Points, class []int32, classes int) []feature.Points {
	all := make([]feature.Points, classes)
	for i, c := range class {
		of := &all[c]
		of.N, of.Width, of.Features = of.N+1, p.Width, append(of.Features, p.Row(i)...)
	}
	return all
}

// within holds the distances within classes, NaN for those left out.
type within struct {
	fakes, floors [][]float64 // [draws][classes]
	counts        []int       // for each class, the smallest number of what is compared
}

// distancesWithin compares each class with equal numbers of fakes, test examples and training
// examples. It returns an error if no class has enough.
func distancesWithin(draws []classDraw, classes int) (within, error) {
	w := within{counts: make([]int, classes)}
	for c := range classes {
		w.counts[c] = math.MaxInt
		for _, d := range draws {
			w.counts[c] = min(w.counts[c], d.real[c].N, d.fake[c].N, d.train[c].N)
		}
	}
	if slices.Max(w.counts) < classesLeast {
		return w, fmt.Errorf("%w: no class has %d fakes and as many test and training examples", ErrNotApplicable, classesLeast)
	}
	for _, d := range draws {
		fakes, floors := make([]float64, classes), make([]float64, classes)
		for c := range classes {
			fakes[c], floors[c] = math.NaN(), math.NaN()
			if w.counts[c] < classesLeast {
				continue
			}
			n := min(d.real[c].N, d.fake[c].N, d.train[c].N)
			real := first(d.real[c], n)
			var err error
			if fakes[c], err = Frechet(real, first(d.fake[c], n)); err != nil {
				return w, err
			}
			if floors[c], err = Frechet(real, first(d.train[c], n)); err != nil {
				return w, err
			}
		}
		w.fakes, w.floors = append(w.fakes, fakes), append(w.floors, floors)
	}
	return w, nil
}

// first returns the features of the first n points.
func first(p feature.Points, n int) feature.Points {
	return feature.Points{N: n, Width: p.Width, Features: p.Features[:n*p.Width]}
}

// mean is the mean of the classes that are not left out.
func (w within) mean(distances []float64) float64 {
	sum, n := 0.0, 0
	for _, d := range distances {
		if !math.IsNaN(d) {
			sum, n = sum+d, n+1
		}
	}
	return sum / float64(n)
}

// worst is the class with the largest distance, averaged over the draws.
func (w within) worst() int {
	total := make([]float64, len(w.counts))
	for _, d := range w.fakes {
		floats.Add(total, d)
	}
	return floats.MaxIdx(total) // which skips NaN
}

// remark says how a score was measured, and which classes were left out.
func (w within) remark(s *Score, names []string, conditional bool) {
	var left []string
	least := math.MaxInt
	for c, n := range w.counts {
		if n < classesLeast {
			left = append(left, names[c])
		} else {
			least = min(least, n)
		}
	}
	by := "the classifier"
	if conditional {
		by = "what they were drawn for"
	}
	s.Remark(fmt.Sprintf("classes of fakes by %s, of at least %d: so few bias it upwards, and the floor as well", by, least))
	switch {
	case len(left) > 3:
		s.Remark(fmt.Sprintf("without %d of %d classes, of fewer than %d fakes or examples: what is hardly made does not count, see the shares of the metric classes", len(left), len(names), classesLeast))
	case len(left) > 0:
		s.Remark(fmt.Sprintf("without %s, of fewer than %d fakes or examples: what is hardly made does not count, see the shares of the metric classes", strings.Join(left, ", "), classesLeast))
	}
}
