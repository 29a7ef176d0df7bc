package layout

import "atelier/engine/simd"

// A plane is a matrix to transpose: to[i*to+k] = from[k*from+i] for every i < rows and k < cols.
type plane struct{ rows, cols, to, from int }

// block is the side of the square blocks of a transposition: a cache line of
// four-byte elements.
const block = 16

// crossing is the axis along which from is contiguous, while to is contiguous along the last one,
// or -1.
func (w walk) crossing() int {
	last := len(w.dims) - 1
	if w.from[last] <= 1 {
		return -1
	}
	for i, step := range w.from[:last] {
		if step == 1 && w.to[i] > 0 {
			return i
		}
	}
	return -1
}

// transpose works in blocks, each read and written in whole cache lines: with power-of-two strides,
// lines visited twice would have been evicted in between.
func transpose[T unit](to, from []T, p plane) {
	if p.rows < block || p.cols < block {
		transposeNarrow(to, from, p)
		return
	}
	rows, cols := p.rows/block*block, p.cols/block*block
	for i := 0; i < rows; i += block {
		for k := 0; k < cols; k += block {
			transposeBlock(to[i*p.to+k:], from[k*p.from+i:], p)
		}
	}
	if cols < p.cols {
		transposeNarrow(to[cols:], from[cols*p.from:], plane{rows, p.cols - cols, p.to, p.from})
	}
	if rows < p.rows {
		transposeNarrow(to[rows*p.to:], from[rows:], plane{p.rows - rows, p.cols, p.to, p.from})
	}
}

// transposeFloats is transpose in vector code.
func transposeFloats(to, from []float32, p plane) {
	if p.rows < block/2 || p.cols < block/2 {
		transposeNarrow(to, from, p)
		return
	}
	simd.For(simd.Best()).Transpose(to, p.to, from, p.from, p.cols, p.rows)
}

// transposeBlock transposes block × block elements through a buffer.
func transposeBlock[T unit](to, from []T, p plane) {
	var buffer [block * block]T
	for k := range block {
		line := (*[block]T)(from[k*p.from:])
		for i := range block {
			buffer[i*block+k] = line[i]
		}
	}
	for i := range block {
		*(*[block]T)(to[i*p.to:]) = [block]T(buffer[i*block:])
	}
}

// transposeNarrow iterates along the longer side.
func transposeNarrow[T unit](to, from []T, p plane) {
	if p.rows < p.cols {
		for i := range p.rows {
			row := to[i*p.to : i*p.to+p.cols]
			for k := range row {
				row[k] = from[k*p.from+i]
			}
		}
		return
	}
	for k := range p.cols {
		line := from[k*p.from : k*p.from+p.rows]
		for i, v := range line {
			to[i*p.to+k] = v
		}
	}
}
