package augment

import (
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/gradcheck"
	"atelier/internal/noise"
)

// backend is gomlx's own, one for all tests.
var backend = sync.OnceValue(func() compute.Backend {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		panic(err)
	}
	return b
})

// TestEveryAugmentation holds what is registered to the contract: the shape stays,
// samples that it is not used on stay as they are to the last bit, most others change,
// and gradients of first and second order are right.
func TestEveryAugmentation(t *testing.T) {
	for e := range Augmentations.All() {
		t.Run(e.Name, func(t *testing.T) {
			a := e.New()
			const n = 8
			x := make([]float32, n*6*5*2)
			noise.Normals(x, 1)
			u := make([]float32, n*a.Numbers())
			noise.Uniforms(u, 2)
			use := []float32{1, 0, 1, 0, 1, 0, 1, 0}
			got := applied(t, a, x, []int{n, 6, 5, 2}, u, use)
			changed := 0
			for i := range n {
				same := slices.Equal(got[i*60:(i+1)*60], x[i*60:(i+1)*60])
				if !same {
					changed++
				}
				if use[i] == 0 && !same {
					t.Errorf("sample %d changed", i)
				}
			}
			if changed == 0 {
				t.Error("no sample changed")
			}
			numbers, used := tensors.FromFlatDataAndDimensions(u[:3*a.Numbers()], 3, a.Numbers()), tensors.FromFlatDataAndDimensions(use[:3], 3)
			first := func(_ *model.Scope, in []*graph.Node) *graph.Node {
				g := in[0].Graph()
				to := func(v *tensors.Tensor) *graph.Node { return graph.ConvertDType(graph.ConstTensor(g, v), in[0].DType()) }
				return graph.ReduceAllSum(graph.Sin(a.Apply(in[0], to(numbers), to(used))))
			}
			second := func(s *model.Scope, in []*graph.Node) *graph.Node {
				return graph.ReduceAllSum(graph.Square(graph.Gradient(first(s, in), in[0])[0]))
			}
			at := gradcheck.Normal(3, 3, 4, 5, 2)
			if err := gradcheck.Check(backend(), first, at); err != nil {
				t.Error("first order:", err)
			}
			if err := gradcheck.Check(backend(), second, at); err != nil {
				t.Error("second order:", err)
			}
		})
	}
}

// TestTranslationByHand shifts a picture of 8 rows of 8 by the least and the most of an
// eighth: a pixel up and left, and one down and right.
func TestTranslationByHand(t *testing.T) {
	x := make([]float32, 2*64)
	for i := range 2 {
		x[i*64+3*8+4] = 1
	}
	got := applied(t, &Translation{Most: 0.125}, x, []int{2, 8, 8, 1}, []float32{0, 0, 0.99, 0.99}, []float32{1, 1})
	if got[2*8+3] != 1 || got[64+4*8+5] != 1 {
		t.Errorf("the pixel went to %d and %d", slices.Index(got[:64], 1), slices.Index(got[64:], 1))
	}
}

// TestCutoutByHand takes a box of half the sides out of the middle of 8 rows of 8.
func TestCutoutByHand(t *testing.T) {
	got := applied(t, &Cutout{Size: 0.5}, slices.Repeat([]float32{1}, 64), []int{1, 8, 8, 1}, []float32{0.5, 0.5}, []float32{1})
	for i, v := range got {
		row, column := i/8, i%8
		inside := row >= 2 && row < 6 && column >= 2 && column < 6
		if (v == 0) != inside {
			t.Errorf("row %d, column %d holds %v", row, column, v)
		}
	}
}

func applied(t *testing.T, a Augmentation, x []float32, dims []int, u, use []float32) []float32 {
	t.Helper()
	out, err := model.CallOnce(backend(), model.NewStore(), func(_ *model.Scope, x, u, use *graph.Node) *graph.Node {
		return a.Apply(x, u, use)
	}, tensors.FromFlatDataAndDimensions(x, dims...), tensors.FromFlatDataAndDimensions(u, dims[0], a.Numbers()), tensors.FromFlatDataAndDimensions(use, dims[0]))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Shape().Dimensions, dims) {
		t.Fatalf("shape %v, want %v", out.Shape(), dims)
	}
	return tensors.MustCopyFlatData[float32](out)
}
