package family

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/arch"
)

// A Factored model finds directions of its codes from its weights alone.
type Factored interface {
	Steerable
	// Directions are those of the weights in the store.
	Directions(*model.Store) (*Directions, error)
}

// Directions are orthogonal directions of codes, the ones that change the input of the layers most
// first: the eigenvectors of the linear maps that take codes in (SeFa: Shen and Zhou 2020,
// arXiv:2007.06600).
type Directions struct {
	// Vectors are unit vectors of the width of a code; Strength are their eigenvalues, whose sum
	// is 1.
	Vectors  [][]float32
	Strength []float64
}

// Directions implements [Factored].
func (m *drawer) Directions(store *model.Store) (*Directions, error) {
	g, ok := m.g.(arch.Projecting)
	if !ok || len(g.Projections()) == 0 {
		return nil, fmt.Errorf("the generator does not tell which weights take its codes in")
	}
	var sum *mat.SymDense
	for _, p := range g.Projections() {
		weight, rows, columns, err := m.weight(store, p.Variable)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			width := rows
			if m.direct() {
				width = m.latent
			}
			sum = mat.NewSymDense(width, nil)
		}
		if rows < sum.SymmetricDim() {
			return nil, fmt.Errorf("%s has %d rows, fewer than a code is wide", p.Variable, rows)
		}
		addOuter(sum, weight, columns)
	}
	return eigen(sum)
}

// weight are the values of a variable of the drawing network, [rows, columns].
func (m *drawer) weight(store *model.Store, name string) (values []float32, rows, columns int, err error) {
	v := store.GetVariable(model.JoinPath("/", m.scope, name))
	if v == nil || v.Shape().Rank() != 2 {
		return nil, 0, 0, fmt.Errorf("the generator has no matrix %s", name)
	}
	t, err := v.Value()
	if err != nil {
		return nil, 0, 0, err
	}
	values, err = tensors.CopyFlatData[float32](t)
	return values, v.Shape().Dim(0), v.Shape().Dim(1), err
}

// addOuter adds the outer products of the columns of a matrix, each scaled to length 1, so that no
// layer counts more than others by the size of its weights.
func addOuter(sum *mat.SymDense, weight []float32, columns int) {
	n := sum.SymmetricDim()
	column := make([]float64, n)
	for j := range columns {
		square := 0.
		for i := range n {
			column[i] = float64(weight[i*columns+j])
			square += float64(column[i] * column[i])
		}
		if square > 0 {
			sum.SymRankOne(sum, 1/square, mat.NewVecDense(n, column))
		}
	}
}

// eigen are the eigenvectors of a matrix, the largest eigenvalue first. The largest component of
// each is positive.
func eigen(sum *mat.SymDense) (*Directions, error) {
	var e mat.EigenSym
	if !e.Factorize(sum, true) {
		return nil, fmt.Errorf("the eigenvectors of the weights were not found")
	}
	values, vectors := e.Values(nil), mat.Dense{}
	e.VectorsTo(&vectors)
	total := 0.
	for _, v := range values {
		total += max(v, 0)
	}
	d := &Directions{}
	for j := len(values) - 1; j >= 0; j-- {
		vector, sign := make([]float32, len(values)), 1.
		largest := 0.
		for i := range vector {
			if x := vectors.At(i, j); math.Abs(x) > largest {
				largest, sign = math.Abs(x), math.Copysign(1, x)
			}
		}
		for i := range vector {
			vector[i] = float32(sign * vectors.At(i, j))
		}
		d.Vectors, d.Strength = append(d.Vectors, vector), append(d.Strength, max(values[j], 0)/max(total, math.SmallestNonzeroFloat64))
	}
	return d, nil
}

// RandomDirections are n unit vectors of this width, for comparison.
func RandomDirections(n, width int, seed uint64) [][]float32 {
	all := make([][]float32, n)
	for i := range all {
		all[i] = make([]float32, width)
		noise.Normals(all[i], seed+uint64(i), directionNoise)
		square := 0.
		for _, x := range all[i] {
			square += float64(x) * float64(x)
		}
		for k := range all[i] {
			all[i][k] = float32(float64(all[i][k]) / math.Sqrt(square))
		}
	}
	return all
}

// unitSeeds is the number of codes that the unit of moves is measured on.
const unitSeeds = 256

// Unit is the length of a move by 1: a quarter of the root mean square distance of codes from the
// centre of their class.
func (s *Steering) Unit(ctx context.Context) (float64, error) {
	seeds := make([]uint64, unitSeeds)
	for i := range seeds {
		seeds[i] = uint64(i)
	}
	codes, err := s.Codes(ctx, seeds, nil)
	if err != nil {
		return 0, err
	}
	centres, err := s.centres(ctx, codes)
	if err != nil {
		return 0, err
	}
	sum := 0.
	for k, x := range codes.Column(Code).Floats {
		d := float64(x - centres[k])
		sum += float64(d * d)
	}
	return math.Sqrt(sum/float64(unitSeeds*s.Layers)) / 4, nil
}

// Move moves all layers of each code along a direction by a length.
func (s *Steering) Move(codes *data.Batch, direction []float32, length float64) {
	all := codes.Column(Code).Floats
	for k := range all {
		all[k] += float32(length * float64(direction[k%len(direction)]))
	}
}
