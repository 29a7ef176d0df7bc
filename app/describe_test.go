package app

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/picture"
)

// TestDescribe takes the captions of the most similar pictures, in either language, and writes some.
func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red", "blue", "green", "ruby")
	env, items, found := searching(t, Out{})
	a := New[*Describe]()
	a.Captions, a.Picture, a.N = Set(dir), fileOf(t, "b.png", picture.PNG, filledWith(shades["blue"].colour, image.Pt(16, 16))), 4
	for language, want := range map[string]string{english: "a blue square", chinese: "蓝色方块"} {
		a.Language = language
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		got := (*found).(*Described)
		if got.Captions[0].Text != want || got.Captions[0].Of != "blue.png" || len(got.Captions) < 3 {
			t.Errorf("%+v", got)
		}
		if first, _, _ := strings.Cut(string((*items)[len(*items)-1].Bytes), "\n"); first != want {
			t.Errorf("the file begins with %q", first)
		}
	}
	if got := (*found).(*Described); got.Captions[0].Confidence != nil || got.Unlike {
		t.Errorf("four pictures cannot tell how sure to be: %+v", got)
	}
	bare := t.TempDir()
	for _, name := range []string{"a.png", "b.png"} {
		if err := os.WriteFile(filepath.Join(bare, name), a.Picture.Bytes, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	asked, language := a.Captions, a.Language
	a.Captions, a.Language = Set(bare), ""
	if err := Run(t.Context(), a, env); err == nil || !strings.Contains(err.Error(), "have no captions") {
		t.Errorf("pictures without captions: %v", err)
	}
	a.Captions, a.Language = asked, language
	ruby := t.TempDir()
	shaded(t, ruby, "ruby")
	a.Captions = Set(ruby)
	if err := Run(t.Context(), a, env); a.Language == chinese && (err == nil || !strings.Contains(err.Error(), "in the language zh")) {
		t.Errorf("got %v", err)
	}
}

// TestDescribeConfidence is sure of a picture that the set has, and says when it has nothing like one. Where
// no language is asked for, it is that of the captions.
func TestDescribeConfidence(t *testing.T) {
	dir := t.TempDir()
	for i := range 24 {
		colour := color.NRGBA{200, uint8(8 * i), 40, 255}
		f := fileOf(t, "x.png", picture.PNG, filledWith(colour, image.Pt(16, 16)))
		for ext, content := range map[string][]byte{".png": f.Bytes, ".txt": []byte(fmt.Sprintf("第%d种红色", i))} {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d%s", i, ext)), content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	env, _, found := searching(t, Out{Unasked: true})
	var notices []string
	env.Notice = func(line string) { notices = append(notices, line) }
	a := New[*Describe]()
	a.Captions = Set(dir)
	a.Picture = fileOf(t, "a.png", picture.PNG, filledWith(color.NRGBA{200, 80, 40, 255}, image.Pt(16, 16)))
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	got := (*found).(*Described)
	if first := got.Captions[0]; first.Text != "第10种红色" || first.Confidence == nil || *first.Confidence < 0.99 || got.Unlike {
		t.Errorf("%+v", got)
	}
	if last := got.Captions[2]; *last.Confidence > *got.Captions[0].Confidence {
		t.Errorf("%+v", got)
	}
	a.Picture = fileOf(t, "b.png", picture.PNG, checkered(color.NRGBA{0, 0, 255, 255}, color.NRGBA{255, 255, 255, 255}))
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if got := (*found).(*Described); !got.Unlike || !strings.Contains(strings.Join(notices, "\n"), "the descriptions are guesses") {
		t.Errorf("%+v, %q", got, notices)
	}
}

// checkered is a picture of squares in two colours.
func checkered(a, b color.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for y := range 16 {
		for x := range 16 {
			if img.SetNRGBA(x, y, a); (x/4+y/4)%2 == 0 {
				img.SetNRGBA(x, y, b)
			}
		}
	}
	return img
}
