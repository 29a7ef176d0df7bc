package app

import (
	"encoding/base64"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"atelier/internal/picture"
)

// Godot loads a sheet and its atlas, and every frame shows something.
func TestSpritesInGodot(t *testing.T) {
	if _, err := exec.LookPath("godot3-server"); err != nil {
		t.Skip("there is no godot3-server, of Debian's package of that name")
	}
	dir := t.TempDir()
	for name, file := range filesOf(t, spritesOf(t, func(*Sprites) {}), Out{Apart: true}) {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	script, err := filepath.Abs("testdata/engines/atlas.gd")
	if err != nil {
		t.Fatal(err)
	}
	godot := exec.CommandContext(t.Context(), "godot3-server", "--no-window", "-s", script)
	godot.Env = append(os.Environ(), "SHEET="+dir, "HOME="+dir)
	godot.Dir = t.TempDir() // where it writes a log
	said, err := godot.CombinedOutput()
	if err != nil || !regexp.MustCompile(`shown 5 of 5 in \d+x\d+`).Match(said) {
		t.Errorf("%v: %s", err, said)
	}
}

// Phaser loads a sheet with its atlas, and a level in TMJ with the picture of its tiles.
func TestInPhaser(t *testing.T) {
	phaser, err := os.ReadFile(filepath.Join(os.Getenv("ATELIER_PHASER"), "node_modules/phaser/dist/phaser.min.js"))
	if _, missing := exec.LookPath("chromium"); err != nil || missing != nil {
		t.Skip("needs chromium, and a folder with npm's phaser in ATELIER_PHASER")
	}
	sprites := filesOf(t, spritesOf(t, func(*Sprites) {}), Out{Apart: true})
	made := filesOf(t, level(func(a *Level) { a.Theme, a.Format = "platform", formatTMJ }), Out{Apart: true})
	page, err := os.ReadFile("testdata/engines/phaser.html")
	if err != nil {
		t.Fatal(err)
	}
	html := string(page)
	for name, value := range map[string]string{
		"ATLAS": string(sprites["sprites.json"]), "MAP": string(made["platform-000001.tmj"]),
		`"SHEET"`: `"` + base64.StdEncoding.EncodeToString(sprites["sprites.png"]) + `"`,
		`"TILES"`: `"` + base64.StdEncoding.EncodeToString(made["platform-tiles.png"]) + `"`,
	} {
		html = strings.Replace(html, name, value, 1)
	}
	html = strings.Replace(html, "PHASER", strings.ReplaceAll(string(phaser), "</script>", "<\\/script>"), 1)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(html), 0o666); err != nil {
		t.Fatal(err)
	}
	browser := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+file)
	said, err := browser.Output()
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`<pre>(.*)</pre>`).FindSubmatch(said)
	if told == nil {
		t.Fatalf("it did not load: %s", said[:min(len(said), 300)])
	}
	for _, want := range []string{`"frames":5`, `"size":[24,16]`, `"start":1`, `,32,32]`} {
		if !strings.Contains(string(told[1]), want) {
			t.Errorf("no %s in %s", want, told[1])
		}
	}
	if strings.Contains(string(told[1]), `"solid":0`) {
		t.Errorf("nothing is solid: %s", told[1])
	}
}

// Tiled draws a map with a tileset of our own making.
func TestTilesetInTiled(t *testing.T) {
	if _, err := exec.LookPath("tmxrasterizer"); err != nil {
		t.Skip("there is no tmxrasterizer, of Debian's package tiled")
	}
	dir := t.TempDir()
	a := spritesOf(t, func(a *Sprites) {
		a.As, a.Background = asTileset, backgroundKeep
		a.Pictures = Files{fileOf(t, "a.png", picture.PNG, scene(16, 16)), fileOf(t, "b.png", picture.PNG, filledWith(wayInk, image.Pt(16, 16)))}
	})
	all := filesOf(t, a, Out{Apart: true})
	all["map.tmx"] = []byte(`<map version="1.8" orientation="orthogonal" width="3" height="1" tilewidth="16" tileheight="16" infinite="0"><tileset firstgid="1" source="sprites.tsx"/><layer id="1" name="l" width="3" height="1"><data encoding="csv">1,2,1</data></layer></map>`)
	for name, file := range all {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	drawing := exec.CommandContext(t.Context(), "tmxrasterizer", filepath.Join(dir, "map.tmx"), filepath.Join(dir, "drawn.png"))
	drawing.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen")
	if said, err := drawing.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	drawn, err := os.ReadFile(filepath.Join(dir, "drawn.png"))
	if err != nil {
		t.Fatal(err)
	}
	img := pixelsOf(t, drawn)
	for _, x := range []int{0, 16, 32} {
		want := fmt.Sprint(scene(16, 16).NRGBAAt(3, 5))
		if x == 16 {
			want = fmt.Sprint(wayInk)
		}
		if got := fmt.Sprint(img.NRGBAAt(x+3, 5)); got != want {
			t.Errorf("at %d: %s, want %s", x, got, want)
		}
	}
}
