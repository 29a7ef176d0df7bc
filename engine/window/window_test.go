package window

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

var (
	types = []dtypes.DType{dtypes.Float32, dtypes.Float32, dtypes.Float32, dtypes.Float64, dtypes.Float16, dtypes.BFloat16,
		dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	pools = []*threads.Pool{threads.Single(), threads.New(3)}
	kinds = []compute.ReduceOpType{compute.ReduceOpSum, compute.ReduceOpProduct, compute.ReduceOpMax, compute.ReduceOpMin}
)

// set converts a number to the tensor's type.
func set(x tensor.Tensor, i int, v float64) {
	switch to := x.Flat().(type) {
	case []int8:
		to[i] = int8(v)
	case []int16:
		to[i] = int16(v)
	case []int32:
		to[i] = int32(v)
	case []int64:
		to[i] = int64(v)
	case []uint8:
		to[i] = uint8(v)
	case []uint16:
		to[i] = uint16(v)
	case []uint32:
		to[i] = uint32(v)
	case []uint64:
		to[i] = uint64(v)
	case []float32:
		to[i] = float32(v)
	case []float64:
		to[i] = v
	case []float16.Float16:
		to[i] = float16.FromFloat32(float32(v))
	case []bfloat16.BFloat16:
		to[i] = bfloat16.FromFloat32(float32(v))
	}
}

// get converts an element to a float64.
func get(x tensor.Tensor, i int) float64 {
	switch from := x.Flat().(type) {
	case []int8:
		return float64(from[i])
	case []int16:
		return float64(from[i])
	case []int32:
		return float64(from[i])
	case []int64:
		return float64(from[i])
	case []uint8:
		return float64(from[i])
	case []uint16:
		return float64(from[i])
	case []uint32:
		return float64(from[i])
	case []uint64:
		return float64(from[i])
	case []float32:
		return float64(from[i])
	case []float64:
		return from[i]
	case []float16.Float16:
		return float64(from[i].Float32())
	case []bfloat16.BFloat16:
		return float64(from[i].Float32())
	}
	panic(fmt.Sprint("no numbers: ", x.Shape))
}

// numbers are whole and at most 2, so that sums are exact; floats are NaN or -0
// now and then.
func numbers(t *rapid.T, dtype dtypes.DType, dims ...int) tensor.Tensor {
	x := tensor.New(shapes.Make(dtype, dims...))
	r := rand.New(rand.NewPCG(2, rapid.Uint64().Draw(t, "seed")))
	odd := rapid.Bool().Draw(t, "NaN")
	for i := range x.Shape.Size() {
		set(x, i, float64(r.IntN(3)))
		if odd && dtype.IsFloat() {
			set(x, i, []float64{math.NaN(), math.Copysign(math.NaN(), -1), math.Copysign(0, -1), 0, -1, math.Inf(1), 2}[r.IntN(7)])
		}
	}
	return x
}

// before is a tensor of what memory held before.
func before(shape shapes.Shape) tensor.Tensor {
	x := tensor.New(shape)
	for i := range x.Bytes {
		x.Bytes[i] = 0x77
	}
	return x
}

// drawDims draws dimensions, now and then so many elements that threads share
// the work.
func drawDims(t *rapid.T) []int {
	dims := make([]int, rapid.IntRange(0, 4).Draw(t, "rank"))
	large := rapid.IntRange(0, 9).Draw(t, "large") == 0
	for i := range dims {
		dims[i] = rapid.IntRange(1, 5).Draw(t, "dim")
		if large {
			dims[i] = rapid.SampledFrom([]int{1, 2, 5, 16, 33}).Draw(t, "dim")
		}
	}
	if rapid.IntRange(0, 20).Draw(t, "empty") == 0 && len(dims) > 0 {
		dims[0] = 0
	}
	return dims
}

// drawWindow draws a window; last axes are often plain.
func drawWindow(t *rapid.T, rank int) Window {
	plain := rank - rapid.IntRange(0, rank).Draw(t, "plain")
	list := func(name string, most int) []int {
		if rapid.IntRange(0, 3).Draw(t, name+" nil") == 0 {
			return nil
		}
		values := make([]int, rank)
		for i := range values {
			values[i] = 1
			if i < plain {
				values[i] = rapid.IntRange(1, most).Draw(t, name)
			}
		}
		return values
	}
	w := Window{Dims: list("dims", 3), Strides: list("strides", 3), InputDilations: list("input dilations", 2), WindowDilations: list("window dilations", 2)}
	if rapid.Bool().Draw(t, "padded") {
		w.Paddings = make([][2]int, rank)
		for i := range plain {
			w.Paddings[i] = [2]int{rapid.IntRange(0, 3).Draw(t, "before"), rapid.IntRange(0, 3).Draw(t, "after")}
		}
	}
	return w
}

// elements visits the windows by their definition: for each the list of its
// elements in row-major order, as flat indices.
func (w Window) elements(in, out shapes.Shape, visit func(o int, elements []int)) {
	rank := in.Rank()
	size := shapes.Make(in.DType)
	for i := range rank {
		size.Dimensions = append(size.Dimensions, at(w.Dims, i, 1))
	}
	n := 0
	for _, o := range out.Iter() {
		var elements []int
	next:
		for _, k := range size.Iter() {
			flat := 0
			for i := range rank {
				p := o[i]*at(w.Strides, i, size.Dimensions[i]) + k[i]*at(w.WindowDilations, i, 1)
				if w.Paddings != nil {
					p -= w.Paddings[i][0]
				}
				holes := at(w.InputDilations, i, 1)
				if p < 0 || p%holes != 0 || p/holes >= in.Dimensions[i] {
					continue next
				}
				flat = flat*in.Dimensions[i] + p/holes
			}
			elements = append(elements, flat)
		}
		visit(n, elements)
		n++
	}
}

func combine(kind compute.ReduceOpType, a, b float64) float64 {
	switch kind {
	case compute.ReduceOpSum:
		return a + b
	case compute.ReduceOpProduct:
		return a * b
	case compute.ReduceOpMax:
		return max(a, b)
	}
	return min(a, b)
}

func same(a, b float64) bool { return a == b || a != a && b != b }

func TestReduce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := numbers(t, rapid.SampledFrom(types).Draw(t, "type"), drawDims(t)...)
		w := drawWindow(t, in.Shape.Rank())
		shape, err := shapeinference.ReduceWindow(in.Shape, w.Dims, w.Strides, w.InputDilations, w.WindowDilations, w.Paddings)
		if err != nil {
			t.Skip(err)
		}
		for _, kind := range kinds {
			out, value := before(shape), before(shapes.Make(shape.DType))
			Reduce(rapid.SampledFrom(pools).Draw(t, "pool"), out, in, kind, w)
			w.elements(in.Shape, shape, func(o int, elements []int) {
				switch {
				case len(elements) > 0:
					set(value, 0, get(in, elements[0]))
				case kind == compute.ReduceOpSum:
					set(value, 0, 0)
				case kind == compute.ReduceOpProduct:
					set(value, 0, 1)
				default:
					return // see TestEmptyWindows
				}
				for _, e := range elements[min(1, len(elements)):] {
					set(value, 0, combine(kind, get(value, 0), get(in, e))) // rounded each time
				}
				want := get(value, 0)
				if got := get(out, o); !same(got, want) {
					t.Fatalf("%s of window %d: got %g, want %g", kind, o, got, want)
				}
			})
		}
	})
}

