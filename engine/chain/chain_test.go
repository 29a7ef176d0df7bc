package chain

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// floats is a tensor of n numbers between -1 and 1.
func floats(seed, n int) tensor.Tensor {
	t := tensor.New(shapes.Make(dtypes.Float32, n))
	for i, v := range tensor.Of[float32](t) {
		tensor.Of[float32](t)[i] = v + float32(math.Sin(float64(i*(seed+1)+seed)))
	}
	return t
}

func drawSpace(t *rapid.T, whole bool) Space {
	cols := rapid.SampledFrom([]int{1, 3, 16, 17, 100, 1023, 1025, 3000}).Draw(t, "cols")
	return Space{Rows: rapid.IntRange(1, 40).Draw(t, "rows"), Cols: cols, Whole: whole}
}

// on runs a program on every path and number of threads, which must agree on the bits,
// and returns what the best path gives.
func on(t *rapid.T, build func(k *simd.Kernels) *Program, in []tensor.Tensor, sizes ...int) [][]float32 {
	var best [][]float32
	for _, path := range simd.Paths() {
		p := build(simd.For(path))
		var first [][]float32
		for _, pool := range []*threads.Pool{threads.Single(), threads.New(3)} {
			out := make([]tensor.Tensor, len(sizes))
			for i, n := range sizes {
				out[i] = floats(99, n)
			}
			p.Run(pool, out, in)
			var got [][]float32
			for _, o := range out {
				got = append(got, tensor.Of[float32](o))
			}
			if first == nil {
				first = got
			}
			for i := range first {
				if !slices.Equal(tensor.BytesOf(first[i]), tensor.BytesOf(got[i])) {
					t.Fatalf("%s: result %d is another one on %d threads", path, i, pool.Size())
				}
			}
		}
		if best == nil {
			best = first
		}
	}
	return best
}

func near(t *rapid.T, what string, got []float32, want []float64) {
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= 1e-4*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

// A norm of the rows, scaled by what repeats along the columns and moved by what is
// read in another order: all kinds of values at once.
func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t, true)
		x, scale, rowScale := floats(1, s.Rows*s.Cols), floats(2, s.Cols), floats(3, s.Rows)
		build := func(k *simd.Kernels) *Program {
			b := New(k, s)
			v := b.Operand(dtypes.Float32, Layout{Rows: []Axis{{s.Rows, s.Cols}}})
			w := b.Operand(dtypes.Float32, Layout{Rows: []Axis{{s.Rows, 0}}})
			r := b.RowOperand(dtypes.Float32)
			mean := b.Map(compute.OpTypeDiv, b.Reduce(compute.OpTypeReduceSum, v), b.Constant(float32(s.Cols)))
			centred := b.Map(compute.OpTypeSub, v, mean)
			b.Store(b.Map(compute.OpTypeMul, b.Map(compute.OpTypeMul, centred, w), r), dtypes.Float32)
			b.Store(mean, dtypes.Float32)
			b.Sum(compute.OpTypeReduceSum, centred, false)
			b.Sum(compute.OpTypeReduceMax, v, true)
			return b.Program()
		}
		got := on(t, build, []tensor.Tensor{x, scale, rowScale}, s.Rows*s.Cols, s.Rows, s.Cols, 1)
		want, means, columns, most := make([]float64, s.Rows*s.Cols), make([]float64, s.Rows), make([]float64, s.Cols), math.Inf(-1)
		for i := range s.Rows {
			row := tensor.Of[float32](x)[i*s.Cols:][:s.Cols]
			for _, v := range row {
				means[i] += float64(v) / float64(s.Cols)
				most = max(most, float64(v))
			}
			for j, v := range row {
				c := float64(v) - means[i]
				columns[j] += c
				want[i*s.Cols+j] = c * float64(tensor.Of[float32](scale)[j]) * float64(tensor.Of[float32](rowScale)[i])
			}
		}
		near(t, "rows", got[0], want)
		near(t, "means", got[1], means)
		near(t, "sums of columns", got[2], columns)
		near(t, "maximum", got[3], []float64{most})
	})
}

