package dots

import (
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/internal/noise"
	"atelier/internal/quant"
)

var types = []quant.Type{quant.F32, quant.F16, quant.BF16, quant.Q8_0, quant.Q4_0, quant.Q4_K, quant.Q6_K}

// normal are normally distributed numbers.
func normal(n int, seed uint64) []float32 {
	rng := noise.Stream(seed)
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

// weights are a matrix whose quants are random bits and whose scales are ordinary numbers,
// in memory that is not aligned.
func weights(t quant.Type, rows, cols int, seed uint64) quant.Matrix {
	rng := noise.Stream(seed)
	data := make([]byte, 1+rows*t.Bytes(cols))[1:]
	if t == quant.F32 {
		return quant.Dense(normal(rows*cols, seed), rows)
	}
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	elements, size := t.Block()
	scales := map[quant.Type][]int{quant.Q8_0: {0}, quant.Q4_0: {0}, quant.Q4_K: {0, 2}, quant.Q6_K: {208}}[t]
	for at := 0; at < len(data); at += size {
		if elements == 1 {
			scales = []int{0}
		}
		for _, s := range scales {
			h := uint16(0x2000 + rng.UintN(0x1000)) // 2^-7 to 2^-3 as float16
			if t == quant.BF16 {
				h = uint16(0x3e00 + rng.UintN(0x200))
			}
			h |= uint16(rng.UintN(2) << 15)
			data[at+s], data[at+s+1] = byte(h), byte(h>>8)
		}
	}
	m, err := quant.NewMatrix(t, rows, cols, data)
	if err != nil {
		panic(err)
	}
	return m
}

// columns is a width that matrices of a type can have.
func columns(t *rapid.T, kind quant.Type) int {
	elements, _ := kind.Block()
	if elements == 1 {
		return rapid.OneOf(rapid.IntRange(1, 40), rapid.SampledFrom([]int{64, 172, 511, 512, 513, 1100})).Draw(t, "cols")
	}
	return elements * rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 2304/elements)).Draw(t, "blocks")
}

// one multiplies by one matrix.
func (d *Dots) one(dst, x []float32, rows int, m quant.Matrix) {
	d.Multiply([][]float32{dst}, x, rows, []quant.Matrix{m})
}

// TestMultiply: results are those of float64 arithmetic on the weights that a matrix stands
// for, within what rounding vectors to 8 bits costs.
func TestMultiply(t *testing.T) {
	for _, path := range simd.Paths() {
		d := New(path, 2)
		defer d.Close()
		rapid.Check(t, func(t *rapid.T) {
			kind := rapid.SampledFrom(types).Draw(t, "type")
			rows, outs, cols := rapid.IntRange(1, 17).Draw(t, "rows"), rapid.IntRange(1, 35).Draw(t, "outs"), columns(t, kind)
			seed := rapid.Uint64().Draw(t, "seed")
			m, x := weights(kind, outs, cols, seed), normal(rows*cols, seed+1)
			got := make([]float32, rows*outs+1)
			d.one(got[:rows*outs], x, rows, m)
			if got[rows*outs] != 0 {
				t.Fatal("wrote behind the result")
			}
			values := m.Values()
			for r := range rows {
				for o := range outs {
					want, bound := exact(x[r*cols:(r+1)*cols], values[o*cols:(o+1)*cols], kind)
					if v := float64(got[r*outs+o]); !(math.Abs(v-want) <= bound) {
						t.Fatalf("%s on %s: (%d, %d) is %g, want %g within %g", kind, path, r, o, v, want, bound)
					}
				}
			}
		})
	}
}

// exact is a product, and how far a result may be off.
func exact(x, w []float32, kind quant.Type) (sum, bound float64) {
	absolute := 0.0
	for i := 0; i < len(x); i += block {
		n := min(block, len(x)-i)
		most := 0.0
		for k := i; k < i+n; k++ {
			most = max(most, math.Abs(float64(x[k])))
		}
		for k := i; k < i+n; k++ {
			sum += float64(x[k]) * float64(w[k])
			absolute += math.Abs(float64(x[k]) * float64(w[k]))
			if kind > quant.BF16 {
				bound += math.Abs(float64(w[k])) * most / 254 * 1.001
			}
		}
	}
	return sum, bound + 1e-5*absolute*1.5
}