func TestEmptyWindows(t *testing.T) {
	for _, dtype := range types {
		in, out := tensor.New(shapes.Make(dtype, 0, 8)), before(shapes.Make(dtype, 2, 8))
		w := Window{Dims: []int{1, 1}, Paddings: [][2]int{{1, 2}, {0, 0}}}
		for kind, want := range map[compute.ReduceOpType]any{compute.ReduceOpMax: dtype.LowestValue(), compute.ReduceOpMin: dtype.HighestValue()} {
			Reduce(pools[0], out, in, kind, w)
			one := before(shapes.Make(dtype))
			for i := range out.Shape.Size() {
				copy(one.Bytes, out.Bytes[i*dtype.Size():])
				if got := one.Flat(); fmt.Sprint(got) != fmt.Sprintf("[%v]", want) {
					t.Fatalf("%s of nothing in %s: got %v, want %v", kind, dtype, got, want)
				}
			}
		}
	}
}

func TestSelectAndScatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operand := numbers(t, rapid.SampledFrom(types).Draw(t, "type"), drawDims(t)...)
		w := drawWindow(t, operand.Shape.Rank())
		w.InputDilations, w.WindowDilations = nil, nil
		shape, err := shapeinference.ReduceWindow(operand.Shape, w.Dims, w.Strides, nil, nil, w.Paddings)
		if err != nil {
			t.Skip(err)
		}
		source := tensor.New(shape)
		for i := range shape.Size() {
			set(source, i, float64(i%3))
		}
		for _, kind := range []compute.ReduceOpType{compute.ReduceOpMax, compute.ReduceOpMin} {
			want := make([]float64, operand.Shape.Size())
			w.elements(operand.Shape, shape, func(o int, elements []int) {
				if len(elements) == 0 {
					return
				}
				best := elements[0]
				for _, e := range elements[1:] {
					v, b := get(operand, e), get(operand, best)
					if b == b && (v != v || v != b && combine(kind, v, b) == v) {
						best = e
					}
				}
				want[best] += get(source, o)
			})
			out := before(operand.Shape)
			f := SelectAndScatterMax
			if kind == compute.ReduceOpMin {
				f = SelectAndScatterMin
			}
			f(rapid.SampledFrom(pools).Draw(t, "pool"), out, operand, source, w)
			for i, v := range want {
				if got := get(out, i); got != v {
					t.Fatalf("%s, element %d: got %g, want %g", kind, i, got, v)
				}
			}
		}
	})
}

