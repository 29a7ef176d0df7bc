package app

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"

	"atelier/data"
	"atelier/engine/match"
	"atelier/engine/simd"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// onePicture is an environment in which a picture is worked on without a run, and what
// was emitted and said in it.
func onePicture(out Out) (env *Env, items *[]data.Item, said *[]string) {
	items, said = new([]data.Item), new([]string)
	return &Env{
		Studio: &run.Studio{Matcher: match.New(simd.Best(), 2), Program: "test", Engine: "cpu"}, Out: out,
		Emit: func(it data.Item) error { *items = append(*items, it); return nil },
		Say:  func(line string) { *said = append(*said, line) },
	}, items, said
}

// scene is a small picture of a sky above a field.
func scene(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{110, 160, uint8(230 - y), 255}
			if y > h/2 {
				c = color.NRGBA{uint8(50 + x*7%40), uint8(120 + (x*3+y*5)%60), 30, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func fileOf(t *testing.T, name string, format picture.Format, img image.Image) File {
	t.Helper()
	b, err := format.Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: name, Bytes: b}
}

func pixelsOf(t *testing.T, b []byte) *image.NRGBA {
	t.Helper()
	f, err := picture.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	img, err := f.Decode()
	if err != nil {
		t.Fatal(err)
	}
	return picture.NRGBA(img)
}

// the runs of the apps that need one picture, and what is kept of it: pixels of the
// result by those of the picture, at an offset.
func oneEach(f File, mask File) map[string]struct {
	app  App
	kept func(at image.Point) bool
	move image.Point
} {
	hole := image.Rect(20, 22, 36, 38)
	type each = struct {
		app  App
		kept func(at image.Point) bool
		move image.Point
	}
	outside := func(r image.Rectangle) func(image.Point) bool { return func(p image.Point) bool { return !p.In(r) } }
	return map[string]each{
		"inpaint box":     {&Inpaint{Picture: f, Box: []string{"20", "22", "16", "16"}, N: 1, Finish: "natural", Seed: 4}, outside(hole), image.Point{}},
		"inpaint mask":    {&Inpaint{Picture: f, Mask: mask, N: 1, Finish: "crisp"}, outside(hole), image.Point{}},
		"inpaint grown":   {&Inpaint{Picture: f, Mask: mask, Grow: 3, N: 1, Finish: "smooth"}, outside(hole.Inset(-3)), image.Point{}},
		"inpaint feather": {&Inpaint{Picture: f, Mask: mask, Feather: 2, N: 1, Finish: "smooth"}, outside(hole.Inset(-2)), image.Point{}},
		"extend":          {&Extend{Picture: f, Left: 10, Bottom: 6, N: 1, Finish: "natural"}, func(image.Point) bool { return true }, image.Pt(10, 0)},
		"rearrange": {&Rearrange{Picture: f, Move: "4,30,12,12:44,30", N: 1, Finish: "natural"},
			func(p image.Point) bool { return !p.In(image.Rect(4, 30, 16, 42)) && !p.In(image.Rect(39, 25, 61, 47)) }, image.Point{}},
		"retarget":         {&Retarget{Picture: f, Size: "90x50", Seed: 2}, nil, image.Point{}},
		"tile":             {&Tile{Picture: f, Size: "48"}, nil, image.Point{}},
		"variations":       {&Variations{From: byPatches, Picture: f, N: 1, Strength: .2, Seed: 9, Candidates: 1}, nil, image.Point{}},
		"variations sheet": {&Variations{From: byPatches, Picture: f, N: 2, Strength: .2, Seed: 9, As: sheet, Candidates: 1}, nil, image.Point{}},
	}
}

// TestOnePicture: each app keeps what it is to keep, pixel by pixel, in both formats
// without loss, and what it made can be made again from its label.
func TestOnePicture(t *testing.T) {
	img := scene(72, 60)
	mask := image.NewGray(img.Rect)
	for y := 22; y < 38; y++ {
		for x := 20; x < 36; x++ {
			mask.SetGray(x, y, color.Gray{255})
		}
	}
	for _, format := range []picture.Format{picture.PNG, picture.WebP} {
		for name, each := range oneEach(fileOf(t, "field.png", picture.PNG, img), fileOf(t, "mask.png", picture.PNG, mask)) {
			t.Run(name+" "+string(format), func(t *testing.T) {
				env, items, _ := onePicture(Out{File: "out." + string(format)})
				if err := Run(t.Context(), each.app, env); err != nil {
					t.Fatal(err)
				}
				if len(*items) != 1 || picture.FormatOf((*items)[0].Bytes) != format {
					t.Fatalf("%d works, of %s", len(*items), picture.FormatOf((*items)[0].Bytes))
				}
				made := pixelsOf(t, (*items)[0].Bytes)
				for y := range 60 {
					for x := range 72 {
						at := image.Pt(x, y)
						if each.kept != nil && each.kept(at) && made.NRGBAAt(x+each.move.X, y+each.move.Y) != img.NRGBAAt(x, y) {
							t.Fatalf("%v was changed", at)
						}
					}
				}
				label, err := provenance.Read((*items)[0].Bytes)
				if err != nil || label.Inputs["picture"].Name != "field.png" {
					t.Fatalf("label %+v: %v", label, err)
				}
				again, err := Reproduce(t.Context(), env, File{Name: (*items)[0].Name, Bytes: (*items)[0].Bytes}, nil, givenBy(each.app))
				if err != nil || !again.Same {
					t.Fatalf("not the same: %v", err)
				}
			})
		}
	}
}

// TestMoved: the part that was moved arrives as it was.
func TestMoved(t *testing.T) {
	img := scene(72, 60)
	env, items, _ := onePicture(Out{})
	if err := Run(t.Context(), &Rearrange{Picture: fileOf(t, "a.png", picture.PNG, img), Move: "4,30,12,12:44,30", N: 1, Finish: "natural"}, env); err != nil {
		t.Fatal(err)
	}
	made := pixelsOf(t, (*items)[0].Bytes)
	for y := range 12 {
		for x := range 12 {
			if made.NRGBAAt(44+x, 30+y) != img.NRGBAAt(4+x, 30+y) {
				t.Fatalf("%d,%d of the part was changed", x, y)
			}
		}
	}
}

// TestSeveral: more ways than one differ, have names and labels of their own, and are
// those of their seeds alone.
func TestSeveral(t *testing.T) {
	f := fileOf(t, "folder/my field.png", picture.PNG, scene(64, 48))
	env, items, _ := onePicture(Out{Apart: true})
	if err := Run(t.Context(), &Inpaint{Picture: f, Box: []string{"20", "20", "14", "14"}, N: 3, Seed: 5, Finish: "natural"}, env); err != nil {
		t.Fatal(err)
	}
	alone, one, _ := onePicture(Out{})
	if err := Run(t.Context(), &Inpaint{Picture: f, Box: []string{"20", "20", "14", "14"}, N: 1, Seed: 6, Finish: "natural", Format: "png"}, alone); err != nil {
		t.Fatal(err)
	}
	if len(*items) != 3 || !bytes.Equal((*items)[1].Bytes, (*one)[0].Bytes) {
		t.Errorf("%d works, of which the second is not that of its seed", len(*items))
	}
}

// TestOnePictureSaid: what a person should know is said.
func TestOnePictureSaid(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 40, 40))
	for i := range deep.Pix {
		deep.Pix[i] = uint8(i*7%251) | 1
		if i%8 >= 6 {
			deep.Pix[i] = 255
		}
	}
	for _, c := range []struct {
		img  image.Image
		app  Inpaint
		file string
		want string
	}{
		{scene(40, 40), Inpaint{Box: []string{"5", "5", "6", "6"}}, "out.jpg", "a JPEG changes slightly everywhere"},
		{scene(40, 40), Inpaint{Box: []string{"2", "2", "30", "30"}}, "out.png", "the hole is 56 % of the picture"},
		{scene(12, 12), Inpaint{Box: []string{"2", "2", "6", "6"}}, "out.png", "too little around the hole"},
		{deep, Inpaint{Box: []string{"5", "5", "6", "6"}}, "out.png", "16 bits per channel"},
	} {
		a := c.app
		a.Picture, a.N, a.Finish = fileOf(t, "a.png", picture.PNG, c.img), 1, "natural"
		env, _, said := onePicture(Out{File: c.file})
		if err := Run(t.Context(), &a, env); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(*said, "\n"), c.want) {
			t.Errorf("said %q, want %q", *said, c.want)
		}
	}
}

