package product

import (
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// TestPack compares every way to pack with the definition.
func TestPack(t *testing.T) {
	defer func(k *kernel) { best = k }(best)
	for _, path := range simd.Paths() {
		best = kernelFor(path)
		e := New(threads.Single(), path)
		t.Run(string(path), rapid.MakeCheck(func(t *rapid.T) {
			n, k := rapid.IntRange(1, 80).Draw(t, "n"), rapid.IntRange(1, 70).Draw(t, "k")
			if rapid.Bool().Draw(t, "deep") {
				k += 510
			}
			s := matrix(t, "s", n, k)
			v := rapid.IntRange(0, n-1).Draw(t, "v")
			count := rapid.IntRange(1, min(n-v, 40)).Draw(t, "count")
			width := count + rapid.IntRange(0, 5).Draw(t, "more")
			first := rapid.IntRange(0, k-1).Draw(t, "first")
			depth := rapid.IntRange(1, k-first).Draw(t, "depth")
			for name, o := range map[string]Operand{"strided": s, "packed": e.Prepack(s, n, k), "later": after(after(s, v/2), 0)} {
				from := v
				if name == "later" {
					from -= v / 2
				}
				memory := make([]float32, depth*width+16)
				for i := range memory {
					memory[i] = -7
				}
				o.Pack(memory[:depth*width:depth*width], width, from, count, first, depth)
				for i, got := range memory {
					want := float32(-7)
					if p, u := i/width, i%width; p < depth && u < count {
						want = s.at(v+u, first+p)
					} else if p < depth {
						want = 0
					}
					if got != want && (got == got || want == want) {
						t.Fatalf("%s: element %d is %g, not %g", name, i, got, want)
					}
				}
			}
		}))
	}
}
