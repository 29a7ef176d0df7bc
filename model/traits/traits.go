// Package traits measures properties of pictures that can be named: how bright, how wide, how red.
package traits

import (
	"math"

	"atelier/data"
)

// A Trait is a property of pictures.
type Trait struct {
	Name string
	// Measure is the property of a picture.
	Measure func(*Picture) float64
	// Coloured traits need three channels.
	Coloured bool
}

// A Picture is a picture to measure, with values from 0 to 1.
type Picture struct {
	Height, Width, Channels int
	Values                  []float64 // [height, width, channels]

	grey  []float64 // [height, width]
	paper float64   // the grey of the border
	ink   []float64 // [height, width]: how far a pixel is from the paper
}

// Of is the picture in a row of a column of pixels.
func Of(f data.Field, row []float32) *Picture {
	p := &Picture{Height: f.Shape[0], Width: f.Shape[1], Channels: f.Shape[2], Values: make([]float64, len(row))}
	for i, v := range row {
		p.Values[i] = (float64(v) - float64(f.Low)) / (float64(f.High) - float64(f.Low))
	}
	n := p.Height * p.Width
	p.grey, p.ink = make([]float64, n), make([]float64, n)
	border, count := 0., 0.
	for i := range n {
		for c := range min(p.Channels, 3) {
			p.grey[i] += p.Values[i*p.Channels+c] / float64(min(p.Channels, 3))
		}
		if y, x := i/p.Width, i%p.Width; y == 0 || x == 0 || y == p.Height-1 || x == p.Width-1 {
			border += p.grey[i]
			count++
		}
	}
	p.paper = border / count
	for i := range p.ink {
		p.ink[i] = math.Abs(p.grey[i] - p.paper)
	}
	return p
}

// drawn is the ink from which a pixel belongs to the subject.
const drawn = 0.15

// Drawn reports whether a pixel belongs to the subject: it differs from the border.
func (p *Picture) Drawn(i int) bool { return p.ink[i] > drawn }

// Grey is the brightness of a pixel.
func (p *Picture) Grey(i int) float64 { return p.grey[i] }

// all are the traits of [For].
var all = []Trait{
	{"brightness", func(p *Picture) float64 { return mean(p.grey) }, false},
	{"contrast", contrast, false},
	{"area", area, false},
	{"width", func(p *Picture) float64 { w, _ := p.spread(); return w }, false},
	{"height", func(p *Picture) float64 { _, h := p.spread(); return h }, false},
	{"slimness", func(p *Picture) float64 { w, h := p.spread(); return math.Log((h + 0.02) / (w + 0.02)) }, false},
	{"position across", func(p *Picture) float64 { x, _ := p.centre(); return x }, false},
	{"position down", func(p *Picture) float64 { _, y := p.centre(); return y }, false},
	{"slant", slant, false},
	{"asymmetry", asymmetry, false},
	{"texture", texture, false},
	{"redness", func(p *Picture) float64 { return p.tint(0) }, true},
	{"greenness", func(p *Picture) float64 { return p.tint(1) }, true},
	{"blueness", func(p *Picture) float64 { return p.tint(2) }, true},
}

// For are the traits that pictures of a field have.
func For(f data.Field) (kept []Trait) {
	for _, t := range all {
		if !t.Coloured || f.Shape[2] >= 3 {
			kept = append(kept, t)
		}
	}
	return kept
}

// Measured are all traits of all pictures of a column, [pictures][traits].
func Measured(of []Trait, c *data.Column, n int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		p := Of(c.Field, c.Row(i))
		for _, t := range of {
			out[i] = append(out[i], t.Measure(p))
		}
	}
	return out
}

func mean(x []float64) float64 {
	sum := 0.
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func contrast(p *Picture) float64 {
	m, sum := mean(p.grey), 0.
	for _, v := range p.grey {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(p.grey)))
}

// area is the share of the picture that the subject covers.
func area(p *Picture) float64 {
	n := 0
	for i := range p.ink {
		if p.Drawn(i) {
			n++
		}
	}
	return float64(n) / float64(len(p.ink))
}

// centre is the centre of the ink, 0 to 1 across and down; the middle if there is none.
func (p *Picture) centre() (x, y float64) {
	sum := 0.
	for i, v := range p.ink {
		sum += v
		x += v * float64(i%p.Width)
		y += v * float64(i/p.Width)
	}
	if sum == 0 {
		return 0.5, 0.5
	}
	return x / sum / float64(max(1, p.Width-1)), y / sum / float64(max(1, p.Height-1))
}

// spread is the standard deviation of the ink across and down.
func (p *Picture) spread() (width, height float64) {
	xx, _, yy := p.moments()
	return math.Sqrt(xx), math.Sqrt(yy)
}

func (p *Picture) moments() (xx, xy, yy float64) {
	cx, cy := p.centre()
	sum := 0.
	for i, v := range p.ink {
		dx, dy := float64(i%p.Width)/float64(max(1, p.Width-1))-cx, float64(i/p.Width)/float64(max(1, p.Height-1))-cy
		sum += v
		xx, xy, yy = xx+v*dx*dx, xy+v*dx*dy, yy+v*dy*dy
	}
	if sum == 0 {
		return 0, 0, 0
	}
	return xx / sum, xy / sum, yy / sum
}

// slant is the correlation of the places of the ink across and down: positive if it falls to the
// right.
func slant(p *Picture) float64 {
	xx, xy, yy := p.moments()
	return xy / (math.Sqrt(xx*yy) + 1e-9)
}

// asymmetry is the mean difference of a picture from its mirror image.
func asymmetry(p *Picture) float64 {
	sum := 0.
	for i, v := range p.grey {
		y, x := i/p.Width, i%p.Width
		sum += math.Abs(v - p.grey[y*p.Width+p.Width-1-x])
	}
	return sum / float64(len(p.grey))
}

// texture is the mean difference of neighbouring pixels.
func texture(p *Picture) float64 {
	sum, n := 0., 0.
	for i, v := range p.grey {
		if x := i % p.Width; x > 0 {
			sum, n = sum+math.Abs(v-p.grey[i-1]), n+1
		}
		if i >= p.Width {
			sum, n = sum+math.Abs(v-p.grey[i-p.Width]), n+1
		}
	}
	return sum / max(n, 1)
}

// tint is the mean of a channel less that of all.
func (p *Picture) tint(channel int) float64 {
	sum := 0.
	for i := range p.grey {
		sum += p.Values[i*p.Channels+channel] - p.grey[i]
	}
	return sum / float64(len(p.grey))
}
