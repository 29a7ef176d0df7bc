package app

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/home"
)

// painted is a PNG of a colour that changes from pixel to pixel.
func painted(t *testing.T, width, height int, at func(x, y int) color.Color) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, at(x, y))
		}
	}
	return encoded(t, img)
}

// What a folder holds decides the recipe and its settings.
// turning is an animation of two frames.
func turning(t *testing.T) []byte {
	t.Helper()
	file, err := animation.GIF.Encode([]image.Image{scene(40, 30), scene(40, 30)}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPlanFor(t *testing.T) {
	red := painted(t, 48, 36, func(x, y int) color.Color { return color.NRGBA{200, uint8(x), uint8(y), 255} })
	grey := painted(t, 28, 28, func(x, y int) color.Color { return color.NRGBA{uint8(x * 9), uint8(x * 9), uint8(x * 9), 255} })
	small := painted(t, 20, 26, func(x, y int) color.Color { return color.NRGBA{200, uint8(x), uint8(y), 255} })
	clear := painted(t, 64, 64, func(x, y int) color.Color { return color.NRGBA{200, uint8(x), uint8(y), uint8(x)} })
	for _, c := range []struct {
		what    string
		files   map[string][]byte
		recipe  string
		has     []string
		has0    []string // settings that it must not have
		warning string
		says    string
	}{
		{"few pictures in colour", of("%d.png", 12, red), "pictures", []string{"steps=3000"}, []string{"codec.channels", "model.conditional", "codec.size"}, "12 pictures are few", "cropped to squares: 25 % of each picture is cut off, on the left and the right"},
		{"grey ones of one size", of("%d.png", 10, grey), "pictures", []string{"codec.channels=1", "codec.size=28", "augment=[]"}, nil, "few", ""},
		{"small ones", of("%d.png", 10, small), "pictures", []string{"codec.size=28"}, nil, "few", "cropped to squares: 23 % of each picture is cut off, at the top and the bottom"},
		{"transparent ones", of("%d.png", 10, clear), "pictures", []string{"codec.channels=4", "codec.size=64"}, nil, "few", ""},
		{"classes", join(of("a/%d.png", 40, red), of("b/%d.png", 40, red)), "pictures", []string{"model.conditional=true"}, nil, "few", ""},
		{"classes and strays", join(of("a/%d.png", 40, red), of("b/%d.png", 40, red), of("stray%d.png", 2, red)), "pictures", []string{"model.conditional=true"}, nil, "left out, for they are in no folder of a class: stray0.png, stray1.png", ""},
		{"a class and as many strays", join(of("a/%d.png", 40, red), of("%d.png", 40, red)), "pictures", nil, []string{"model.conditional"}, "few", ""},
		{"small classes", join(of("a/%d.png", 5, red), of("b/%d.png", 5, red)), "pictures", nil, []string{"model.conditional"}, "few", ""},
		{"pictures with captions", join(of("%d.png", 12, red), of("%d.txt", 12, []byte("a red hill"))), "pictures", []string{"steps=3000"}, nil, "few", `to draw what captions say: atelier train words 'data={use="folder", path="`},
		{"animations", join(of("%d.png", 12, red), of("%d.gif", 3, turning(t))), "pictures", nil, nil, "15 pictures are few", `3 of the pictures are animations, of which this recipe learns the first frames; to learn how they move: atelier train clips 'data={use="clips", path="`},
		{"texts", of("%d.txt", 2, []byte(strings.Repeat("All work and no play. ", 3000))), "shakespeare", []string{`data={use="folder"`}, nil, "", ""},
		{"music in two styles", join(of("waltz/%d.mid", 6, jig(t).Bytes), of("reel/%d.mid", 6, jig(t).Bytes)), "music", []string{"data.path="}, nil, "few", "the 2 folders are styles"},
		{"texts and a picture", join(of("%d.txt", 2, []byte("Some words.")), of("p%d.png", 1, red)), "shakespeare", nil, nil, "one kind of works: 1 pictures", ""},
	} {
		folder := filepath.Join(t.TempDir(), "works")
		for name, b := range c.files {
			path := filepath.Join(folder, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		p, err := PlanFor(t.Context(), folder)
		if err != nil || p.Recipe != c.recipe || !slices.Contains(p.Settings, "name=works") {
			t.Errorf("%s: %+v, %v", c.what, p, err)
			continue
		}
		settings := strings.Join(p.Settings, " ")
		for _, want := range c.has {
			if !strings.Contains(settings, want) {
				t.Errorf("%s: %s, want %s", c.what, settings, want)
			}
		}
		for _, not := range c.has0 {
			if strings.Contains(settings, not) {
				t.Errorf("%s: %s has %s", c.what, settings, not)
			}
		}
		if warnings := strings.Join(p.Warnings, "; "); !strings.Contains(warnings, c.warning) || c.warning == "" && warnings != "" {
			t.Errorf("%s: warnings %q, want %q", c.what, warnings, c.warning)
		}
		if _, err := ConfigOf(p.Recipe, File{}, p.Settings); err != nil {
			t.Errorf("%s: %s: %v", c.what, p.Command(), err)
		}
		if says := strings.Join(p.Why, "\n"); c.says != "" && !strings.Contains(says, c.says) {
			t.Errorf("%s: says %q, want %q", c.what, says, c.says)
		}
	}
	one := filepath.Join(t.TempDir(), "novel.txt")
	os.WriteFile(one, []byte(strings.Repeat("It was a dark night, and nobody was out in it.\n", 200)), 0o666)
	p, err := PlanFor(t.Context(), one)
	if err != nil || p.Recipe != "shakespeare" || p.Works != 1 || !slices.Contains(p.Settings, "name=novel") || !strings.Contains(p.Settings[0], `use="text"`) {
		t.Errorf("one text: %+v, %v", p, err)
	}
	picture := filepath.Join(t.TempDir(), "cat.png")
	os.WriteFile(picture, red, 0o666)
	if _, err := PlanFor(t.Context(), picture); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "is one file; training wants a folder or an archive") {
		t.Errorf("one picture file: %v", err)
	}
	if _, err := PlanFor(t.Context(), t.TempDir()); err == nil {
		t.Error("an empty folder has a plan")
	}
	t.Setenv("ATELIER_HOME", t.TempDir())
	kept(t, "mine", of("%d.png", 12, red))
	p, err = PlanFor(t.Context(), "mine")
	if err != nil || p.Recipe != "pictures" || p.Works != 12 || p.Settings[0] != `data={use="stored", name="mine"}` || !slices.Contains(p.Settings, "name=mine") {
		t.Errorf("a dataset: %+v, %v", p, err)
	}
	if _, err := ConfigOf(p.Recipe, File{}, p.Settings); err != nil {
		t.Error(p.Command(), err)
	}
	folder := t.TempDir()
	os.WriteFile(filepath.Join(folder, "one.png"), red, 0o666)
	os.WriteFile(filepath.Join(folder, "cut.png"), red[:40], 0o666)
	if _, err := PlanFor(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "holds 1 picture that can be read: want 10 or more") {
		t.Errorf("one picture: %v", err)
	}
}

// of is n files of the same bytes.
func of(name string, n int, b []byte) map[string][]byte {
	files := map[string][]byte{}
	for i := range n {
		files[fmt.Sprintf(name, i)] = b
	}
	return files
}

func join(all ...map[string][]byte) map[string][]byte {
	files := map[string][]byte{}
	for _, m := range all {
		for name, b := range m {
			files[name] = b
		}
	}
	return files
}

// The recipe pictures can be trained at every size that is chosen for it.
func TestOwnSides(t *testing.T) {
	for _, side := range ownSides {
		c, err := ConfigOf("pictures", File{}, []string{fmt.Sprintf("codec.size=%d", side)})
		if err != nil {
			t.Fatal(err)
		}
		spec, err := c.Codec.Value.(interface {
			Spec([]string) (data.Spec, error)
		}).Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Model.Value.Model(spec); err != nil {
			t.Errorf("%d pixels: %v", side, err)
		}
	}
}

// What is cut off pictures of one shape, of several, and of squares.
func TestCropped(t *testing.T) {
	for _, c := range []struct {
		sides []image.Point
		want  string
	}{
		{[]image.Point{{30, 30}, {31, 30}}, ""},
		{[]image.Point{{300, 200}, {600, 402}}, "33 % of each picture is cut off, on the left and the right"},
		{[]image.Point{{100, 200}, {50, 100}}, "50 % of each picture is cut off, at the top and the bottom"},
		{[]image.Point{{100, 200}, {300, 200}, {50, 50}}, "up to 50 % of a picture is cut off"},
	} {
		got := (&survey{sides: c.sides}).cropped()
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v: %q, want %q", c.sides, got, c.want)
		}
	}
}

// kept keeps pictures as a dataset, the last of them to test with.
func kept(t *testing.T, name string, files map[string][]byte) {
	t.Helper()
	place, err := home.Datasets()
	if err != nil {
		t.Fatal(err)
	}
	shelf, err := store.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(files))
	_, err = shelf.Write(t.Context(), &store.Manifest{Name: name}, func(w *store.Writer) error {
		for i, n := range names {
			split := data.Train
			if i == len(names)-1 {
				split = data.Test
			}
			if err := w.Add(store.Row{Item: data.Item{Name: n, MediaType: "image/png", Bytes: files[n]}, Split: split}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
