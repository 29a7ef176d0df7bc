package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// disk is a small picture with a disk of a colour, on a ground.
func disk(size int, at image.Point, r int, ink, ground color.NRGBA) *image.NRGBA {
	img := filledWith(ground, image.Pt(size, size))
	for y := range size {
		for x := range size {
			if d := image.Pt(x, y).Sub(at); d.X*d.X+d.Y*d.Y <= r*r {
				img.SetNRGBA(x, y, ink)
			}
		}
	}
	return img
}

func spritesOf(t *testing.T, change func(*Sprites)) *Sprites {
	t.Helper()
	red, white := color.NRGBA{200, 30, 30, 255}, color.NRGBA{255, 255, 255, 255}
	a := &Sprites{As: asAtlas, Background: backgroundAuto, Gap: 1, Most: 2048, N: 16, Seed: 1}
	for i, at := range []image.Point{{10, 10}, {14, 12}, {20, 20}, {10, 10}} {
		a.Pictures = append(a.Pictures, fileOf(t, fmt.Sprintf("roll_%d.png", i+1), picture.PNG, disk(32, at, 5+i%3, red, color.NRGBA{})))
	}
	a.Pictures = append(a.Pictures, fileOf(t, "white.png", picture.PNG, disk(24, image.Pt(12, 12), 6, red, white)))
	change(a)
	return a
}

// atlasOf is the atlas as an engine reads it.
type atlasOf struct {
	Frames map[string]struct {
		Frame, SpriteSourceSize struct{ X, Y, W, H int }
		SourceSize              struct{ W, H int }
		Trimmed                 bool
	}
	Animations map[string][]string
	Meta       struct{ Image string }
}

// Every frame is in the sheet where the atlas says, pixel by pixel, once what was cut off is put back.
func TestSprites(t *testing.T) {
	a := spritesOf(t, func(*Sprites) {})
	all := filesOf(t, a, Out{Apart: true})
	var atlas atlasOf
	if err := json.Unmarshal(all["sprites.json"], &atlas); err != nil {
		t.Fatal(err)
	}
	sheet := pixelsOf(t, all["sprites.png"])
	if len(atlas.Frames) != 5 || atlas.Meta.Image != "sprites.png" || !slices.Equal(atlas.Animations["roll"], []string{"roll_1", "roll_2", "roll_3", "roll_4"}) {
		t.Errorf("%+v", atlas)
	}
	for i, f := range a.Pictures {
		name := strings.TrimSuffix(f.Name, ".png")
		entry := atlas.Frames[name]
		want := pixelsOf(t, f.Bytes)
		if i == 4 { // whose white ground is gone
			a.clear(want)
		}
		whole := image.NewNRGBA(want.Rect)
		part := cut(sheet, image.Rect(entry.Frame.X, entry.Frame.Y, entry.Frame.X+entry.Frame.W, entry.Frame.Y+entry.Frame.H))
		lay(whole, part, image.Pt(entry.SpriteSourceSize.X, entry.SpriteSourceSize.Y))
		if !bytes.Equal(whole.Pix, want.Pix) || !entry.Trimmed || entry.SourceSize.W != want.Rect.Dx() {
			t.Errorf("%s is not what is in the sheet: %+v", name, entry)
		}
	}
	if atlas.Frames["roll_1"].Frame == atlas.Frames["roll_2"].Frame {
		t.Error("different frames share a place")
	}
}

