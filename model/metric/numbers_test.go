package metric

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/feature"
)

func points(width int, values ...float64) feature.Points {
	return feature.Points{N: len(values) / width, Width: width, Features: values}
}

func near(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// cross returns 2·len(sigma) points with exactly this mean and the unbiased
// covariance diag(sigma²): on each axis the two points ±sigma√((n-1)/2).
func cross(mean, sigma []float64) feature.Points {
	d := len(sigma)
	n := 2 * d
	p := feature.Points{N: n, Width: d, Features: make([]float64, n*d)}
	for i := range n {
		copy(p.Row(i), mean)
	}
	for j, s := range sigma {
		reach := s * math.Sqrt(float64(n-1)/2)
		p.Row(2 * j)[j] += reach
		p.Row(2*j + 1)[j] -= reach
	}
	return p
}

// rotated turns points of two dimensions by an angle.
func rotated(p feature.Points, angle float64) feature.Points {
	out := points(2, slices.Clone(p.Features)...)
	s, c := math.Sincos(angle)
	for i := range p.N {
		x, y := p.Row(i)[0], p.Row(i)[1]
		copy(out.Row(i), []float64{c*x - s*y, s*x + c*y})
	}
	return out
}

func TestFrechetOfCommutingGaussians(t *testing.T) {
	// Dowson and Landau 1982: Σ(m1-m2)² + Σ(s1-s2)² where covariances commute.
	a := cross([]float64{0, 1, 2}, []float64{1, 2, 3})
	b := cross([]float64{3, 1, 0}, []float64{2, 2, 0.5})
	got, err := Frechet(a, b)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", got, 9+4+1+6.25, 1e-9)
}

func TestFrechetOfTurnedGaussians(t *testing.T) {
	// In two dimensions tr√M = √(tr M + 2√det M). For S1 = diag(9, 1) and S2 the
	// same turned by 90 degrees, diag(1, 9), S1 S2 = 9 I: d² = 20 - 2·6 = 8. By 45
	// degrees S2 = [5 4; 4 5], tr S1 S2 = 50, det S1 S2 = 81, tr√ = √(50 + 18).
	a := cross([]float64{0, 0}, []float64{3, 1})
	for angle, want := range map[float64]float64{math.Pi / 2: 8, math.Pi / 4: 20 - 2*math.Sqrt(68)} {
		got, err := Frechet(a, rotated(a, angle))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "distance", got, want, 1e-9)
	}
}

func TestFrechetOfSingularCovariances(t *testing.T) {
	got, err := Frechet(cross([]float64{0, 0, 0}, []float64{1, 0, 0}), cross([]float64{0, 0, 2}, []float64{0, 1, 0}))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", got, 4+1+1, 1e-7) // orthogonal lines: nothing in common
	if _, err := Frechet(points(1, math.NaN(), 1), points(1, 0, 1)); err == nil {
		t.Error("no error for NaN")
	}
	if _, err := Frechet(points(1, 1), points(1, 0, 1)); err == nil {
		t.Error("no error for one point")
	}
}

func cloud(t *rapid.T, name string, width int) feature.Points {
	n := rapid.IntRange(2, 20).Draw(t, name+" count")
	return points(width, rapid.SliceOfN(rapid.Float64Range(-5, 5), n*width, n*width).Draw(t, name)...)
}

func TestFrechetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(t, "width")
		a, b := cloud(t, "a", width), cloud(t, "b", width)
		ab, err := Frechet(a, b)
		if err != nil || ab < 0 {
			t.Fatalf("distance %v, %v", ab, err)
		}
		ba, _ := Frechet(b, a)
		near(t, "turned round", ba, ab, 1e-5)
		reversed := points(width)
		for i := a.N - 1; i >= 0; i-- {
			reversed.Features = append(reversed.Features, a.Row(i)...)
		}
		reversed.N = a.N
		other, _ := Frechet(reversed, b)
		near(t, "in another order", other, ab, 1e-5)
		self, _ := Frechet(a, a)
		near(t, "to itself", self, 0, 1e-5)
	})
}

