package blend

import (
	"image"
	"math"
)

// mostStretch is by how much the spread of colours changes at most.
const mostStretch = 2

// Harmonise moves the colours of a picture that is laid on another of the same size towards those
// around it: mean and spread of lightness and of both opponent colours (in Oklab, Ottosson 2020)
// become, at strength 1, those of what lies below it and around it. Transparency stays.
func Harmonise(below, above *image.NRGBA, strength float64) *image.NRGBA {
	out := &image.NRGBA{Pix: append([]uint8(nil), above.Pix...), Stride: above.Stride, Rect: above.Rect}
	w, h := above.Rect.Dx(), above.Rect.Dy()
	there := make([]bool, w*h)
	for i := range there {
		there[i] = above.Pix[4*i+3] > 0
	}
	box := bounds(there, w)
	if box.Empty() {
		return out
	}
	room := box.Inset(-(box.Dx() + box.Dy()) / 8).Intersect(above.Rect)
	mean, spread := statistics(above, box)
	wantMean, wantSpread := statistics(below, room)
	for i := range there {
		if there[i] {
			lab := oklab([3]uint8(above.Pix[4*i : 4*i+3]))
			for c := range lab {
				stretch := min(max(wantSpread[c]/max(spread[c], 1e-4), 1.0/mostStretch), mostStretch)
				lab[c] += strength * ((lab[c]-mean[c])*stretch + wantMean[c] - lab[c])
			}
			rgb := srgb(lab)
			copy(out.Pix[4*i:], rgb[:])
		}
	}
	return out
}

// Recolour gives a picture mean and spread of the colours of another, of any size.
func Recolour(img, like *image.NRGBA) *image.NRGBA {
	out := &image.NRGBA{Pix: append([]uint8(nil), img.Pix...), Stride: img.Stride, Rect: img.Rect}
	mean, spread := statistics(img, img.Rect)
	wantMean, wantSpread := statistics(like, like.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		lab := oklab([3]uint8(img.Pix[i : i+3]))
		for c := range lab {
			stretch := min(max(wantSpread[c]/max(spread[c], 1e-4), 1.0/mostStretch), mostStretch)
			lab[c] = (lab[c]-mean[c])*stretch + wantMean[c]
		}
		rgb := srgb(lab)
		copy(out.Pix[i:], rgb[:])
	}
	return out
}

// Chroma gives a picture the lightness that it has and the opponent colours of another of the same
// size.
func Chroma(img, of *image.NRGBA) *image.NRGBA {
	out := &image.NRGBA{Pix: append([]uint8(nil), img.Pix...), Stride: img.Stride, Rect: img.Rect}
	for i := 0; i < len(img.Pix); i += 4 {
		lab, kept := oklab([3]uint8(img.Pix[i:i+3])), oklab([3]uint8(of.Pix[i:i+3]))
		rgb := srgb([3]float64{lab[0], kept[1], kept[2]})
		copy(out.Pix[i:], rgb[:])
	}
	return out
}

// statistics are mean and standard deviation of what is opaque in a part of a picture.
func statistics(img *image.NRGBA, part image.Rectangle) (mean, spread [3]float64) {
	var n float64
	var squares [3]float64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			p := img.Pix[y*img.Stride+4*x:]
			if p[3] < 128 {
				continue
			}
			n++
			for c, v := range oklab([3]uint8(p[:3])) {
				mean[c] += v
				squares[c] += v * v
			}
		}
	}
	for c := range mean {
		mean[c] /= max(n, 1)
		spread[c] = math.Sqrt(max(squares[c]/max(n, 1)-mean[c]*mean[c], 0))
	}
	return mean, spread
}

// linear are the 256 levels of sRGB as amounts of light.
var linear = func() (all [256]float64) {
	for i := range all {
		if v := float64(i) / 255; v <= 0.04045 {
			all[i] = v / 12.92
		} else {
			all[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return all
}()

func oklab(p [3]uint8) [3]float64 {
	r, g, b := linear[p[0]], linear[p[1]], linear[p[2]]
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

func srgb(lab [3]float64) (p [3]uint8) {
	l := lab[0] + 0.3963377774*lab[1] + 0.2158037573*lab[2]
	m := lab[0] - 0.1055613458*lab[1] - 0.0638541728*lab[2]
	s := lab[0] - 0.0894841775*lab[1] - 1.2914855480*lab[2]
	l, m, s = l*l*l, m*m*m, s*s*s
	for c, v := range [3]float64{4.0767416621*l - 3.3077115913*m + 0.2309699292*s, -1.2684380046*l + 2.6097574011*m - 0.3413193965*s, -0.0041960863*l - 0.7034186147*m + 1.7076147010*s} {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		p[c] = uint8(v*255 + 0.5)
	}
	return p
}
