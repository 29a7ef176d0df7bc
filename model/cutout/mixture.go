package cutout

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// parts is the number of Gaussians of a mixture (Rother et al. 2004, section 3.1).
const parts = 5

// leastVariance keeps a Gaussian of one colour from being infinitely narrow.
const leastVariance = 0.01

// A few colours, such as those of a stroke, say little of how much they vary: so many more, that
// vary by this, are taken to be there.
const (
	unseen         = 10
	unseenVariance = 150
)

// A colour is a pixel as red, green and blue, 0 to 255.
type colour [3]float64

// A gaussian is one part of a mixture of colours.
type gaussian struct {
	mean    colour
	inverse [6]float64 // of the covariance: rr, rg, rb, gg, gb, bb
	log     float64    // of the weight over the root of the determinant; -Inf if it has no colours
}

// distance is half the squared distance of Mahalanobis.
func (g *gaussian) distance(c colour) float64 {
	r, gr, b := c[0]-g.mean[0], c[1]-g.mean[1], c[2]-g.mean[2]
	i := &g.inverse
	return 0.5 * (r*r*i[0] + gr*gr*i[3] + b*b*i[5] + 2*(r*gr*i[1]+r*b*i[2]+gr*b*i[4]))
}

// A mixture says how likely colours are.
type mixture [parts]gaussian

// nearest is the part that a colour belongs to most likely.
func (m *mixture) nearest(c colour) uint8 {
	best, most := 0, math.Inf(-1)
	for i := range m {
		if l := m[i].log - m[i].distance(c); l > most {
			best, most = i, l
		}
	}
	return uint8(best)
}

// surprise is the negative logarithm of the density at a colour, but for a constant.
func (m *mixture) surprise(c colour) float64 {
	var logs [parts]float64
	most := math.Inf(-1)
	for i := range m {
		logs[i] = m[i].log - m[i].distance(c)
		most = max(most, logs[i])
	}
	if math.IsInf(most, -1) {
		return math.Inf(1)
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	return -most - math.Log(sum)
}

// moments are the sums from which a Gaussian is fitted.
type moments struct {
	n       float64
	sum     colour
	squares [6]float64
}

func (s *moments) add(c colour) {
	s.n++
	at := 0
	for i := range c {
		s.sum[i] += c[i]
		for j := i; j < 3; j++ {
			s.squares[at] += c[i] * c[j]
			at++
		}
	}
}

// covariance is that of what was added, with the mean.
func (s *moments) covariance() (mean colour, cov [6]float64) {
	for i := range mean {
		mean[i] = s.sum[i] / s.n
	}
	at := 0
	for i := range mean {
		for j := i; j < 3; j++ {
			cov[at] = s.squares[at]/s.n - mean[i]*mean[j]
			at++
		}
	}
	return mean, cov
}

// fit is the Gaussian of what was added, as a part of so many colours.
func (s *moments) fit(all float64) gaussian {
	if s.n == 0 {
		return gaussian{log: math.Inf(-1)}
	}
	g := gaussian{}
	var c [6]float64
	g.mean, c = s.covariance()
	for i := range c {
		c[i] *= s.n / (s.n + unseen)
	}
	for _, i := range []int{0, 3, 5} {
		c[i] += leastVariance + unseenVariance*unseen/(s.n+unseen)
	}
	a, b, d := c[3]*c[5]-c[4]*c[4], c[2]*c[4]-c[1]*c[5], c[1]*c[4]-c[2]*c[3]
	det := c[0]*a + c[1]*b + c[2]*d
	if det <= 0 { // rounding of colours in a plane
		det = leastVariance * leastVariance * leastVariance
	}
	g.inverse = [6]float64{a / det, b / det, d / det, (c[0]*c[5] - c[2]*c[2]) / det, (c[1]*c[2] - c[0]*c[4]) / det, (c[0]*c[3] - c[1]*c[1]) / det}
	g.log = math.Log(s.n/all) - 0.5*math.Log(det)
	return g
}

// learn fits a mixture to colours and the parts that they belong to.
func learn(colours []colour, of []uint8) *mixture {
	var sums [parts]moments
	for i, c := range colours {
		sums[of[i]].add(c)
	}
	m := &mixture{}
	for i := range m {
		m[i] = sums[i].fit(float64(len(colours)))
	}
	return m
}

// divide parts colours in as many groups as a mixture has: the group that varies most along a
// line is cut across that line at its mean, until there are enough (Orchard and Bouman 1991).
func divide(colours []colour) []uint8 {
	of := make([]uint8, len(colours))
	var sums [parts]moments
	for _, c := range colours {
		sums[0].add(c)
	}
	for n := 1; n < parts; n++ {
		widest, most, along := 0, 0.0, colour{}
		for i := range n {
			if spread, axis := sums[i].widest(); spread > most {
				widest, most, along = i, spread, axis
			}
		}
		if most <= leastVariance {
			break
		}
		mean, _ := sums[widest].covariance()
		cut := dot(mean, along)
		sums[widest] = moments{}
		for i, c := range colours {
			if int(of[i]) != widest {
				continue
			}
			if dot(c, along) > cut {
				of[i] = uint8(n)
			}
			sums[of[i]].add(c)
		}
	}
	return of
}

func dot(a, b colour) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// widest is the line along which what was added varies most, and the sum of squares along it.
func (s *moments) widest() (spread float64, axis colour) {
	if s.n < 2 {
		return 0, axis
	}
	_, c := s.covariance()
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(3, []float64{c[0], c[1], c[2], c[1], c[3], c[4], c[2], c[4], c[5]}), true) {
		return 0, axis
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	for i := range axis {
		axis[i] = vectors.At(i, 2)
	}
	return e.Values(nil)[2] * s.n, axis
}
