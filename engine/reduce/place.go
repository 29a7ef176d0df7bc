package reduce

import (
	"slices"

	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// ArgMinMax returns the operation that finds the index of the lowest value along an axis (isMin),
// or of the highest, for a dtype of values and an integer dtype of indices. The first of equal
// values wins, and the first NaN before any number. The axis is in [0, rank); along an empty one
// the index is 0.
func ArgMinMax(dtype, places dtypes.DType) (func(pool *threads.Pool, out, in tensor.Tensor, axis int, isMin bool), bool) {
	write, ok := writers[places]
	if !ok {
		return nil, false
	}
	switch dtype {
	case dtypes.Int8:
		return find(write, of[int8]), true
	case dtypes.Int16:
		return find(write, of[int16]), true
	case dtypes.Int32:
		return find(write, of[int32]), true
	case dtypes.Int64:
		return find(write, of[int64]), true
	case dtypes.Uint8:
		return find(write, of[uint8]), true
	case dtypes.Uint16:
		return find(write, of[uint16]), true
	case dtypes.Uint32:
		return find(write, of[uint32]), true
	case dtypes.Uint64:
		return find(write, of[uint64]), true
	case dtypes.Float32:
		return find(write, of[float32]), true
	case dtypes.Float64:
		return find(write, of[float64]), true
	case dtypes.Float16, dtypes.BFloat16:
		return find(write, widened), true
	}
	return nil, false
}

// of returns values as they are.
func of[T number](_ *threads.Pool, t tensor.Tensor) []T { return tensor.As[T](t.Bytes) }

// widened copies 16-bit floats to float32.
func widened(pool *threads.Pool, t tensor.Tensor) []float32 {
	from := tensor.As[uint16](t.Bytes)
	to := make([]float32, len(from))
	f := formatOf(t.Shape.DType, simd.Best()) // the same on every path
	pool.Run(ceil(len(to), task), func(_, i int) {
		end := min((i+1)*task, len(to))
		f.widen(to[i*task:end], from[i*task:end])
	})
	return to
}

// writers store indices, from at on.
var writers = map[dtypes.DType]func(out tensor.Tensor, at int, places []int){
	dtypes.Int8:   write[int8],
	dtypes.Int16:  write[int16],
	dtypes.Int32:  write[int32],
	dtypes.Int64:  write[int64],
	dtypes.Uint8:  write[uint8],
	dtypes.Uint16: write[uint16],
	dtypes.Uint32: write[uint32],
	dtypes.Uint64: write[uint64],
}

func write[T integer](out tensor.Tensor, at int, places []int) {
	to := tensor.As[T](out.Bytes)[at:]
	for i, p := range places {
		to[i] = T(p)
	}
}

// columnsOf is the number of columns processed at once: they stay in the L1 cache.
const columnsOf = 512

// A line is an axis and the sizes before and after it.
type line struct{ before, length, after int }

func lineOf(dims []int, axis int) line {
	l := line{1, dims[axis], 1}
	for i, d := range dims {
		switch {
		case i < axis:
			l.before *= d
		case i > axis:
			l.after *= d
		}
	}
	return l
}

// run calls work for columns [from, to) of each matrix of length times after values.
func (l line) run(pool *threads.Pool, work func(matrix, from, to int)) {
	tiles := ceil(l.after, columnsOf)
	each := max(1, task/max(1, l.length*min(l.after, columnsOf)))
	units := l.before * tiles
	pool.Run(ceil(units, each), func(_, t int) {
		for unit := t * each; unit < min((t+1)*each, units); unit++ {
			from := unit % tiles * columnsOf
			work(unit/tiles, from, min(from+columnsOf, l.after))
		}
	})
}

// An order decides which of two values is better.
type order[A number] struct {
	along  func(values []A) int                            // the index of the best
	across func(best []A, places []int, values []A, i int) // index i, for each column
}

func find[A number](
	write func(out tensor.Tensor, at int, places []int), read func(*threads.Pool, tensor.Tensor) []A,
) func(pool *threads.Pool, out, in tensor.Tensor, axis int, isMin bool) {
	return func(pool *threads.Pool, out, in tensor.Tensor, axis int, isMin bool) {
		l := lineOf(in.Shape.Dimensions, axis)
		values := read(pool, in)
		better := order[A]{highest[A], higher[A]}
		if isMin {
			better = order[A]{lowest[A], lower[A]}
		}
		l.run(pool, func(matrix, from, to int) {
			places := make([]int, to-from)
			part := values[min(matrix*l.length*l.after+from, len(values)):]
			switch {
			case l.length == 0:
			case l.after == 1:
				places[0] = better.along(part[:l.length])
			default:
				best := slices.Clone(part[:to-from])
				for i := 1; i < l.length; i++ {
					better.across(best, places, part[i*l.after:][:to-from], i)
				}
			}
			write(out, matrix*l.after+from, places)
		})
	}
}

func lowest[A number](values []A) int {
	at := 0
	for i, v := range values {
		if b := values[at]; v < b || v != v && b == b {
			at = i
		}
	}
	return at
}

func highest[A number](values []A) int {
	at := 0
	for i, v := range values {
		if b := values[at]; v > b || v != v && b == b {
			at = i
		}
	}
	return at
}

// lower takes index i if its value is lower than the best, or the first NaN.
func lower[A number](best []A, places []int, values []A, i int) {
	for j, v := range values {
		if b := best[j]; v < b || v != v && b == b {
			best[j], places[j] = v, i
		}
	}
}

// higher takes index i if its value is higher than the best, or the first NaN.
func higher[A number](best []A, places []int, values []A, i int) {
	for j, v := range values {
		if b := best[j]; v > b || v != v && b == b {
			best[j], places[j] = v, i
		}
	}
}
