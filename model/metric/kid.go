package metric

import (
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"

	"atelier/model/feature"
)

func init() {
	Metrics.Add("kid2k", "kernel distance of 2,000 fakes to as many test examples: unbiased MMD² of the cubic kernel over all pairs, not over subsets (Bińkowski 2018, arXiv:1801.01401)",
		func() Metric { return kid{} })
}

// kidLeast is the smallest number of held-out examples: the estimate is unbiased for any number,
// and its standard error shows the uncertainty.
const kidLeast = 10

// kid has no settings: the protocol is part of the name.
type kid struct{}

// SelectionScores implements [Selector].
func (kid) SelectionScores() []string { return []string{"kid2k"} }

func (kid) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.enough(kidLeast); err != nil {
		return nil, err
	}
	scores := []Score{{Name: "kid2k", Better: Lower}}
	return e.compare(ctx, "", 2000, scores, kernelComparison)
}

// kernelComparison is resampled to first order: each point contributes its mean over all points
// (Hájek's projection of a U-statistic), which avoids recomputing the products.
func kernelComparison(real, other feature.Points) (measurement, error) {
	a, b, err := kernelShares(real, other)
	if err != nil {
		return measurement{}, err
	}
	ma, mb := stat.Mean(a, nil), stat.Mean(b, nil)
	return measurement{[]float64{ma + mb}, func(reals, fakes *rand.Rand) ([]float64, error) {
		return []float64{ma + mb + 2*(meanOf(a, reals)-ma) + 2*(meanOf(b, fakes)-mb)}, nil
	}}, nil
}

// KernelDistance returns the unbiased estimate of the squared maximum mean discrepancy of two sets
// of points under the kernel (x·y/width + 1)³. It may be negative if the sets are alike. It needs
// two points of each.
func KernelDistance(a, b feature.Points) (float64, error) {
	ofA, ofB, err := kernelShares(a, b)
	if err != nil {
		return 0, err
	}
	return stat.Mean(ofA, nil) + stat.Mean(ofB, nil), nil
}

// kernelShares returns the contribution of each point of a and of b to the distance: its mean
// kernel with the others of its set, minus that with the other set. The distance is the sum of both
// means.
func kernelShares(a, b feature.Points) (ofA, ofB []float64, err error) {
	if err := comparable(a, b, 2); err != nil {
		return nil, nil, err
	}
	share := func(p, q feature.Points) []float64 {
		within, across, own := kernelSums(p, p), kernelSums(p, q), norms(p)
		for i := range within {
			within[i] = (within[i]-cubic(own[i], p.Width))/float64(p.N-1) - across[i]/float64(q.N)
		}
		return within
	}
	return share(a, b), share(b, a), nil
}

func cubic(product float64, width int) float64 {
	v := product/float64(width) + 1
	return v * v * v
}

// kernelSums sums for each point of a the kernel with all of b [a.N], in an order independent of
// threads.
func kernelSums(a, b feature.Points) []float64 {
	rows := make([]float64, a.N)
	eachRow(a, b, func(i int, products []float64) {
		for _, p := range products {
			rows[i] += cubic(p, a.Width)
		}
	})
	return rows
}
