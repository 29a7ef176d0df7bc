package music

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The measures of a piano roll, in pixels.
const (
	rollLeft   = 56
	rollTop    = 16
	rollBottom = 40
	rollRight  = 16
	rollRow    = 9 // of a pitch
	rollBeat   = 28
	rollWide   = 1900 // beyond which beats become narrower
	rollWidest = 8000
	rollLegend = 22
	textSize   = 12
	leastRows  = 24
	mostNamed  = 32 // parts; what is more is counted
)

// partColours tell parts apart, also for people who do not see all colours (Okabe and Ito
// 2008).
var partColours = []color.RGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {90, 90, 90, 255}, {178, 166, 20, 255},
}

var (
	rollPaper  = color.RGBA{255, 255, 255, 255}
	rollBlack  = color.RGBA{240, 240, 244, 255} // rows of black keys
	rollOctave = color.RGBA{200, 200, 208, 255}
	rollBar    = color.RGBA{150, 150, 160, 255}
	rollLine   = color.RGBA{226, 226, 232, 255} // beats
	rollInk    = color.RGBA{50, 50, 60, 255}
)

var rollFace = sync.OnceValues(func() (font.Face, error) {
	f, err := opentype.Parse(liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingFull})
})

// A roll is a picture of a piece that is being drawn.
type roll struct {
	*image.RGBA
	face      font.Face
	score     *Score
	bars      []Bar
	low, high int     // pitches
	scale     float64 // pixels per tick
	end       int64
}

// Roll draws the piece as a piano roll: time to the right, pitch upwards, a colour for each
// part, lines for beats and bars.
func (s *Score) Roll() (image.Image, error) {
	face, err := rollFace()
	if err != nil {
		return nil, err
	}
	r := &roll{face: face, score: s, bars: s.Bars(), end: max(1, s.lastEnd())}
	if b := last(r.bars); b.At+b.Length > r.end && b.At < r.end {
		r.end = b.At + b.Length
	}
	r.span()
	beats := float64(r.end) / float64(s.Quarter)
	wide := min(max(beats*rollBeat, 400), rollWide)
	wide = min(max(wide, beats*6), rollWidest)
	r.scale = wide / float64(r.end)
	legend := (min(len(s.Parts), mostNamed) + 3) / 4 * rollLegend
	r.RGBA = image.NewRGBA(image.Rect(0, 0, rollLeft+int(wide)+rollRight, rollTop+r.rows()*rollRow+rollBottom+legend))
	draw.Draw(r, r.Rect, image.NewUniform(rollPaper), image.Point{}, draw.Src)
	r.grid()
	r.notes()
	r.legend()
	return r, nil
}

// span finds the pitches that are shown, whole octaves apart where there is room.
func (r *roll) span() {
	r.low, r.high = 127, 0
	for i := range r.score.Parts {
		low, high := r.score.Parts[i].Span()
		r.low, r.high = min(r.low, int(low)), max(r.high, int(high))
	}
	r.low, r.high = max(0, r.low-2), min(127, r.high+2)
	for r.high-r.low+1 < leastRows {
		r.low, r.high = max(0, r.low-1), min(127, r.high+1)
	}
}

func (r *roll) rows() int { return r.high - r.low + 1 }

