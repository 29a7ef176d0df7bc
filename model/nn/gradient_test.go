package nn

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/gradcheck"
)

// backend is gomlx's own, one for all tests.
var backend = sync.OnceValue(func() compute.Backend {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		panic(err)
	}
	return b
})

// TestGradients checks first and second order: the second as the gradient of
// the squared gradient with respect to the input, which is what penalties use.
func TestGradients(t *testing.T) {
	layers := map[string]struct {
		dims  []int
		layer func(s *model.Scope, x *graph.Node) *graph.Node
	}{
		"dense":     {[]int{3, 4}, func(s *model.Scope, x *graph.Node) *graph.Node { return Dense(s, x, 5, 1) }},
		"conv k3s1": {[]int{2, 5, 4, 2}, conv(Kernel{3, 1, 1})},
		"conv k3s2": {[]int{2, 5, 6, 2}, conv(Kernel{3, 2, 1})},
		"conv k4s2": {[]int{2, 6, 8, 2}, conv(Kernel{4, 2, 1})},
		"conv k2s1": {[]int{2, 5, 6, 2}, conv(Kernel{2, 1, 0})},
		"conv k4s1": {[]int{2, 4, 5, 2}, conv(Kernel{4, 1, 2})},
		"batch norm": {[]int{4, 3, 3, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			s.Store().SetTraining(x.Graph(), true)
			return BatchNorm(s, x)
		}},
		"minibatch deviation": {[]int{6, 2, 2, 3}, func(s *model.Scope, x *graph.Node) *graph.Node {
			s.Store().SetTraining(x.Graph(), true)
			return MinibatchDeviation(s, x)
		}},
		"batch norm, running": {[]int{4, 3}, BatchNorm},
		"conditional batch norm": {[]int{4, 3, 3, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			s.Store().SetTraining(x.Graph(), true)
			return ConditionalBatchNorm(s, x, graph.ReduceMean(graph.Sin(x), 1, 2))
		}},
		"modulated conv": {[]int{2, 3, 4, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return ModulatedConv(s, x, graph.ReduceMean(graph.Sin(x), 1, 2), 3, false, 1)
		}},
		"modulated conv up": {[]int{2, 3, 4, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return ModulatedConv(s, x, graph.ReduceMean(graph.Sin(x), 1, 2), 3, true, 1.5)
		}},
		"modulated pixels": {[]int{2, 3, 4, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return ModulatedPixels(s, x, graph.ReduceMean(graph.Sin(x), 1, 2), 3, false)
		}},
		"modulated pixels up": {[]int{2, 3, 4, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return ModulatedPixels(s, x, graph.ReduceMean(graph.Sin(x), 1, 2), 3, true)
		}},
		"repeated":         {[]int{2, 3, 2, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Nearest(x, 6, 4) }},
		"layer norm":       {[]int{3, 2, 2, 3}, LayerNorm},
		"rms norm":         {[]int{3, 2, 3}, func(s *model.Scope, x *graph.Node) *graph.Node { return RMSNorm(s, x, 1e-2) }},
		"rotary":           {[]int{2, 3, 3, 6}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Rotate(x, 10, false) }},
		"rotary of halves": {[]int{2, 3, 3, 6}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Rotate(x, 10, true) }},
		"group norm":       {[]int{3, 2, 2, 6}, func(s *model.Scope, x *graph.Node) *graph.Node { return GroupNorm(s, x, nil, 3) }},
		"conditional group norm": {[]int{3, 2, 2, 6}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return GroupNorm(s, x, graph.ReduceMean(x, 1, 2), 2)
		}},
		"upsample conv":   {[]int{2, 2, 3, 2}, func(s *model.Scope, x *graph.Node) *graph.Node { return UpsampleConv(s, x, 3, 1) }},
		"downsample conv": {[]int{2, 4, 6, 2}, func(s *model.Scope, x *graph.Node) *graph.Node { return Plain.DownsampleConv(s, x, 3, 1) }},
		"equalised dense": {[]int{3, 4}, func(s *model.Scope, x *graph.Node) *graph.Node { return Equalised(0.1).Dense(s, x, 5, 1) }},
		"conv transposed": {[]int{2, 2, 3, 2}, func(s *model.Scope, x *graph.Node) *graph.Node { return ConvTransposed(s, x, 3, 1) }},
		"spectral dense":  {[]int{3, 4}, func(s *model.Scope, x *graph.Node) *graph.Node { return Spectral.Dense(s, x, 5, 1) }},
		"spectral conv": {[]int{2, 4, 4, 2}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return Spectral.Conv(s, x, 3, Kernel{4, 2, 1}, 1)
		}},
		"embedding": {[]int{3, 4}, func(s *model.Scope, x *graph.Node) *graph.Node {
			y := graph.Const(x.Graph(), []int32{2, 0, 2})
			return graph.Mul(x, graph.Add(Embedding(s, y, 3, 4, 1, x), Spectral.Embedding(s.In("spectral"), y, 3, 4, 1, x)))
		}},
		"max pool":         {[]int{2, 5, 4, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return MaxPool(x, Kernel{3, 2, 1}) }},
		"mean pool":        {[]int{2, 5, 4, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return MeanPool(x, Kernel{3, 2, 1}) }},
		"mean pool, apart": {[]int{2, 6, 4, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return MeanPool(x, Kernel{2, 2, 0}) }},
		"nearest":          {[]int{2, 3, 4, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Nearest(x, 5, 3) }},
		"bilinear":         {[]int{2, 3, 4, 2}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Bilinear(x, 5, 3) }},
		"leaky relu":       {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return LeakyRelu(x, 0.2) }},
		"linear":           {[]int{3, 4}, func(s *model.Scope, x *graph.Node) *graph.Node { return Linear(s, x, 5, 1) }},
		"gelu by tanh":     {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return GeluTanh(x) }},
		"gelu":             {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Gelu(x) }},
		"silu":             {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Silu(x) }},
		"softmax":          {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Softmax(x) }},
		"softplus":         {[]int{4, 3}, func(_ *model.Scope, x *graph.Node) *graph.Node { return Softplus(x) }},
	}
	for name, l := range layers {
		t.Run(name, func(t *testing.T) {
			first := func(s *model.Scope, in []*graph.Node) *graph.Node {
				y := l.layer(s.In("layer"), in[0])
				return graph.ReduceAllSum(graph.Sin(y))
			}
			second := func(s *model.Scope, in []*graph.Node) *graph.Node {
				return graph.ReduceAllSum(graph.Square(graph.Gradient(first(s, in), in[0])[0]))
			}
			if err := gradcheck.Check(backend(), first, gradcheck.Normal(1, l.dims...)); err != nil {
				t.Error("first order:", err)
			}
			if err := gradcheck.Check(backend(), second, gradcheck.Normal(2, l.dims...)); err != nil {
				t.Error("second order:", err)
			}
		})
	}
}

func conv(k Kernel) func(s *model.Scope, x *graph.Node) *graph.Node {
	return func(s *model.Scope, x *graph.Node) *graph.Node { return Conv(s, x, 3, k, 1) }
}
