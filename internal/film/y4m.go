package film

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// YUV4MPEG2 is uncompressed: a line of parameters, then for each frame a line and the planes Y, Cb
// and Cr (man page yuv4mpeg of mjpegtools). Colours are those of BT.601, grey frames have only Y;
// what is written has the full range and a chroma sample for each pixel.
const (
	y4mMark  = "YUV4MPEG2"
	y4mFrame = "FRAME"
	y4mLine  = 1024 // bytes of the longest line of parameters
	fullHint = "COLORRANGE=FULL"
)

func encodeY4M(of *Film) ([]byte, error) {
	size := of.Frames[0].Bounds().Size()
	grey := true
	for _, m := range of.Frames {
		if _, is := m.(*image.Gray); !is {
			grey = false
		}
	}
	chroma, planes := "C444", 3
	if grey {
		chroma, planes = "Cmono", 1
	}
	out := bytes.NewBuffer(make([]byte, 0, len(of.Frames)*(size.X*size.Y*planes+len(y4mFrame)+1)+128))
	fmt.Fprintf(out, "%s W%d H%d F%d:1 Ip A1:1 %s X%s\n", y4mMark, size.X, size.Y, of.Rate, chroma, fullHint)
	plane := make([]byte, planes*size.X*size.Y)
	for _, m := range of.Frames {
		out.WriteString(y4mFrame + "\n")
		if grey {
			g := m.(*image.Gray)
			for y := range size.Y {
				out.Write(g.Pix[y*g.Stride:][:size.X])
			}
			continue
		}
		pix, n := picture.NRGBA(m).Pix, size.X*size.Y
		for i := range n {
			plane[i], plane[n+i], plane[2*n+i] = color.RGBToYCbCr(pix[4*i], pix[4*i+1], pix[4*i+2])
		}
		out.Write(plane)
	}
	return out.Bytes(), nil
}

// y4mChromas are the arrangements of chroma that are read: how many pixels a sample spans.
var y4mChromas = map[string]image.Point{
	"": {2, 2}, "420": {2, 2}, "420jpeg": {2, 2}, "420mpeg2": {2, 2}, "420paldv": {2, 2}, "422": {2, 1}, "444": {1, 1}, "mono": {},
}

func openY4M(file []byte) (*Reel, error) {
	line, _, ok := bytes.Cut(file[:min(len(file), y4mLine)], []byte("\n"))
	if !ok {
		return nil, badinput.Errorf("the y4m file is damaged: its first line is too long")
	}
	rest := file[len(line)+1:]
	var size, span image.Point
	rate, full, chroma := 0, false, ""
	for _, word := range strings.Fields(string(line))[1:] {
		value := word[1:]
		switch word[0] {
		case 'W':
			size.X, _ = strconv.Atoi(value)
		case 'H':
			size.Y, _ = strconv.Atoi(value)
		case 'F':
			rate = rateOf(value)
		case 'C':
			chroma = value
		case 'X':
			full = full || value == fullHint
		}
	}
	span, known := y4mChromas[chroma]
	switch {
	case size.X < 1 || size.Y < 1 || size.X > picture.MaxPixels/size.Y:
		return nil, badinput.Errorf("the y4m file is of %d×%d pixels; want 1 to %d megapixels", size.X, size.Y, picture.MaxPixels>>20)
	case !known:
		return nil, badinput.Errorf("the y4m file has the chroma C%s; want C420, C422, C444 or Cmono, of 8 bits", chroma)
	}
	shape := y4mShape{size: size, span: span, full: full}
	n, all := 0, rest
	for ; len(all) > 0; n++ {
		_, after, err := shape.cut(all)
		if err != nil {
			return nil, err
		}
		all = after
	}
	return &Reel{N: n, Size: size, Rate: rate, Frames: func(yield func(image.Image, error) bool) {
		for all := rest; len(all) > 0; {
			frame, after, err := shape.cut(all)
			if err != nil {
				yield(nil, err)
				return
			}
			if all = after; !yield(shape.picture(frame), nil) {
				return
			}
		}
	}}, nil
}

// rateOf reads a rate such as 30000:1001, rounded; 0 if there is none.
func rateOf(text string) int {
	over, under, _ := strings.Cut(text, ":")
	a, _ := strconv.Atoi(over)
	b, _ := strconv.Atoi(under)
	if a < 1 || b < 1 {
		return 0
	}
	return max(1, int(float64(a)/float64(b)+0.5))
}

// y4mShape says how the planes of a frame lie.
type y4mShape struct {
	size, span image.Point // of the frame, and of the pixels that share a chroma sample; 0 for grey
	full       bool        // luma spans 0 to 255, not 16 to 235
}

// chroma is the size of a plane of chroma.
func (s y4mShape) chroma() image.Point {
	if s.span == (image.Point{}) {
		return image.Point{}
	}
	return image.Pt((s.size.X+s.span.X-1)/s.span.X, (s.size.Y+s.span.Y-1)/s.span.Y)
}

// cut takes the planes of the first frame.
func (s y4mShape) cut(rest []byte) (frame, after []byte, err error) {
	c := s.chroma()
	need := s.size.X*s.size.Y + 2*c.X*c.Y
	line, _, ok := bytes.Cut(rest[:min(len(rest), y4mLine)], []byte("\n"))
	if !ok || !bytes.HasPrefix(line, []byte(y4mFrame)) {
		return nil, nil, badinput.Errorf("the y4m file is damaged: a frame does not begin with %s", y4mFrame)
	}
	planes := rest[len(line)+1:]
	if len(planes) < need {
		return nil, nil, badinput.Errorf("the y4m file is cut short: its last frame has %d bytes of %d", len(planes), need)
	}
	return planes[:need], planes[need:], nil
}

// picture makes a picture of the planes of a frame.
func (s y4mShape) picture(frame []byte) image.Image {
	rect := image.Rectangle{Max: s.size}
	n, c := s.size.X*s.size.Y, s.chroma()
	luma := func(v byte) byte {
		if s.full {
			return v
		}
		return uint8(min(max((int(v)-16)*255+109, 0)/219, 255))
	}
	if c == (image.Point{}) {
		out := image.NewGray(rect)
		for i, v := range frame {
			out.Pix[i] = luma(v)
		}
		return out
	}
	out := image.NewNRGBA(rect)
	for i := range n {
		at := i/s.size.X/s.span.Y*c.X + i%s.size.X/s.span.X
		y, cb, cr := luma(frame[i]), frame[n+at], frame[n+c.X*c.Y+at]
		if !s.full { // 16 to 240
			cb, cr = wide(cb), wide(cr)
		}
		r, g, b := color.YCbCrToRGB(y, cb, cr)
		copy(out.Pix[4*i:], []byte{r, g, b, 255})
	}
	return out
}

// wide maps chroma from 16 to 240 to the full range.
func wide(v byte) byte { return uint8(min(max((float64(v)-128)*255/224+128.5, 0), 255)) }
