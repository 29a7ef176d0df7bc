package metric

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"atelier/model/feature"
)

func init() {
	Metrics.Add("kid2k", "kernel distance of 2,000 fakes to as many test examples: unbiased MMD² of the cubic kernel over all pairs, not over subsets (Bińkowski 2018, arXiv:1801.01401)",
		func() Metric { return kid{} })
}

// kid has no settings: the protocol is in the name.
type kid struct{}

func (kid) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.enough(500); err != nil {
		return nil, err
	}
	scores := []Score{{Name: "kid2k", Better: Lower}}
	return e.compare(ctx, "", 2000, scores, func(real, other feature.Points) ([]float64, error) {
		d, err := KernelDistance(real, other)
		return []float64{d}, err
	})
}

// KernelDistance returns the unbiased estimate of the squared maximum mean
// discrepancy of two sets of points under the kernel (x·y/width + 1)³. It may
// be negative where the sets are alike. It needs two points of each.
func KernelDistance(a, b feature.Points) (float64, error) {
	if err := comparable(a, b, 2); err != nil {
		return 0, err
	}
	aa := kernelSum(a, a) - kernelTrace(a)
	bb := kernelSum(b, b) - kernelTrace(b)
	ab := kernelSum(a, b)
	n, m := float64(a.N), float64(b.N)
	return aa/(n*(n-1)) + bb/(m*(m-1)) - 2*ab/(n*m), nil
}

func cubic(product float64, width int) float64 {
	v := product/float64(width) + 1
	return v * v * v
}

// kernelSum adds the kernel over all pairs, in an order that threads do not change.
func kernelSum(a, b feature.Points) float64 {
	rows := make([]float64, a.N)
	eachRow(a, b, func(i int, products []float64) {
		for _, p := range products {
			rows[i] += cubic(p, a.Width)
		}
	})
	return floats.Sum(rows)
}

// kernelTrace adds the kernel of each point with itself.
func kernelTrace(p feature.Points) float64 {
	sum := 0.0
	for _, n := range norms(p) {
		sum += cubic(n, p.Width)
	}
	return sum
}
