package product

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/simd"
)

// TestPackRows compares panels of rows that stand anywhere with their definition.
func TestPackRows(t *testing.T) {
	defer func(k *kernel) { best = k }(best)
	for _, path := range simd.Paths() {
		best = kernelFor(path)
		t.Run(string(path), rapid.MakeCheck(func(t *rapid.T) {
			to := Packing{Width: rapid.IntRange(1, 40).Draw(t, "width"), Depth: rapid.IntRange(1, 50).Draw(t, "depth")}
			vector := rapid.IntRange(0, to.Width-1).Draw(t, "vector")
			n := rapid.OneOf(rapid.IntRange(1, 100), rapid.IntRange(1, 2*longestRow+100)).Draw(t, "n")
			row := rapid.IntRange(0, to.Depth-1).Draw(t, "row")
			src := make([]float32, n+rapid.IntRange(0, 100).Draw(t, "more"))
			for i := range src {
				src[i] = float32(i + 1)
			}
			places := make([]int, rapid.IntRange(1, to.Depth-row).Draw(t, "rows"))
			for p := range places {
				if places[p] = rapid.IntRange(-1, len(src)-n).Draw(t, "place"); places[p] < 0 {
					places[p] = Absent
				}
			}
			if !slices.ContainsFunc(places, func(at int) bool { return at != Absent }) {
				src = nil
			}
			want := make([]float32, (vector+n+to.Width-1)/to.Width*to.Width*to.Depth)
			to.Data = make([]float32, len(want))
			for i := range want {
				want[i], to.Data[i] = -7, -7
			}
			for p, at := range places {
				for i := range n {
					value := float32(0)
					if at != Absent {
						value = src[at+i]
					}
					want[((vector+i)/to.Width*to.Depth+row+p)*to.Width+(vector+i)%to.Width] = value
				}
			}
			to.PackRows(vector, row, src, places, n)
			if !slices.Equal(to.Data, want) {
				t.Fatalf("packed %v\nwant %v", to.Data, want)
			}
		}))
	}
}

// TestPackPanels compares panels packed in one go with panels packed one by one.
func TestPackPanels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 80).Draw(t, "n"), rapid.IntRange(1, 70).Draw(t, "k")
		s := matrix(t, "s", n, k)
		width := rapid.IntRange(1, min(n, 20)).Draw(t, "width")
		v := rapid.IntRange(0, n-width).Draw(t, "v")
		count := rapid.IntRange(1, (n-v)/width).Draw(t, "panels")
		first := rapid.IntRange(0, k-1).Draw(t, "first")
		depth := rapid.IntRange(1, k-first).Draw(t, "depth")
		got, want := make([]float32, count*width*depth), make([]float32, count*width*depth)
		for i := range count {
			s.Pack(want[i*width*depth:(i+1)*width*depth], width, v+i*width, width, first, depth)
		}
		s.PackPanels(Packing{got, width, depth}, v, count*width, first)
		equal(t, "panels", want, got)
	})
}

// TestPackRowsPanics holds packing to panic where memory is too short for it.
func TestPackRowsPanics(t *testing.T) {
	src := make([]float32, 30)
	for name, pack := range map[string]func(){
		"short panels":  func() { Packing{make([]float32, 49), 5, 5}.PackRows(0, 0, src, make([]int, 5), 10) },
		"beyond depth":  func() { Packing{make([]float32, 50), 5, 5}.PackRows(0, 2, src, make([]int, 4), 5) },
		"beyond width":  func() { Packing{make([]float32, 50), 5, 5}.PackRows(5, 0, src, make([]int, 5), 5) },
		"beyond source": func() { Packing{make([]float32, 50), 5, 5}.PackRows(0, 0, src, []int{0, 21}, 10) },
		"before source": func() { Packing{make([]float32, 50), 5, 5}.PackRows(0, 0, src, []int{0, -1}, 10) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			pack()
		}()
	}
}
