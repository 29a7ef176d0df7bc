package terrain

import (
	"image"
	"image/color"
	"math"
)

// The kinds of ground, in the order of the channels of a splat map: red, green, blue and alpha.
const (
	Sand = iota
	Grass
	Rock
	Snow
	grounds
)

// Ground says what lies where.
type Ground struct {
	// Water is the height of the water, in [0, 1]; 0 for none. Snow is the height above which it
	// lies, and Steep the slope above which rock is bare: a rise over the way.
	Water, Snow, Steep float64
	// Factor is the height of a landscape of 1, in steps of the grid.
	Factor float64
}

// smooth goes from 0 at low to 1 at high.
func smooth(low, high, x float64) float64 {
	t := min(1, max(0, (x-low)/(high-low)))
	return t * t * (3 - 2*t)
}

// at is the share of each kind of ground at a point; together they are 1.
func (g Ground) at(f *Field, x, y int) (shares [grounds]float64) {
	h, slope := float64(f.at(x, y)), f.Slope(x, y, g.Factor)
	bare := smooth(0.8*g.Steep, 1.2*g.Steep, slope)
	snow := smooth(g.Snow-0.06, g.Snow+0.06, h)
	beach := 0.0
	if g.Water > 0 {
		beach = 1 - smooth(g.Water+0.01, g.Water+0.04, h)
	}
	shares[Rock] = bare
	shares[Sand] = (1 - bare) * beach
	shares[Snow] = (1 - bare) * (1 - beach) * snow
	shares[Grass] = (1 - bare) * (1 - beach) * (1 - snow)
	return shares
}

// Splat is the splat map: the shares of sand, grass, rock and snow as red, green, blue and alpha,
// which are 255 together.
func (g Ground) Splat(f *Field) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, f.W, f.H))
	for i := range f.Heights {
		shares := g.at(f, i%f.W, i/f.W)
		left, most := 255, 0
		for k, s := range shares {
			v := int(s * 255)
			img.Pix[4*i+k] = uint8(v)
			if left -= v; shares[k] > shares[most] {
				most = k
			}
		}
		img.Pix[4*i+most] += uint8(left)
	}
	return img
}

// The colours of the grounds and of water.
var (
	groundColours = [grounds]color.NRGBA{{214, 196, 148, 255}, {104, 138, 72, 255}, {128, 118, 108, 255}, {242, 245, 248, 255}}
	deep, shallow = color.NRGBA{28, 66, 110, 255}, color.NRGBA{74, 134, 166, 255}
)

// Colours is the landscape as seen from above, in the colours of its grounds, with water where there
// is some. With light, it is shaded as by a sun in the north-west, as on maps.
func (g Ground) Colours(f *Field, light bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, f.W, f.H))
	for i, h := range f.Heights {
		x, y := i%f.W, i/f.W
		var c [3]float64
		bright := 1.0
		if under := g.Water - float64(h); under > 0 {
			t := smooth(0, 0.2, under)
			for k := range c {
				c[k] = float64([3]uint8{shallow.R, shallow.G, shallow.B}[k])*(1-t) + float64([3]uint8{deep.R, deep.G, deep.B}[k])*t
			}
		} else {
			for kind, s := range g.at(f, x, y) {
				own := groundColours[kind]
				for k, v := range [3]uint8{own.R, own.G, own.B} {
					c[k] += s * float64(v)
				}
			}
			if light {
				bright = g.light(f, x, y)
			}
		}
		img.SetNRGBA(x, y, color.NRGBA{clamped(c[0] * bright), clamped(c[1] * bright), clamped(c[2] * bright), 255})
	}
	return img
}

// light is how bright a point is in the sun, 1 where it is flat.
func (g Ground) light(f *Field, x, y int) float64 {
	gx, gy := g.Factor*float64(f.at(x+1, y)-f.at(x-1, y))/2, g.Factor*float64(f.at(x, y+1)-f.at(x, y-1))/2
	return max(0.25, (0.65+0.55*gx+0.55*gy)/math.Sqrt(gx*gx+gy*gy+1)/0.65)
}

func clamped(v float64) uint8 { return uint8(min(255, max(0, v+0.5))) }
