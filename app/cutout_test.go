package app

import (
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// ball is a picture of an orange ball on a blue ground.
func ball(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{uint8(20 + (x*5+y*3)%20), 60, uint8(160 + (x+y)%30), 255}
			if dx, dy := x-w/2, y-h/2; dx*dx+dy*dy < h*h/16 {
				c = color.NRGBA{230, uint8(120 + (x*3+y)%30), 20, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// Each way of telling the subject cuts it out, what is behind is as asked, and the result is
// made again from its label.
func TestCutout(t *testing.T) {
	f := fileOf(t, "ball.png", picture.PNG, ball(64, 48))
	strokes := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for x := 28; x < 36; x++ {
		strokes.SetNRGBA(x, 24, color.NRGBA{0, 255, 0, 255})
		strokes.SetNRGBA(x, 3, color.NRGBA{255, 0, 0, 255})
	}
	behind := fileOf(t, "behind.png", picture.PNG, filledWith(color.NRGBA{10, 200, 30, 255}, image.Pt(20, 10)))
	for name, c := range map[string]struct {
		change func(*Cutout)
		corner color.NRGBA
		size   image.Point
	}{
		"box":        {func(a *Cutout) { a.Box = []string{"10", "5", "44", "38"} }, color.NRGBA{}, image.Pt(64, 48)},
		"strokes":    {func(a *Cutout) { a.Marks = fileOf(t, "m.png", picture.PNG, strokes) }, color.NRGBA{}, image.Pt(64, 48)},
		"keep, drop": {func(a *Cutout) { a.Keep, a.Drop = []string{"29", "22", "6", "5"}, []string{"0", "0", "64", "4"} }, color.NRGBA{}, image.Pt(64, 48)},
		"colour":     {func(a *Cutout) { a.Box, a.Background = []string{"10", "5", "44", "38"}, File{Name: "#0af"} }, color.NRGBA{0, 170, 255, 255}, image.Pt(64, 48)},
		"picture":    {func(a *Cutout) { a.Box, a.Background = []string{"10", "5", "44", "38"}, behind }, color.NRGBA{10, 200, 30, 255}, image.Pt(64, 48)},
		"alpha":      {func(a *Cutout) { a.Box, a.As = []string{"10", "5", "44", "38"}, asAlpha }, color.NRGBA{0, 0, 0, 255}, image.Pt(64, 48)},
		"crop":       {func(a *Cutout) { a.Box, a.Edge, a.Crop = []string{"10", "5", "44", "38"}, 0, true }, color.NRGBA{}, image.Pt(23, 23)},
	} {
		a := New[*Cutout]()
		a.Picture = f
		c.change(a)
		env, items, _ := onePicture(Out{})
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := pixelsOf(t, (*items)[0].Bytes)
		corner, middle := got.NRGBAAt(0, 0), got.NRGBAAt(got.Rect.Dx()/2, got.Rect.Dy()/2)
		if c.corner.A == 0 {
			corner.R, corner.G, corner.B = 0, 0, 0
		}
		want := ball(64, 48).NRGBAAt(32, 24)
		if a.As == asAlpha {
			want = color.NRGBA{255, 255, 255, 255}
		}
		if got.Rect.Size() != c.size || corner != c.corner || middle != want {
			t.Errorf("%s: size %v, corner %v, middle %v", name, got.Rect.Size(), corner, middle)
		}
		again, err := Reproduce(t.Context(), env, File{Name: "x.png", Bytes: (*items)[0].Bytes}, nil, givenBy(a))
		if err != nil || !again.Same {
			t.Errorf("%s: not the same: %v", name, err)
		}
	}
}

// A trimap that was written gives the same result as input; a large picture is segmented in a
// reduced copy.
func TestCutoutTrimap(t *testing.T) {
	a := New[*Cutout]()
	a.Picture, a.Box, a.As = fileOf(t, "ball.png", picture.PNG, ball(900, 600)), []string{"200", "100", "500", "400"}, asTrimap
	env, items, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	trimap := (*items)[0]
	a.As = asAlpha
	b := New[*Cutout]()
	b.Picture, b.Trimap, b.As = a.Picture, File{Name: "t.png", Bytes: trimap.Bytes}, asAlpha
	for _, each := range []*Cutout{a, b} {
		if err := Run(t.Context(), each, env); err != nil {
			t.Fatal(err)
		}
	}
	one, two := pixelsOf(t, (*items)[1].Bytes), pixelsOf(t, (*items)[2].Bytes)
	inside := 0
	for i := 0; i < len(one.Pix); i += 4 {
		if one.Pix[i] != two.Pix[i] {
			t.Fatalf("pixel %d: %d and %d", i/4, one.Pix[i], two.Pix[i])
		}
		if one.Pix[i] > 127 {
			inside++
		}
	}
	if truth := 70686.; float64(inside) < .98*truth || float64(inside) > 1.02*truth { // π 150²
		t.Errorf("%d pixels are inside, want about %.0f", inside, truth)
	}
}

func TestCutoutMistakes(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, ball(40, 40))
	other := fileOf(t, "mask.png", picture.PNG, image.NewGray(image.Rect(0, 0, 41, 40)))
	dark := fileOf(t, "dark.png", picture.PNG, image.NewGray(image.Rect(0, 0, 40, 40)))
	for _, c := range []struct {
		change func(*Cutout)
		want   string
	}{
		{func(a *Cutout) {}, "want to know where the subject is"},
		{func(a *Cutout) { a.Box = []string{"1", "2", "3"} }, "got 3 numbers"},
		{func(a *Cutout) { a.Box = []string{"30", "2", "11", "5"} }, "not within a.png"},
		{func(a *Cutout) { a.Box = []string{"0", "0", "40", "40"} }, "both subject and background"},
		{func(a *Cutout) { a.Trimap = dark }, "want a trimap that is white where the subject is"},
		{func(a *Cutout) { a.Marks = dark }, "both subject and background"},
		{func(a *Cutout) { a.Trimap, a.Box = dark, []string{"1", "2", "3", "4"} }, "without box"},
		{func(a *Cutout) { a.Keep, a.Drop = []string{"2", "2", "9", "9"}, []string{"8", "4", "9", "9"} }, "drop: 8,4,3,7 is kept as well"},
		{func(a *Cutout) { a.Trimap = other }, "want the same size"},
		{func(a *Cutout) { a.Marks = other }, "want the same size"},
		{func(a *Cutout) { a.Box, a.Background, a.As = []string{"1", "2", "3", "4"}, f, asAlpha }, "for --as subject only"},
		{func(a *Cutout) {
			a.Box, a.Background = []string{"1", "2", "3", "4"}, File{Name: "x.txt", Bytes: []byte("no")}
		}, "x.txt: not a picture"},
	} {
		a := New[*Cutout]()
		a.Picture = f
		c.change(a)
		env, items, _ := onePicture(Out{})
		err := Run(t.Context(), a, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(*items) > 0 {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