// Operands of every type and layout, and masks.
func TestOperands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t, false)
		n := s.Rows * s.Cols
		numbers, bits, halves := tensor.New(shapes.Make(dtypes.Int32, n)), tensor.New(shapes.Make(dtypes.Bool, s.Rows)), tensor.New(shapes.Make(dtypes.BFloat16, 1))
		for i := range tensor.Of[int32](numbers) {
			tensor.Of[int32](numbers)[i] = int32(i%7 - 3)
		}
		for i := range tensor.Of[bool](bits) {
			tensor.Of[bool](bits)[i] = i%3 == 0
		}
		tensor.As[uint16](halves.Bytes)[0] = 0x4020 // 2.5
		behind := floats(4, n+5)
		build := func(k *simd.Kernels) *Program {
			b := New(k, s)
			i := b.Operand(dtypes.Int32, Layout{Rows: []Axis{{s.Rows, s.Cols}}})
			m := b.Operand(dtypes.Bool, Layout{Rows: []Axis{{s.Rows, 1}}, Constant: true})
			h := b.Operand(dtypes.BFloat16, Layout{Constant: true})
			x := b.Operand(dtypes.Float32, Layout{Offset: 5, Rows: []Axis{{s.Rows, s.Cols}}})
			b.Store(b.Map(compute.OpTypeWhere, m, b.Map(compute.OpTypeMul, i, h), x), dtypes.Float32)
			return b.Program()
		}
		got := on(t, build, []tensor.Tensor{numbers, bits, halves, behind}, n)
		want := make([]float64, n)
		for i := range want {
			if want[i] = float64(tensor.Of[float32](behind)[i+5]); i/s.Cols%3 == 0 {
				want[i] = 2.5 * float64(i%7-3)
			}
		}
		near(t, "operands", got[0], want)
	})
}

// An update in place, and the same stretch by stretch, give what an update elsewhere gives.
func TestInPlaceAndStretched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t, false)
		n := s.Rows * s.Cols
		if n == 1 {
			t.Skip() // a single value is not read where it is
		}
		b := New(simd.For(simd.Best()), s)
		rows := []Axis{{s.Rows, s.Cols}}
		x, bias := b.Operand(dtypes.Float32, Layout{Rows: rows}), b.Operand(dtypes.Float32, Layout{Rows: []Axis{{s.Rows, 0}}})
		b.Store(b.Map(compute.OpTypeTanh, b.Map(compute.OpTypeAdd, x, bias)), dtypes.Float32)
		p := b.Program()
		if !p.InPlace(0, 0) || s.Rows > 1 && p.InPlace(1, 0) {
			t.Fatal("the first operand alone can be written over")
		}
		with := floats(6, s.Cols)
		want := floats(0, n)
		p.Run(threads.Single(), []tensor.Tensor{want}, []tensor.Tensor{floats(5, n), with})
		over := floats(5, n)
		p.Run(threads.Single(), []tensor.Tensor{over}, []tensor.Tensor{over, with})
		slow := floats(5, n)
		run := p.Begin([]tensor.Tensor{slow}, []tensor.Tensor{slow, with})
		for at := 0; at < n; {
			stretch := min(n-at, rapid.IntRange(1, 2000).Draw(t, "stretch"))
			run.Do(at, stretch)
			at += stretch
		}
		run.End()
		if !slices.Equal(want.Bytes, over.Bytes) || !slices.Equal(want.Bytes, slow.Bytes) {
			t.Fatal("another result")
		}
	})
}

// A value that is read after the result is written must not be written over.
func TestNotInPlace(t *testing.T) {
	b := New(simd.For(simd.Best()), Space{Rows: 1, Cols: 8})
	x := b.Operand(dtypes.Float32, Layout{})
	y := b.Map(compute.OpTypeNeg, x)
	b.Store(y, dtypes.Float32)
	b.Store(b.Map(compute.OpTypeAdd, y, x), dtypes.Float32)
	if p := b.Program(); p.InPlace(0, 0) || !p.InPlace(0, 1) {
		t.Error("the operand is still read when the first result is written, and not when the second one is")
	}
}

