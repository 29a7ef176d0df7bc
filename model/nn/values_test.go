package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"pgregory.net/rapid"

	"atelier/engine/vjp"
	"atelier/internal/gradcheck"
)

// call runs f once on float64 inputs and returns its flat outputs.
func call(t rapid.TB, store *model.Store, f func(s *model.Scope, in []*graph.Node) []*graph.Node, inputs ...any) [][]float64 {
	t.Helper()
	out, err := model.CallOnceN(backend(), store, f, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	flat := make([][]float64, len(out))
	for i, o := range out {
		flat[i] = tensors.MustCopyFlatData[float64](o)
	}
	return flat
}

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

func TestConvByHand(t *testing.T) {
	x := [][][][]float64{{{{1}, {2}, {3}}, {{4}, {5}, {6}}, {{7}, {8}, {9}}}} // [1, 3, 3, 1]
	w := [][]float64{{1}, {0}, {-1}, {2}, {0}, {-2}, {1}, {0}, {-1}}          // Sobel, [9, 1]
	f := func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{ConvWith(in[0], in[1], Kernel{3, 1, 0}), ConvWith(in[0], in[1], Kernel{3, 2, 1})}
	}
	out := call(t, model.NewStore(), f, x, w)
	same(t, "valid", out[0], []float64{(1 - 3) + 2*(4-6) + (7 - 9)})
	// Places (0,0), (0,2), (2,0), (2,2) of the picture with a border of zeros.
	same(t, "strided", out[1], []float64{-2*2 - 5, 2*2 + 5, -5 - 2*8, 5 + 2*8})
}

// TestConvTransposedIsTheAdjoint checks <conv(x), y> = <x, transposed(y)> for
// the convolution of kernel 4, stride 2 and padding 1 with the same weights.
func TestConvTransposedIsTheAdjoint(t *testing.T) {
	const in, out = 2, 3 // channels of the transposed convolution
	rapid.Check(t, func(t *rapid.T) {
		height, width := rapid.IntRange(1, 4).Draw(t, "height"), rapid.IntRange(1, 4).Draw(t, "width")
		seed := rapid.Uint64().Draw(t, "seed")
		f := func(_ *model.Scope, v []*graph.Node) []*graph.Node {
			x, y, kernel := v[0], v[1], v[2]
			conv := ConvWith(x, graph.Reshape(kernel, 16*out, in), Kernel{4, 2, 1})
			back := double(y, graph.Reshape(graph.TransposeAllAxes(kernel, 0, 1, 3, 2), 16*in, out))
			return []*graph.Node{graph.ReduceAllSum(graph.Mul(conv, y)), graph.ReduceAllSum(graph.Mul(x, back))}
		}
		x, y := gradcheck.Normal(seed+1, 2, 2*height, 2*width, out), gradcheck.Normal(seed+2, 2, height, width, in)
		got := call(t, model.NewStore(), f, x, y, gradcheck.Normal(seed, 4, 4, out, in))
		same(t, "inner product", got[0], got[1])
	})
}

// TestUpsampleConvIsAConvolutionOfTheUpsampled compares with the two steps done
// one after the other.
func TestUpsampleConvIsAConvolutionOfTheUpsampled(t *testing.T) {
	f := func(s *model.Scope, in []*graph.Node) []*graph.Node {
		x := in[0]
		weight := Weight(s, "weight", 1, x.DType(), 9*2, 3).NodeValue(x)
		repeated := graph.BroadcastToDims(graph.Reshape(x, 2, 3, 1, 4, 1, 2), 2, 3, 2, 4, 2, 2)
		return []*graph.Node{
			UpsampleConv(s, x, 3, 1),
			ConvWith(graph.Reshape(repeated, 2, 6, 8, 2), weight, Kernel{3, 1, 1}),
		}
	}
	out := call(t, model.NewStore(), f, gradcheck.Normal(5, 2, 3, 4, 2))
	same(t, "upsampled", out[0], out[1])
}

// TestDownsampleConvIsTheMeanOfAConvolution compares with the two steps done one after
// the other.
func TestDownsampleConvIsTheMeanOfAConvolution(t *testing.T) {
	f := func(s *model.Scope, in []*graph.Node) []*graph.Node {
		down := Plain.DownsampleConv(s, in[0], 3, 1)
		return []*graph.Node{down, MeanPool(Conv(s, in[0], 3, Kernel{3, 1, 1}, 1), Kernel{2, 2, 0})}
	}
	out := call(t, model.NewStore(), f, gradcheck.Normal(5, 2, 6, 4, 2))
	same(t, "downsampled", out[0], out[1])
}

// TestMeanPoolOfPlacesApart compares with the pooling of places in general.
func TestMeanPoolOfPlacesApart(t *testing.T) {
	out := call(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{MeanPool(in[0], Kernel{2, 2, 0}), vjp.MeanPool(in[0], vjp.Window{Size: 2, Stride: 2})}
	}, gradcheck.Normal(5, 2, 6, 4, 3))
	same(t, "pooled", out[0], out[1])
}

