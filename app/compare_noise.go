package app

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"atelier/model/metric"
)

// noiseLevel is the significance level of a difference of means.
const noiseLevel = 0.05

// judge says which runs are within noise of the best score, empty if none is, and whether
// there is a best one. It needs two scores or more.
func (c *Comparison) judge(s ComparedScore) (said string, decided bool) {
	best := s.Of[s.Best]
	var within, floors []string
	same, once := true, false
	for i, m := range s.Of {
		if m == nil || i == s.Best {
			continue
		}
		same = same && m.Value == best.Value
		once = once || m.Draws < 2 || best.Draws < 2
		switch {
		case once:
		case !alike(floorOf(best), floorOf(m)):
			floors = append(floors, fmt.Sprintf("%.4g of %s", floorOf(m).Value, c.Runs[i].Name))
		case alike(best, m):
			within = append(within, fmt.Sprintf("%s (%.4g)", c.Runs[i].Name, m.Value))
		}
	}
	switch name := c.Runs[s.Best].Name; {
	case len(floors) > 0:
		return fmt.Sprintf("%s: the floors differ, %.4g of %s and %s: compare each score with its own floor.",
			s.Name, floorOf(best).Value, name, strings.Join(floors, ", ")), false
	case same:
		return fmt.Sprintf("%s: %.4g, whichever the run.", s.Name, best.Value), false
	case once:
		return fmt.Sprintf("%s was measured once: whether the difference is noise is not known.", s.Name), true
	case len(within) > 0:
		verb := "is"
		if len(within) > 1 {
			verb = "are"
		}
		return fmt.Sprintf("%s: %s %s within noise of the best, %s (%.4g).", s.Name, strings.Join(within, ", "), verb, name, best.Value), true
	}
	return "", true
}

// floorOf returns the floor of a score as a score, 0 if it has none.
func floorOf(s *metric.Score) *metric.Score {
	f := &metric.Score{Draws: s.Draws, Deviation: s.FloorDeviation}
	if s.Floor != nil {
		f.Value = *s.Floor
	}
	return f
}

// alike reports whether the difference of two scores is within noise.
func alike(a, b *metric.Score) bool {
	return difference(a, b) >= noiseLevel
}

// difference is the p-value of the difference of two scores: by their standard errors if
// both were bootstrapped, otherwise by [welch].
func difference(a, b *metric.Score) float64 {
	if a.Error == 0 || b.Error == 0 {
		return welch(a, b)
	}
	return 2 * distuv.UnitNormal.CDF(-math.Abs(a.Value-b.Value)/math.Hypot(a.Error, b.Error))
}

// welch is the p-value of the difference of the means over draws: Welch's test (1947,
// doi:10.1093/biomet/34.1-2.28). Both scores need two draws.
func welch(a, b *metric.Score) float64 {
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
