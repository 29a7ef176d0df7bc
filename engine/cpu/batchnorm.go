package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// normal decomposes batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167), over every axis
// of shape but one. The first error is kept.
type normal struct {
	f     *Function
	shape shapes.Shape
	axis  int
	axes  []int // axes that are summed over
	count float64
	err   error
}

func (f *Function) normal(x compute.Value, axis int) *normal {
	n := &normal{f: f, axis: axis, count: 1}
	n.shape, n.err = f.Shape(x)
	for i, d := range n.shape.Dimensions {
		if i != axis {
			n.axes, n.count = append(n.axes, i), n.count*float64(d)
		}
	}
	return n
}

func (n *normal) keep(v compute.Value, err error) compute.Value {
	if n.err == nil {
		n.err = err
	}
	return v
}

// do applies a binary operation unless there was an error.
func (n *normal) do(op func(a, b compute.Value) (compute.Value, error), a, b compute.Value) compute.Value {
	if n.err != nil {
		return nil
	}
	return n.keep(op(a, b))
}

func (n *normal) wide(v compute.Value) compute.Value { // [features] -> shape
	if n.err != nil {
		return nil
	}
	return n.keep(n.f.BroadcastInDim(v, n.shape, []int{n.axis}))
}

func (n *normal) sum(v compute.Value) compute.Value { // shape -> [features]
	if n.err != nil {
		return nil
	}
	return n.keep(n.f.ReduceSum(v, n.axes...))
}

// scalar is a constant of the operand's type.
func (n *normal) scalar(v float64) compute.Value {
	if n.err != nil {
		return nil
	}
	c := n.keep(n.f.Constant([]float64{v}))
	if n.err != nil || n.shape.DType == dtypes.Float64 {
		return c
	}
	return n.keep(n.f.ConvertDType(c, n.shape.DType))
}

func (n *normal) mean(v compute.Value) compute.Value {
	return n.do(n.f.Div, n.sum(v), n.scalar(n.count))
}

// inverse is one over the standard deviation.
func (n *normal) inverse(variance compute.Value, epsilon float32) compute.Value {
	v := n.do(n.f.Add, variance, n.scalar(float64(epsilon)))
	if n.err != nil {
		return nil
	}
	return n.keep(n.f.Rsqrt(v))
}

func (n *normal) normalise(x, mean, inverse compute.Value) compute.Value {
	return n.do(n.f.Mul, n.do(n.f.Sub, x, n.wide(mean)), n.wide(inverse))
}

func (n *normal) scale(x, scale, offset compute.Value) compute.Value {
	return n.do(n.f.Add, n.do(n.f.Mul, x, n.wide(scale)), n.wide(offset))
}

// BatchNormForTraining implements compute.Function.
func (f *Function) BatchNormForTraining(x, scale, offset compute.Value, epsilon float32, axis int) (y, mean, variance compute.Value, err error) {
	n := f.normal(x, axis)
	mean = n.mean(x)
	centred := n.do(f.Sub, x, n.wide(mean))
	variance = n.mean(n.do(f.Mul, centred, centred))
	y = n.scale(n.normalise(x, mean, n.inverse(variance, epsilon)), scale, offset)
	return y, mean, variance, n.err
}

// BatchNormForInference implements compute.Function.
func (f *Function) BatchNormForInference(x, scale, offset, mean, variance compute.Value, epsilon float32, axis int) (compute.Value, error) {
	n := f.normal(x, axis)
	y := n.scale(n.normalise(x, mean, n.inverse(variance, epsilon)), scale, offset)
	return y, n.err
}

// BatchNormGradient implements compute.Function.
func (f *Function) BatchNormGradient(x, scale, mean, variance, gradient compute.Value, epsilon float32, axis int) (gradX, gradScale, gradOffset compute.Value, err error) {
	n := f.normal(x, axis)
	inverse := n.inverse(variance, epsilon)
	normalised := n.normalise(x, mean, inverse)
	gradScale, gradOffset = n.sum(n.do(f.Mul, gradient, normalised)), n.sum(gradient)
	through := n.do(f.Sub, gradient, n.wide(n.do(f.Div, gradOffset, n.scalar(n.count))))
	through = n.do(f.Sub, through, n.do(f.Mul, normalised, n.wide(n.do(f.Div, gradScale, n.scalar(n.count)))))
	gradX = n.do(f.Mul, through, n.wide(n.do(f.Mul, scale, inverse)))
	return gradX, gradScale, gradOffset, n.err
}
