package app

import (
	"image"
	"image/color"
)

// trimmed is the part of a picture that is not wholly transparent.
func trimmed(img *image.NRGBA) image.Rectangle {
	part := image.Rectangle{}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.Pix[y*img.Stride+4*x+3] > 0 {
				part = part.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return part
}

// Distances of colours, in the largest channel: within near, a pixel is background; up to far, beside
// the background, it is partly so.
const (
	nearGround = 24
	farGround  = 96
)

// clear makes the background of a picture transparent.
func (a Sprites) clear(img *image.NRGBA) {
	var ground color.NRGBA
	switch a.Background {
	case backgroundKeep:
		return
	case backgroundAuto:
		var ok bool
		if ground, ok = rimColour(img); !ok {
			return
		}
	default:
		ground, _ = parseColour("background", a.Background) // checked
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	outside := make([]bool, w*h)
	var todo []int
	reach := func(i int) {
		if !outside[i] && distance(img.Pix[4*i:], ground) <= nearGround {
			outside[i] = true
			todo = append(todo, i)
		}
	}
	for i := range outside {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			reach(i)
		}
	}
	beside := func(i int, do func(int)) {
		x, y := i%w, i/w
		for _, n := range []struct {
			ok bool
			at int
		}{{x > 0, i - 1}, {x < w-1, i + 1}, {y > 0, i - w}, {y < h-1, i + w}} {
			if n.ok {
				do(n.at)
			}
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		beside(i, reach)
	}
	edge := map[int]bool{}
	for i, out := range outside {
		if out {
			beside(i, func(n int) { edge[n] = edge[n] || !outside[n] })
		}
	}
	for i, out := range outside {
		if out {
			copy(img.Pix[4*i:], []uint8{0, 0, 0, 0})
		} else if edge[i] {
			unmix(img.Pix[4*i:4*i+4], ground)
		}
	}
}

// distance is that of a pixel from a colour, in the largest channel.
func distance(p []uint8, c color.NRGBA) int {
	most := 0
	for k, v := range [3]uint8{c.R, c.G, c.B} {
		d := int(p[k]) - int(v)
		most = max(most, d, -d)
	}
	return most
}

// unmix takes the background out of a pixel at the edge: the nearer its colour, the more transparent
// it is.
func unmix(p []uint8, ground color.NRGBA) {
	share := min(1, float64(distance(p, ground))/farGround)
	for k, v := range [3]uint8{ground.R, ground.G, ground.B} {
		p[k] = uint8(min(255, max(0, float64(v)+(float64(p[k])-float64(v))/max(share, 1.0/255)+0.5)))
	}
	p[3] = uint8(share*float64(p[3]) + 0.5)
}

// rimColour is the colour around an opaque picture; ok is false if it has no single one.
func rimColour(img *image.NRGBA) (c color.NRGBA, ok bool) {
	if !img.Opaque() {
		return c, false
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	c = img.NRGBAAt(0, 0)
	near, all := 0, 0
	for i := range w * h {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			all++
			if distance(img.Pix[4*i:], c) <= nearGround {
				near++
			}
		}
	}
	return c, 10*near >= 9*all && trimmable(img, c)
}

// trimmable reports whether a picture has anything but a colour.
func trimmable(img *image.NRGBA, c color.NRGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if distance(img.Pix[i:], c) > nearGround {
			return true
		}
	}
	return false
}
