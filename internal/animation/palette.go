package animation

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"slices"

	"atelier/internal/picture"
)

// A palette is the palette shared by all frames.
type palette struct {
	colours color.Palette
	grey    bool // grey level i is colour i
	clear   bool // the last colour is transparent
}

const mostColours = 256

// paletteOf chooses a palette for the frames: all grey levels for grey frames, the colours
// themselves if they are few, and otherwise by median cut (Heckbert 1982,
// doi:10.1145/800064.801294).
func paletteOf(frames []image.Image) palette {
	if _, grey := frames[0].(*image.Gray); grey {
		p := palette{grey: true}
		for v := range mostColours {
			p.colours = append(p.colours, color.Gray{uint8(v)})
		}
		return p
	}
	count, most := map[[3]uint8]int{}, mostColours
	for _, m := range frames {
		pix := colours(m).Pix
		for i := 0; i < len(pix); i += 4 {
			if pix[i+3] >= seen {
				count[[3]uint8(pix[i:i+3])]++
			}
		}
	}
	translucent := isTranslucent(frames[0])
	if translucent {
		most--
	}
	all := box{}
	for c, n := range count {
		all = append(all, weighted{c, n})
	}
	boxes := []box{all}
	for len(boxes) < most {
		widest := -1
		for i, b := range boxes {
			if len(b) > 1 && (widest < 0 || b.worth() > boxes[widest].worth()) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		low, high := boxes[widest].cut()
		boxes[widest] = low
		boxes = append(boxes, high)
	}
	p := palette{clear: translucent}
	for _, b := range boxes {
		if len(b) > 0 {
			p.colours = append(p.colours, b.mean())
		}
	}
	if translucent {
		p.colours = append(p.colours, color.NRGBA{})
	}
	return p
}

// seen is the least alpha of a pixel that is shown by a GIF.
const seen = 128

// colours are the pixels of a frame.
func colours(m image.Image) *image.NRGBA {
	if t, is := m.(translucent); is {
		return t.NRGBA
	}
	return picture.NRGBA(m)
}

// draw maps a frame to the palette, with error diffusion (Floyd & Steinberg 1976).
func (p palette) draw(m image.Image) *image.Paletted {
	out := image.NewPaletted(image.Rectangle{Max: m.Bounds().Size()}, p.colours)
	if grey, ok := m.(*image.Gray); ok && p.grey {
		for y := range out.Rect.Dy() {
			copy(out.Pix[y*out.Stride:][:out.Rect.Dx()], grey.Pix[y*grey.Stride:])
		}
		return out
	}
	if !p.clear {
		draw.FloydSteinberg.Draw(out, out.Rect, m, m.Bounds().Min)
		return out
	}
	from, last := colours(m), uint8(len(p.colours)-1)
	opaque := image.NewNRGBA(from.Rect)
	copy(opaque.Pix, from.Pix)
	for i := 3; i < len(opaque.Pix); i += 4 {
		opaque.Pix[i] = 255
	}
	if last > 0 {
		out.Palette = p.colours[:last]
		draw.FloydSteinberg.Draw(out, out.Rect, opaque, opaque.Rect.Min)
		out.Palette = p.colours
	}
	for i := range out.Pix {
		if from.Pix[4*i+3] < seen {
			out.Pix[i] = last
		}
	}
	return out
}

// weighted is a colour and its number of pixels.
type weighted struct {
	colour [3]uint8
	n      int
}

// A box is a set of neighbouring colours.
type box []weighted

// span is the channel with the widest range, and that range.
func (b box) span() (channel, width int) {
	for ch := range 3 {
		low, high := 255, 0
		for _, w := range b {
			low, high = min(low, int(w.colour[ch])), max(high, int(w.colour[ch]))
		}
		if high-low > width {
			channel, width = ch, high-low
		}
	}
	return channel, width
}

func (b box) pixels() (n int) {
	for _, w := range b {
		n += w.n
	}
	return n
}

// worth is the priority of splitting the box.
func (b box) worth() int {
	_, width := b.span()
	return width * b.pixels()
}

// cut splits the box so that both halves have about equally many pixels.
func (b box) cut() (low, high box) {
	ch, _ := b.span()
	slices.SortFunc(b, func(v, w weighted) int {
		return cmp.Or(cmp.Compare(v.colour[ch], w.colour[ch]), slices.Compare(v.colour[:], w.colour[:]))
	})
	half, sum, at := b.pixels()/2, 0, 0
	for at < len(b)-1 && (at == 0 || sum+b[at].n <= half) {
		sum += b[at].n
		at++
	}
	return b[:at:at], b[at:]
}

func (b box) mean() color.NRGBA {
	var sum [3]int
	for _, w := range b {
		for ch := range sum {
			sum[ch] += int(w.colour[ch]) * w.n
		}
	}
	n := b.pixels()
	level := func(ch int) uint8 { return uint8((sum[ch] + n/2) / n) }
	return color.NRGBA{level(0), level(1), level(2), 255}
}
