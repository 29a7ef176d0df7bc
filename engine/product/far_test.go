//go:build (amd64 || arm64) && !race

package product

import (
	"testing"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// TestFarApart reads and writes beyond 2 GiB.
func TestFarApart(t *testing.T) {
	const far = 1<<29 + 12345 // elements
	memory := make([]float32, 2*far)
	a := Strided{Data: memory, Vector: far, Depth: 1}
	b := operand(40, 20, true)
	for p := range 20 {
		memory[p], memory[far+p] = float32(p), float32(2*p)
	}
	for _, path := range simd.Paths() {
		c := memory[100:]
		New(threads.Single(), path).Multiply(Product{M: 2, N: 40, K: 20, A: a, B: b, C: c, Row: func(i int) int { return i * far }})
		for j := range 40 {
			want := float32(0)
			for p := range 20 {
				want += float32(p) * b.at(j, p)
			}
			if c[j] != want || c[far+j] != 2*want {
				t.Fatalf("%s: column %d is %g and %g, not %g and %g", path, j, c[j], c[far+j], want, 2*want)
			}
		}
	}
}
