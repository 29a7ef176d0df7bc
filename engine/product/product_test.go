package product

import (
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// onEachEngine runs a property on every path, with one thread and with three, and so
// little room for shared panels that large products are done in chunks.
func onEachEngine(t *testing.T, property func(t *rapid.T, e *Engine)) {
	for _, path := range simd.Paths() {
		for _, n := range []int{1, 3} {
			e := New(threads.New(n), path)
			e.shared = 100 * BlockDepth
			t.Run(fmt.Sprintf("%s/%d", path, n), rapid.MakeCheck(func(t *rapid.T) { property(t, e) }))
		}
	}
}

// sizes draws the shape of a product, now and then an empty or a large one.
func sizes(t *rapid.T) (m, n, k int) {
	edges := rapid.SampledFrom([]int{0, 1, 2, 7, 8, 11, 12, 13, 16, 31, 32, 33, 64, 193, 400, 700})
	size := rapid.OneOf(rapid.IntRange(1, 40), edges)
	depth := rapid.OneOf(size, rapid.SampledFrom([]int{511, 512, 513, 1030}))
	m, n, k = size.Draw(t, "m"), size.Draw(t, "n"), depth.Draw(t, "k")
	for m*n*k > 2<<20 {
		m, n = (m+1)/2, (n+1)/2
	}
	return m, n, k
}

// matrix draws an operand of n vectors of k elements in a random layout, sometimes
// with a NaN or an infinity.
func matrix(t *rapid.T, name string, n, k int) Strided {
	padding := rapid.IntRange(0, 5).Draw(t, name+" padding")
	s := []Strided{
		{Vector: k + padding, Depth: 1},
		{Vector: 1, Depth: n + padding},
		{Vector: 2, Depth: 2*n + padding},
		{Vector: 0, Depth: 1},
	}[rapid.IntRange(0, 3).Draw(t, name+" layout")]
	if n == 0 || k == 0 {
		return s
	}
	s.Data = make([]float32, (n-1)*s.Vector+(k-1)*s.Depth+1)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name+" seed"), 1))
	for i := range s.Data {
		s.Data[i] = float32(r.NormFloat64())
	}
	special := rapid.SampledFrom([]float64{0, 0, 0, math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, name+" special")
	if special != 0 {
		s.Data[r.IntN(len(s.Data))] = float32(special)
	}
	return s
}

func (s Strided) at(v, p int) float32 { return s.Data[v*s.Vector+p*s.Depth] }

// vectorsFrom is the operand from a vector on.
func (s Strided) vectorsFrom(v int) Strided { return Strided{s.Data[v*s.Vector:], s.Vector, s.Depth} }

// check compares row i of a product with sums in float64.
func check(t *rapid.T, a, b Strided, i, k int, row []float32) {
	for j, value := range row {
		want, size := 0.0, 0.0
		for p := range k {
			x := float64(a.at(i, p)) * float64(b.at(j, p))
			want += x
			size += math.Abs(x)
		}
		got := float64(value)
		same := got == want || math.IsNaN(got) && math.IsNaN(want)
		if !same && !(math.Abs(got-want) <= 2e-6*size) {
			t.Fatalf("[%d, %d] is %g, not %g", i, j, got, want)
		}
	}
}

func TestProducts(t *testing.T) {
	onEachEngine(t, func(t *rapid.T, e *Engine) {
		m, n, k := sizes(t)
		a, b := matrix(t, "a", m, k), matrix(t, "b", n, k)
		stride := n + rapid.IntRange(0, 3).Draw(t, "stride")
		c := make([]float32, m*stride)
		for i := range c {
			c[i] = -7
		}
		finished := make([]atomic.Int32, m*stride)
		place := func(i int) int { return i }
		if rapid.Bool().Draw(t, "from below") {
			place = func(i int) int { return m - 1 - i }
		}
		p := Product{M: m, N: n, K: k, A: a, B: b, C: c,
			Row: func(i int) int { return place(i) * stride },
		}
		p.Finish = func(at, count int) {
			for end := at + count; at < end; {
				row, col := place(at/stride), at%stride
				part := min(end-at, n-col)
				check(t, a, b.vectorsFrom(col), row, k, c[at:at+part])
				for j := range part {
					finished[row*stride+col+j].Add(1)
				}
				at += part
			}
		}
		if rapid.Bool().Draw(t, "prepacked") {
			p.B = e.Prepack(b, n, k)
		}
		e.Multiply(p)
		for i := range m {
			row := c[place(i)*stride:][:stride]
			for j, v := range row {
				if want := int32(0); j >= n && (v != -7 || finished[i*stride+j].Load() != want) {
					t.Fatalf("wrote to [%d, %d], which is beyond the row", i, j)
				}
				if j < n && finished[i*stride+j].Load() != 1 {
					t.Fatalf("[%d, %d] was finished %d times", i, j, finished[i*stride+j].Load())
				}
			}
		}
	})
}

// TestBits compares rows, alone, and the whole product on one thread, bit for bit.
func TestBits(t *testing.T) {
	onEachEngine(t, func(t *rapid.T, e *Engine) {
		m, n, k := sizes(t)
		a, b := matrix(t, "a", m, k), matrix(t, "b", n, k)
		whole, single := make([]float32, m*n), make([]float32, m*n)
		e.Multiply(Product{M: m, N: n, K: k, A: a, B: b, C: whole})
		one := &Engine{pool: threads.Single(), kernel: e.kernel, shared: sharedSize}
		one.Multiply(Product{M: m, N: n, K: k, A: a, B: b, C: single})
		equal(t, "one thread", whole, single)
		if m == 0 {
			return
		}
		i, row := rapid.IntRange(0, m-1).Draw(t, "row"), make([]float32, n)
		e.Multiply(Product{M: 1, N: n, K: k, A: after(a, i), B: b, C: row})
		equal(t, "one row", whole[i*n:(i+1)*n], row)
		e.Multiply(Product{M: 1, N: n, K: k, A: after(a, i), B: e.Prepack(b, n, k), C: row})
		equal(t, "one row, prepacked", whole[i*n:(i+1)*n], row)
	})
}

