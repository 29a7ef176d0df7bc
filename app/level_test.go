package app

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/levels"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

// filesOf are the files that an app makes, by name.
func filesOf(t *testing.T, a App, out Out) map[string][]byte {
	t.Helper()
	env, items, _ := onePicture(out)
	env.Beside = func(string, []byte) error { return nil }
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, it := range *items {
		all[it.Name] = it.Bytes
	}
	return all
}

func level(change func(*Level)) *Level {
	a := &Level{From: byCollapse, Window: 3, N: 1, Seed: 1}
	change(a)
	return a
}

// Every level of every theme, size and difficulty can be finished, as one reads from its file; the
// same seed gives the same level, alone or with others.
func TestLevels(t *testing.T) {
	for _, theme := range levels.Themes[:3] {
		rules, err := levels.RulesOf(theme)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []string{"", "17x23"} {
			a := level(func(a *Level) { a.Theme, a.Size, a.N, a.Format = theme, size, 12, formatText })
			all := filesOf(t, a, Out{Apart: true})
			if len(all) != 12 {
				t.Fatalf("%d levels", len(all))
			}
			different := map[string]bool{}
			for name, file := range all {
				m, err := tilemap.Read(name, file, nil)
				if err == nil {
					err = rules.Read(m)
				}
				if err != nil || rules.Solve(m) == nil {
					t.Errorf("%s cannot be finished: %v\n%s", name, err, file)
				}
				different[string(file)] = true
			}
			if len(different) < 11 {
				t.Errorf("%s: only %d of 12 levels are different", theme, len(different))
			}
			one := level(func(a *Level) { a.Theme, a.Size, a.Seed, a.Format = theme, size, 7, formatText })
			name := theme + "-000007.txt"
			if alone := filesOf(t, one, Out{Apart: true}); !bytes.Equal(alone[name], all[name]) {
				t.Errorf("seed 7 alone is another level")
			}
		}
	}
}

