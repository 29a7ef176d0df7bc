package app

import (
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// Layers lie where they are placed, scaled, turned, faded and masked, in their order; the collage
// is made again from its label.
func TestCollage(t *testing.T) {
	red, blue, white := color.NRGBA{200, 20, 20, 255}, color.NRGBA{20, 20, 200, 255}, color.NRGBA{255, 255, 255, 255}
	mask := image.NewGray(image.Rect(0, 0, 8, 4))
	for i := range mask.Pix {
		if i%8 >= 4 {
			mask.Pix[i] = 255
		}
	}
	layers := Files{fileOf(t, "red.png", picture.PNG, filledWith(red, image.Pt(8, 4))), fileOf(t, "blue.png", picture.PNG, filledWith(blue, image.Pt(8, 4)))}
	type at = map[image.Point]color.NRGBA
	for name, c := range map[string]struct {
		place Strings
		plan  string
		want  at
	}{
		"placed":  {Strings{"x=2,y=3", "x=6,y=3"}, "", at{{1, 3}: white, {2, 3}: red, {5, 6}: red, {6, 3}: blue, {13, 6}: blue, {14, 6}: white}},
		"order":   {Strings{"x=2,y=3,order=1", "x=6,y=3"}, "", at{{6, 3}: red, {9, 6}: red, {10, 3}: blue}},
		"outside": {Strings{"x=-40,y=3", "x=6,y=3"}, "", at{{2, 3}: white, {6, 3}: blue}},
		"scaled":  {Strings{"x=0,y=0,scale=2", "x=20,y=0"}, "", at{{2, 2}: red, {13, 5}: red, {17, 4}: white}},
		"turned":  {Strings{"x=4,y=10,rotate=90", "x=24,y=0"}, "", at{{7, 9}: red, {8, 14}: red, {4, 12}: white, {11, 12}: white}},
		"faded":   {Strings{"x=2,y=3,opacity=0.5", "x=20,y=0"}, "", at{{3, 4}: {227, 137, 137, 255}}},
		"masked":  {Strings{"x=2,y=3,mask=m.png", "x=20,y=0"}, "", at{{3, 4}: white, {6, 4}: red}},
		"plan": {nil, "[[layer]]\nfile = \"blue.png\"\nx = 2\ny = 3\n[[layer]]\nfile = \"red.png\"\nx = 6\ny = 3\nblend = \"over\"\n",
			at{{2, 3}: blue, {6, 3}: red, {13, 6}: red}},
		"seamless": {Strings{"x=2,y=3,blend=seamless", "x=20,y=0"}, "", at{{4, 4}: white, {1, 1}: white}},
	} {
		a := New[*Collage]()
		a.Picture, a.Size, a.Layer, a.Place = File{Name: "white"}, "32x20", layers, c.place
		if name == "masked" {
			a.Mask = Files{fileOf(t, "folder/m.png", picture.PNG, mask)}
		}
		if c.plan != "" {
			a.Plan = File{Name: "plan.toml", Bytes: []byte(c.plan)}
		}
		env, items, _ := onePicture(Out{})
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := pixelsOf(t, (*items)[0].Bytes)
		for p, want := range c.want {
			g := got.NRGBAAt(p.X, p.Y)
			if d := max(math.Abs(float64(g.R)-float64(want.R)), math.Abs(float64(g.G)-float64(want.G)), math.Abs(float64(g.B)-float64(want.B))); d > 2 {
				t.Errorf("%s: %v is %v, want %v", name, p, g, want)
			}
		}
		again, err := Reproduce(t.Context(), env, File{Name: "x.png", Bytes: (*items)[0].Bytes}, nil, givenBy(a))
		if err != nil || !again.Same {
			t.Errorf("%s: not the same: %v", name, err)
		}
	}
}

func TestCollageMistakes(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, scene(40, 40))
	small := fileOf(t, "m.png", picture.PNG, image.NewGray(image.Rect(0, 0, 4, 4)))
	for _, c := range []struct {
		change func(*Collage)
		want   string
	}{
		{func(a *Collage) { a.Layer = nil }, "want at least one picture"},
		{func(a *Collage) { a.Place = Strings{"x=1", "x=2"} }, "want at most one a layer"},
		{func(a *Collage) { a.Place = Strings{"z=1"} }, `no setting "z"`},
		{func(a *Collage) { a.Place = Strings{"x=wide"} }, `x: want a number, got "wide"`},
		{func(a *Collage) { a.Place = Strings{"x=NaN"} }, "x, y: want"},
		{func(a *Collage) { a.Place = Strings{"scale=0"} }, "scale: want"},
		{func(a *Collage) { a.Place = Strings{"opacity=2"} }, "opacity: want 0 to 1, got 2"},
		{func(a *Collage) { a.Place = Strings{"blend=seamles"} }, `did you mean "seamless"`},
		{func(a *Collage) { a.Place = Strings{"mask=m.png"} }, "want the file m.png as well"},
		{func(a *Collage) { a.Place, a.Mask = Strings{"mask=m.png"}, Files{small} }, "want the same size"},
		{func(a *Collage) { a.Mask = Files{small} }, "no layer has the mask m.png"},
		{func(a *Collage) { a.Place = Strings{"x=1,x=2"} }, "x is set twice"},
		{func(a *Collage) { a.Place = Strings{"file=b.png"} }, "file belongs to a plan"},
		{func(a *Collage) {
			a.Layer, a.Plan = Files{f, small}, File{Name: "p.toml", Bytes: []byte("[[layer]]\nfile=\"a.png\"\n")}
		}, "the plan has no layer of m.png"},
		{func(a *Collage) { a.Plan = File{Name: "p.toml", Bytes: []byte("[[layer]\n")} }, "p.toml: "},
		{func(a *Collage) { a.Plan = File{Name: "p.toml", Bytes: []byte("[[layer]]\nfile=\"b.png\"\n")} }, `want the file "b.png" as well`},
		{func(a *Collage) { a.Plan = File{Name: "p.toml", Bytes: []byte("[[layer]]\nfile=\"a.png\"\nx=[1]\n")} }, "x: want a number"},
		{func(a *Collage) { a.Plan = File{Name: "p.toml", Bytes: []byte("x=1\n")} }, "one [[layer]] for each layer"},
		{func(a *Collage) { a.Picture = File{Name: "white"} }, "want width and height with a colour"},
		{func(a *Collage) { a.Size = "100000x100000" }, "want at most 64 megapixels"},
	} {
		a := New[*Collage]()
		a.Picture, a.Layer = f, Files{f}
		c.change(a)
		env, items, _ := onePicture(Out{})
		err := Run(t.Context(), a, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || len(*items) > 0 {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