// TestResizedIsInterpolated compares with gomlx, whose values are right.
func TestResizedIsInterpolated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := func(name string) int { return rapid.IntRange(1, 9).Draw(t, name) }
		high, wide := side("to height"), side("to width")
		out := call(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			gomlx := graph.Interpolate(in[0], -1, high, wide, -1)
			nearest := gomlx.Nearest().Done()
			return []*graph.Node{Nearest(in[0], high, wide), nearest, Bilinear(in[0], high, wide), gomlx.Bilinear().Done()}
		}, gradcheck.Normal(1, 2, side("height"), side("width"), 2))
		same(t, "nearest", out[0], out[1])
		same(t, "bilinear", out[2], out[3])
	})
}

func TestBatchNormByHand(t *testing.T) {
	store := model.NewStore()
	x := [][]float64{{1, 0}, {3, 0}, {5, 0}, {7, 4}} // means 4, 1; variances 5, 3
	norm := func(training bool) func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return func(s *model.Scope, in []*graph.Node) []*graph.Node {
			store.SetTraining(in[0].Graph(), training)
			return []*graph.Node{BatchNorm(s, in[0])}
		}
	}
	a, b := 1/math.Sqrt(5+1e-5), 1/math.Sqrt(3+1e-5)
	same(t, "training", call(t, store, norm(true), x)[0], []float64{-3 * a, -b, -a, -b, a, -b, 3 * a, 3 * b})
	same(t, "running mean", tensors.MustCopyFlatData[float64](store.GetVariable("/mean").MustValue()), []float64{0.4, 0.1})
	same(t, "running variance", tensors.MustCopyFlatData[float64](store.GetVariable("/variance").MustValue()), []float64{1.4, 1.2})
	a, b = 1/math.Sqrt(1.4+1e-5), 1/math.Sqrt(1.2+1e-5)
	same(t, "running", call(t, store, norm(false), x[3:])[0], []float64{(7 - 0.4) * a, (4 - 0.1) * b})
}

// TestDropoutShare: the share of zeros is the one that was asked for, the others are scaled up,
// and the key decides.
func TestDropoutShare(t *testing.T) {
	drop := func(key int32) []float32 {
		out, err := model.CallOnceN(backend(), model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{NewDropout(0.25, in[0]).Of(graph.Ones(in[0].Graph(), shapes.Make(dtypes.Float32, 100, 100)))}
		}, tensors.FromFlatDataAndDimensions([]int32{key, 2, 3}, DropoutWords))
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](out[0])
	}
	first, zeros := drop(1), 0
	for _, x := range first {
		if x == 0 {
			zeros++
		} else if math.Abs(float64(x)-1/0.75) > 1e-6 {
			t.Fatalf("a number that stays is %v", x)
		}
	}
	if zeros < 2300 || zeros > 2700 {
		t.Errorf("%d zeros of 10000", zeros)
	}
	if !slices.Equal(first, drop(1)) || slices.Equal(first, drop(2)) {
		t.Error("the key does not decide")
	}
}

func TestLayerNormByHand(t *testing.T) {
	a := 1 / math.Sqrt(5+1e-5)
	out := call(t, model.NewStore(), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{LayerNorm(s, in[0])}
	}, [][]float64{{1, 3, 5, 7}})
	same(t, "normalised", out[0], []float64{-3 * a, -a, a, 3 * a})
}

// TestSpectralNormFindsTheLargestSingularValue of diag(1, 3, 2) and a rotation.
func TestSpectralNormFindsTheLargestSingularValue(t *testing.T) {
	store := model.NewStore()
	c, s := math.Cos(0.3), math.Sin(0.3)
	w := [][]float64{{c, -s, 0}, {3 * s, 3 * c, 0}, {0, 0, 2}}
	var out [][]float64
	for range 30 {
		out = call(t, store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
			store.SetTraining(in[0].Graph(), true)
			return []*graph.Node{SpectralNorm(scope, in[0])}
		}, w)
	}
	same(t, "normalised", out[0], []float64{c / 3, -s / 3, 0, s, c, 0, 0, 0, 2. / 3})
}

func TestSoftplusAtTheEnds(t *testing.T) {
	out := call(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		y := Softplus(in[0])
		slope := graph.Gradient(graph.ReduceAllSum(y), in[0])[0]
		return []*graph.Node{y, slope, graph.Gradient(graph.ReduceAllSum(slope), in[0])[0]}
	}, []float64{-1000, 0, 1000})
	same(t, "value", out[0], []float64{0, math.Ln2, 1000})
	same(t, "slope", out[1], []float64{0, 0.5, 1})
	same(t, "curvature", out[2], []float64{0, 0.25, 0})
}

