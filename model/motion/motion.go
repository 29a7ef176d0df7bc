// Package motion moves pictures by flow fields, in loops without a seam.
package motion

import (
	"image"
	"math"

	"atelier/internal/noise"
)

// A Flow says how each pixel moves.
type Flow struct {
	// Angle is where it goes, in degrees: 0 to the right, 90 up.
	Angle float64
	// Speed is how far it goes in a loop, in pixels.
	Speed float64
	// Swirl is how much the direction differs from place to place, from 0 to 1, and Seed how.
	Swirl float64
	Seed  uint64
}

// swirlCells is the number of cells along the longer side of the noise of a flow.
const swirlCells = 4

// A Field is the flow of each pixel of a picture, in pixels per loop.
type Field struct {
	W, H int
	X, Y []float64
	// Share is how much each pixel moves, 0 to 1; nil moves all alike.
	Share []float64
}

// Field is the flow of the pixels of a picture. Where a mask of its size is dark nothing moves, and
// half as fast where it is grey; nil moves all.
func (f Flow) Field(size image.Point, mask *image.Gray) *Field {
	out := &Field{W: size.X, H: size.Y, X: make([]float64, size.X*size.Y), Y: make([]float64, size.X*size.Y)}
	turn := smoothNoise(f.Seed)
	cell := float64(max(size.X, size.Y)) / swirlCells
	for y := range size.Y {
		for x := range size.X {
			i := y*size.X + x
			angle := f.Angle*math.Pi/180 + f.Swirl*math.Pi*turn(float64(x)/cell, float64(y)/cell)
			out.X[i], out.Y[i] = f.Speed*math.Cos(angle), -f.Speed*math.Sin(angle)
		}
	}
	if mask != nil {
		out.Share = make([]float64, size.X*size.Y)
		for i := range out.Share {
			out.Share[i] = float64(mask.Pix[i/size.X*mask.Stride+i%size.X]) / 255
		}
	}
	return out
}

// smoothNoise is noise from -1 to 1 that is interpolated smoothly between whole numbers (value
// noise).
func smoothNoise(seed uint64) func(x, y float64) float64 {
	corner := func(x, y int) float64 {
		return 2*float64(noise.Bits(noise.Bits(seed^noise.Bits(uint64(x)))^uint64(y))>>11)/(1<<53) - 1
	}
	smooth := func(t float64) float64 { return t * t * (3 - 2*t) }
	return func(x, y float64) float64 {
		left, top := math.Floor(x), math.Floor(y)
		a, b := int(left), int(top)
		fx, fy := smooth(x-left), smooth(y-top)
		above := (1-fx)*corner(a, b) + fx*corner(a+1, b)
		below := (1-fx)*corner(a, b+1) + fx*corner(a+1, b+1)
		return (1-fy)*above + fy*below
	}
}

// at is the flow at a point, of the pixel that it is in.
func (f *Field) at(x, y float64) (dx, dy float64) {
	a, b := min(max(int(x+0.5), 0), f.W-1), min(max(int(y+0.5), 0), f.H-1)
	i := b*f.W + a
	if f.Share != nil {
		return f.X[i] * f.Share[i], f.Y[i] * f.Share[i]
	}
	return f.X[i], f.Y[i]
}

// walkSteps is the number of steps in which a flow is followed through a loop.
const walkSteps = 24

// Drift is a picture that drifts along a field, at a share of the loop, 0 to 1. Two copies that are
// half a loop apart fade into each other, each of them while it jumps back, so that the end joins
// the beginning (as in cinemagraphs by flow: Holynski et al. 2020, arXiv:2011.15128).
func Drift(img *image.NRGBA, f *Field, at float64) *image.NRGBA {
	fade := func(phase float64) float64 { return 1 - math.Abs(2*phase-1) } // none where it jumps
	first, second := math.Mod(at, 1), math.Mod(at+0.5, 1)
	a := warped(img, f, func(x, y float64) (float64, float64) { return f.back(x, y, first-0.5) })
	b := warped(img, f, func(x, y float64) (float64, float64) { return f.back(x, y, second-0.5) })
	return mixed(a, b, fade(second))
}

// back is where a point was some loops ago, by following the flow in small steps.
func (f *Field) back(x, y, loops float64) (float64, float64) {
	n := int(math.Ceil(math.Abs(loops) * walkSteps))
	for range n {
		dx, dy := f.at(x, y)
		x, y = x-dx*loops/float64(n), y-dy*loops/float64(n)
	}
	return x, y
}

// Sway is a picture that sways to and fro along a field, at a share of the loop: waves run across
// it, so many along its longer side.
func Sway(img *image.NRGBA, f *Field, waves, at float64) *image.NRGBA {
	long := float64(max(f.W, f.H))
	return warped(img, f, func(x, y float64) (float64, float64) {
		dx, dy := f.at(x, y)
		phase := 2 * math.Pi * (at - waves*(x+y)/long)
		move := math.Sin(phase) / 2
		return x - dx*move, y - dy*move
	})
}

// warped takes each pixel from another point of the picture.
func warped(img *image.NRGBA, f *Field, from func(x, y float64) (float64, float64)) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, f.W, f.H))
	for y := range f.H {
		for x := range f.W {
			i := y*f.W + x
			to := out.Pix[4*i : 4*i+4]
			if f.Share != nil && f.Share[i] == 0 {
				copy(to, img.Pix[y*img.Stride+4*x:])
				continue
			}
			sx, sy := from(float64(x), float64(y))
			sample(img, sx, sy, to)
		}
	}
	return out
}

// mirrored folds a coordinate into the picture.
func mirrored(v, n int) int {
	if n == 1 {
		return 0
	}
	v %= 2 * (n - 1)
	if v < 0 {
		v += 2 * (n - 1)
	}
	return min(v, 2*(n-1)-v)
}

// sample interpolates bilinearly between four pixels, with premultiplied colours. Beyond the edges
// the picture is mirrored.
func sample(img *image.NRGBA, x, y float64, to []uint8) {
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := x-left, y-top
	var sum [4]float64
	for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		px := mirrored(int(left)+k%2, img.Rect.Dx())
		py := mirrored(int(top)+k/2, img.Rect.Dy())
		p := img.Pix[py*img.Stride+4*px:][:4]
		alpha := weight * float64(p[3])
		for c := range 3 {
			sum[c] += alpha * float64(p[c])
		}
		sum[3] += alpha
	}
	if sum[3] == 0 {
		clear(to)
		return
	}
	for c := range 3 {
		to[c] = uint8(min(sum[c]/sum[3]+0.5, 255))
	}
	to[3] = uint8(min(sum[3]+0.5, 255))
}

// mixed is a share of the way from one picture to another.
func mixed(a, b *image.NRGBA, share float64) *image.NRGBA {
	out := image.NewNRGBA(a.Rect)
	for i := 0; i < len(out.Pix); i += 4 {
		wa, wb := (1-share)*float64(a.Pix[i+3]), share*float64(b.Pix[i+3])
		if wa+wb == 0 {
			continue
		}
		for c := range 3 {
			out.Pix[i+c] = uint8((wa*float64(a.Pix[i+c])+wb*float64(b.Pix[i+c]))/(wa+wb) + 0.5)
		}
		out.Pix[i+3] = uint8(wa + wb + 0.5)
	}
	return out
}