// Equal frames share a place; an animated picture gives all its frames.
func TestSpritesShared(t *testing.T) {
	red := color.NRGBA{200, 30, 30, 255}
	one, two := disk(32, image.Pt(10, 10), 6, red, color.NRGBA{}), disk(32, image.Pt(18, 12), 6, red, color.NRGBA{})
	moving, err := animation.APNG.Encode([]image.Image{one, two, disk(32, image.Pt(9, 9), 3, red, color.NRGBA{})}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	a := spritesOf(t, func(a *Sprites) { a.Pictures = Files{{Name: "spin.png", Bytes: moving}} })
	var atlas atlasOf
	if err := json.Unmarshal(filesOf(t, a, Out{Apart: true})["sprites.json"], &atlas); err != nil {
		t.Fatal(err)
	}
	if len(atlas.Animations["spin"]) != 3 || atlas.Frames["spin_001"].Frame != atlas.Frames["spin_002"].Frame || atlas.Frames["spin_001"].Frame == atlas.Frames["spin_003"].Frame {
		t.Errorf("%+v", atlas)
	}
}

// The white around an opaque picture goes, the white within it stays, and the edge is soft.
func TestBackground(t *testing.T) {
	white, red := color.NRGBA{255, 255, 255, 255}, color.NRGBA{200, 30, 30, 255}
	img := disk(24, image.Pt(12, 12), 8, red, white)
	img.SetNRGBA(12, 12, white)
	img.SetNRGBA(20, 12, color.NRGBA{228, 143, 143, 255}) // half red, half white
	(Sprites{Background: backgroundAuto}).clear(img)
	if img.NRGBAAt(0, 0).A != 0 || img.NRGBAAt(12, 12) != white || img.NRGBAAt(12, 10) != red {
		t.Error("the background is not what was made transparent")
	}
	if edge := img.NRGBAAt(20, 12); edge.A == 0 {
		t.Errorf("the edge is %v", edge)
	}
	plain := filledWith(white, image.Pt(8, 8))
	if (Sprites{Background: backgroundAuto}).clear(plain); plain.NRGBAAt(1, 1) != white {
		t.Error("a picture of one colour is gone")
	}
	if (Sprites{Background: "#c81e1e"}).clear(plain); plain.NRGBAAt(1, 1) != white {
		t.Error("another colour is gone")
	}
}

// A tileset repeats the edges of its tiles around them; rows have cells of one size.
func TestTilesets(t *testing.T) {
	var files Files
	for i := range 5 {
		files = append(files, fileOf(t, fmt.Sprintf("tile%d.png", i), picture.PNG, scene(16, 16)))
	}
	a := spritesOf(t, func(a *Sprites) { a.As, a.Pictures, a.Background = asTileset, files, backgroundKeep })
	all := filesOf(t, a, Out{Apart: true})
	sheet := pixelsOf(t, all["sprites.png"])
	if !bytes.Contains(all["sprites.tsx"], []byte(`tilewidth="16" tileheight="16" spacing="2" margin="1" tilecount="5" columns="5"`)) || sheet.Rect.Dx() != 5*18 || sheet.Rect.Dy() != 18 {
		t.Errorf("%v\n%s", sheet.Rect, all["sprites.tsx"])
	}
	for y := range 16 {
		for x := -1; x <= 16; x++ {
			if sheet.NRGBAAt(18+1+x, 1+y) != scene(16, 16).NRGBAAt(min(max(x, 0), 15), y) {
				t.Fatalf("%d,%d is another", x, y)
			}
		}
	}
	rows := spritesOf(t, func(a *Sprites) { a.As = asRows })
	if sheet := pixelsOf(t, filesOf(t, rows, Out{File: "s.png"})["sprites.png"]); sheet.Rect.Dx() != 4*33+1 || sheet.Rect.Dy() != 2*33+1 {
		t.Errorf("%v", sheet.Rect)
	}
}

func TestSpritesMistakes(t *testing.T) {
	// A frame of a pixel on a large screen.
	huge := []byte("GIF89a\xa0\x0f\xa0\x0f\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	huge = append(append(huge, bytes.Repeat([]byte(",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"), 40)...), ';')
	small := fileOf(t, "small.png", picture.PNG, scene(8, 8))
	for want, change := range map[string]func(*Sprites){
		"pictures: want a file":            func(a *Sprites) { a.Pictures = nil },
		"want pictures or a run, not both": func(a *Sprites) { a.From = "0001-x" },
		"all of them are transparent": func(a *Sprites) {
			a.Pictures = Files{fileOf(t, "e.png", picture.PNG, image.NewNRGBA(image.Rect(0, 0, 9, 9)))}
		},
		"want tiles of one size": func(a *Sprites) {
			a.As, a.Background = asTileset, backgroundKeep
			a.Pictures = append(a.Pictures, small)
		},
		"b.png: 80×80 pixels do not fit":   func(a *Sprites) { a.Most = 64; a.Pictures = Files{fileOf(t, "b.png", picture.PNG, scene(80, 80))} },
		"most: the sheet would have":       func(a *Sprites) { a.Most, a.As = 64, asRows },
		"bomb.gif: 40 frames of 4000×4000": func(a *Sprites) { a.Pictures = Files{{Name: "bomb.gif", Bytes: huge}} },
		"WebM is not read here; want a pi": func(a *Sprites) { a.Pictures = Files{{Name: "a.webm", Bytes: []byte("\x1a\x45\xdf\xa3clip")}} },
		"cut: want":                        func(a *Sprites) { a.Cut = "x" },
		"background":                       func(a *Sprites) { a.Background = "rainbow" },
	} {
		env, items, _ := onePicture(Out{Apart: true})
		if err := Run(t.Context(), spritesOf(t, change), env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) || len(*items) > 0 {
			t.Errorf("%v; want %q", err, want)
		}
	}
	for file, as := range map[string]string{"a.tsx": asAtlas, "a.json": asTileset, "a.gif": asAtlas} {
		env, _, _ := onePicture(Out{File: file})
		if err := Run(t.Context(), spritesOf(t, func(a *Sprites) { a.As = as }), env); !errors.Is(err, badinput.Err) {
			t.Errorf("%s as %s: %v", file, as, err)
		}
	}
}

// Between the frames of an animation it can be cancelled.
func TestSpritesStop(t *testing.T) {
	film, err := animation.GIF.Encode([]image.Image{scene(8, 8), scene(8, 8), scene(8, 8)}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	err = Sprites{}.each(ctx, &Env{}, File{Name: "a.gif", Bytes: film}, func(string, *image.NRGBA) error {
		n++
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d frames, error %v", n, err)
	}
}