func TestKernelDistanceByHand(t *testing.T) {
	// One dimension, k = (xy+1)³. Within {0, 1}: k(0,1) = 1, mean 1. Within
	// {1, 2}: k = 27. Across: k(0,1) = k(0,2) = 1, k(1,1) = 8, k(1,2) = 27: mean 9.25.
	got, err := KernelDistance(points(1, 0, 1), points(1, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", got, 1+27-2*9.25, 1e-12)
	// Two dimensions, k = (x·y/2+1)³. {(0,0), (2,0)}: 1. {(0,2), (2,2)}: x·y = 4,
	// k = 27. Across: 1, 1, (2,0)·(0,2) = 0: 1, (2,0)·(2,2) = 4: 27; mean 7.5.
	got, err = KernelDistance(points(2, 0, 0, 2, 0), points(2, 0, 2, 2, 2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", got, 1+27-2*7.5, 1e-12)
}

func TestManifoldsByHand(t *testing.T) {
	// k = 1. Reals 0, 1, 3, 7 have radii 1, 1, 2, 4: balls [-1,1], [0,2], [1,5],
	// [3,11]. Fakes 0.5, 4, 20, 21 have radii 3.5, 3.5, 1, 1: balls [-3,4],
	// [0.5,7.5], [19,21], [20,22].
	real, fake := points(1, 0, 1, 3, 7), points(1, 0.5, 4, 20, 21)
	p, r, err := PrecisionRecall(real, fake, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "precision", p, 2./4, 0) // 0.5 and 4
	near(t, "recall", r, 1, 0)       // all reals lie in a fake's ball
	d, c, err := DensityCoverage(real, fake, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "density", d, (2.+2)/4, 0) // 0.5 lies in two balls, 4 in two
	near(t, "coverage", c, 1, 0)
	_, c, _ = DensityCoverage(real, points(1, -1, -0.9, 100), 1)
	near(t, "coverage", c, 1./4, 0) // the first ball alone, its edge included
}

func TestManifoldOutlier(t *testing.T) {
	// The failure that Naeem 2020 (figure 1) repairs: one real outlier makes a
	// huge ball. Reals 0, 1, 2, 100; k = 1; radii 1, 1, 1, 98. Fakes at 50, 60, 70
	// are all "precise", but lie in one of four balls only.
	real, fake := points(1, 0, 1, 2, 100), points(1, 50, 60, 70)
	p, _, _ := PrecisionRecall(real, fake, 1)
	near(t, "precision", p, 1, 0)
	d, c, _ := DensityCoverage(real, fake, 1)
	near(t, "density", d, 1, 0) // three fakes in one ball each, over k
	near(t, "coverage", c, 1./4, 0)
}

func TestDuplicatesAreAtNoDistance(t *testing.T) {
	far := points(2, 1e8, 1, 1e8, 1, 1e8, 3)
	eachDistances(far, far, func(i int, d []float64) {
		if d[i] != 0 {
			t.Errorf("point %d is %v from itself", i, d[i])
		}
		if i == 0 && (d[1] != 0 || d[2] != 4) {
			t.Errorf("distances %v, want 0 0 4", d)
		}
	})
}

func TestKthAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Float64Range(0, 9), 1, 30).Draw(t, "numbers")
		k := rapid.IntRange(1, len(all)).Draw(t, "k")
		got := kth(all, k)
		slices.Sort(all)
		if got != all[k-1] {
			t.Fatalf("kth %d of %v is %v", k, all, got)
		}
	})
}

func TestClassShares(t *testing.T) {
	shares, top := ClassShares([]float64{0.7, 0.2, 0.1, 0.5, 0.5, 0, 0.1, 0.1, 0.8, 0.6, 0.2, 0.2}, 3)
	if !slices.Equal(shares, []float64{0.75, 0, 0.25}) {
		t.Errorf("shares %v", shares)
	}
	near(t, "top", top, (0.7+0.5+0.8+0.6)/4, 1e-12)
	near(t, "entropy", Entropy([]float64{0.5, 0.25, 0.25, 0}), 1.5*math.Ln2, 1e-12)
}