// TestRows: a row of the result is the same, bit for bit, whatever the number of rows and of
// threads; with quantized weights it is also the same on every path.
func TestRows(t *testing.T) {
	reference := New(simd.Portable, 1)
	for _, path := range simd.Paths() {
		one, three := New(path, 1), New(path, 3)
		defer three.Close()
		rapid.Check(t, func(t *rapid.T) {
			kind := rapid.SampledFrom(types).Draw(t, "type")
			rows, outs, cols := rapid.IntRange(1, 33).Draw(t, "rows"), rapid.IntRange(1, 40).Draw(t, "outs"), columns(t, kind)
			if rapid.IntRange(0, 3).Draw(t, "large") == 0 {
				rows, outs, cols = rows%20+1, outs+2*partWork/512/(rows%20+1), 512 // for several threads
			}
			seed := rapid.Uint64().Draw(t, "seed")
			m, x := weights(kind, outs, cols, seed), normal(rows*cols, seed+1)
			want, got := make([]float32, rows*outs), make([]float32, rows*outs)
			for r := range rows {
				one.one(want[r*outs:(r+1)*outs], x[r*cols:(r+1)*cols], 1, m)
			}
			three.one(got, x, rows, m)
			same(t, fmt.Sprintf("%s on %s", kind, path), got, want)
			if quantized(kind) && rows*outs*cols < 100_000 {
				reference.one(want, x, rows, m)
				same(t, fmt.Sprintf("%s on %s against plain Go", kind, path), got, want)
			}
		})
	}
}

// TestSeveral: several matrices at once give what each gives alone.
func TestSeveral(t *testing.T) {
	for _, path := range simd.Paths() {
		d := New(path, 3)
		defer d.Close()
		rapid.Check(t, func(t *rapid.T) {
			rows, seed := rapid.IntRange(1, 3).Draw(t, "rows"), rapid.Uint64().Draw(t, "seed")
			const cols = 256 // which matrices of every type can have
			x := normal(rows*cols, seed)
			var all []quant.Matrix
			var got, want [][]float32
			for i := range rapid.IntRange(1, 4).Draw(t, "matrices") {
				outs := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 3*partWork/cols)).Draw(t, "outs")
				all = append(all, weights(rapid.SampledFrom(types).Draw(t, "type"), outs, cols, seed+uint64(i)))
				got, want = append(got, make([]float32, rows*outs)), append(want, make([]float32, rows*outs))
				d.one(want[i], x, rows, all[i])
			}
			d.Multiply(got, x, rows, all)
			for i, m := range all {
				same(t, fmt.Sprintf("matrix %d of %s on %s", i, m.Type, path), got[i], want[i])
			}
		})
	}
}

func same(t *rapid.T, what string, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, v, want[i])
		}
	}
}

// TestSoftmax compares with arithmetic.
func TestSoftmax(t *testing.T) {
	for _, path := range simd.Paths() {
		d := New(path, 1)
		for n := 1; n < 40; n++ {
			x := normal(n, uint64(n))
			sum, want := 0.0, make([]float64, n)
			for i, v := range x {
				want[i] = math.Exp(float64(v))
				sum += want[i]
			}
			d.Softmax(x)
			for i, v := range x {
				if math.Abs(float64(v)-want[i]/sum) > 1e-6 {
					t.Fatalf("%s, %d: probability %d is %g, want %g", path, n, i, v, want[i]/sum)
				}
			}
		}
	}
}

// TestMix compares with arithmetic, on all paths and for all numbers of columns. A number depends on
// its column alone, wherever it is in a register.
func TestMix(t *testing.T) {
	for _, path := range simd.Paths() {
		d := New(path, 1)
		for n := range 140 {
			for _, rows := range []int{0, 1, 5} {
				for _, stride := range []int{n, n + 3} {
					w, x, dst := normal(rows, 1), normal(rows*stride, 2), normal(n+1, 3)
					beyond := dst[n]
					d.Mix(dst[:n], w, x, stride)
					for i := range n {
						want := 0.0
						for r := range rows {
							want += float64(w[r]) * float64(x[r*stride+i])
						}
						if math.Abs(float64(dst[i])-want) > 1e-5 {
							t.Fatalf("%s, %d rows of %d: number %d is %g, want %g", path, rows, n, i, dst[i], want)
						}
					}
					if dst[n] != beyond {
						t.Fatalf("%s, %d rows of %d: it writes beyond the end", path, rows, n)
					}
				}
			}
		}
		w, x := normal(7, 1), normal(7*128, 2)
		whole, part := make([]float32, 128), make([]float32, 8)
		d.Mix(whole, w, x, 128)
		for i := 0; i < 128; i += len(part) {
			if d.Mix(part, w, x[i:], 128); !slices.Equal(part, whole[i:i+len(part)]) {
				t.Fatalf("%s: columns from %d on are %g alone and %g with others", path, i, part, whole[i:])
			}
		}
	}
}