func equal(t *rapid.T, what string, a, b []float32) {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) && !(a[i] != a[i] && b[i] != b[i]) {
			t.Fatalf("%s: element %d is %g, not %g", what, i, b[i], a[i])
		}
	}
}

// TestPathsAgree holds all paths that round once to the same bits, on every kind of
// processor.
func TestPathsAgree(t *testing.T) {
	const (
		m, n, k = 45, 83, 1111
		want    = uint32(0x8aafac70)
	)
	a, b := operand(m, k, true), operand(n, k, false)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range a.Data {
		a.Data[i] = r.Float32() - 0.5
	}
	for _, path := range simd.Paths() {
		c := floats(m * n)
		New(threads.Single(), path).Multiply(Product{M: m, N: n, K: k, A: a, B: b, C: c})
		bytes := tensor.BytesOf(c)
		if got := crc32.ChecksumIEEE(bytes); path != simd.Portable && got != want {
			t.Errorf("%s: checksum %#x, not %#x", path, got, want)
		}
	}
}

func TestBatch(t *testing.T) {
	onEachEngine(t, func(t *rapid.T, e *Engine) {
		m, n, k := sizes(t)
		count := rapid.IntRange(0, 5).Draw(t, "count")
		a, b := matrix(t, "a", count*m, k), matrix(t, "b", n, k)
		apart, together := make([]float32, count*m*n), make([]float32, count*m*n)
		e.Batch(count, func(i int) Product {
			return Product{M: m, N: n, K: k, A: after(a, i*m), B: b, C: apart[i*m*n:]}
		})
		e.Multiply(Product{M: count * m, N: n, K: k, A: a, B: b, C: together})
		equal(t, "batch", together, apart)
	})
}

// TestSharedIsKept holds the memory between products to its bound.
func TestSharedIsKept(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var s spaces
	sizes := []int{1000, 300_000, 70_000, 500_000}
	var taken [][]float32
	for _, n := range sizes {
		taken = append(taken, s.takeShared(n))
	}
	for i, m := range taken {
		if len(m) < sizes[i] {
			t.Errorf("%d elements of %d", len(m), sizes[i])
		}
		s.giveShared(m)
	}
	if len(s.shared) != 2 {
		t.Errorf("%d are kept, not 2", len(s.shared))
	}
	if m := s.takeShared(500_000); &m[0] != &taken[3][0] {
		t.Error("the largest was not kept")
	}
}

// TestSharedOfAllAtOnce has products that are at work at once find the panels of those
// before them.
func TestSharedOfAllAtOnce(t *testing.T) {
	const atOnce = 4
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(atOnce))
	var s spaces
	taken := map[*float32]bool{}
	for round := range 2 {
		var now [][]float32
		for range atOnce {
			m := s.takeShared(100_000)
			if now = append(now, m); round > 0 && !taken[&m[0]] {
				t.Error("a panel was allocated again")
			}
			taken[&m[0]] = true
		}
		for _, m := range now {
			s.giveShared(m)
		}
	}
}

// TestAtOnce multiplies from several goroutines on one engine.
func TestAtOnce(t *testing.T) {
	e := New(threads.New(3), simd.Best())
	a, b := operand(210, 600, true), operand(230, 600, false)
	want := floats(210 * 230)
	e.Multiply(Product{M: 210, N: 230, K: 600, A: a, B: b, C: want})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 3 {
				c := floats(len(want))
				e.Multiply(Product{M: 210, N: 230, K: 600, A: a, B: b, C: c})
				for i := range c {
					if c[i] != want[i] {
						t.Errorf("element %d is %g, not %g", i, c[i], want[i])
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// TestPanics holds the engine to panic where memory is too short for a product.
func TestPanics(t *testing.T) {
	a, b, c := operand(40, 50, true), operand(60, 50, false), floats(40*60)
	for name, change := range map[string]func(p *Product){
		"negative":           func(p *Product) { p.M = -1 },
		"short result":       func(p *Product) { p.C = c[1:] },
		"rows beyond":        func(p *Product) { p.Row = func(i int) int { return i*60 + 1 } },
		"rows before":        func(p *Product) { p.Row = func(i int) int { return i*60 - 1 } },
		"short A":            func(p *Product) { p.A = Strided{a.Data[1:], a.Vector, a.Depth} },
		"short B":            func(p *Product) { p.B = Strided{b.Data[1:], b.Vector, b.Depth} },
		"short B, one row":   func(p *Product) { p.M, p.B = 1, Strided{b.Data[1:], b.Vector, b.Depth} },
		"negative stride":    func(p *Product) { p.B = Strided{b.Data, -1, b.Depth} },
		"too little packed":  func(p *Product) { p.B = New(threads.Single(), simd.Best()).Prepack(b, 59, 50) },
		"too shallow packed": func(p *Product) { p.B = New(threads.Single(), simd.Best()).Prepack(b, 60, 49) },
	} {
		for _, path := range simd.Paths() {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: %s: no panic", path, name)
					}
				}()
				p := Product{M: 40, N: 60, K: 50, A: a, B: b, C: c}
				change(&p)
				New(threads.Single(), path).Multiply(p)
			}()
		}
	}
}

func TestPeak(t *testing.T) {
	if peak := Peak(threads.New(2), simd.Best()); !(peak > 0 && peak < 1e6) {
		t.Errorf("%g GFLOP/s", peak)
	}
}