func TestNaNIsSelected(t *testing.T) {
	nan := float32(math.NaN())
	for _, channels := range []int{1, 16, 200} {
		operand, source := tensor.New(shapes.Make(dtypes.Float32, 4, channels)), tensor.New(shapes.Make(dtypes.Float32, 2, channels))
		for i, values := 0, tensor.Of[float32](operand); i < channels; i++ {
			values[channels+i] = nan   // in both windows
			values[3*channels+i] = nan // the second one of the second window
			tensor.Of[float32](source)[i] = 1
			tensor.Of[float32](source)[channels+i] = 2
		}
		for _, f := range []func(*threads.Pool, tensor.Tensor, tensor.Tensor, tensor.Tensor, Window){SelectAndScatterMax, SelectAndScatterMin} {
			out := before(operand.Shape)
			f(pools[0], out, operand, source, Window{Dims: []int{3, 1}, Strides: []int{1, 1}})
			for i, v := range tensor.Of[float32](out) {
				if want := []float32{0, 3, 0, 0}[i/channels]; v != want {
					t.Fatalf("%d channels, element %d: got %g, want %g", channels, i, v, want)
				}
			}
		}
	}
}

func TestThreadsAgree(t *testing.T) {
	in := tensor.New(shapes.Make(dtypes.Float32, 3, 17, 19, 24))
	for i, values := 0, tensor.Of[float32](in); i < len(values); i++ {
		values[i] = float32(math.Sin(float64(i)))
	}
	w := Window{Dims: []int{1, 3, 3, 1}, Strides: []int{1, 2, 2, 1}, Paddings: [][2]int{{}, {1, 1}, {1, 1}, {}}}
	shape, err := shapeinference.ReduceWindow(in.Shape, w.Dims, w.Strides, nil, nil, w.Paddings)
	if err != nil {
		t.Fatal(err)
	}
	var sums, gradients [2]tensor.Tensor
	for i, pool := range pools {
		sums[i], gradients[i] = before(shape), before(in.Shape)
		Reduce(pool, sums[i], in, compute.ReduceOpSum, w)
		SelectAndScatterMax(pool, gradients[i], in, sums[i], w)
	}
	if string(sums[0].Bytes) != string(sums[1].Bytes) || string(gradients[0].Bytes) != string(gradients[1].Bytes) {
		t.Error("threads change results")
	}
}

// pooling is a maximum pool of 3×3, stride 2, over [32, 64, 64, 64].
func pooling() (in, out tensor.Tensor, w Window) {
	in = tensor.New(shapes.Make(dtypes.Float32, 32, 64, 64, 64))
	r := rand.New(rand.NewPCG(3, 3))
	for i, values := 0, tensor.Of[float32](in); i < len(values); i++ {
		values[i] = r.Float32()
	}
	w = Window{Dims: []int{1, 3, 3, 1}, Strides: []int{1, 2, 2, 1}, Paddings: [][2]int{{}, {1, 1}, {1, 1}, {}}}
	return in, tensor.New(shapes.Make(dtypes.Float32, 32, 32, 32, 64)), w
}

func BenchmarkMaxPool(b *testing.B) {
	in, out, w := pooling()
	for _, n := range []int{1, 2} {
		pool := threads.New(n)
		b.Run(fmt.Sprintf("threads=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(in.Bytes)))
			for b.Loop() {
				Reduce(pool, out, in, compute.ReduceOpMax, w)
			}
		})
	}
}

func BenchmarkMaxPoolGradient(b *testing.B) {
	in, source, w := pooling()
	out := tensor.New(in.Shape)
	for _, n := range []int{1, 2} {
		pool := threads.New(n)
		b.Run(fmt.Sprintf("threads=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(in.Bytes)))
			for b.Loop() {
				SelectAndScatterMax(pool, out, in, source, w)
			}
		})
	}
}
