package metric

import (
	"testing"

	"atelier/data"
)

// What changes evenly does not flicker; what changes to and fro does.
func TestFlicker(t *testing.T) {
	f := data.Field{Name: data.Target, Kind: data.Frames, Shape: []int{4, 1, 1, 1}, Low: -1, High: 1}
	for _, c := range []struct {
		clip []float32
		want float64
	}{{[]float32{-1, -.5, 0, .5}, 0}, {[]float32{0, 0, 0, 0}, 0}, {[]float32{1, -1, 1, -1}, 4}} {
		if got := Flicker(&data.Column{Field: f, Floats: c.clip}); got != c.want {
			t.Errorf("%v: %g, want %g", c.clip, got, c.want)
		}
	}
}
