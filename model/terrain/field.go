// Package terrain makes landscapes as fields of heights: from pieces of a given one, eroded by water,
// with the ground that lies on them.
package terrain

import (
	"bytes"
	_ "embed"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"sync"

	"atelier/internal/badinput"
)

// A Field is heights on a grid, row by row from the north-west corner: [h × w].
type Field struct {
	W, H    int
	Heights []float32
}

// New returns a flat field.
func New(w, h int) *Field { return &Field{w, h, make([]float32, w*h)} }

// at is the height at a point of the grid, continued beyond its edges.
func (f *Field) at(x, y int) float32 {
	return f.Heights[min(max(y, 0), f.H-1)*f.W+min(max(x, 0), f.W-1)]
}

// Slope is the steepness at a point: the rise over a step of the grid, the heights taken times a
// factor.
func (f *Field) Slope(x, y int, factor float64) float64 {
	dx, dy := float64(f.at(x+1, y)-f.at(x-1, y))/2, float64(f.at(x, y+1)-f.at(x, y-1))/2
	return factor * math.Hypot(dx, dy)
}

// normalise moves and scales the heights to [0, 1]. A flat field becomes 0.
func (f *Field) normalise() {
	low, high := slices.Min(f.Heights), slices.Max(f.Heights)
	for i, h := range f.Heights {
		f.Heights[i] = 0
		if high > low {
			f.Heights[i] = (h - low) / (high - low)
		}
	}
}

// FromPicture takes the brightness of a picture as heights in [0, 1], in 16 bits where it has them.
// The error is of [badinput] if it is too small, or all of one brightness.
func FromPicture(img image.Image) (*Field, error) {
	size := img.Bounds().Size()
	if min(size.X, size.Y) < leastSide {
		return nil, badinput.Errorf("it has %d×%d pixels; want at least %d on a side: it has too few pieces to copy", size.X, size.Y, leastSide)
	}
	f := New(size.X, size.Y)
	for i := range f.Heights {
		c := color.Gray16Model.Convert(img.At(img.Bounds().Min.X+i%f.W, img.Bounds().Min.Y+i/f.W)).(color.Gray16)
		f.Heights[i] = float32(c.Y) / math.MaxUint16
	}
	if slices.Min(f.Heights) == slices.Max(f.Heights) {
		return nil, badinput.Errorf("it is of one brightness, which is no landscape")
	}
	f.normalise()
	return f, nil
}

// Picture is the field in grey of 16 bits, the highest point white.
func (f *Field) Picture() *image.Gray16 {
	img := image.NewGray16(image.Rect(0, 0, f.W, f.H))
	for i, h := range f.Heights {
		img.SetGray16(i%f.W, i/f.W, color.Gray16{Y: uint16(math.Round(float64(min(max(h, 0), 1)) * math.MaxUint16))})
	}
	return img
}

// The landscape that comes with the program: mountains that rose while rivers cut into them, by the
// equation of Howard (1994, doi:10.1029/94WR00757), computed for this project.
//
//go:embed hills.png
var hills []byte

// Hills is the landscape that comes with the program, 256 × 256.
var Hills = sync.OnceValues(func() (*Field, error) {
	img, err := png.Decode(bytes.NewReader(hills))
	if err != nil {
		return nil, err
	}
	return FromPicture(img)
})

// Surface is the height at a place, u and v in [0, 1] from the north-west corner, and the direction
// away from the ground there, X to the east, Y up, Z to the south, the heights taken times a factor of
// steps of the grid.
func (f *Field) Surface(u, v, factor float64) (height float64, normal [3]float32) {
	x, y := u*float64(f.W-1), v*float64(f.H-1)
	height, _, _ = f.lie(x, y)
	cx, cy := int(math.Round(x)), int(math.Round(y))
	dx, dy := f.at(cx+1, cy)-f.at(cx-1, cy), f.at(cx, cy+1)-f.at(cx, cy-1)
	return height, [3]float32{float32(-factor / 2 * float64(dx)), 1, float32(-factor / 2 * float64(dy))}
}
