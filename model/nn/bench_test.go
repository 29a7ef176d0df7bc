package nn

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// BenchmarkConvolutions takes the value and all gradients of two layers, of a
// discriminator (28, 14, 7 pixels) and of a generator (7, 14, 28 pixels).
func BenchmarkConvolutions(b *testing.B) {
	half := Kernel{4, 2, 1}
	discriminator := func(s *model.Scope, x *graph.Node) *graph.Node {
		x = LeakyRelu(Conv(s.In("a"), x, 16, half, 0.1), 0.2) // [batch, 14, 14, 16]
		return Conv(s.In("b"), x, 32, half, 0.1)              // [batch, 7, 7, 32]
	}
	for _, c := range []struct {
		name string
		dims []int
		f    func(s *model.Scope, x *graph.Node) *graph.Node
	}{
		{"discriminator", []int{64, 28, 28, 1}, discriminator},
		{"penalised", []int{64, 28, 28, 1}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return graph.Square(graph.Gradient(graph.ReduceAllSum(graph.Tanh(discriminator(s, x))), x)[0])
		}},
		{"transposed", []int{64, 7, 7, 32}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return ConvTransposed(s.In("b"), Relu(ConvTransposed(s.In("a"), x, 16, 0.1)), 1, 0.1)
		}},
		{"upsampling", []int{64, 7, 7, 32}, func(s *model.Scope, x *graph.Node) *graph.Node {
			return UpsampleConv(s.In("b"), Relu(UpsampleConv(s.In("a"), x, 16, 0.1)), 1, 0.1)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			store := model.NewStore()
			exec, err := model.NewExec(backend(), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
				loss := graph.ReduceAllSum(graph.Tanh(c.f(s, in[0])))
				at := []*graph.Node{in[0]}
				for v := range s.IterVariables() {
					at = append(at, v.NodeValue(loss))
				}
				return graph.Gradient(loss, at...)
			})
			if err != nil {
				b.Fatal(err)
			}
			size := 1
			for _, d := range c.dims {
				size *= d
			}
			x := tensors.FromFlatDataAndDimensions(make([]float32, size), c.dims...)
			if _, err := exec.Call(x); err != nil { // compiles
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := exec.Call(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
