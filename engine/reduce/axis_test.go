package reduce

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

type build func(f compute.Function, in compute.Value) (compute.Value, error)

// reference runs an operation on gomlx's Go backend.
func reference(t failer, b build, in tensor.Tensor) tensor.Tensor {
	must := func(err error) {
		if err != nil {
			t.Fatalf("the Go backend: %v", err)
		}
	}
	backend, err := gobackend.New("ops_sequential")
	must(err)
	defer backend.Finalize()
	builder := backend.Builder("reference")
	x, err := builder.Main().Parameter("x", in.Shape, nil)
	must(err)
	buffer, err := backend.BufferFromFlatData(0, in.Flat(), in.Shape)
	must(err)
	y, err := b(builder.Main(), x)
	must(err)
	must(builder.Main().Return([]compute.Value{y}, nil))
	exec, err := builder.Compile()
	must(err)
	results, err := exec.Execute([]compute.Buffer{buffer}, nil, 0)
	must(err)
	shape, err := results[0].Shape()
	must(err)
	out := tensor.New(shape)
	must(results[0].ToFlatData(out.Flat()))
	return out
}

// What is exact whatever the order is the same bits on gomlx's Go backend.
func TestReduceAgainstGo(t *testing.T) {
	builds := map[compute.OpType]func(compute.Function, compute.Value, ...int) (compute.Value, error){
		compute.OpTypeReduceSum:        compute.Function.ReduceSum,
		compute.OpTypeReduceProduct:    compute.Function.ReduceProduct,
		compute.OpTypeReduceMax:        compute.Function.ReduceMax,
		compute.OpTypeReduceMin:        compute.Function.ReduceMin,
		compute.OpTypeReduceBitwiseAnd: compute.Function.ReduceBitwiseAnd,
		compute.OpTypeReduceBitwiseOr:  compute.Function.ReduceBitwiseOr,
		compute.OpTypeReduceBitwiseXor: compute.Function.ReduceBitwiseXor,
	}
	rapid.Check(t, func(t *rapid.T) {
		dims, axes := shapeAndAxes(t)
		op := rapid.SampledFrom([]compute.OpType{
			compute.OpTypeReduceSum, compute.OpTypeReduceProduct, compute.OpTypeReduceMax, compute.OpTypeReduceMin,
			compute.OpTypeReduceBitwiseAnd, compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor,
		}).Draw(t, "op")
		dtype := rapid.SampledFrom(integers).Draw(t, "dtype")
		in := draw(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtype, dims...), anyOf)
		want := reference(t, func(f compute.Function, x compute.Value) (compute.Value, error) {
			return builds[op](f, x, axes...)
		}, in)
		run, _ := Reduce(op, dtype, simd.Best())
		got := dirty(want.Shape)
		run(pool, got, in, axes)
		if !bytes.Equal(got.Bytes, want.Bytes) {
			t.Fatalf("%s of %s over %v: got %v, want %v", op, in.Shape, axes, toFloats(got), toFloats(want))
		}
	})
}

// placed draws a shape of at least one axis, and an axis.
func placed(t *rapid.T, sizes ...int) (dims []int, axis int) {
	dims = rapid.SliceOfN(rapid.SampledFrom(sizes), 1, 4).Draw(t, "dims")
	return dims, rapid.IntRange(0, len(dims)-1).Draw(t, "axis")
}

func TestArgMinMax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims, axis := placed(t, 0, 1, 2, 3, 7, 20)
		if rapid.Bool().Draw(t, "wide") {
			dims = append(dims, 600) // more columns than are worked on at once
		}
		dtype, places := rapid.SampledFrom(numbers).Draw(t, "dtype"), rapid.SampledFrom(integers).Draw(t, "places")
		values := anyOf
		if dtype.IsFloat() {
			values = odd
		}
		in := draw(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtype, dims...), values)
		isMin := rapid.Bool().Draw(t, "isMin")
		run, ok := ArgMinMax(dtype, places)
		if !ok {
			t.Fatalf("no ArgMinMax of %s to %s", dtype, places)
		}
		shape := keptOf(in.Shape, []int{axis})
		shape.DType = places
		got, want := dirty(shape), fromFloats(shape, placesOf(in, axis, isMin))
		run(pool, got, in, axis, isMin)
		if !bytes.Equal(got.Bytes, want.Bytes) {
			t.Fatalf("of %s along %d: got %v, want %v", in.Shape, axis, toFloats(got), toFloats(want))
		}
	})
}