// TestUnusual: zeros, numbers whose scale is tiny or as large as possible, and what is no number.
func TestUnusual(t *testing.T) {
	reference := New(simd.Portable, 1)
	for _, path := range simd.Paths() {
		d := New(path, 1)
		for _, kind := range types {
			for _, c := range []struct {
				at    float32
				blank bool // the result is not finite
			}{{0, false}, {1e-45, false}, {1e-37, false}, {-1e-36, false}, {3e35, false}, {float32(math.Inf(1)), true}, {float32(math.NaN()), true}} {
				const outs, cols = 9, 256
				m, x := weights(kind, outs, cols, 3), make([]float32, cols)
				for i := range x {
					x[i] = c.at / 64
				}
				x[37] = c.at
				got, want := make([]float32, outs), make([]float32, outs)
				d.one(got, x, 1, m)
				reference.one(want, x, 1, m)
				for i, v := range got {
					switch finite := v-v == 0; {
					case finite == c.blank:
						t.Errorf("%s on %s: %g gives %g", kind, path, c.at, v)
					case finite && quantized(kind) && v != want[i]:
						t.Errorf("%s on %s: %g gives %g, want %g", kind, path, c.at, v, want[i])
					}
				}
			}
		}
	}
}

// TestTogether: several goroutines multiply at once.
func TestTogether(t *testing.T) {
	d := New(simd.Best(), 3)
	defer d.Close()
	var group sync.WaitGroup
	for i, kind := range types {
		group.Go(func() {
			const rows, outs, cols = 5, 300, 512
			m, x := weights(kind, outs, cols, uint64(i)), normal(rows*cols, 9)
			want, got := make([]float32, rows*outs), make([]float32, rows*outs)
			New(simd.Best(), 1).one(want, x, rows, m)
			for range 5 {
				clear(got)
				d.one(got, x, rows, m)
				if !slices.Equal(got, want) {
					t.Errorf("%s: not what one goroutine gets", kind)
				}
			}
		})
	}
	group.Wait()
}

// TestMemory: a product takes no memory where another one as large has been before.
func TestMemory(t *testing.T) {
	for _, kind := range types {
		m, x, dst := weights(kind, 40, 512, 1), normal(3*512, 2), make([]float32, 3*40)
		p := newProduct(New(simd.Best(), 1))
		if n := testing.AllocsPerRun(10, func() { p.add(dst, m); p.multiply(x, 3) }); n != 0 {
			t.Errorf("%s: %g allocations", kind, n)
		}
	}
}

// TestShapes: slices of another size are refused.
func TestShapes(t *testing.T) {
	d, m := New(simd.Portable, 1), weights(quant.F32, 3, 4, 1)
	for i, wrong := range []func(){
		func() { d.one(make([]float32, 3), make([]float32, 5), 1, m) },
		func() { d.one(make([]float32, 2), make([]float32, 4), 1, m) },
		func() { d.one(nil, nil, -1, m) },
		func() {
			d.Multiply([][]float32{make([]float32, 3), make([]float32, 2)}, make([]float32, 4), 1, []quant.Matrix{m, m})
		},
		func() { d.Mix(make([]float32, 2), make([]float32, 3), make([]float32, 5), 2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("mistake %d is not refused", i)
				}
			}()
			wrong()
		}()
	}
	d.one(nil, nil, 0, m)
}

// TestBits: with quantized weights all paths and all processors give these bits: CRC-32 of
// the results.
func TestBits(t *testing.T) {
	for _, path := range simd.Paths() {
		d := New(path, 1)
		for kind, want := range map[quant.Type]uint32{quant.Q8_0: 0xcae92258, quant.Q4_0: 0x490a83d5, quant.Q4_K: 0x11668e0f, quant.Q6_K: 0x743906b1} {
			const rows, outs, cols = 5, 37, 1280
			got := make([]float32, rows*outs)
			d.one(got, normal(rows*cols, 4), rows, weights(kind, outs, cols, 5))
			if sum := crc32.ChecksumIEEE(quant.Floats32(got).Data); sum != want {
				t.Errorf("%s on %s: %#08x, want %#08x", kind, path, sum, want)
			}
		}
	}
}

// TestWiden: every float16 and bfloat16 becomes what it stands for.
func TestWiden(t *testing.T) {
	data := make([]byte, 2<<16)
	for i := range 1 << 16 {
		data[2*i], data[2*i+1] = byte(i), byte(i>>8)
	}
	for _, path := range simd.Paths() {
		for _, kind := range []quant.Type{quant.F16, quant.BF16} {
			m, err := quant.NewMatrix(kind, 1, 1<<16, data)
			if err != nil {
				t.Fatal(err)
			}
			got, want := make([]float32, 1<<16), m.Values()
			kernelsFor(path).widen(got, data, kind)
			for i, v := range got {
				if v != want[i] && (v == v || want[i] == want[i]) {
					t.Fatalf("%s on %s: %#x becomes %g, want %g", kind, path, i, v, want[i])
				}
			}
		}
	}
}
