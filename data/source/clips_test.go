package source

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/film"
)

// clipOf is an animation of n frames.
func clipOf(t *testing.T, f animation.Format, n int) []byte {
	t.Helper()
	var frames []image.Image
	for i := range n {
		m := image.NewGray(image.Rect(0, 0, 8, 8))
		m.SetGray(i%8, i/8, color.Gray{255})
		frames = append(frames, m)
	}
	file, err := f.Encode(frames, clipFrame)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// pngFile is a picture as a file.
func pngFile(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shade is a picture of one grey level.
func shade(t *testing.T, level uint8) []byte {
	return pngFile(t, &image.Gray{Pix: []uint8{level, level, level, level}, Stride: 2, Rect: image.Rect(0, 0, 2, 2)})
}

// framesOf is the number of frames of each Item.
func framesOf(t *testing.T, items map[string]data.Item) map[string]int {
	t.Helper()
	out := map[string]int{}
	for name, it := range items {
		reel, err := film.Open(it.Bytes)
		if err != nil {
			t.Fatal(name, err)
		}
		out[name] = reel.N
	}
	return out
}

// Clips come from animations, from folders of numbered frames in the order of the numbers, and in
// pieces.
func TestClips(t *testing.T) {
	dir := write(t, map[string][]byte{
		"cat/a.gif": clipOf(t, animation.GIF, 5), "dog/b.webp": clipOf(t, animation.WebP, 3), "dog/run/2.png": shade(t, 20), "dog/run/10.png": shade(t, 100),
		"dog/run/1.png": shade(t, 10), "cat/still.png": pngOf(t, 1), "cat/text.txt": []byte("no clip"), "cat/broken.gif": []byte("GIF89a"), "README.md": []byte("about"),
	})
	items, _, drops := take(t, &Clips{Path: dir})
	if got := fmt.Sprint(framesOf(t, items)); got != "map[cat/a.gif:5 dog/b.webp:3 dog/run:3]" {
		t.Error(got)
	}
	reel, err := film.Open(items["dog/run"].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var order []uint8
	for m, err := range reel.Frames {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, color.GrayModel.Convert(m.At(0, 0)).(color.Gray).Y)
	}
	if fmt.Sprint(order) != "[10 20 100]" {
		t.Error("frames in the order", order)
	}
	if items["cat/a.gif"].Label != "cat" || items["dog/run"].Label != "dog" {
		t.Errorf("labels %q and %q", items["cat/a.gif"].Label, items["dog/run"].Label)
	}
	if got := fmt.Sprint(drops); got != "map[cat/broken.gif:no clip cat/still.png:still cat/text.txt:no clip]" {
		t.Error(got)
	}
	items, _, drops = take(t, &Clips{Path: dir, Cut: 2})
	if got := fmt.Sprint(framesOf(t, items)); got != "map[cat/a.gif#1:2 cat/a.gif#2:2 dog/b.webp#1:2 dog/run#1:2]" {
		t.Error(got, drops)
	}
	for _, wrong := range []*Clips{{}, {Path: dir, Cut: 1}, {Path: dir, Cell: 2}, {Path: dir + "/none"}} {
		if _, err := collect(wrong, data.Train); err == nil {
			t.Errorf("%+v is read", wrong)
		}
	}
}

// A row of a sprite sheet is a clip up to its first empty cell.
func TestSpriteSheets(t *testing.T) {
	sheet := image.NewNRGBA(image.Rect(0, 0, 32, 16))
	for _, at := range []image.Point{{1, 1}, {9, 1}, {17, 1}, {1, 9}} {
		sheet.SetNRGBA(at.X, at.Y, color.NRGBA{200, 0, 0, 255})
	}
	items, _, _ := take(t, &Clips{Path: write(t, map[string][]byte{"body/a.png": pngFile(t, sheet)}), Cell: 8})
	if got := fmt.Sprint(framesOf(t, items)); got != "map[body/a.png#1:3]" {
		t.Error(got)
	}
}

// Clothes move as the truth says: the frames are where it puts them, and speeds stay.
func TestMovingTruth(t *testing.T) {
	s := &Moving{Size: 64, Frames: 12, Clothes: 1, Slowest: 1, Fastest: 3, Clips: 4}
	for i := range 4 {
		movers, err := s.Truth(t.Context(), data.Train, i)
		if err != nil {
			t.Fatal(err)
		}
		m := movers[0]
		for k := range s.Frames {
			for axis := range 2 {
				if at := m.At[k][axis]; at < 0 || at > 36 {
					t.Fatalf("clip %d is at %g", i, at)
				}
				if v := math.Abs(m.Velocity[k][axis]); v < 1 || v > 3 || math.Abs(v-math.Abs(m.Velocity[0][axis])) > 1e-12 {
					t.Fatalf("clip %d moves by %g", i, v)
				}
				if k > 0 && m.Velocity[k][axis] == m.Velocity[k-1][axis] && math.Abs(m.At[k][axis]-m.At[k-1][axis]-m.Velocity[k][axis]) > 1e-9 {
					t.Errorf("clip %d, frame %d: moved by %g, not %g", i, k, m.At[k][axis]-m.At[k-1][axis], m.Velocity[k][axis])
				}
			}
			// The centre of what is drawn moves along.
			var sum, x, y float64
			frame := s.Draw(movers, k)
			for p, v := range frame.Pix {
				sum, x, y = sum+float64(v), x+float64(v)*float64(p%64), y+float64(v)*float64(p/64)
			}
			cx, cy := x/sum-m.At[k][0], y/sum-m.At[k][1]
			first := s.Draw(movers, 0)
			sum, x, y = 0, 0, 0
			for p, v := range first.Pix {
				sum, x, y = sum+float64(v), x+float64(v)*float64(p%64), y+float64(v)*float64(p/64)
			}
			if math.Abs(cx-(x/sum-m.At[0][0])) > 0.1 || math.Abs(cy-(y/sum-m.At[0][1])) > 0.1 {
				t.Errorf("clip %d, frame %d: its centre is off", i, k)
			}
		}
	}
	for _, wrong := range []*Moving{{Size: 8}, {Size: 64, Frames: 1}, {Size: 64, Frames: 4}, {Size: 64, Frames: 4, Clothes: 1, Slowest: 2, Fastest: 1}} {
		if wrong.Check() == nil {
			t.Errorf("%+v is accepted", wrong)
		}
	}
}