// placesOf is the definition: the first NaN, or else the first best value.
func placesOf(in tensor.Tensor, axis int, isMin bool) []float64 {
	values := toFloats(in)
	l := lineOf(in.Shape.Dimensions, axis)
	places := make([]float64, l.before*l.after)
	for i := range places {
		at := func(k int) float64 { return values[(i/l.after*l.length+k)*l.after+i%l.after] }
		for k := 1; k < l.length; k++ {
			best, v := at(int(places[i])), at(k)
			if best == best && (v != v || isMin && v < best || !isMin && v > best) {
				places[i] = float64(k)
			}
		}
	}
	return places
}

func TestArgMinMaxAgainstGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims, axis := placed(t, 1, 2, 3, 7)
		isMin := rapid.Bool().Draw(t, "isMin")
		in := draw(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtypes.Float32, dims...), anyOf)
		want := reference(t, func(f compute.Function, x compute.Value) (compute.Value, error) {
			return f.ArgMinMax(x, axis, dtypes.Int32, isMin)
		}, in)
		run, _ := ArgMinMax(dtypes.Float32, dtypes.Int32)
		got := dirty(want.Shape)
		run(pool, got, in, axis, isMin)
		if !bytes.Equal(got.Bytes, want.Bytes) {
			t.Fatalf("of %s along %d: got %v, want %v", in.Shape, axis, toFloats(got), toFloats(want))
		}
	})
}

func TestCumSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims, axis := placed(t, 0, 1, 2, 3, 7, 20)
		options := compute.CumSumOptions{
			Exclusive: rapid.Bool().Draw(t, "exclusive"), Reverse: rapid.Bool().Draw(t, "reverse")}
		dtype := rapid.SampledFrom(numbers).Draw(t, "dtype")
		in := draw(rapid.Uint64().Draw(t, "seed"), shapes.Make(dtype, dims...), anyOf) // sums are exact
		want := reference(t, func(f compute.Function, x compute.Value) (compute.Value, error) {
			return f.CumSum(x, axis, options)
		}, in)
		run, ok := CumSum(dtype)
		if !ok {
			t.Fatalf("no CumSum of %s", dtype)
		}
		got := dirty(in.Shape)
		run(pool, got, in, axis, options)
		if g, w := toFloats(got), toFloats(want); !slices.Equal(g, w) {
			t.Fatalf("%+v of %s along %d: got %v, want %v", options, in.Shape, axis, g, w)
		}
	})
}

func TestCumSumOfManyColumns(t *testing.T) {
	in := noise(1, shapes.Make(dtypes.Float32, 3, 40, 1500))
	run, _ := CumSum(dtypes.Float32)
	one, many := dirty(in.Shape), dirty(in.Shape)
	run(threads.Single(), one, in, 1, compute.CumSumOptions{})
	run(threads.New(4), many, in, 1, compute.CumSumOptions{})
	if !bytes.Equal(one.Bytes, many.Bytes) {
		t.Error("results differ")
	}
	last := toFloats(one)[39*1500+7]
	want := 0.0
	for i := range 40 {
		want += toFloats(in)[i*1500+7]
	}
	if math.Abs(last-want) > 1e-4 {
		t.Errorf("got %v, want %v", last, want)
	}
}

// A place beyond the type of the places wraps around, as an integer does.
func TestPlacesWrapAround(t *testing.T) {
	in := tensor.New(shapes.Make(dtypes.Float32, 300))
	tensor.Of[float32](in)[299] = 1
	run, _ := ArgMinMax(dtypes.Float32, dtypes.Uint8)
	out := dirty(shapes.Make(dtypes.Uint8))
	run(pool, out, in, 0, false)
	if got := fmt.Sprint(toFloats(out)); got != "[43]" {
		t.Errorf("got %s", got)
	}
}
