package app

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"atelier/model/metric"
)

// noiseLevel is the probability, under equal means, below which a difference of means is
// no noise.
const noiseLevel = 0.05

// noise says which runs differ from the best by no more than noise, empty if none does.
func (c *Comparison) noise(s ComparedScore) string {
	best := s.Of[s.Best]
	var within, once []string
	for i, m := range s.Of {
		switch {
		case m == nil || i == s.Best:
		case m.Draws < 2 || best.Draws < 2:
			once = append(once, c.Runs[i].Name)
		case alike(best, m):
			within = append(within, fmt.Sprintf("%s (%.4g)", c.Runs[i].Name, m.Value))
		}
	}
	switch {
	case len(once) > 0:
		return fmt.Sprintf("%s was measured once: what of the difference is noise is not known.", s.Name)
	case len(within) > 0:
		return fmt.Sprintf("%s: %s is within noise of the best, %s (%.4g).", s.Name, strings.Join(within, ", "), c.Runs[s.Best].Name, best.Value)
	}
	return ""
}

// alike reports whether the difference of two scores is within noise.
func alike(a, b *metric.Score) bool {
	return difference(a, b) >= noiseLevel
}

// difference is the probability that the means over the draws of two scores come to lie
// so far apart or farther if those of all draws are equal: Welch's test (1947,
// doi:10.1093/biomet/34.1-2.28). Both scores need two draws.
func difference(a, b *metric.Score) float64 {
	va, vb := a.Deviation*a.Deviation/float64(a.Draws), b.Deviation*b.Deviation/float64(b.Draws)
	apart := math.Abs(a.Value - b.Value)
	switch {
	case apart == 0:
		return 1
	case va+vb == 0:
		return 0
	}
	freedom := (va + vb) * (va + vb) / (va*va/float64(a.Draws-1) + vb*vb/float64(b.Draws-1))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}
	return 2 * t.CDF(-apart/math.Sqrt(va+vb))
}
