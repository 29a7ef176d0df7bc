package sphere

import (
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// shaded is a panorama whose colour is its direction.
func shaded(width int) Panorama {
	p := New(width)
	for y := range p.Rect.Dy() {
		for x := range width {
			longitude, latitude := p.Direction(float64(x)+0.5, float64(y)+0.5)
			dx, dy, dz := math.Cos(latitude)*math.Sin(longitude), math.Sin(latitude), math.Cos(latitude)*math.Cos(longitude)
			p.SetNRGBA(x, y, color.NRGBA{uint8(127.5 + 127*dx), uint8(127.5 + 127*dy), uint8(127.5 + 127*dz), 255})
		}
	}
	return p
}

// Places and directions are inverse to one another.
func TestPlaces(t *testing.T) {
	p := New(400)
	rapid.Check(t, func(t *rapid.T) {
		column, row := rapid.Float64Range(0.01, 399.99).Draw(t, "column"), rapid.Float64Range(0.01, 199.99).Draw(t, "row")
		c, r := p.Place(p.Direction(column, row))
		if math.Abs(c-column)+math.Abs(r-row) > 1e-9 {
			t.Errorf("%g, %g became %g, %g", column, row, c, r)
		}
	})
	if c, r := p.Of(0, 0, 1); c != 200 || r != 100 {
		t.Errorf("the front is at %g, %g", c, r)
	}
	if c, _ := p.Of(1, 0, 0); c != 300 {
		t.Errorf("what is to the right is at %g", c)
	}
}

// Each face shows the directions that OpenGL gives it, and its edges meet those of its neighbours.
func TestFaces(t *testing.T) {
	const side = 64
	p := shaded(512)
	middles := map[string]color.NRGBA{"px": {255, 127, 127, 255}, "nx": {0, 127, 127, 255}, "py": {127, 255, 127, 255}, "ny": {127, 0, 127, 255}, "pz": {127, 127, 255, 255}, "nz": {127, 127, 0, 255}}
	for i, name := range Faces {
		got, want := p.Face(i, side).NRGBAAt(side/2, side/2), middles[name]
		if far(got, want) > 6 {
			t.Errorf("the middle of %s is %v, want %v", name, got, want)
		}
	}
	front, right, above := p.Face(4, side), p.Face(0, side), p.Face(2, side)
	for k := range side {
		if a, b := front.NRGBAAt(side-1, k), right.NRGBAAt(0, k); far(a, b) > 6 {
			t.Errorf("row %d: right of the front is %v, then %v", k, a, b)
		}
		if a, b := front.NRGBAAt(k, 0), above.NRGBAAt(k, side-1); far(a, b) > 6 {
			t.Errorf("column %d: above the front is %v, then %v", k, a, b)
		}
	}
	cross := p.Cross(side)
	if got := cross.NRGBAAt(side+side/2, side+side/2); far(got, middles["pz"]) > 6 {
		t.Errorf("the middle of the cross is %v", got)
	}
	if cross.NRGBAAt(3*side, 0).A != 0 || cross.NRGBAAt(0, 0).A != 0 {
		t.Error("the corners of the cross are not transparent")
	}
}

func far(a, b color.NRGBA) int {
	most := 0
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
		most = max(most, d, -d)
	}
	return most
}

// A disc drawn from a panorama and back changes little, and nothing beyond its angle.
func TestDiscs(t *testing.T) {
	p := shaded(512)
	for _, upper := range []bool{true, false} {
		again := New(512)
		copy(again.Pix, p.Pix)
		const angle = 0.9
		d := p.NewDisc(upper, angle+0.1)
		d.Draw(again, d.Picture(p), angle-0.05, angle)
		for y := range 256 {
			for x := range 512 {
				_, latitude := p.Direction(float64(x)+0.5, float64(y)+0.5)
				if !upper {
					latitude = -latitude
				}
				most := 5
				if math.Pi/2-latitude >= angle {
					most = 0
				}
				if d := far(p.NRGBAAt(x, y), again.NRGBAAt(x, y)); d > most {
					t.Fatalf("upper %v: %d, %d differs by %d", upper, x, y, d)
				}
			}
		}
		if got := d.Angle(0, d.Side/2); math.Abs(got-1) > 0.02 {
			t.Errorf("the disc reaches to %g", got)
		}
	}
}
