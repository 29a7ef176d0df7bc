package window

import (
	"fmt"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// SelectAndScatterMax is the gradient of a maximum over windows: each element of
// source is added to out at the largest element of its window over the operand,
// the first one if there are several. NaN is larger than everything. The rest of
// out is 0. A window without elements adds nothing.
func SelectAndScatterMax(pool *threads.Pool, out, operand, source tensor.Tensor, w Window) {
	selectAndScatter(pool, out, operand, source, w, compute.ReduceOpMax)
}

// SelectAndScatterMin is [SelectAndScatterMax] at the smallest element; NaN is
// smaller than everything.
func SelectAndScatterMin(pool *threads.Pool, out, operand, source tensor.Tensor, w Window) {
	selectAndScatter(pool, out, operand, source, w, compute.ReduceOpMin)
}

// selectAndScatter finds the selection for the type.
func selectAndScatter(pool *threads.Pool, out, operand, source tensor.Tensor, w Window, kind compute.ReduceOpType) {
	zero(pool, out.Bytes)
	switch dtype := operand.Shape.DType; dtype {
	case dtypes.Int8:
		selectReals[int8](pool, out, operand, source, w, kind)
	case dtypes.Int16:
		selectReals[int16](pool, out, operand, source, w, kind)
	case dtypes.Int32:
		selectReals[int32](pool, out, operand, source, w, kind)
	case dtypes.Int64:
		selectReals[int64](pool, out, operand, source, w, kind)
	case dtypes.Uint8:
		selectReals[uint8](pool, out, operand, source, w, kind)
	case dtypes.Uint16:
		selectReals[uint16](pool, out, operand, source, w, kind)
	case dtypes.Uint32:
		selectReals[uint32](pool, out, operand, source, w, kind)
	case dtypes.Uint64:
		selectReals[uint64](pool, out, operand, source, w, kind)
	case dtypes.Float32:
		selectFloats(pool, out, operand, source, w, kind)
	case dtypes.Float64:
		selectReals[float64](pool, out, operand, source, w, kind)
	case dtypes.Float16, dtypes.BFloat16:
		wide := tensor.New(shapes.Make(dtypes.Float32, out.Shape.Dimensions...))
		selectAndScatter(pool, wide, widened(operand), widened(source), w, kind)
		narrow(out, wide)
	default:
		panic(fmt.Sprintf("window: windows of %s", dtype))
	}
}

// zero clears memory.
func zero(pool *threads.Pool, b []byte) {
	const chunk = 1 << 20
	pool.Run((len(b)+chunk-1)/chunk, func(_, i int) { clear(b[i*chunk : min((i+1)*chunk, len(b))]) })
}

// beats reports whether a value is selected over the best so far.
type beats[T any] func(v, best T) bool

func greater[T real](v, best T) bool { return v > best || v != v && best == best }
func less[T real](v, best T) bool    { return v < best || v != v && best == best }

// selectReals takes numbers one by one.
func selectReals[T real](pool *threads.Pool, out, operand, source tensor.Tensor, w Window, kind compute.ReduceOpType) {
	beats := beats[T](greater[T])
	if kind == compute.ReduceOpMin {
		beats = less[T]
	}
	to, from, add := tensor.As[T](out.Bytes), tensor.As[T](operand.Bytes), tensor.As[T](source.Bytes)
	visit := func(at int, taps []int, low, high int) {
		if len(taps) == 0 {
			return
		}
		for c := low; c < high; c++ {
			to[beats.first(from, taps, c)] += add[at+c]
		}
	}
	w.lay(operand.Shape, source.Shape).each(pool, disjoint, func() visitor { return visit })
}

// first is the position of the selected element of a window, in one channel.
func (f beats[T]) first(from []T, taps []int, c int) int {
	best := taps[0] + c
	for _, t := range taps[1:] {
		if f(from[t+c], from[best]) {
			best = t + c
		}
	}
	return best
}

// disjoint: windows that share elements belong to one task.
func disjoint(a axis) bool { return a.disjoint }

// selectFloats processes many channels at once.
func selectFloats(pool *threads.Pool, out, operand, source tensor.Tensor, w Window, kind compute.ReduceOpType) {
	g := w.lay(operand.Shape, source.Shape)
	if g.channels < wide/2 {
		selectReals[float32](pool, out, operand, source, w, kind)
		return
	}
	k := simd.For(simd.Best())
	extreme, beats := k.Max, beats[float32](greater[float32])
	if kind == compute.ReduceOpMin {
		extreme, beats = k.Min, less[float32]
	}
	to, from, add := tensor.As[float32](out.Bytes), tensor.As[float32](operand.Bytes), tensor.As[float32](source.Bytes)
	g.each(pool, disjoint, func() visitor {
		r := newRace(k, extreme)
		return func(at int, taps []int, low, high int) {
			for c := low; c < high && len(taps) > 0; c += len(r.best) {
				for i, before := range r.run(from, taps, c, min(len(r.best), high-c)) {
					best := 0
					if n := int(before); n < len(taps) {
						best = taps[n] + c + i
					} else { // NaN, which equals nothing
						best = beats.first(from, taps, c+i)
					}
					to[best] += add[at+c+i]
				}
			}
		}
	})
}

// A race finds the first of the largest elements of a window, in many channels.
type race struct {
	*simd.Kernels
	extreme                  simd.Binary
	best, open, before, mask []float32
}

func newRace(k *simd.Kernels, extreme simd.Binary) *race {
	const channels = 128 // few enough that all the rows fit into the L1 cache
	row := func() []float32 { return make([]float32, channels) }
	return &race{k, extreme, row(), row(), row(), row()}
}

// run returns the number of elements before the selected one, for n channels from c on. It is the
// number of all elements if that is NaN.
func (r *race) run(from []float32, taps []int, c, n int) []float32 {
	best, open, before := r.best[:n], r.open[:n], r.before[:n]
	copy(best, from[taps[0]+c:])
	for _, t := range taps[1:] {
		r.extreme(best, best, from[t+c:t+c+n])
	}
	r.NotEqual(before, best, from[taps[0]+c:taps[0]+c+n])
	copy(open, before) // 1 as long as the best has not been reached
	for _, t := range taps[1:] {
		r.NotEqual(r.mask[:n], best, from[t+c:t+c+n])
		r.Mul(open, open, r.mask[:n])
		r.Add(before, before, open)
	}
	return before
}