// The tileset that a map refers to is read from beside it, or else asked for.
func TestLevelBesideTileset(t *testing.T) {
	const file = `<map orientation="orthogonal" width="4" height="3" tilewidth="8" tileheight="8"><tileset firstgid="1" source="../sets/own.tsx"/>
<layer width="4" height="3"><data encoding="csv">1,1,1,1,1,2,2,1,1,1,1,1</data></layer></map>`
	const set = `<tileset><tile id="0"><properties><property name="glyph" value="#"/></properties></tile><tile id="1"><properties><property name="glyph" value="."/></properties></tile></tileset>`
	place := filepath.Join(t.TempDir(), "a.tmx")
	if err := os.WriteFile(place, []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	a := level(func(a *Level) { a.Window = 2; a.Map.Name = place })
	if err := ReadFiles(a, nil, nil); err != nil {
		t.Fatal(err)
	}
	env, _, _ := onePicture(Out{File: "x.txt"})
	if err := Run(t.Context(), a, env); err == nil || !strings.Contains(err.Error(), "its tileset ../sets/own.tsx is a file of its own") {
		t.Fatalf("without the tileset: %v", err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(place), "own.tsx"), []byte(set), 0o666); err != nil {
		t.Fatal(err)
	}
	read, err := ReadFile(place, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := tilemap.Read(read.Name, read.Bytes, read.beside)
	if err != nil || m.CheckRead() != nil || string(m.Text()) != "####\n#..#\n####\n" {
		t.Errorf("with the tileset: %v, %v", m, err)
	}
}

// A map of one's own in TMX keeps its tileset; in text it needs rules that know its tiles.
func TestLevelOfOwn(t *testing.T) {
	rules := "move=\"walk\"\nstart=\"s\"\ngoal=\"g\"\nopen=\"_\"\ntile=[{glyph=\"s\",name=\"start\"},{glyph=\"g\",name=\"goal\"},{glyph=\"_\",name=\"floor\"},{glyph=\"W\",name=\"wall\",solid=true}]\n"
	drawn := "WWWWWWWWWW\nW________W\nW_WW__WW_W\nW_W____W_W\nW_s__g___W\nW___WW___W\nW________W\nWWWWWWWWWW\n"
	m, err := tilemap.ReadText([]byte(drawn))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := levels.ParseRules([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	file, err := m.TMX(parsed.Tileset("mine", "mine.png"), nil)
	if err != nil {
		t.Fatal(err)
	}
	file = bytes.Replace(file, []byte(`tilecount="32"`), []byte(`tilecount="31"`), 1) // not as they are drawn
	a := level(func(a *Level) {
		a.Map, a.Rules, a.Size, a.Window = File{Name: "mine.tmx", Bytes: file}, File{Name: "mine.toml", Bytes: []byte(rules)}, "14x10", 2
	})
	for name, made := range filesOf(t, a, Out{File: "new.tmx"}) {
		if got, err := tilemap.ReadTMX(made, nil); err != nil || parsed.Solve(got) == nil || !bytes.Contains(made, []byte(`<image source="mine.png"`)) {
			t.Errorf("%s: %v\n%s", name, err, made)
		}
	}
	for want, change := range map[string]func(*Level){
		`row 1, column 1 has 'W', which is no tile of the rules`: func(a *Level) { a.Map, a.Rules = File{Name: "mine.txt", Bytes: []byte(drawn)}, File{} },
		`mine.tmx: row 1, column 1: tile 4 has no property "glyph", which says what tile of the rules it is`: func(a *Level) {
			a.Map.Bytes, a.Rules = bytes.ReplaceAll(file, []byte(`"glyph"`), []byte(`"other"`)), File{}
		},
		"mine.toml: line 1":               func(a *Level) { a.Rules.Bytes = []byte("move=1\n") },
		"want either a theme or rules":    func(a *Level) { a.Theme = "garden" },
		"want a map file to imitate":      func(a *Level) { a.Map = File{} },
		"want at least 2":                 func(a *Level) { a.Size = "1x9" },
		"want at most 256":                func(a *Level) { a.Size = "9x900" },
		"tmj is written with drawn tiles": func(a *Level) { a.Format = formatTMJ },
		"want it only with png":           func(a *Level) { a.Way = true },
		"the map is no TMX file":          func(a *Level) { a.Map.Bytes = []byte("<html>") },
		"the example has 1×1 cells":       func(a *Level) { a.Map.Bytes, a.Map.Name = []byte("_"), "mine.txt" },
	} {
		wrong := *a
		change(&wrong)
		env, items, _ := onePicture(Out{Apart: true})
		if err := Run(t.Context(), &wrong, env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) || len(*items) > 0 {
			t.Errorf("%v; want %q", err, want)
		}
	}
	env, _, _ := onePicture(Out{File: "one.tmx"})
	if err := Run(t.Context(), level(func(*Level) {}), env); err == nil || !strings.Contains(err.Error(), "want a folder") {
		t.Error(err)
	}
}

// A run that learned several themes draws none of the tiles that the rules of one do not have.
func TestLeaveOut(t *testing.T) {
	rules, err := levels.RulesOf("garden")
	if err != nil {
		t.Fatal(err)
	}
	planar, err := registry.Make[data.Codec]("tileplanes", "columns=4", "rows=4", "glyphs=M.T")
	if err != nil {
		t.Fatal(err)
	}
	d := &drawnLevels{learnedLevels{rules: rules}, planar.Value.(*codec.TilePlanes)}
	spec, err := d.codec.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(spec, 1)
	planes := b.Column(data.Target).Floats
	for i := range planes {
		planes[i] = []float32{1, 0.2, 0.1}[i%3]
	}
	copy(planes, []float32{0.9, -1, -0.8, -1, 0.5, 0}) // a tree behind a monster, and grass
	d.leaveOut(b.Column(data.Target))
	it, err := d.codec.Decode(b, 0)
	if err != nil || string(it.Bytes) != "T...\n....\n....\n....\n" {
		t.Errorf("%q, %v; want the likeliest tiles of a garden", it.Bytes, err)
	}
}

// What Tiled draws of a level is what the program draws of it, pixel by pixel.
func TestLevelInTiled(t *testing.T) {
	if _, err := exec.LookPath("tmxrasterizer"); err != nil {
		t.Skip("there is no tmxrasterizer, of Debian's package tiled")
	}
	for _, theme := range levels.Themes[:3] {
		for _, format := range []string{formatTMX, formatTMJ} {
			dir := t.TempDir()
			a := level(func(a *Level) { a.Theme, a.Seed, a.Format = theme, 5, format })
			name := ""
			for made, file := range filesOf(t, a, Out{Apart: true}) {
				if err := os.WriteFile(filepath.Join(dir, made), file, 0o666); err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(made, format) {
					name = made
				}
			}
			drawing := exec.Command("tmxrasterizer", filepath.Join(dir, name), filepath.Join(dir, "drawn.png"))
			drawing.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen")
			if said, err := drawing.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			theirs, err := os.ReadFile(filepath.Join(dir, "drawn.png"))
			if err != nil {
				t.Fatal(err)
			}
			a.Format = formatPNG
			ours := filesOf(t, a, Out{})[fmt.Sprintf("%s-%06d.png", theme, 5)]
			if !slices.Equal(pixelsOf(t, ours).Pix, pixelsOf(t, theirs).Pix) {
				t.Errorf("%s: Tiled draws it otherwise", name)
			}
		}
	}
}

// The way is drawn on the picture, and nowhere else.
func TestLevelWay(t *testing.T) {
	a := level(func(a *Level) { a.Format = formatPNG })
	plain := pixelsOf(t, filesOf(t, a, Out{})["dungeon-000001.png"])
	a.Way = true
	shown := pixelsOf(t, filesOf(t, a, Out{})["dungeon-000001.png"])
	dots := 0
	for y := 0; y < plain.Rect.Dy(); y += levels.TileSide {
		for x := 0; x < plain.Rect.Dx(); x += levels.TileSide {
			cell := image.Rect(x, y, x+levels.TileSide, y+levels.TileSide)
			var a, b bytes.Buffer
			png.Encode(&a, plain.SubImage(cell))
			png.Encode(&b, shown.SubImage(cell))
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				dots++
			}
		}
	}
	if dots < 19 || dots > 200 {
		t.Errorf("%d cells of the way", dots)
	}
}
