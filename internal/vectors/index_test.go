package vectors

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// three has works at the points (1, 0), (0, 1) and (3, 4), and (1, 0) again.
func three() *Index {
	x := &Index{Space: "s", State: "v", Width: 2}
	x.Add(Work{Name: "a", Sum: "01", Caption: "红"}, []float32{1, 0})
	x.Add(Work{Name: "b", Sum: "02", Label: "l"}, []float32{0, 1})
	x.Add(Work{Name: "c", Sum: "03"}, []float32{3, 4})
	x.Add(Work{Name: "d", Sum: "01"}, []float32{1, 0})
	return x
}

func TestNearestByHand(t *testing.T) {
	for _, c := range []struct {
		by   Nearness
		at   []float32
		want []Hit
	}{
		{Product, []float32{2, 1}, []Hit{{2, 10}, {0, 2}, {3, 2}}},
		{Distance, []float32{1, 1}, []Hit{{0, -1}, {1, -1}, {3, -1}}},
		{Distance, []float32{3, 4}, []Hit{{2, 0}, {1, -math.Sqrt(18)}, {0, -math.Sqrt(20)}}},
	} {
		got, err := three().Nearest(c.at, 3, c.by)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("near %v: %v, %v; want %v", c.at, got, err, c.want)
		}
	}
	if all, err := three().Nearest([]float32{1, 0}, 9, Product); err != nil || len(all) != 4 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := three().Nearest([]float32{1}, 1, Product); err == nil {
		t.Error("no error for a vector of another width")
	}
	if i := three().BySum()["01"]; i != 0 {
		t.Errorf("the first work with the hash is %d", i)
	}
}

// TestProduct holds the unrolled sum to a plain one.
func TestProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Float32Range(-2, 2), 0, 70).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Float32Range(-2, 2), len(a), len(a)).Draw(t, "b")
		want := 0.
		for i := range a {
			want += float64(a[i]) * float64(b[i])
		}
		if got := Product(a, b); math.Abs(got-want) > 1e-4 {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestRoundTrip(t *testing.T) {
	for _, x := range []*Index{three(), {Space: "empty", Width: 3}} {
		file, err := x.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		x.Vectors = append([]float32{}, x.Vectors...)
		if d := cmp.Diff(x, got); d != "" {
			t.Error(d)
		}
	}
}

// TestDamaged changes every byte, and cuts the file everywhere.
func TestDamaged(t *testing.T) {
	file, err := three().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		for _, damaged := range [][]byte{changed, file[:i]} {
			if _, err := Decode(damaged); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

// FuzzDecode decodes anything whose checksum is right.
func FuzzDecode(f *testing.F) {
	for _, x := range []*Index{three(), {}, {Width: 1 << 40}} {
		file, err := x.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file[:len(file)-sha256.Size])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		x, err := Decode(append(slices.Clone(body), sum[:]...))
		if err != nil {
			return
		}
		if len(x.Works) > 0 && len(x.Vectors) != len(x.Works)*x.Width {
			t.Errorf("%d numbers for %d works of %d", len(x.Vectors), len(x.Works), x.Width)
		}
	})
}
