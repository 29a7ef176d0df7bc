package patch

import (
	"image"

	"golang.org/x/image/draw"
)

// Settings of frames: lines around a picture that are plain, as scans leave them.
const (
	mostFrame  = 8   // lines on a side; more that are plain are part of the picture
	frameSoft  = 3   // lines behind them that they shade
	frameLevel = 2.5 // mean deviation of a plain line, in levels
	frameStep  = 5   // least mean difference between a frame and what is behind it, in levels
)

// Unframed is a picture without plain lines around it, which would be copied and would colour what is
// next to them; the picture itself if it has none.
func Unframed(img *image.NRGBA) *image.NRGBA {
	r := img.Rect
	inner := r
	across := func(y int) []uint8 { return lineOf(img, r.Min.X, y, 1, 0, r.Dx()) }
	down := func(x int) []uint8 { return lineOf(img, x, r.Min.Y, 0, 1, r.Dy()) }
	inner.Min.Y += frame(r.Dy(), func(i int) []uint8 { return across(r.Min.Y + i) })
	inner.Max.Y -= frame(r.Dy(), func(i int) []uint8 { return across(r.Max.Y - 1 - i) })
	inner.Min.X += frame(r.Dx(), func(i int) []uint8 { return down(r.Min.X + i) })
	inner.Max.X -= frame(r.Dx(), func(i int) []uint8 { return down(r.Max.X - 1 - i) })
	if inner == r {
		return img
	}
	out := image.NewNRGBA(image.Rectangle{Max: inner.Size()})
	draw.Draw(out, out.Rect, img, inner.Min, draw.Src)
	return out
}

// lineOf are the colours of n pixels in a row or a column.
func lineOf(img *image.NRGBA, x, y, dx, dy, n int) []uint8 {
	line := make([]uint8, 0, 3*n)
	for i := range n {
		line = append(line, img.Pix[img.PixOffset(x+i*dx, y+i*dy):][:3]...)
	}
	return line
}

// frame is how many of n lines, counted from outside, are a frame or shaded by one; 0 if there is none.
func frame(n int, line func(i int) []uint8) int {
	if n < 4*(mostFrame+frameSoft) {
		return 0
	}
	wide := 0
	for wide <= mostFrame && plain(line(wide)) {
		wide++
	}
	if wide == 0 || wide > mostFrame || linesApart(line(wide-1), line(wide+frameSoft)) < frameStep {
		return 0
	}
	return wide + frameSoft
}

// plain reports whether a line has one colour.
func plain(line []uint8) bool {
	var mean [3]float64
	n := float64(len(line) / 3)
	for i, v := range line {
		mean[i%3] += float64(v) / n
	}
	off := 0.0
	for i, v := range line {
		off += max(float64(v)-mean[i%3], mean[i%3]-float64(v))
	}
	return off <= frameLevel*float64(len(line))
}

// linesApart is the mean difference of two lines.
func linesApart(a, b []uint8) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i]), int(b[i])) - min(int(a[i]), int(b[i]))
	}
	return float64(sum) / float64(len(a))
}
