package loss

import (
	"math"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/gradcheck"
	"atelier/model/nn"
)

// backend is gomlx's own, one for all tests.
var backend = sync.OnceValue(func() compute.Backend {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		panic(err)
	}
	return b
})

// log1pExp is softplus, for hand-worked values.
func log1pExp(x float64) float64 { return math.Log1p(math.Exp(x)) }

// TestValuesByHand is about the logits 0.5, -2 on real and 1, -3 on fake samples.
func TestValuesByHand(t *testing.T) {
	for name, want := range map[string]struct{ d, g float64 }{
		"nonsaturating": {
			(log1pExp(-0.5)+log1pExp(2))/2 + (log1pExp(1)+log1pExp(-3))/2,
			(log1pExp(-1) + log1pExp(3)) / 2,
		},
		"minimax": {
			(log1pExp(-0.5)+log1pExp(2))/2 + (log1pExp(1)+log1pExp(-3))/2,
			-(log1pExp(1) + log1pExp(-3)) / 2,
		},
		"lsgan":        {(0.25+9)/4 + (1.+9)/4, (0. + 16) / 4},
		"wgan":         {(1.-3)/2 - (0.5-2)/2, -(1. - 3) / 2},
		"hinge":        {(0.5+3)/2 + (2.+0)/2, -(1. - 3) / 2},
		"relativistic": {(log1pExp(0.5) + log1pExp(-1)) / 2, (log1pExp(-0.5) + log1pExp(1)) / 2},
	} {
		l, err := Adversarials.New(name)
		if err != nil {
			t.Fatal(err)
		}
		got := values(t, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{l.D(in[0], in[1]), l.G(in[0], in[1])}
		}, [][]float64{{0.5}, {-2}}, [][]float64{{1}, {-3}})
		if math.Abs(got[0]-want.d) > 1e-12 || math.Abs(got[1]-want.g) > 1e-12 {
			t.Errorf("%s: D %v, G %v; want %v, %v", name, got[0], got[1], want.d, want.g)
		}
	}
}

// TestPenaltiesByHand is about the critic d(x) = x₀² + 2·x₁, whose gradient is
// (2·x₀, 2).
func TestPenaltiesByHand(t *testing.T) {
	critic := func(x *graph.Node) *graph.Node {
		x0, x1 := graph.Slice(x, graph.AxisRange(), graph.AxisElem(0)), graph.Slice(x, graph.AxisRange(), graph.AxisElem(1))
		return graph.Add(graph.Square(x0), graph.MulScalar(x1, 2))
	}
	got := values(t, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{
			weighted(&R1{Gamma: 0.5}, critic, Samples{Real: in[0]}),
			weighted(&R2{Gamma: 0.5}, critic, Samples{Fake: graph.StopGradient(in[1])}),
			weighted(&GradientPenalty{Lambda: 10}, critic, Samples{Real: in[0], Fake: in[1], Mix: in[2]}),
		}
	}, [][]float64{{1, 5}, {3, 5}}, [][]float64{{0, 0}, {-1, 0}}, []float64{0, 0.5})
	// Squared slopes at the real samples are 4+4 and 36+4, at the fakes 0+4 and 4+4.
	// Between, x₀ is 0 and 1, and the slopes are 2 and √8.
	want := []float64{
		0.5 / 2 * (8 + 40) / 2, 0.5 / 2 * (4 + 8) / 2,
		10 * (1 + math.Pow(math.Sqrt(8)-1, 2)) / 2,
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("penalty %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func weighted(p Penalty, critic Critic, at Samples) *graph.Node {
	return graph.MulScalar(p.Penalty(critic, at), p.Weight())
}

// TestFarLogits are logits at which exp overflows: values and gradients stay finite.
func TestFarLogits(t *testing.T) {
	for e := range Adversarials.All() {
		l := e.New()
		for i, v := range values(t, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			d, g := l.D(in[0], in[1]), l.G(in[0], in[1])
			slopes := append(graph.Gradient(d, in...), graph.Gradient(g, in[1])...)
			out := []*graph.Node{d, g}
			for _, s := range slopes {
				out = append(out, graph.ReduceAllSum(s))
			}
			return out
		}, [][]float64{{1e4}, {-1e4}}, [][]float64{{1e4}, {-1e4}}) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: output %d is %v", e.Name, i, v)
			}
		}
	}
}

func TestLossGradients(t *testing.T) {
	for e := range Adversarials.All() {
		l := e.New()
		for name, f := range map[string]func(real, fake *graph.Node) *graph.Node{"D": l.D, "G": l.G} {
			of := func(_ *model.Scope, in []*graph.Node) *graph.Node {
				// Not every loss depends on both.
				rest := graph.ReduceAllSum(graph.Sin(graph.Mul(in[0], in[1])))
				return graph.Add(f(in[0], in[1]), rest)
			}
			if err := gradcheck.Check(backend(), of, gradcheck.Normal(1, 4, 1), gradcheck.Normal(2, 4, 1)); err != nil {
				t.Errorf("%s, %s: %v", e.Name, name, err)
			}
		}
	}
}

// TestPenaltyGradients takes the gradient of each penalty with respect to the
// weights of a small convolutional critic.
func TestPenaltyGradients(t *testing.T) {
	for e := range Penalties.All() {
		p := e.New()
		f := func(s *model.Scope, in []*graph.Node) *graph.Node {
			penalty := p.Penalty(func(x *graph.Node) *graph.Node { return critic(s.In("critic"), x) },
				Samples{Real: in[0], Fake: in[1], Mix: in[2]})
			rest := graph.ReduceAllSum(graph.Mul(graph.InsertAxes(in[2], -1), graph.Add(critic(s.At("critic"), in[0]), critic(s.At("critic"), in[1]))))
			return graph.Add(penalty, rest)
		}
		mix := tensors.FromValue([]float64{0.2, 0.5, 0.9})
		if err := gradcheck.Check(backend(), f, gradcheck.Normal(1, 3, 6, 6, 2), gradcheck.Normal(2, 3, 6, 6, 2), mix); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}

func critic(s *model.Scope, x *graph.Node) *graph.Node {
	x = nn.LeakyRelu(nn.Conv(s.In("conv"), x, 3, nn.Kernel{Size: 4, Stride: 2, Padding: 1}, 0.3), 0.2) // [batch, 3, 3, 3]
	x = graph.Tanh(nn.LayerNorm(s.In("norm"), x))
	return nn.Dense(s.In("out"), graph.Reshape(x, -1, 27), 1, 0.3)
}

// values are the scalars of f at the inputs.
func values(t *testing.T, f func(s *model.Scope, in []*graph.Node) []*graph.Node, inputs ...any) []float64 {
	t.Helper()
	out, err := model.CallOnceN(backend(), model.NewStore(), f, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	flat := make([]float64, len(out))
	for i, o := range out {
		flat[i] = tensors.ToScalar[float64](o)
	}
	return flat
}