// TestOnePictureMistakes: one line each that says what would be right.
func TestOnePictureMistakes(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, scene(40, 40))
	small := fileOf(t, "b.png", picture.PNG, scene(12, 50))
	other := fileOf(t, "mask.png", picture.PNG, image.NewGray(image.Rect(0, 0, 41, 40)))
	dark := fileOf(t, "dark.png", picture.PNG, image.NewGray(image.Rect(0, 0, 40, 40)))
	for _, c := range []struct {
		app  App
		want string
	}{
		{&Inpaint{Picture: f}, "want a hole"},
		{&Inpaint{Picture: f, Box: []string{"1", "2", "3"}}, "got 3 numbers"},
		{&Inpaint{Picture: f, Box: []string{"1", "2", "3", "x"}}, "such as 40,30,100,80"},
		{&Inpaint{Picture: f, Box: []string{"30", "2", "11", "5"}}, "not within a.png, which has 40×40"},
		{&Inpaint{Picture: f, Box: []string{"0", "0", "40", "40"}}, "the whole picture"},
		{&Inpaint{Picture: f, Mask: other}, "want a mask of the same size"},
		{&Inpaint{Picture: f, Mask: dark}, "marks no hole"},
		{&Extend{Picture: f}, "want pixels to add"},
		{&Extend{Picture: f, Left: 16384, Format: "webp"}, "no more than 16383 on a side"},
		{&Extend{Picture: f, Left: 16000, Top: 16000}, "at most 64 megapixels"},
		{&Rearrange{Picture: f}, "want the part"},
		{&Rearrange{Picture: f, Move: "1,2,3,4"}, "such as 40,30,100,80:200,30"},
		{&Rearrange{Picture: f, Move: "1,2,3,4:39,0"}, "not within"},
		{&Rearrange{Picture: f, Move: "1,2,3,4:1,2"}, "where it is"},
		{&Retarget{Picture: f}, "want width and height"},
		{&Retarget{Picture: f, Size: "10x90"}, "at least 14 on a side"},
		{&Retarget{Picture: f, Size: "20x"}, "such as 800x400"},
		{&Retarget{Picture: f, Size: "x20"}, "such as 800x400"},
		{&Retarget{Picture: f, Size: "20xx20"}, "such as 800x400"},
		{&Retarget{Picture: small, Size: "90"}, "too few patches"},
		{&Tile{Picture: f, Size: "-3"}, "want width and height"},
		{&Tile{Picture: f, Size: "99999999999999999999"}, "want width and height"},
		{&Variations{From: byPatches, Picture: small, N: 1}, "too few patches"},
		{&Variations{From: byPatches, Picture: f, N: 64}, "want 1 to 63 for a sheet"},
		{&Variations{From: byPatches, Picture: f, N: 1, Class: "cat"}, "want a run with --model"},
		{&Variations{From: "x", Picture: f, N: 1, As: files}, "want sheet"},
	} {
		switch a := c.app.(type) {
		case *Inpaint:
			a.N, a.Finish = 1, "natural"
		case *Extend:
			a.N, a.Finish = 1, "natural"
		case *Rearrange:
			a.N, a.Finish = 1, "natural"
		case *Variations:
			a.Candidates = 1
		}
		env, items, _ := onePicture(Out{})
		err := Run(t.Context(), c.app, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(*items) > 0 {
			t.Errorf("%T: %v, want %q", c.app, err, c.want)
		}
	}
}

