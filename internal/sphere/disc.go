package sphere

import (
	"image"
	"math"
)

// A Disc is the surroundings of a pole in stereographic projection, which keeps shapes: the pole is
// in the middle, and the front is below it for the upper pole, above it for the lower one.
type Disc struct {
	Upper bool
	// Scale is pixels per radian at the pole.
	Scale float64
	// Side is the side of the picture in pixels.
	Side int
}

// NewDisc is the disc around a pole of a panorama that reaches to an angle from it in radians, in as
// many pixels as the panorama has in a column there.
func (p Panorama) NewDisc(upper bool, angle float64) Disc {
	d := Disc{Upper: upper, Scale: float64(p.Rect.Dy()) / math.Pi}
	d.Side = 2 * int(math.Ceil(d.Radius(angle)))
	return d
}

// Radius is the distance from the middle, in pixels, of an angle from the pole in radians.
func (d Disc) Radius(angle float64) float64 { return 2 * math.Tan(angle/2) * d.Scale }

// Angle is the angle from the pole of a pixel.
func (d Disc) Angle(x, y int) float64 {
	dx, dy := d.offset(x, y)
	return 2 * math.Atan(math.Hypot(dx, dy)/(2*d.Scale))
}

func (d Disc) offset(x, y int) (dx, dy float64) {
	return float64(x) + 0.5 - float64(d.Side)/2, float64(y) + 0.5 - float64(d.Side)/2
}

// Picture draws the surroundings of the pole.
func (d Disc) Picture(p Panorama) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, d.Side, d.Side))
	for y := range d.Side {
		for x := range d.Side {
			dx, dy := d.offset(x, y)
			latitude := math.Pi/2 - d.Angle(x, y)
			if !d.Upper {
				latitude, dy = -latitude, -dy
			}
			put(out, x, y, p.Sample(p.Place(math.Atan2(dx, dy), latitude)))
		}
	}
	return out
}

// Draw draws the picture of a disc on a panorama, up to an angle from the pole; from soft to it, less
// and less.
func (d Disc) Draw(on Panorama, img *image.NRGBA, soft, angle float64) {
	for y := range on.Rect.Dy() {
		for x := range on.Rect.Dx() {
			longitude, latitude := on.Direction(float64(x)+0.5, float64(y)+0.5)
			if !d.Upper {
				latitude = -latitude
			}
			from := math.Pi/2 - latitude
			if from >= angle {
				continue
			}
			sin, cos := math.Sincos(longitude)
			if !d.Upper {
				cos = -cos
			}
			r := d.Radius(from)
			colour := sample(img, float64(d.Side)/2+r*sin, float64(d.Side)/2+r*cos, false)
			if from > soft {
				share := (angle - from) / (angle - soft)
				px := on.Pix[y*on.Stride+4*x:]
				for c := range colour {
					colour[c] = share*colour[c] + (1-share)*float64(px[c])
				}
			}
			put(on.NRGBA, x, y, colour)
		}
	}
}
