package viewer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"atelier/internal/browsertest"
	"atelier/internal/mesh"
	"atelier/internal/provenance"
	"atelier/internal/rooms"
	"atelier/internal/sphere"
)

// The scripts of others are those that vendor.sh makes, and small enough to be carried.
func TestVendored(t *testing.T) {
	total := 0
	for name, want := range map[string]string{
		"three.js":        "e71b2526ae2eaa3de82c96375086a90a3343f05872f2ee5660327fa45db2e0b5",
		"model-viewer.js": "18b2e711035aa4705ee281530a55dc2338ff05eed3d70ae16d54105282a75ed5",
	} {
		b, err := vendored.ReadFile("vendor/" + name + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		total += len(b)
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		script, err := io.ReadAll(r)
		if sum := sha256.Sum256(script); err != nil || hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has the SHA-256 %x, error %v", name, sum, err)
		}
	}
	if total > 2<<20 {
		t.Errorf("they have %d bytes", total)
	}
}

// Every text of the pages has a Chinese one, and every Chinese one a text.
func TestChinese(t *testing.T) {
	file, err := pages.ReadFile("pages/chinese.json")
	if err != nil {
		t.Fatal(err)
	}
	chinese := map[string]string{}
	if err := json.Unmarshal(file, &chinese); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	all, err := fs.Glob(pages, "pages/*.html")
	if err != nil || len(all) < 4 {
		t.Fatal(all, err)
	}
	for _, name := range all {
		text, err := pages.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, written := range []string{`<(?:p|button)\b[^>]*>([^<]+)<`, `aria-label="([^"{]+)"`, `said\("([^"]+)"`} {
			for _, m := range regexp.MustCompile(written).FindAllSubmatch(text, -1) {
				if of := string(m[1]); strings.ContainsAny(of, "abcdefghijklmnopqrstuvwxyz") {
					said[of] = true
				}
			}
		}
	}
	for of := range said {
		if chinese[of] == "" {
			t.Errorf("no Chinese for %q", of)
		}
	}
	for of, in := range chinese {
		if !said[of] || strings.Count(of, "#") != strings.Count(in, "#") {
			t.Errorf("%q is not said, or has other places than %q", of, in)
		}
	}
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func filled(w, h int, colour func(x, y int) color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, colour(x, y))
		}
	}
	return img
}

// pagesOf are a page of each kind: a red board, a panorama of four colours, and a room with two
// pictures.
func pagesOf(t *testing.T) map[string][]byte {
	t.Helper()
	red := jpegOf(t, filled(16, 16, func(x, y int) color.NRGBA { return color.NRGBA{220, 20, 20, 255} }))
	front, body := mesh.Field{W: 2, H: 2, Heights: make([]float32, 4)}.Relief(0.3, 0.2, 0.02, 0.02)
	body.Material = 1
	board := &mesh.Scene{Name: "board", Parts: []mesh.Part{front, body}, Materials: []mesh.Material{
		{Name: "red", Texture: red, Colour: mesh.Vec{1, 1, 1}, Roughness: 1}, {Name: "body", Colour: mesh.Vec{1, 1, 1}, Roughness: 1}}}
	glb, err := board.GLB()
	if err != nil {
		t.Fatal(err)
	}
	usdz, err := board.USDZ()
	if err != nil {
		t.Fatal(err)
	}
	// In front green, to the right blue, behind red, to the left yellow; white above, black below.
	around := sphere.New(512)
	draw := filled(512, 256, func(x, y int) color.NRGBA {
		switch quarter := (x + 64) / 128 % 4; {
		case y < 40:
			return color.NRGBA{255, 255, 255, 255}
		case y > 215:
			return color.NRGBA{0, 0, 0, 255}
		default:
			return []color.NRGBA{{220, 0, 0, 255}, {220, 220, 0, 255}, {0, 200, 0, 255}, {0, 0, 220, 255}}[quarter]
		}
	})
	copy(around.Pix, draw.Pix)
	room := rooms.Build("a room", nil, []rooms.Picture{{Title: "red", Texture: red, Width: 1.2, Height: 1.2}, {Title: "<also>", Texture: red, Width: 1.2, Height: 1.2}})
	roomGLB, err := room.GLB()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for name, write := range map[string]func() ([]byte, error){
		"solid":    func() ([]byte, error) { return Solid("A board & more", Wall, glb, usdz) },
		"panorama": func() ([]byte, error) { return Panorama("Four colours", jpegOf(t, around)) },
		"rooms":    func() ([]byte, error) { return Rooms("<script>", roomGLB) },
	} {
		if all[name], err = write(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// loads finds what a page would load from elsewhere.
var loads = regexp.MustCompile(`(?:src|href)="?https?:|@import|import\s*\(?"http`)

// A page loads nothing, carries a label, escapes its title, and is the same every time.
func TestPages(t *testing.T) {
	again := pagesOf(t)
	for name, page := range pagesOf(t) {
		if !bytes.Equal(page, again[name]) {
			t.Errorf("%s: the second page differs", name)
		}
		if found := loads.Find(page); found != nil {
			t.Errorf("%s: it loads %s", name, found)
		}
		if bytes.Contains(page, []byte("<title><script>")) {
			t.Errorf("%s: the title is not escaped", name)
		}
		for _, want := range []string{"default-src 'none'", provenance.PageLines} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		labelled, err := provenance.Write(page, provenance.Label{Run: "0001-x"})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := provenance.Read(labelled); err != nil || l.Run != "0001-x" {
			t.Errorf("%s: label %+v, error %v", name, l, err)
		}
	}
}

// The pages show themselves in a browser, from files: solids turn, panoramas show what is in front
// in front, rooms are walked through and keep their walls, and a headset, emulated by iwer, enters,
// looks and goes.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a browser takes a minute")
	}
	dir := t.TempDir()
	var args []string
	for _, name := range []string{"solid", "panorama", "rooms"} {
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, pagesOf(t)[name], 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, "file://"+filepath.ToSlash(path))
	}
	done := 0
	browsertest.Run(t, browsertest.Folder(os.Getenv("ATELIER_PLAYWRIGHT")), func(line string) {
		if strings.HasPrefix(line, "done: ") {
			done++
		}
	}, "viewer.mjs", args...)
	if done != len(args)+2 {
		t.Errorf("%d of %d parts of the script were run", done, len(args)+2)
	}
}
