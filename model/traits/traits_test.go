package traits

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

var field = data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{8, 8, 3}, Low: -1, High: 1}

// painted is a black picture with a coloured rectangle, by trait.
func painted(x0, y0, x1, y1 int, colour [3]float32) map[string]float64 {
	row := make([]float32, field.Size())
	for i := range row {
		row[i] = -1
	}
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			copy(row[(y*8+x)*3:], colour[:])
		}
	}
	return named(row)
}

func named(row []float32) map[string]float64 {
	out := map[string]float64{}
	for i, v := range Measured(For(field), &data.Column{Field: field, Floats: row}, 1)[0] {
		out[For(field)[i].Name] = v
	}
	return out
}

// Each trait moves as its name says.
func TestTraits(t *testing.T) {
	white := [3]float32{1, 1, 1}
	small, wide, high := painted(3, 3, 5, 5, white), painted(1, 3, 7, 5, white), painted(3, 1, 5, 7, white)
	right, low := painted(5, 3, 7, 5, white), painted(3, 5, 5, 7, white)
	red, dim := painted(3, 3, 5, 5, [3]float32{1, -1, -1}), painted(3, 3, 5, 5, [3]float32{0, 0, 0})
	for _, c := range []struct {
		trait      string
		more, less map[string]float64
	}{
		{"brightness", wide, small}, {"brightness", small, dim}, {"contrast", small, dim}, {"area", wide, small}, {"width", wide, small}, {"height", high, small},
		{"slimness", high, wide}, {"position across", right, small}, {"position down", low, small}, {"asymmetry", right, small}, {"texture", small, dim},
		{"redness", red, small}, {"greenness", small, red}, {"blueness", small, red},
	} {
		if !(c.more[c.trait] > c.less[c.trait]+1e-3) {
			t.Errorf("%s: %g, want more than %g", c.trait, c.more[c.trait], c.less[c.trait])
		}
	}
	if small["area"] != 4./64 || math.Abs(small["position across"]-0.5) > 1e-9 || small["asymmetry"] != 0 {
		t.Error(small)
	}
	if grey := (data.Field{Kind: data.Pixels, Shape: []int{8, 8, 1}, Low: -1, High: 1}); len(For(grey)) != len(all)-3 {
		t.Error("grey pictures have traits of colour")
	}
}

// Whatever the picture, all traits are finite.
func TestFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float32Range(-1, 1), field.Size(), field.Size()).Draw(t, "row")
		if rapid.Bool().Draw(t, "flat") {
			for i := range row {
				row[i] = row[0]
			}
		}
		for name, v := range named(row) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%s is %g", name, v)
			}
		}
	})
}
