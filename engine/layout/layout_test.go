package layout

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

// sizes has a type for each size of elements.
var sizes = []dtypes.DType{dtypes.Bool, dtypes.BFloat16, dtypes.Float32, dtypes.Int64, dtypes.Complex128}

var pools = []*threads.Pool{threads.Single(), threads.New(3)}

func drawPool(t *rapid.T) *threads.Pool { return rapid.SampledFrom(pools).Draw(t, "pool") }

// enough elements that threads share the work.
const enough = 50_000

// drawDims draws dimensions of at most limit elements, now and then many.
func drawDims(t *rapid.T, name string, least, most, limit int) []int {
	rank := rapid.IntRange(least, most).Draw(t, name+" rank")
	dims := make([]int, rank)
	few := []int{1, 2, 3, 4, 5, 7, 8, 1, 2, 3, 4, 5, 7, 8, 0}
	if rapid.IntRange(0, 9).Draw(t, name+" large") == 0 {
		few = []int{1, 2, 5, 16, 33, 40}
	}
	n := 1
	for i := range dims {
		dims[i] = min(rapid.SampledFrom(few).Draw(t, name), max(1, limit/max(n, 1)))
		n *= dims[i]
	}
	return dims
}

var noises = rand.New(rand.NewPCG(1, 1))

// noise is a tensor of random bytes: as an out, what the memory held before.
func noise(dtype dtypes.DType, dims ...int) tensor.Tensor {
	x := tensor.New(shapes.Make(dtype, dims...))
	for i := range x.Bytes {
		x.Bytes[i] = byte(noises.Uint32())
	}
	return x
}

// numbers are whole, from low to high.
func numbers(t *rapid.T, dtype dtypes.DType, low, high int, dims ...int) tensor.Tensor {
	x := tensor.New(shapes.Make(dtype, dims...))
	r := rand.New(rand.NewPCG(2, rapid.Uint64().Draw(t, "seed")))
	for i := range x.Shape.Size() {
		setNumber(x, i, float64(low+r.IntN(high-low+1)))
	}
	return x
}

// element is the memory of an element.
func element(x tensor.Tensor, at []int) []byte {
	size := x.Shape.DType.Size()
	i := 0
	for axis, step := range strides(x.Shape.Dimensions) {
		i += at[axis] * step
	}
	return x.Bytes[i*size : (i+1)*size]
}

// everywhere visits each index of an array.
func everywhere(dims []int, visit func(at []int)) {
	n := walk{dims: dims}.size()
	at := make([]int, len(dims))
	for i := range n {
		for axis, rest := len(dims)-1, i; axis >= 0; axis-- {
			at[axis] = rest % dims[axis]
			rest /= dims[axis]
		}
		visit(at)
	}
}

// check compares out with what the definition says of each of its elements.
func check(t *rapid.T, out tensor.Tensor, want func(at []int) []byte) {
	t.Helper()
	everywhere(out.Shape.Dimensions, func(at []int) {
		if got, want := element(out, at), want(at); !bytes.Equal(got, want) {
			t.Fatalf("%s at %v: got %v, want %v", out.Shape, at, got, want)
		}
	})
}

func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := drawDims(t, "dims", 1, 4, enough)
		w := walk{dims: dims, to: strides(dims), from: strides(dims)}
		seen := make([]int, w.size())
		if w.size() == 0 {
			return
		}
		for _, p := range w.cut(rapid.IntRange(2, 9).Draw(t, "parts")) {
			p.each(func(to, from int) { seen[to]++ })
		}
		for i, n := range seen {
			if n != 1 {
				t.Fatalf("element %d of %v is in %d parts", i, dims, n)
			}
		}
	})
}
