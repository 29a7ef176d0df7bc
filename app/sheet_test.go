package app

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
)

// ofColour is a picture of one colour.
func ofColour(w, h int, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// Pictures lie where rows and columns say, reduced where they are too large, and the sheet is
// made again from its label.
func TestSheet(t *testing.T) {
	red, blue := color.NRGBA{200, 10, 10, 255}, color.NRGBA{10, 10, 200, 255}
	a := New[*Sheet]()
	a.Pictures = Files{fileOf(t, "x/red.png", picture.PNG, ofColour(40, 20, red)), fileOf(t, "blue.png", picture.PNG, ofColour(100, 50, blue)), fileOf(t, "low.png", picture.PNG, ofColour(10, 10, red))}
	a.Columns, a.Side, a.Gap, a.Captions, a.Background = 2, 50, 4, captionNone, "#fff"
	env, items, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	got := pixelsOf(t, (*items)[0].Bytes)
	if want := image.Pt(4+40+4+50+4, 4+25+4+10+4); got.Rect.Size() != want {
		t.Fatalf("%v, want %v", got.Rect.Size(), want)
	}
	for _, c := range []struct {
		x, y int
		want color.NRGBA
	}{{4, 9, red}, {43, 28, red}, {4, 8, namedColours["white"]}, {48, 4, blue}, {97, 28, blue}, {19, 33, red}, {18, 33, namedColours["white"]}, {60, 40, namedColours["white"]}} {
		if p := got.NRGBAAt(c.x, c.y); p != c.want {
			t.Errorf("%d,%d is %v, want %v", c.x, c.y, p, c.want)
		}
	}
	again, err := Reproduce(t.Context(), env, File{Name: "sheet.png", Bytes: (*items)[0].Bytes}, nil, givenBy(a))
	if err != nil || !again.Same {
		t.Errorf("not the same: %v", err)
	}
	label, err := provenance.Read((*items)[0].Bytes)
	if err != nil || label.Source != provenance.Enhanced || label.Inputs["pictures.1"].Name != "red.png" {
		t.Errorf("label %+v: %v", label, err)
	}
}

// A picture of a folder whose pixels are damaged is skipped and named; one that is named is an error.
func TestSheetDamaged(t *testing.T) {
	dir := t.TempDir()
	good := fileOf(t, "good.png", picture.PNG, ofColour(40, 40, color.NRGBA{200, 10, 10, 255})).Bytes
	bad := slices.Clone(good)
	at := bytes.Index(bad, []byte("IDAT")) + 6
	bad[at] ^= 0xff
	for name, b := range map[string][]byte{"bad.png": bad, "good.png": good} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	a, skipped := New[*Sheet](), []string{}
	a.Pictures = Files{{Name: dir}}
	err := ReadFiles(a, nil, func(name string, why error) { skipped = append(skipped, filepath.Base(name)) })
	if err != nil || len(a.Pictures) != 1 || !slices.Equal(skipped, []string{"bad.png"}) {
		t.Errorf("%d pictures, skipped %v: %v", len(a.Pictures), skipped, err)
	}
	a.Pictures = Files{{Name: filepath.Join(dir, "bad.png")}}
	if err := ReadFiles(a, nil, nil); err != nil {
		t.Fatal(err)
	}
	env, _, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); !errors.Is(err, badinput.Err) {
		t.Errorf("a damaged picture: %v", err)
	}
}

// Captions and the title take room, are cut to it, and characters without a glyph are reported.
func TestSheetCaptions(t *testing.T) {
	a := New[*Sheet]()
	a.Pictures = Files{fileOf(t, "a.png", picture.PNG, ofColour(60, 20, color.NRGBA{1, 2, 3, 255})), fileOf(t, "b.png", picture.PNG, ofColour(60, 20, color.NRGBA{A: 255}))}
	a.Caption, a.Title = Strings{"山水"}, "Two"
	env, items, said := onePicture(Out{})
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	img := pixelsOf(t, (*items)[0].Bytes)
	l, err := newLettering(float64(a.Letters))
	if err != nil {
		t.Fatal(err)
	}
	if want := 3*a.Gap + l.height + 20 + l.height + l.height/4; img.Rect.Dy() != want {
		t.Errorf("height %d, want %d", img.Rect.Dy(), want)
	}
	ink := 0
	for y := a.Gap; y < a.Gap+l.height; y++ {
		for x := range img.Rect.Dx() {
			if img.NRGBAAt(x, y).R < 100 {
				ink++
			}
		}
	}
	if ink < 20 || !strings.Contains(strings.Join(*said, "\n"), "Liberation Sans") {
		t.Errorf("%d pixels of a title, said %q", ink, *said)
	}
	if got := l.fitted("a very long caption indeed", 60); !strings.HasSuffix(got, "…") || len(got) < 5 || l.fitted("short", 60) != "short" {
		t.Errorf("fitted: %q", got)
	}
}

func TestSheetMistakes(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, scene(40, 40))
	for _, c := range []struct {
		change func(*Sheet)
		want   string
	}{
		{func(a *Sheet) { a.Pictures = nil }, "pictures: want a file"},
		{func(a *Sheet) { a.Pictures = Files{f, {Name: "none.png", Bytes: []byte("x")}} }, "none.png: not a picture"},
		{func(a *Sheet) { a.Caption = Strings{"a", "b"} }, "want at most one a picture, of which there are 1, got 2"},
		{func(a *Sheet) { a.Background = "#12345" }, "want a colour such as #3366cc"},
		{func(a *Sheet) { a.Background = "wite" }, "want a colour"},
		{func(a *Sheet) { a.Background, a.Format = "transparent", "jpeg" }, "want a colour for a JPEG"},
		{func(a *Sheet) {
			a.Columns, a.Side, a.Format = 10, 4096, formatWebP
			a.Pictures = append(a.Pictures, f, f, f, f, f)
		}, "too many for webp"},
	} {
		a := New[*Sheet]()
		a.Pictures = Files{f}
		c.change(a)
		env, items, _ := onePicture(Out{})
		err := Run(t.Context(), a, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(*items) > 0 {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
