package match

import (
	"fmt"
	"slices"
	"testing"

	"atelier/engine/simd"
	"atelier/internal/noise"
)

// matchers are those of all paths that this processor can run.
func matchers() map[string]*Matcher {
	all := map[string]*Matcher{}
	for _, path := range simd.Paths() {
		all[string(path)] = New(path, 1)
	}
	return all
}

// bytesOf are random bytes, every third at an end of the range.
func bytesOf(n int, seed uint64) []uint8 {
	rng := noise.Stream(seed)
	b := make([]uint8, n)
	for i := range b {
		b[i] = uint8(rng.UintN(256))
		if rng.UintN(3) == 0 {
			b[i] = uint8(255 * rng.UintN(2))
		}
	}
	return b
}

// TestDistances: every path sums the squares as one would by hand, over any width.
func TestDistances(t *testing.T) {
	for name, m := range matchers() {
		for _, c := range []struct{ width, rows int }{{1, 1}, {3, 2}, {15, 3}, {16, 1}, {17, 5}, {21, 7}, {28, 7}, {31, 2}, {32, 4}, {35, 7}, {45, 9}, {64, 3}} {
			a, b := bytesOf(400*c.rows, 1), bytesOf(300*(c.rows+2), 2)
			aStride, bStride := 70, 90
			at := []int32{0, 5, 91, 17, 100, 3, 64, 200}
			got := make([]int32, len(at))
			m.Distances(got, at, a[3:], aStride, b, bStride, c.width, c.rows, 1<<30)
			for i, from := range at {
				want := 0
				for y := range c.rows {
					for x := range c.width {
						d := int(a[3+y*aStride+x]) - int(b[int(from)+y*bStride+x])
						want += d * d
					}
				}
				if int(got[i]) != want {
					t.Errorf("%s, %d x %d at %d: %d, want %d", name, c.width, c.rows, from, got[i], want)
				}
			}
			mask := bytesOf(400*c.rows, 5)
			for i, v := range mask {
				mask[i] = 255 * (v % 2)
			}
			masked := make([]int32, len(at))
			m.Masked(masked, at, a[3:], mask[3:], aStride, b, bStride, c.width, c.rows)
			for i, from := range at {
				want := 0
				for y := range c.rows {
					for x := range c.width {
						if mask[3+y*aStride+x] != 0 {
							d := int(a[3+y*aStride+x]) - int(b[int(from)+y*bStride+x])
							want += d * d
						}
					}
				}
				if int(masked[i]) != want {
					t.Errorf("%s, masked %d x %d at %d: %d, want %d", name, c.width, c.rows, from, masked[i], want)
				}
			}
			limit := slices.Min(got)
			m.Distances(got, at, a[3:], aStride, b, bStride, c.width, c.rows, limit)
			if slices.Min(got) != limit {
				t.Errorf("%s, %d x %d: the least is %d under the limit %d", name, c.width, c.rows, slices.Min(got), limit)
			}
		}
	}
}

// TestSlide: after p rows and more, columns are sums over the last p of them, and
// windows those over squares.
func TestSlide(t *testing.T) {
	const p, rows = 3, 7
	for name, m := range matchers() {
		for _, n := range []int{3, 7, 8, 9, 16, 37} {
			a, b := bytesOf(4*n*rows, 3), bytesOf(4*n*rows, 4)
			columns := make([]int32, n)
			last := make([][]int32, p)
			for y := range rows {
				if last[y%p] == nil {
					last[y%p] = make([]int32, n)
				}
				m.Slide(columns, last[y%p], a[4*n*y:4*n*(y+1)], b[4*n*y:4*n*(y+1)])
			}
			sums := make([]int32, n-p+1)
			m.Windows(sums, columns, 11)
			for x := range sums {
				want := int32(11)
				for y := rows - p; y < rows; y++ {
					for i := 4 * (y*n + x); i < 4*(y*n+x+p); i++ {
						d := int32(a[i]) - int32(b[i])
						want += d * d
					}
				}
				if sums[x] != want {
					t.Errorf("%s, %d columns: window %d is %d, want %d", name, n, x, sums[x], want)
				}
			}
		}
	}
}

// TestBounds: blocks that are not within their slice are refused.
func TestBounds(t *testing.T) {
	for name, m := range matchers() {
		for i, wrong := range []func(){
			func() {
				m.Distances(make([]int32, 1), []int32{73}, make([]uint8, 100), 20, make([]uint8, 100), 10, 8, 3, 9)
			},
			func() {
				m.Distances(make([]int32, 1), []int32{-1}, make([]uint8, 100), 20, make([]uint8, 100), 10, 8, 3, 9)
			},
			func() {
				m.Distances(make([]int32, 2), []int32{0}, make([]uint8, 100), 20, make([]uint8, 100), 10, 8, 3, 9)
			},
			func() {
				m.Distances(make([]int32, 1), []int32{0}, make([]uint8, 47), 20, make([]uint8, 100), 10, 8, 3, 9)
			},
			func() { m.Slide(make([]int32, 4), make([]int32, 4), make([]uint8, 16), make([]uint8, 12)) },
			func() { m.Windows(make([]int32, 4), make([]int32, 3), 0) },
		} {
			if !panics(wrong) {
				t.Errorf("%s: mistake %d is not refused", name, i)
			}
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

func BenchmarkDistances(b *testing.B) {
	for _, channels := range []int{3, 4, 5} {
		for name, m := range matchers() {
			b.Run(fmt.Sprint(name, " channels ", channels), func(b *testing.B) {
				stride := 256 * channels
				x, y := bytesOf(256*stride, 1), bytesOf(256*stride, 2)
				at := make([]int32, 8)
				for i := range at {
					at[i] = int32(i*17*stride + i*31)
				}
				dst := make([]int32, len(at))
				for b.Loop() {
					m.Distances(dst, at, x, stride, y, stride, 7*channels, 7, 1<<30)
				}
			})
		}
	}
}
