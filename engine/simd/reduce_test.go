package simd

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestReductions: the order of summation is as documented, so that all paths
// give the same bits (but for the one rounding of a multiplication with an
// addition, which plain Go does in two).
func TestReductions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "n")
		a, b := floats(t, n, "a"), floats(t, n, "b")
		for _, p := range Paths() {
			k := For(p)
			for _, r := range []struct {
				name      string
				got, want float32
			}{
				{"Sum", k.Sum(a), sumGo(a)},
				{"ReduceMax", k.ReduceMax(a), reduceMaxGo(a)},
				{"ReduceMin", k.ReduceMin(a), reduceMinGo(a)},
				{"SumOfSquares", k.SumOfSquares(a), For(Paths()[0]).Dot(a, a)},
				{"Dot", k.Dot(a, b), For(Paths()[0]).Dot(a, b)},
			} {
				fused := r.name == "Dot" || r.name == "SumOfSquares"
				if !same(r.got, r.want) && !(fused && p == Portable) {
					t.Fatalf("%s on %s of %d: %g, not %g", r.name, p, n, r.got, r.want)
				}
			}
		}
	})
}

// TestReductionsAgree compares with sums in float64.
func TestReductionsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1000).Draw(t, "n")
		draw := rapid.Float32Range(-10, 10)
		a := rapid.SliceOfN(draw, n, n).Draw(t, "a")
		b := rapid.SliceOfN(draw, n, n).Draw(t, "b")
		var sum, size, dot, area, most, least float64 = 0, 0, 0, 0, math.Inf(-1), math.Inf(1)
		for i, x := range a {
			x, y := float64(x), float64(b[i])
			sum, size = sum+x, size+math.Abs(x)
			dot, area = dot+x*y, area+math.Abs(x*y)
			most, least = max(most, x), min(least, x)
		}
		for _, p := range Paths() {
			k := For(p)
			if got := k.Sum(a); math.Abs(float64(got)-sum) > size*1e-5 {
				t.Fatalf("Sum on %s: %g, not %g", p, got, sum)
			}
			if got := k.Dot(a, b); math.Abs(float64(got)-dot) > area*1e-5+1e-30 {
				t.Fatalf("Dot on %s: %g, not %g", p, got, dot)
			}
			if got := k.SumOfSquares(a); got != k.Dot(a, a) {
				t.Fatalf("SumOfSquares on %s: %g, not %g", p, got, k.Dot(a, a))
			}
			if got := float64(k.ReduceMax(a)); got != most {
				t.Fatalf("ReduceMax on %s: %g, not %g", p, got, most)
			}
			if got := float64(k.ReduceMin(a)); got != least {
				t.Fatalf("ReduceMin on %s: %g, not %g", p, got, least)
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 50).Draw(t, "rows"), rapid.IntRange(0, 50).Draw(t, "cols")
		dstStride := rows + rapid.IntRange(0, 5).Draw(t, "beside dst")
		srcStride := cols + rapid.IntRange(0, 5).Draw(t, "beside src")
		src := make([]float32, max(0, (rows-1)*srcStride+cols)) // [rows, cols] in srcStride
		for i := range src {
			src[i] = float32(i)
		}
		n := 0
		if rows > 0 && cols > 0 {
			n = (cols-1)*dstStride + rows
		}
		for _, p := range Paths() {
			guard := guarded(n)
			Fill(guard.dst, -1)
			For(p).Transpose(guard.dst, dstStride, src, srcStride, rows, cols)
			guard.check(t)
			for i, got := range guard.dst {
				want := float32(-1)
				if r, c := i%dstStride, i/dstStride; r < rows {
					want = src[r*srcStride+c]
				}
				if got != want {
					t.Fatalf("on %s element %d is %g, not %g", p, i, got, want)
				}
			}
		}
	})
}

func TestFillGatherScatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, stride := rapid.IntRange(0, 70).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "stride")
		apart := make([]float32, max(0, (n-1)*stride+1))
		for i := range apart {
			apart[i] = float32(i)
		}
		dense := make([]float32, n)
		Gather(dense, apart, stride)
		for i, got := range dense {
			if got != float32(i*stride) {
				t.Fatalf("Gather: element %d is %g", i, got)
			}
		}
		Fill(apart, 7)
		Scatter(apart, stride, dense)
		for i, got := range apart {
			if want := float32(i); i%stride == 0 && got != want || i%stride != 0 && got != 7 {
				t.Fatalf("Fill and Scatter: element %d is %g", i, got)
			}
		}
	})
}
