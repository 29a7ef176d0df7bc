package vjp

import (
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"pgregory.net/rapid"

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

// checkGradients compares f's gradients with finite differences at first order,
// and at second: those of the squares of the first, as penalties have them.
func checkGradients(t rapid.TB, f func(in []*graph.Node) *graph.Node, inputs ...*tensors.Tensor) {
	t.Helper()
	first := func(_ *model.Scope, in []*graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Sin(f(in))) }
	second := func(s *model.Scope, in []*graph.Node) *graph.Node {
		var sum *graph.Node
		for _, slope := range graph.Gradient(first(s, in), in...) {
			square := graph.ReduceAllSum(graph.Square(slope))
			if sum == nil {
				sum = square
				continue
			}
			sum = graph.Add(sum, square)
		}
		return sum
	}
	if err := gradcheck.Check(backend(), first, inputs...); err != nil {
		t.Error("first order:", err)
	}
	if err := gradcheck.Check(backend(), second, inputs...); err != nil {
		t.Error("second order:", err)
	}
}

// call runs f once and returns its flat value.
func call(t rapid.TB, f func(in []*graph.Node) *graph.Node, inputs ...*tensors.Tensor) *tensors.Tensor {
	t.Helper()
	args := make([]any, len(inputs))
	for i, x := range inputs {
		args[i] = x
	}
	out, err := graph.CallOnce(backend(), func(in []*graph.Node) *graph.Node { return f(in) }, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func flat(x *tensors.Tensor) []float64 { return tensors.MustCopyFlatData[float64](x) }

func same(t rapid.TB, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-9*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// A drawn geometry with sizes of image and kernel that fit it.
type drawn struct {
	g           Geometry
	image, taps [2]int
}

func draw(t *rapid.T) drawn {
	d := drawn{g: make(Geometry, 2)}
	for i := range d.g {
		a := Axis{Stride: rapid.IntRange(1, 3).Draw(t, "stride"), Dilation: rapid.IntRange(1, 2).Draw(t, "dilation")}
		d.taps[i] = rapid.IntRange(1, 4).Draw(t, "taps")
		a.Before, a.After = rapid.IntRange(0, 4).Draw(t, "before"), rapid.IntRange(0, 4).Draw(t, "after")
		least := max(1, extent(d.taps[i], a.Dilation)-a.Before-a.After)
		d.image[i] = rapid.IntRange(least, least+4).Draw(t, "side")
		d.g[i] = a
	}
	return d
}

const batch, in, out = 2, 2, 3

// byHand is the convolution as its definition has it.
func byHand(image, kernel *tensors.Tensor, g Geometry) []float64 {
	x, w := flat(image), flat(kernel)
	i, k := image.Shape().Dimensions, kernel.Shape().Dimensions
	side := func(n int) int { return (i[n+1]+g[n].Before+g[n].After-extent(k[n], g[n].Dilation))/g[n].Stride + 1 }
	var y []float64
	for n := range batch * side(0) * side(1) * out {
		b, row, col, to := n/out/side(1)/side(0), n/out/side(1)%side(0), n/out%side(1), n%out
		sum := 0.0
		for m := range k[0] * k[1] * in {
			p, q, from := m/in/k[1], m/in%k[1], m%in
			r := row*g[0].Stride + p*g[0].Dilation - g[0].Before
			c := col*g[1].Stride + q*g[1].Dilation - g[1].Before
			if r >= 0 && r < i[1] && c >= 0 && c < i[2] {
				sum += x[((b*i[1]+r)*i[2]+c)*in+from] * w[m*out+to]
			}
		}
		y = append(y, sum)
	}
	return y
}

func TestConvIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		x, w := gradcheck.Normal(1, batch, d.image[0], d.image[1], in), gradcheck.Normal(2, d.taps[0], d.taps[1], in, out)
		y := call(t, func(v []*graph.Node) *graph.Node { return Conv(v[0], v[1], d.g) }, x, w)
		same(t, "convolution", flat(y), byHand(x, w, d.g))
	})
}

// TestConvTransposedIsTheAdjoint checks <conv(x, k), y> = <x, transposed(y, k)>,
// with the kernel's channels exchanged for the latter.
func TestConvTransposedIsTheAdjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		for i, a := range d.g { // no pixel left over
			d.image[i] -= (d.image[i] + a.Before + a.After - extent(d.taps[i], a.Dilation)) % a.Stride
			if d.image[i] < 1 {
				t.Skip("an empty image")
			}
		}
		products := call(t, func(v []*graph.Node) *graph.Node {
			y := Conv(v[0], v[1], d.g)
			z := graph.AddScalar(graph.Sin(graph.IotaFull(y.Graph(), y.Shape())), 0.5)
			back := ConvTransposed(z, graph.TransposeAllAxes(v[1], 0, 1, 3, 2), d.g)
			return graph.Stack([]*graph.Node{graph.ReduceAllSum(graph.Mul(y, z)), graph.ReduceAllSum(graph.Mul(v[0], back))}, 0)
		}, gradcheck.Normal(1, batch, d.image[0], d.image[1], in), gradcheck.Normal(2, d.taps[0], d.taps[1], in, out))
		p := flat(products)
		same(t, "product", p[1:], p[:1])
	})
}

func TestConvGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		checkGradients(t, func(v []*graph.Node) *graph.Node { return Conv(v[0], v[1], d.g) },
			gradcheck.Normal(1, batch, d.image[0], d.image[1], in), gradcheck.Normal(2, d.taps[0], d.taps[1], in, out))
	})
}

func TestConvTransposedGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		for i, a := range d.g {
			if extent(d.image[i], a.Stride)+extent(d.taps[i], a.Dilation)-1 <= a.Before+a.After {
				t.Skip("everything is cut off")
			}
		}
		checkGradients(t, func(v []*graph.Node) *graph.Node { return ConvTransposed(v[0], v[1], d.g) },
			gradcheck.Normal(1, batch, d.image[0], d.image[1], in), gradcheck.Normal(2, d.taps[0], d.taps[1], in, out))
	})
}

// TestConvAlongOneAndThreeAxes, since pictures are not all that there is.
func TestConvAlongOneAndThreeAxes(t *testing.T) {
	a := Axis{2, 1, 1, 1}
	for _, transform := range []func(x, k *graph.Node, g Geometry) *graph.Node{Conv, ConvTransposed} {
		checkGradients(t, func(v []*graph.Node) *graph.Node { return transform(v[0], v[1], Geometry{a}) },
			gradcheck.Normal(1, 2, 5, 2), gradcheck.Normal(2, 4, 2, 3))
		checkGradients(t, func(v []*graph.Node) *graph.Node { return transform(v[0], v[1], Geometry{a, a, a}) },
			gradcheck.Normal(1, 1, 3, 2, 4, 2), gradcheck.Normal(2, 4, 3, 2, 2, 1))
	}
}

// TestThirdOrder goes once round all three forms.
func TestThirdOrder(t *testing.T) {
	checkGradients(t, func(v []*graph.Node) *graph.Node {
		y := graph.ReduceAllSum(graph.Sin(Conv(v[0], v[1], Geometry{{2, 1, 1, 1}, {1, 2, 0, 1}})))
		slopes := graph.Gradient(y, v...)
		return graph.Add(graph.ReduceAllSum(graph.Square(slopes[0])), graph.ReduceAllSum(graph.Square(slopes[1])))
	}, gradcheck.Normal(1, 1, 5, 4, 1), gradcheck.Normal(2, 4, 2, 1, 2))
}

func TestMistakesAreNamed(t *testing.T) {
	one := Axis{1, 1, 0, 0}
	for _, c := range []struct {
		f           func(x, k *graph.Node, g Geometry) *graph.Node
		image, taps []int
		g           Geometry
		want        string
	}{
		{Conv, []int{1, 4, 2}, []int{3, 3, 2, 1}, Geometry{one}, "ranks do not fit"},
		{Conv, []int{1, 4, 4, 2}, []int{3, 3, 2, 1}, Geometry{one}, "geometry of 1 axes"},
		{Conv, []int{1, 4, 4, 3}, []int{3, 3, 2, 1}, Geometry{one, one}, "for 2 channels"},
		{Conv, []int{1, 4, 4, 2}, []int{3, 3, 2, 1}, Geometry{one, {0, 1, 0, 0}}, "stride and dilation are 1 or more"},
		{Conv, []int{1, 4, 2, 2}, []int{3, 3, 2, 1}, Geometry{one, one}, "does not fit on an image"},
		{ConvTransposed, []int{1, 2, 2, 2}, []int{3, 3, 2, 1}, Geometry{one, {1, 1, 2, 2}}, "cuts everything off"},
	} {
		_, err := graph.CallOnce(backend(), func(in []*graph.Node) *graph.Node { return c.f(in[0], in[1], c.g) },
			gradcheck.Normal(1, c.image...), gradcheck.Normal(2, c.taps...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// TestOtherConvolutionsAreRefused: gomlx's gradient of this one would be wrong.
func TestOtherConvolutionsAreRefused(t *testing.T) {
	_, err := graph.CallOnce(backend(), func(in []*graph.Node) *graph.Node {
		y := graph.Convolve(in[0], in[1]).NoPadding().Done()
		return graph.Gradient(graph.ReduceAllSum(y), in[0])[0]
	}, gradcheck.Normal(1, 1, 5, 5, 1), gradcheck.Normal(2, 4, 4, 1, 1))
	if err == nil || !strings.Contains(err.Error(), "not made by the package vjp") {
		t.Errorf("error %v", err)
	}
}