func column(shape []int, kind data.Kind, values ...float32) *data.Column {
	return &data.Column{Field: data.Field{Name: data.Target, Kind: kind, Shape: shape, Low: -1, High: 1}, Floats: values}
}

func TestModesByHand(t *testing.T) {
	m := &Mixture{Centres: [][]float64{{0, 0}, {1, 0}}, Sigma: 0.1}
	// Three samples on the first mode, one of them 0.4 off; one on the second.
	c, err := m.Count(column([]int{2}, data.Vector, 0, 0, 0, 0.2, 0, 0.4, 1, 0.29))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "high quality", c.HighQuality, 3./4, 0)
	near(t, "found", float64(c.Found), 2, 0)
	near(t, "reverse KL", c.ReverseKL, 0.75*math.Log(1.5)+0.25*math.Log(0.5), 1e-12)
	// All in one mode: ln 2. A mode with low-quality samples alone is not found.
	c, _ = m.Count(column([]int{2}, data.Vector, 0, 0, 0, 0))
	near(t, "reverse KL", c.ReverseKL, math.Ln2, 1e-12)
	near(t, "found", float64(c.Found), 1, 0)
	c, _ = m.Count(column([]int{2}, data.Vector, 0, 0, 1, 0.31))
	near(t, "found", float64(c.Found), 1, 0)
	near(t, "reverse KL", c.ReverseKL, 0, 1e-12)
}

func TestModesNeedAShare(t *testing.T) {
	m := &Mixture{Centres: [][]float64{{0}, {1}}, Sigma: 0.01}
	values := make([]float32, 1000) // fair share 500, 1 % of it 5
	for i := range 4 {
		values[i] = 1
	}
	c, _ := m.Count(column([]int{1}, data.Vector, values...))
	near(t, "found with 4", float64(c.Found), 1, 0)
	values[4] = 1
	c, _ = m.Count(column([]int{1}, data.Vector, values...))
	near(t, "found with 5", float64(c.Found), 2, 0)
}

func TestSharpnessByHand(t *testing.T) {
	// 3×4 with one white pixel inside, at (1,1), on black: brightness 1 there.
	// The Laplacian of the two inner pixels is 4 and -1: mean 1.5, variance 6.25.
	picture := make([]float32, 12)
	for i := range picture {
		picture[i] = -1
	}
	picture[5] = 1
	near(t, "sharpness", Sharpness(column([]int{3, 4, 1}, data.Pixels, picture...)), 6.25, 1e-9)
	flat := column([]int{3, 3, 4}, data.Pixels, make([]float32, 36)...)
	near(t, "sharpness of a flat picture", Sharpness(flat), 0, 0)
	clear := column([]int{1, 1, 4}, data.Pixels, 1, -1, -1, -1)
	near(t, "brightness of a transparent pixel", brightness(clear.Floats, clear.Field)[0], 1, 1e-9)
	red := column([]int{1, 1, 3}, data.Pixels, 1, -1, -1)
	near(t, "brightness of red", brightness(red.Floats, red.Field)[0], 0.299, 1e-9)
}

func TestSquareBelowAgainstPlainSum(t *testing.T) {
	rng := noise.Stream(1)
	x, y := make([]float32, 101), make([]float32, 101)
	want := 0.0
	for i := range x {
		x[i], y[i] = rng.Float32(), rng.Float32()
		want += math.Pow(float64(x[i])-float64(y[i]), 2)
	}
	near(t, "square", squareBelow(x, y, math.Inf(1)), want, 1e-5)
	if got := squareBelow(x, y, want/2); got < want/2 {
		t.Errorf("stopped at %v below the limit %v", got, want/2)
	}
}