// TestWeightsDependOnSeedAndPathAlone makes the same variable beside others.
func TestWeightsDependOnSeedAndPathAlone(t *testing.T) {
	weight := func(seed uint64, names ...string) []float64 {
		store := model.NewStore()
		Seed(store, seed)
		return call(t, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			for _, n := range names {
				Weight(s.In("%s", n), "weight", 1, dtypes.Float64, 7)
			}
			return []*graph.Node{Weight(s.In("layer"), "weight", 2, dtypes.Float64, 500).NodeValue(in[0])}
		}, 0.0)[0]
	}
	alone, beside, other := weight(1), weight(1, "a", "b"), weight(2)
	same(t, "beside others", beside, alone)
	if alone[0] == other[0] {
		t.Error("another seed gives the same weights")
	}
	var square float64
	for _, w := range alone {
		square += w * w / 500
	}
	if math.Abs(math.Sqrt(square)-2) > 0.2 {
		t.Errorf("standard deviation is %v, want 2", math.Sqrt(square))
	}
}

func TestKernelOut(t *testing.T) {
	got := [...]int{Kernel{4, 2, 1}.Out(28), Kernel{3, 2, 1}.Out(7), Kernel{3, 1, 1}.Out(9)}
	if want := [...]int{14, 4, 9}; got != want {
		t.Errorf("sides %v, want %v", got, want)
	}
}

func TestGeluAndSoftmaxByHand(t *testing.T) {
	x := [][]float64{{-1000, 0, 1}, {2, 2, -3}}
	out := call(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{Gelu(in[0]), Softmax(in[0])}
	}, x)
	var gelu, softmax []float64
	for _, row := range x {
		sum := math.Exp(row[0]) + math.Exp(row[1]) + math.Exp(row[2])
		for _, v := range row {
			gelu = append(gelu, v*(1+math.Erf(v/math.Sqrt2))/2)
			softmax = append(softmax, math.Exp(v)/sum)
		}
	}
	same(t, "gelu", out[0], gelu)
	same(t, "softmax", out[1], softmax)
}

// TestModulatedConvIsItsDefinition: of each example, the convolution with a kernel of
// its own, scaled and of length 1.
func TestModulatedConvIsItsDefinition(t *testing.T) {
	const in, out = 2, 3
	f := func(s *model.Scope, v []*graph.Node) []*graph.Node {
		x, style := v[0], v[1] // [2, 3, 4, in], [2, 5]
		scale := graph.OnePlus(Equalised(1).Dense(s.Store().RootScope().In("style"), style, in, Fan(5)))
		weight := Weight(s, "weight", 1, x.DType(), 9*in, out).NodeValue(x)
		var each []*graph.Node
		for i := range 2 {
			own := graph.Mul(graph.Reshape(weight, 9, in, out), graph.Reshape(graph.Slice(scale, graph.AxisElem(i)), 1, in, 1))
			own = graph.Div(own, graph.Sqrt(graph.ReduceAndKeep(graph.Square(own), graph.ReduceSum, 0, 1)))
			each = append(each, ConvWith(graph.Slice(x, graph.AxisElem(i)), graph.Reshape(own, 9*in, out), Kernel{3, 1, 1}))
		}
		return []*graph.Node{ModulatedConv(s.Store().RootScope(), x, style, out, false, 2), graph.MulScalar(graph.Concatenate(each, 0), 2)}
	}
	got := call(t, model.NewStore(), f, gradcheck.Normal(1, 2, 3, 4, in), gradcheck.Normal(2, 2, 5))
	for i, v := range got[0] { // the squared length has 1e-8 added
		if math.Abs(v-got[1][i]) > 1e-6 {
			t.Fatalf("number %d is %v, want %v", i, v, got[1][i])
		}
	}
}

// TestEnlargedPixelIsTheFilter: a single one becomes the filter's product with itself.
func TestEnlargedPixelIsTheFilter(t *testing.T) {
	out := call(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{Enlarge(in[0])}
	}, [][][][]float64{{{{0, 0}, {0, 0}, {0, 0}}, {{0, 0}, {16, 0}, {0, 0}}, {{0, 0}, {0, 0}, {0, 0}}}})
	var want []float64
	for row := range 6 {
		for col := range 6 {
			filter := [6]float64{0, 1, 3, 3, 1, 0}
			want = append(want, filter[row]*filter[col], 0)
		}
	}
	same(t, "enlarged", out[0], want)
}

func TestConditionalBatchNormByHand(t *testing.T) {
	store := model.NewStore()
	f := func(s *model.Scope, in []*graph.Node) []*graph.Node {
		store.SetTraining(in[0].Graph(), true)
		y := ConditionalBatchNorm(s, in[0], in[1])
		Filled(s.Store().RootScope().In("affine"), "weight", 1, in[0].DType(), 1, 2)
		return []*graph.Node{y}
	}
	// Mean 4, variance 5; scale and shift are 1+c and c.
	out := call(t, store, f, [][][][]float64{{{{1}, {3}}}, {{{5}, {7}}}}, [][]float64{{1}, {-2}})
	a := 1 / math.Sqrt(5+1e-5)
	same(t, "normalised", out[0], []float64{-6*a + 1, -2*a + 1, -a - 2, -3*a - 2})
}
