package metric

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"atelier/model/feature"
)

// Frechet returns the Fréchet distance between the Gaussians with the means m and the unbiased
// covariances S of two sets of points:
//
//	|m1-m2|² + tr S1 + tr S2 - 2 tr (√S1 S2 √S1)^½
//
// It needs two points of each and equal widths. Covariances may be singular.
func Frechet(a, b feature.Points) (float64, error) {
	if a.Width != b.Width || a.Width == 0 {
		return 0, fmt.Errorf("points of width %d and %d cannot be compared", a.Width, b.Width)
	}
	if a.N < 2 || b.N < 2 {
		return 0, fmt.Errorf("the Fréchet distance needs two points of each set, not %d and %d", a.N, b.N)
	}
	ma, sa := moments(a)
	mb, sb := moments(b)
	d := 0.0
	for i := range ma {
		d += (ma[i] - mb[i]) * (ma[i] - mb[i])
	}
	root, err := squareRoot(sa)
	if err != nil {
		return 0, err
	}
	var half, product mat.Dense
	half.Mul(root, sb)
	product.Mul(&half, root)
	values, _, err := eigen(symmetric(&product))
	if err != nil {
		return 0, err
	}
	d += mat.Trace(sa) + mat.Trace(sb)
	for _, v := range values {
		d -= 2 * math.Sqrt(max(v, 0))
	}
	return max(d, 0), nil // rounding may leave -1e-13
}

// moments returns mean [width] and unbiased covariance [width, width].
func moments(p feature.Points) ([]float64, *mat.SymDense) {
	mean := make([]float64, p.Width)
	for i := range p.N {
		for j, v := range p.Row(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(p.N)
	}
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, mat.NewDense(p.N, p.Width, p.Features), nil)
	return mean, &covariance
}

// squareRoot returns the symmetric root of a positive semidefinite matrix.
// Eigenvalues that rounding made negative count as zero.
func squareRoot(s *mat.SymDense) (*mat.Dense, error) {
	values, vectors, err := eigen(s)
	if err != nil {
		return nil, err
	}
	var scaled, root mat.Dense
	scaled.Apply(func(_, j int, v float64) float64 { return v * math.Sqrt(max(values[j], 0)) }, vectors)
	root.Mul(&scaled, vectors.T())
	return &root, nil
}

// eigen returns the eigenvalues and eigenvectors. The vectors are always computed: without them
// gonum v0.17.0 panics on blocks of tiny numbers.
func eigen(s mat.Symmetric) (values []float64, vectors *mat.Dense, err error) {
	for i := range s.SymmetricDim() {
		if v := s.At(i, i); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, errors.New("the points hold values that are not finite")
		}
	}
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return nil, nil, errors.New("the covariance has no eigenvalues: are the points finite?")
	}
	vectors = new(mat.Dense)
	e.VectorsTo(vectors)
	return e.Values(nil), vectors, nil
}

// symmetric returns the mean of a square matrix and its transpose.
func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	return s
}