func TestNothing(t *testing.T) {
	for _, s := range []Space{{0, 5, true}, {5, 0, false}} {
		b := New(simd.For(simd.Best()), s)
		x := b.Operand(dtypes.Float32, Layout{Rows: []Axis{{s.Rows, s.Cols}}})
		b.Store(b.Map(compute.OpTypeNeg, x), dtypes.Float32)
		b.Sum(compute.OpTypeReduceSum, x, true)
		sum := floats(1, 1)
		b.Program().Run(threads.Single(), []tensor.Tensor{{}, sum}, []tensor.Tensor{{}})
		if got := tensor.Of[float32](sum)[0]; got != 0 {
			t.Errorf("the sum over nothing is %g", got)
		}
	}
}

// BenchmarkAdam is what an optimizer does to a million weights.
func BenchmarkAdam(b *testing.B) {
	const n = 1 << 20
	c := New(simd.For(simd.Best()), Space{Rows: 1, Cols: n})
	w, m, v, g := c.Operand(dtypes.Float32, Layout{}), c.Operand(dtypes.Float32, Layout{}), c.Operand(dtypes.Float32, Layout{}), c.Operand(dtypes.Float32, Layout{})
	mix := func(a, x Value, beta float32) Value {
		return c.Map(compute.OpTypeAdd, c.Map(compute.OpTypeMul, a, c.Constant(beta)), c.Map(compute.OpTypeMul, x, c.Constant(1-beta)))
	}
	first, second := mix(m, g, 0.9), mix(v, c.Map(compute.OpTypeMul, g, g), 0.999)
	step := c.Map(compute.OpTypeDiv, c.Map(compute.OpTypeMul, first, c.Constant(1e-3)), c.Map(compute.OpTypeAdd, c.Map(compute.OpTypeSqrt, second), c.Constant(1e-8)))
	c.Store(c.Map(compute.OpTypeSub, w, step), dtypes.Float32)
	c.Store(first, dtypes.Float32)
	c.Store(second, dtypes.Float32)
	p := c.Program()
	in := []tensor.Tensor{floats(1, n), floats(2, n), tensor.New(shapes.Make(dtypes.Float32, n)), floats(4, n)}
	pool := threads.New(2)
	b.SetBytes(7 * 4 * n)
	for b.Loop() {
		p.Run(pool, in[:3], in)
	}
}

// BenchmarkShortRows masks the pixels of pictures of three channels, brings the channels of
// each to their mean, and keeps the pictures that another mask names.
func BenchmarkShortRows(b *testing.B) {
	const pictures, side, channels = 64, 32, 3
	const pixels = pictures * side * side
	c := New(simd.For(simd.Best()), Space{Rows: pixels, Cols: channels, Whole: true})
	x := c.Operand(dtypes.Float32, Layout{Rows: Axes{{pixels, channels}}})
	mask := c.Operand(dtypes.Float32, Layout{Rows: Axes{{pixels, 1}}, Constant: true})
	columns := c.Operand(dtypes.Float32, Layout{Rows: Axes{{pictures, side}, {side, 0}, {side, 1}}, Constant: true})
	used := c.Operand(dtypes.Bool, Layout{Rows: Axes{{pictures, 1}, {side * side, 0}}, Constant: true})
	y := c.Map(compute.OpTypeMul, x, c.Map(compute.OpTypeMax, mask, columns))
	y = c.Map(compute.OpTypeSub, y, c.Map(compute.OpTypeMul, c.Reduce(compute.OpTypeReduceSum, y), c.Constant(1./channels)))
	c.Store(c.Map(compute.OpTypeWhere, used, y, x), dtypes.Float32)
	p := c.Program()
	in := []tensor.Tensor{floats(1, pixels*channels), floats(2, pixels), floats(3, pictures*side), tensor.New(shapes.Make(dtypes.Bool, pictures))}
	out := []tensor.Tensor{floats(1, pixels*channels)}
	b.SetBytes(2 * 4 * pixels * channels)
	for b.Loop() {
		p.Run(threads.Single(), out, in)
	}
}
