package product

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// pools are of one thread and of three, on every path.
func engines() map[string]*Engine {
	all := map[string]*Engine{}
	for _, path := range simd.Paths() {
		for _, n := range []int{1, 3} {
			all[fmt.Sprintf("%s/%d", path, n)] = New(threads.New(n), path)
		}
	}
	return all
}

// matrix draws an operand of n vectors of k elements, in a random layout.
func matrix(t *rapid.T, name string, n, k int) Strided {
	padding := rapid.IntRange(0, 5).Draw(t, name+" padding")
	s := Strided{Vector: k + padding, Depth: 1}
	switch rapid.IntRange(0, 2).Draw(t, name+" layout") {
	case 1:
		s = Strided{Vector: 1, Depth: n + padding}
	case 2:
		s = Strided{Vector: 2, Depth: 2*n + padding}
	}
	if n == 0 || k == 0 {
		return s
	}
	s.Data = make([]float32, (n-1)*s.Vector+(k-1)*s.Depth+1)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name+" seed"), 1))
	for i := range s.Data {
		s.Data[i] = float32(r.NormFloat64())
	}
	return s
}

func (s Strided) at(v, p int) float32 { return s.Data[v*s.Vector+p*s.Depth] }

// check compares a product with sums in float64.
func check(t *rapid.T, p Product, a, b Strided, stride int) {
	for i := range p.M {
		for j := range p.N {
			want, size := 0.0, 0.0
			for k := range p.K {
				x := float64(a.at(i, k)) * float64(b.at(j, k))
				want += x
				size += math.Abs(x)
			}
			got := float64(p.C[i*stride+j])
			if d := math.Abs(got - want); !(d <= 1e-6*size+1e-30) && !(math.IsNaN(got) && math.IsNaN(want)) && got != want {
				t.Fatalf("[%d, %d] is %g, not %g", i, j, got, want)
			}
		}
	}
}

func size(t *rapid.T, name string, most int) int {
	return rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 40), rapid.IntRange(0, most)).Draw(t, name)
}

func TestProducts(t *testing.T) {
	for name, e := range engines() {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			m, n, k := size(t, "m", 250), size(t, "n", 250), size(t, "k", 1100)
			for m*n*k > 4<<20 {
				m, n, k = m/2, n/2, k/2
			}
			a, b := matrix(t, "a", m, k), matrix(t, "b", n, k)
			stride := n + rapid.IntRange(0, 3).Draw(t, "stride")
			c := make([]float32, m*stride)
			for i := range c {
				c[i] = float32(math.NaN())
			}
			p := Product{M: m, N: n, K: k, A: a, B: b, C: c, Row: func(i int) int { return i * stride }}
			e.Multiply(p)
			check(t, p, a, b, stride)
			for i := range m {
				for j := n; j < stride; j++ {
					if c[i*stride+j] == c[i*stride+j] {
						t.Fatalf("wrote beyond row %d", i)
					}
				}
			}
		}))
	}
}
