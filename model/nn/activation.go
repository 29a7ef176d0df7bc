package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Relu is max(x, 0).
func Relu(x *graph.Node) *graph.Node { return LeakyRelu(x, 0) }

// LeakyRelu is x where x is positive and slope·x elsewhere (Maas, Hannun and Ng
// 2013, "Rectifier nonlinearities improve neural network acoustic models").
func LeakyRelu(x *graph.Node, slope float64) *graph.Node {
	return graph.Where(graph.IsPositive(x), x, graph.MulScalar(x, slope))
}

// Silu is x times the logistic function of x (Elfwing, Uchibe and Doya 2017,
// arXiv:1702.03118).
func Silu(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Sigmoid(x)) }

// Gelu is x·Φ(x), with the exact normal distribution function Φ
// (Hendrycks and Gimpel 2016, arXiv:1606.08415).
func Gelu(x *graph.Node) *graph.Node {
	return graph.Mul(graph.MulScalar(x, 0.5), graph.OnePlus(graph.Erf(graph.MulScalar(x, math.Sqrt2/2))))
}

// GeluTanh is the approximation of [Gelu] by a hyperbolic tangent, as in GPT-2.
func GeluTanh(x *graph.Node) *graph.Node {
	cubic := graph.Add(x, graph.MulScalar(graph.Mul(x, graph.Square(x)), 0.044715))
	return graph.Mul(graph.MulScalar(x, 0.5), graph.OnePlus(graph.Tanh(graph.MulScalar(cubic, math.Sqrt(2/math.Pi)))))
}

// Softplus is log(1 + exp(x)) without overflow; its gradient is the logistic
// function everywhere, at 0 and at every order.
func Softplus(x *graph.Node) *graph.Node {
	value := graph.Add(graph.MaxScalar(x, 0), graph.Log1p(graph.Exp(graph.Neg(graph.Abs(x)))))
	slope := graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node { return graph.Mul(v, graph.Sigmoid(x)) })
	return graph.Add(graph.StopGradient(value), graph.Sub(slope, graph.StopGradient(x))) // slope - x is 0 and carries the gradient
}

// Softmax is exp(x) over its sum along the last axis. It multiplies by the reciprocal of
// the sum, one per row, so that the gradient needs no divisions.
func Softmax(x *graph.Node) *graph.Node {
	x = graph.Exp(graph.Sub(x, graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1))))
	return graph.Mul(x, graph.Reciprocal(graph.ReduceAndKeep(x, graph.ReduceSum, -1)))
}
