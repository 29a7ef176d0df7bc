// Package sphere maps pictures of the whole sphere: equirectangular panoramas, whose columns are
// longitudes and rows latitudes, cube maps, and discs around a pole.
package sphere

import (
	"image"
	"math"
)

// A Panorama is an equirectangular picture of 360° × 180°. Its middle column is in front.
type Panorama struct{ *image.NRGBA }

// New is a black panorama, half as high as wide.
func New(width int) Panorama { return Panorama{image.NewNRGBA(image.Rect(0, 0, width, width/2))} }

// Of is the place of a direction in the picture, in pixels, whose centres are at halves. X is to the
// right, Y up and Z to the front; the length is of no concern.
func (p Panorama) Of(x, y, z float64) (column, row float64) {
	longitude, latitude := math.Atan2(x, z), math.Atan2(y, math.Hypot(x, z))
	return p.Place(longitude, latitude)
}

// Place is the column and row of a longitude, positive to the right, and a latitude, positive
// upwards, both in radians.
func (p Panorama) Place(longitude, latitude float64) (column, row float64) {
	w, h := float64(p.Rect.Dx()), float64(p.Rect.Dy())
	return (longitude/(2*math.Pi) + 0.5) * w, (0.5 - latitude/math.Pi) * h
}

// Direction is the longitude and latitude of a place.
func (p Panorama) Direction(column, row float64) (longitude, latitude float64) {
	w, h := float64(p.Rect.Dx()), float64(p.Rect.Dy())
	return (column/w - 0.5) * 2 * math.Pi, (0.5 - row/h) * math.Pi
}

// Sample interpolates between the four pixels around a place: around the sphere, across no pole.
func (p Panorama) Sample(column, row float64) [4]float64 {
	return sample(p.NRGBA, column, row, true)
}

// sample interpolates; beyond its edges a picture goes on with the pixels there, or around.
func sample(img *image.NRGBA, column, row float64, around bool) (out [4]float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x, y := math.Floor(column-0.5), math.Floor(row-0.5)
	fx, fy := column-0.5-x, row-0.5-y
	for dy := range 2 {
		for dx := range 2 {
			cx, cy := int(x)+dx, min(max(int(y)+dy, 0), h-1)
			if around {
				cx = ((cx % w) + w) % w
			}
			cx = min(max(cx, 0), w-1)
			weight := math.Abs(1-float64(dx)-fx) * math.Abs(1-float64(dy)-fy)
			px := img.Pix[cy*img.Stride+4*cx:]
			for c := range out {
				out[c] += weight * float64(px[c])
			}
		}
	}
	return out
}

// put stores a colour.
func put(img *image.NRGBA, x, y int, colour [4]float64) {
	px := img.Pix[y*img.Stride+4*x:]
	for c, v := range colour {
		px[c] = uint8(min(max(v+0.5, 0), 255))
	}
}

// Faces are the names of the faces of a cube map, in the order of OpenGL, seen from inside: right,
// left, above, below, in front and behind.
var Faces = []string{"px", "nx", "py", "ny", "pz", "nz"}

// ray is the direction of a place on a face, from -1 to 1 to the right and downwards (OpenGL 4.6,
// section 8.13).
func ray(face int, s, t float64) (x, y, z float64) {
	switch face {
	case 0:
		return 1, -t, -s
	case 1:
		return -1, -t, s
	case 2:
		return s, 1, t
	case 3:
		return s, -1, -t
	case 4:
		return s, -t, 1
	}
	return -s, -t, -1
}

// Face is a face of the cube map, by its index in [Faces], with a side in pixels. Each pixel is the
// mean of four samples.
func (p Panorama) Face(face, side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var sum [4]float64
			for k := range 4 {
				s := (float64(x)+0.25+0.5*float64(k%2))/float64(side)*2 - 1
				t := (float64(y)+0.25+0.5*float64(k/2))/float64(side)*2 - 1
				for c, v := range p.Sample(p.Of(ray(face, s, t))) {
					sum[c] += v / 4
				}
			}
			put(out, x, y, sum)
		}
	}
	return out
}

// cross is where the faces lie in a cross, in sides to the right and downwards.
var cross = [6]image.Point{{2, 1}, {0, 1}, {1, 0}, {1, 2}, {1, 1}, {3, 1}}

// Cross is the cube map unfolded into a lying cross of 4 × 3 faces, transparent around it.
func (p Panorama) Cross(side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, 4*side, 3*side))
	for i, at := range cross {
		face := p.Face(i, side)
		for y := range side {
			copy(out.Pix[(at.Y*side+y)*out.Stride+4*at.X*side:], face.Pix[y*face.Stride:][:4*side])
		}
	}
	return out
}
