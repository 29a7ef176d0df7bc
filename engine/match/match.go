// Package match measures the distance between patches of 8-bit pictures. It computes in integers,
// so that all paths and numbers of threads give the same results.
package match

import (
	"fmt"
	"sync"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// A Matcher measures distances with the kernels of a path, and runs the tasks of patch searches.
type Matcher struct {
	kernels
	n     int // threads
	start sync.Once
	pool  *threads.Pool
}

// kernels are the vector kernels of a path. They do not check bounds; [Matcher] does.
type kernels struct {
	distances func(dst, at []int32, a []uint8, aStride int, b []uint8, bStride, width, rows int, limit int32)
	masked    func(dst, at []int32, a, mask []uint8, aStride int, b []uint8, bStride, width, rows int)
	slide     func(columns, last []int32, a, b []uint8)
	windows   func(dst, columns []int32, add int32)
}

// New returns a Matcher for a path with the given number of threads, which start on first use.
func New(path simd.Path, n int) *Matcher { return &Matcher{kernels: kernelsFor(path), n: n} }

// Run runs every task in [0, tasks) once, in any order and on several threads, and returns when all
// are done.
func (m *Matcher) Run(tasks int, work func(worker, task int)) {
	m.start.Do(func() { m.pool = threads.New(m.n) })
	m.pool.Run(tasks, work)
}

// Close ends the threads. Tasks of later Runs run in the caller.
func (m *Matcher) Close() {
	m.start.Do(func() { m.pool = threads.Single() })
	m.pool.Close()
}

// Distances computes the squared distances of a block at the start of a, of rows rows of width
// bytes, from blocks of b: dst[i] is the distance from the block at at[i]. If it exceeds the limit,
// it may be any larger number. It panics if a block is not within its slice.
func (m *Matcher) Distances(dst, at []int32, a []uint8, aStride int, b []uint8, bStride, width, rows int, limit int32) {
	check(dst, at, len(a), aStride, len(b), bStride, width, rows)
	if len(at) > 0 {
		m.distances(dst, at, a, aStride, b, bStride, width, rows, limit)
	}
}

// Masked is [Matcher.Distances] over the bytes where the mask, laid out as a, is 255 and not 0,
// without a limit.
func (m *Matcher) Masked(dst, at []int32, a, mask []uint8, aStride int, b []uint8, bStride, width, rows int) {
	check(dst, at, min(len(a), len(mask)), aStride, len(b), bStride, width, rows)
	if len(at) > 0 {
		m.masked(dst, at, a, mask, aStride, b, bStride, width, rows)
	}
}

// check panics if a block is not within its slice.
func check(dst, at []int32, a, aStride, b, bStride, width, rows int) {
	if width < 1 || rows < 1 || aStride < width || bStride < width || len(dst) != len(at) || a < (rows-1)*aStride+width {
		panic(fmt.Sprintf("match: %d and %d blocks of %d x %d bytes, rows %d and %d apart, in %d bytes", len(dst), len(at), width, rows, aStride, bStride, a))
	}
	span := (rows-1)*bStride + width
	for _, p := range at {
		if p < 0 || int(p)+span > b {
			panic(fmt.Sprintf("match: a block at %d of %d bytes over %d", p, span, b))
		}
	}
}

// Slide moves column sums down by one row: it adds the squared differences of two rows of four-byte
// pixels to columns, subtracts last, and stores them in last.
func (m *Matcher) Slide(columns, last []int32, a, b []uint8) {
	if n := len(columns); len(last) != n || len(a) != 4*n || len(b) != 4*n {
		panic(fmt.Sprintf("match: %d and %d columns of rows of %d and %d bytes", n, len(last), len(a), len(b)))
	}
	m.slide(columns, last, a, b)
}

// Windows computes sums over neighbouring columns: dst[i] is add plus the sum of columns from i on,
// leaving out those needed only for later windows.
func (m *Matcher) Windows(dst, columns []int32, add int32) {
	if len(dst) == 0 {
		return
	}
	if len(columns) < len(dst) {
		panic(fmt.Sprintf("match: %d windows over %d columns", len(dst), len(columns)))
	}
	m.windows(dst, columns, add)
}
