package metric

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// Nearest is the beginning of all distances, sorted.
func TestNearestIsSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 8).Draw(t, "k")
		number := rapid.Map(rapid.IntRange(-3, 3), func(i int) float32 { return float32(i) })
		known := column([]int{2}, data.Vector, rapid.SliceOfN(number, 2*n, 2*n).Draw(t, "known")...)
		x := rapid.SliceOfN(number, 2, 2).Draw(t, "x")
		square := func(i int) float64 {
			r := known.Row(i)
			return math.Pow(float64(r[0]-x[0]), 2) + math.Pow(float64(r[1]-x[1]), 2)
		}
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(i, j int) int { return cmp.Compare(square(i), square(j)) })
		want = want[:min(k, n)]
		indices, squares := Nearest(x, known, k)
		if !slices.Equal(indices, want) {
			t.Fatalf("got %v, want %v", indices, want)
		}
		for i, j := range indices {
			near(t, "square", squares[i], square(j), 0)
		}
		wide := points(2)
		for _, v := range known.Floats {
			wide.Features = append(wide.Features, float64(v))
		}
		wide.N = n
		if got := NearestPoints([]float64{float64(x[0]), float64(x[1])}, wide, k); !slices.Equal(got, want) {
			t.Fatalf("points: got %v, want %v", got, want)
		}
	})
}

func TestRealismByHand(t *testing.T) {
	// k = 1: reals 0, 1, 3, 7 have radii 1, 1, 2, 4, of which the two of 1 count.
	m, err := NewManifold(points(1, 0, 1, 3, 7), 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Realism(points(1, 0.5, 3, -4))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2, 0.5, 0.25} {
		near(t, "realism", got[i], want, 1e-12)
	}
}
