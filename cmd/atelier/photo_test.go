package main

import (
	"fmt"
	"image"
	"image/color"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"atelier/internal/picture"
)

// writesPhoto writes a small picture of a sky above a field, or a mask that is white in
// a box: photo FILE WxH [X,Y,W,H].
func writesPhoto(ts *testscript.TestScript, neg bool, args []string) {
	var w, h int
	if neg || len(args) < 2 || len(args) > 3 || scan(args[1], "%dx%d", &w, &h) != nil {
		ts.Fatalf("usage: photo FILE WxH [X,Y,W,H]")
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{110, 160, uint8(230 - y), 255}
			if y > h/2 {
				c = color.NRGBA{uint8(50 + x*7%40), uint8(120 + (x*3+y*5)%60), 30, 255}
			}
			if len(args) == 3 {
				c = color.NRGBA{A: 255}
				if image.Pt(x, y).In(boxOf(ts, args[2])) {
					c = color.NRGBA{255, 255, 255, 255}
				}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	b, err := picture.PNG.Encode(img)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// comparesPixels checks that two pictures are the same outside a box, pixel by pixel:
// samepixels FILE FILE X,Y,W,H.
func comparesPixels(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: samepixels FILE FILE X,Y,W,H")
	}
	var imgs [2]*image.NRGBA
	for i := range imgs {
		b, err := os.ReadFile(ts.MkAbs(args[i]))
		ts.Check(err)
		f, err := picture.Open(b)
		ts.Check(err)
		img, err := f.Decode()
		ts.Check(err)
		imgs[i] = picture.NRGBA(img)
	}
	box := boxOf(ts, args[2])
	for y := range imgs[0].Rect.Dy() {
		for x := range imgs[0].Rect.Dx() {
			if !image.Pt(x, y).In(box) && imgs[0].NRGBAAt(x, y) != imgs[1].NRGBAAt(x, y) {
				ts.Fatalf("%s and %s differ at %d,%d", args[0], args[1], x, y)
			}
		}
	}
}

func boxOf(ts *testscript.TestScript, text string) image.Rectangle {
	var x, y, w, h int
	ts.Check(scan(text, "%d,%d,%d,%d", &x, &y, &w, &h))
	return image.Rect(x, y, x+w, y+h)
}

func scan(text, format string, into ...any) error {
	_, err := fmt.Sscanf(text, format, into...)
	return err
}
