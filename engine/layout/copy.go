package layout

import (
	"fmt"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
)

// serial is the number of bytes below which a second thread does not pay off.
const serial = 32 << 10

// unit is an element by size alone; all types of one size are moved alike. (Floats that are only
// moved keep their bits.)
type unit interface {
	uint8 | uint16 | float32 | uint64 | [2]uint64
}

// elementSize is the size of an element in bytes.
func elementSize(dtype dtypes.DType) int {
	if dtype.IsPacked() {
		panic(fmt.Sprintf("layout: elements of %s are smaller than a byte", dtype))
	}
	return dtype.Size()
}

// move copies the elements of a walk, of size bytes each, from one array to another. Nearly
// everything in this package is implemented by it.
func move(pool *threads.Pool, to, from []byte, size int, w walk) {
	if w.size() == 0 {
		return
	}
	w, size = w.collapsed().widened(size)
	n := parts(pool, w.size()*size)
	if n == 1 || len(w.dims) == 0 {
		moveSerial(to, from, size, w)
		return
	}
	cut := w.cut(n)
	pool.Run(len(cut), func(_, i int) { moveSerial(to, from, size, cut[i]) })
}

// parts is the number of parts that work on n bytes is divided into: a few per thread, for balance.
func parts(pool *threads.Pool, bytes int) int {
	if pool.Size() == 1 || bytes < serial {
		return 1
	}
	return min(2*pool.Size(), bytes/(serial/2))
}

// widened treats short contiguous runs as larger elements, if everything else is a multiple of
// them.
func (w walk) widened(size int) (walk, int) {
	last := len(w.dims) - 1
	if last < 0 || w.to[last] != 1 || w.from[last] != 1 {
		return w, size
	}
	run := w.dims[last]
	switch run * size {
	case 2, 4, 8, 16:
	default:
		return w, size
	}
	wide := w.without(last)
	wide.toAt /= run
	wide.fromAt /= run
	exact := w.toAt%run == 0 && w.fromAt%run == 0
	for i := range wide.dims {
		exact = exact && wide.to[i]%run == 0 && wide.from[i]%run == 0
		wide.to[i] /= run
		wide.from[i] /= run
	}
	if !exact {
		return w, size
	}
	return wide, run * size
}

// moveSerial copies in the caller's thread.
func moveSerial(to, from []byte, size int, w walk) {
	switch size {
	case 1:
		copyUnits(to, from, w, transpose)
	case 2:
		copyUnits(tensor.As[uint16](to), tensor.As[uint16](from), w, transpose)
	case 4:
		copyUnits(tensor.As[float32](to), tensor.As[float32](from), w, transposeFloats)
	case 8:
		copyUnits(tensor.As[uint64](to), tensor.As[uint64](from), w, transpose)
	case 16:
		copyUnits(tensor.As[[2]uint64](to), tensor.As[[2]uint64](from), w, transpose)
	default:
		panic(fmt.Sprintf("layout: elements of %d bytes", size))
	}
}

// copyUnits copies a collapsed walk that is not empty.
func copyUnits[T unit](to, from []T, w walk, transpose func(to, from []T, p plane)) {
	if len(w.dims) == 0 {
		to[w.toAt] = from[w.fromAt]
		return
	}
	n, toStep, fromStep := w.inner()
	outer := w.outer()
	switch {
	case toStep == 1 && fromStep == 1:
		outer.each(func(t, f int) { copy(to[t:t+n], from[f:f+n]) })
	case toStep == 1 && fromStep == 0:
		outer.each(func(t, f int) { fill(to[t:t+n], from[f]) })
	case toStep == 1 && w.crossing() >= 0:
		axis := w.crossing()
		p := plane{rows: w.dims[axis], cols: n, to: w.to[axis], from: fromStep}
		outer.without(axis).each(func(t, f int) { transpose(to[t:], from[f:], p) })
	default:
		outer.each(func(t, f int) {
			for range n {
				to[t] = from[f]
				t += toStep
				f += fromStep
			}
		})
	}
}

// fill sets every element.
func fill[T unit](to []T, value T) {
	for i := range to {
		to[i] = value
	}
}