// TestOnePictureProfile: the profile of the colours goes on, and a picture that is to be
// turned is worked on upright.
func TestOnePictureProfile(t *testing.T) {
	icc := append(make([]byte, 16), "RGB "...)
	icc = append(icc, make([]byte, 148)...)
	icc[3] = uint8(len(icc))
	plain, err := picture.Open(fileOf(t, "", picture.PNG, scene(40, 40)).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	profiled, err := plain.Redraw(scene(40, 40), 1, icc)
	if err != nil {
		t.Fatal(err)
	}
	b := profiled.Bytes()
	for _, out := range []string{"out.png", "out.jpg", "out.webp"} {
		env, items, _ := onePicture(Out{File: out})
		if err := Run(t.Context(), &Tile{Picture: File{Name: "a.png", Bytes: b}, Size: "32"}, env); err != nil {
			t.Fatal(err)
		}
		f, err := picture.Open((*items)[0].Bytes)
		if err != nil || !bytes.Equal(f.Profile(), icc) {
			t.Errorf("%s has a profile of %d bytes, want %d: %v", out, len(f.Profile()), len(icc), err)
		}
	}
}

// TestOnePictureStopped: nothing is emitted of work that was stopped.
func TestOnePictureStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, each := range oneEach(fileOf(t, "a.png", picture.PNG, scene(72, 60)), File{}) {
		if strings.Contains(name, "mask") || strings.Contains(name, "grown") || strings.Contains(name, "feather") {
			continue
		}
		env, items, _ := onePicture(Out{})
		if err := Run(ctx, each.app, env); !errors.Is(err, context.Canceled) || len(*items) > 0 {
			t.Errorf("%s: %v and %d works", name, err, len(*items))
		}
	}
}

// TestOnePictureTransparency: a JPEG loses it, which is said.
func TestOnePictureTransparency(t *testing.T) {
	img := scene(40, 40)
	img.Pix[3] = 100
	for _, c := range []struct {
		img  *image.NRGBA
		out  string
		said bool
	}{{img, "out.jpg", true}, {img, "out.png", false}, {scene(40, 40), "out.jpg", false}} {
		env, items, _ := onePicture(Out{File: c.out})
		said := ""
		env.Notice = func(line string) { said = line }
		a := &Extend{Picture: fileOf(t, "a.png", picture.PNG, c.img), N: 1, Finish: "natural", Left: 8}
		if err := Run(t.Context(), a, env); err != nil || len(*items) != 1 {
			t.Fatal(err)
		}
		if got := strings.Contains(said, "is partly transparent"); got != c.said {
			t.Errorf("%s: said %q", c.out, said)
		}
	}
}