// x is the place of a tick, y the upper edge of a pitch.
func (r *roll) x(tick int64) int { return rollLeft + int(float64(tick)*r.scale+.5) }
func (r *roll) y(pitch int) int  { return rollTop + (r.high-pitch)*rollRow }
func (r *roll) bottom() int      { return rollTop + r.rows()*rollRow }
func (r *roll) fill(x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(r, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

// text writes a text that begins at a place, ends there, or has its middle there.
func (r *roll) text(x, y int, text string, along float64) {
	d := font.Drawer{Dst: r, Src: image.NewUniform(rollInk), Face: r.face}
	width := d.MeasureString(text).Round()
	d.Dot = fixed.P(x-int(float64(width)*along), y)
	for _, letter := range text { // one by one: small letters are kerned too tightly
		d.DrawString(string(letter))
	}
}

// grid draws what is behind the notes.
func (r *roll) grid() {
	right := r.x(r.end)
	for pitch := r.low; pitch <= r.high; pitch++ {
		switch pitch % 12 {
		case 1, 3, 6, 8, 10:
			r.fill(rollLeft, r.y(pitch), right, r.y(pitch)+rollRow, rollBlack)
		case 0:
			r.fill(rollLeft, r.y(pitch)+rollRow-1, right, r.y(pitch)+rollRow, rollOctave)
			r.text(rollLeft-6, r.y(pitch)+rollRow, fmt.Sprintf("C%d", pitch/12-1), 1)
		}
	}
	const roomForNumber, roomForBeat = 36, 6
	lastNumber := -roomForNumber
	for _, b := range r.bars {
		beat := 4 * int64(r.score.Quarter) / int64(b.Meter.Unit)
		if float64(beat)*r.scale >= roomForBeat {
			for at := b.At + beat; at < b.At+b.Length; at += beat {
				r.fill(r.x(at), rollTop, r.x(at)+1, r.bottom(), rollLine)
			}
		}
		x := r.x(b.At)
		if float64(b.Length)*r.scale >= 3 {
			r.fill(x, rollTop, x+1, r.bottom(), rollBar)
		}
		if b.Number > 0 && x-lastNumber >= roomForNumber {
			r.text(x, r.bottom()+15, fmt.Sprint(b.Number), 0)
			lastNumber = x
		}
	}
	r.fill(right, rollTop, right+1, r.bottom(), rollBar)
	r.text((rollLeft+right)/2, r.bottom()+32, "bar", .5)
	r.text(rollLeft-6, rollTop-4, "pitch", 1) // above the names of octaves
}

// notes draws the notes of each part; louder ones are darker.
func (r *roll) notes() {
	for i := len(r.score.Parts) - 1; i >= 0; i-- { // the first, which leads, on top
		c := partColours[i%len(partColours)]
		edge := shade(c, .6)
		for _, n := range r.score.Parts[i].Notes {
			x0, y := r.x(n.At), r.y(int(n.Pitch))
			x1 := max(x0+2, r.x(n.At+n.Length)-1)
			r.fill(x0, y+1, x1, y+rollRow-1, edge)
			if x1-x0 > 2 {
				loud := float64(n.Velocity) / 127
				r.fill(x0+1, y+2, x1-1, y+rollRow-2, shade(c, 1.45-.55*loud))
			}
		}
	}
}

// legend names the parts.
func (r *roll) legend() {
	column := (r.Rect.Dx() - rollLeft) / 4
	for i := range min(len(r.score.Parts), mostNamed) {
		x, y := rollLeft+i%4*column, r.bottom()+rollBottom+i/4*rollLegend
		r.fill(x, y, x+12, y+12, partColours[i%len(partColours)])
		name := []rune(r.score.Parts[i].Label())
		if most := max(3, column/8-2); len(name) > most {
			name = append(name[:most-1], '…')
		}
		label := string(name)
		if more := len(r.score.Parts) - mostNamed; more > 0 && i == mostNamed-1 {
			label = fmt.Sprintf("and %d more", more+1)
		}
		r.text(x+18, y+11, label, 0)
	}
}

// shade makes a colour darker, below 1, or lighter.
func shade(c color.RGBA, by float64) color.RGBA {
	if by <= 1 {
		return color.RGBA{uint8(float64(c.R) * by), uint8(float64(c.G) * by), uint8(float64(c.B) * by), 255}
	}
	light := func(v uint8) uint8 { return uint8(255 - (255-float64(v))*(2-by)) }
	return color.RGBA{light(c.R), light(c.G), light(c.B), 255}
}
