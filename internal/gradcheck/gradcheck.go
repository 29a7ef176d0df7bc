// Package gradcheck compares gradients with finite differences, for tests.
package gradcheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/noise"
)

// A Function is a scalar function of its inputs and of the trainable variables that it creates in
// the scope.
type Function func(s *model.Scope, inputs []*graph.Node) *graph.Node

const (
	step      = 1e-6
	tolerance = 1e-5 // relative
)

// Check compares the gradient of f at the float64 inputs, and at every trainable variable, with
// central differences along a random direction of each. Each is perturbed separately, so that an
// error names the culprit.
func Check(backend compute.Backend, f Function, inputs ...*tensors.Tensor) error {
	c := &check{store: model.NewStore(), inputs: inputs}
	if err := c.compile(backend, f); err != nil {
		return err
	}
	variables, err := c.gradients()
	if err != nil {
		return err
	}
	for i, x := range inputs {
		if err := c.along(fmt.Sprintf("input %d", i), uint64(i), x, c.slopes[i]); err != nil {
			return err
		}
	}
	for i, v := range variables {
		if err := c.along(v.Path(), uint64(100+i), v.MustValue(), c.slopes[len(inputs)+i]); err != nil {
			return err
		}
	}
	return nil
}

type check struct {
	store         *model.Store
	value, slope  *model.Exec
	inputs        []*tensors.Tensor
	slopes        [][]float64
	differentiate []*model.Variable
}

func (c *check) compile(backend compute.Backend, f Function) (err error) {
	if c.value, err = model.NewExec(backend, c.store, func(s *model.Scope, in []*graph.Node) *graph.Node {
		return f(s, in)
	}); err != nil {
		return err
	}
	c.slope, err = model.NewExec(backend, c.store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		y := f(s, in)
		at := slices.Clone(in)
		c.differentiate = c.differentiate[:0]
		for v := range s.IterVariables() {
			if v.Trainable && v.InUseByGraph(y.Graph()) {
				c.differentiate = append(c.differentiate, v)
			}
		}
		slices.SortFunc(c.differentiate, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
		for _, v := range c.differentiate {
			at = append(at, v.NodeValue(y))
		}
		return graph.Gradient(y, at...)
	})
	return err
}

// gradients fills slopes, for the inputs and then for the variables it returns.
func (c *check) gradients() ([]*model.Variable, error) {
	out, err := c.slope.Call(anys(c.inputs)...)
	if err != nil {
		return nil, err
	}
	for _, t := range out {
		c.slopes = append(c.slopes, tensors.MustCopyFlatData[float64](t))
	}
	return c.differentiate, nil
}

// along perturbs x in both directions along a random direction.
func (c *check) along(name string, key uint64, x *tensors.Tensor, slope []float64) error {
	direction := make([]float64, len(slope))
	rng := noise.Stream(7, key)
	want := 0.0
	for i := range direction {
		direction[i] = rng.NormFloat64()
		want += direction[i] * slope[i]
	}
	ahead, err := c.at(x, direction, step)
	if err != nil {
		return err
	}
	behind, err := c.at(x, direction, -step)
	if err != nil {
		return err
	}
	got := (ahead - behind) / (2 * step)
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(got), math.Abs(want))) {
		return fmt.Errorf("%s: gradient along a direction is %g, finite difference %g", name, want, got)
	}
	return nil
}

// at is the function's value with x moved by h·direction.
func (c *check) at(x *tensors.Tensor, direction []float64, h float64) (float64, error) {
	old := tensors.MustCopyFlatData[float64](x)
	set := func(h float64) {
		tensors.MustMutableFlatData(x, func(flat []float64) {
			for i := range flat {
				flat[i] = old[i] + h*direction[i]
			}
		})
	}
	set(h)
	defer set(0)
	y, err := c.value.Call1(anys(c.inputs)...)
	if err != nil {
		return 0, err
	}
	return tensors.ToScalar[float64](y), nil
}

// Normal returns a float64 tensor of independent standard normal numbers of the seed.
func Normal(seed uint64, dims ...int) *tensors.Tensor {
	values := make([]float64, shapes.Make(dtypes.Float64, dims...).Size())
	rng := noise.Stream(seed)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

func anys(ts []*tensors.Tensor) []any {
	out := make([]any, len(ts))
	for i, t := range ts {
		out[i] = t
	}
	return out
}
