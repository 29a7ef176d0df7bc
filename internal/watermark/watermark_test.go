package watermark

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"atelier/internal/badinput"
)

func testKey(t testing.TB, n byte) *Key {
	t.Helper()
	k, err := ParseKey(bytes.Repeat([]byte{n}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// photo is a part of a photo, 256 pixels wide and high.
func photo(t testing.TB, name string, x, y int) *image.NRGBA {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "bench", "photos", name))
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return onto(img, image.Rect(x, y, x+Promised, y+Promised))
}

func onto(img image.Image, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: r.Size()})
	draw.Draw(out, out.Rect, img, r.Min, draw.Src)
	return out
}

func jpegged(t testing.TB, img image.Image, quality int) *image.NRGBA {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return onto(out, out.Bounds())
}

// A mark is found with its key as it is, after JPEG, and in a part of the picture, where it should
// begin; with another key it is not. It costs less than is promised, and is the same every time.
func TestEmbedDetect(t *testing.T) {
	key, other := testKey(t, 7), testKey(t, 8)
	for _, name := range []string{"cat.jpg", "pagoda.jpg", "coffee.jpg"} {
		plain := photo(t, name, 40, 20)
		marked, err := key.Embed(plain)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := key.Embed(plain); !bytes.Equal(again.Pix, marked.Pix) {
			t.Errorf("%s: other pixels the second time", name)
		}
		if db := PSNR(plain, marked); db < 42 || db > 60 {
			t.Errorf("%s: %g dB", name, db)
		}
		part := marked.SubImage(image.Rect(13, 7, 243, 238)).(*image.NRGBA)
		for what, img := range map[string]*image.NRGBA{"as it is": marked, "JPEG 50": jpegged(t, marked, 50), "a part": part, "JPEG 50 of a part": jpegged(t, part, 50)} {
			d := key.Detect(img)
			if !d.Found() {
				t.Errorf("%s, %s: not found, z %g", name, what, d.Z)
			}
			if want := (image.Point{}); what == "as it is" && (d.X != want.X || d.Y != want.Y) {
				t.Errorf("%s: begins at %d,%d", name, d.X, d.Y)
			}
			if what == "a part" && (d.X != 64-13 || d.Y != 64-7) {
				t.Errorf("%s, a part: begins at %d,%d", name, d.X, d.Y)
			}
			if d := other.Detect(img); d.Found() {
				t.Errorf("%s, %s: found with another key, z %g", name, what, d.Z)
			}
		}
		if d := key.Detect(plain); d.Found() {
			t.Errorf("%s: found where there is none, z %g", name, d.Z)
		}
	}
}

// The z of pictures without a mark is that of a normal distribution: above 1 in 16 % of them, and
// above 2.33 in 1 %.
func TestFalseAlarms(t *testing.T) {
	img := photo(t, "raccoon.jpg", 100, 100)
	one, two, n := 0, 0, 400
	for i := range n {
		key, err := ParseKey(bytes.Repeat([]byte{byte(i), byte(i >> 8), 3, 1}, KeySize/4))
		if err != nil {
			t.Fatal(err)
		}
		x := i % 7 * 20
		z := key.Detect(img.SubImage(image.Rect(x, i%11*10, x+96, i%11*10+96)).(*image.NRGBA)).Z
		if z > 1 {
			one++
		}
		if z > 2.33 {
			two++
		}
	}
	if one > n/4 || two > n/40 {
		t.Errorf("z above 1 in %d, above 2.33 in %d of %d", one, two, n)
	}
}

func TestEdges(t *testing.T) {
	key := testKey(t, 1)
	if _, err := key.Embed(image.NewNRGBA(image.Rect(0, 0, 63, 200))); !errors.Is(err, badinput.Err) {
		t.Errorf("too small: %v", err)
	}
	for _, size := range []image.Point{{}, {1, 1}, {7, 100}, {8, 8}, {64, 64}} {
		if d := key.Detect(image.NewNRGBA(image.Rectangle{Max: size})); d.Found() || math.IsNaN(d.Z) {
			t.Errorf("%v: %+v", size, d)
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 100, 70))
	draw.Draw(clear, clear.Rect, image.NewUniform(color.NRGBA{200, 100, 50, 7}), image.Point{}, draw.Src)
	marked, err := key.Embed(clear)
	if err != nil || marked.Pix[3] != 7 {
		t.Errorf("transparency became %d, error %v", marked.Pix[3], err)
	}
	if _, err := ParseKey(make([]byte, 31)); !errors.Is(err, badinput.Err) {
		t.Errorf("a short key: %v", err)
	}
	if a, b := testKey(t, 1).Fingerprint(), testKey(t, 2).Fingerprint(); a == b || len(a) != 16 {
		t.Errorf("fingerprints %s and %s", a, b)
	}
}

// The corrected z is as unlikely as the largest of as many as there are places, by a simulation.
func TestCorrected(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	above := 0
	const n = 400
	for range n {
		largest := math.Inf(-1)
		for range tile * tile {
			largest = max(largest, r.NormFloat64())
		}
		if corrected(largest) > 1 { // 16 %
			above++
		}
	}
	if above < n*10/100 || above > n*23/100 {
		t.Errorf("%d of %d above 1", above, n)
	}
	for _, z := range []float64{0, 3, 6, 19.99, 20.01, 100} {
		if c := corrected(z); math.IsNaN(c) || c > z || z > 50 && c < z-0.2 {
			t.Errorf("corrected(%g) = %g", z, c)
		}
	}
}
