package motion

import (
	"bytes"
	"image"
	"math"
	"testing"
)

func slope(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(m.Pix[4*i:], []uint8{uint8(i % w * 255 / w), uint8(i / w * 255 / h), 90, 255})
	}
	return m
}

func apart(a, b *image.NRGBA) (sum float64) {
	for i := range a.Pix {
		sum += math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
	}
	return sum / float64(len(a.Pix))
}

// A loop ends where it begins: the step from its end to its beginning is as small as the others.
func TestLoopsJoin(t *testing.T) {
	img := slope(48, 32)
	field := Flow{Angle: 30, Speed: 12, Swirl: 0.5, Seed: 1}.Field(image.Pt(48, 32), nil)
	for name, move := range map[string]func(at float64) *image.NRGBA{
		"drift": func(at float64) *image.NRGBA { return Drift(img, field, at) },
		"sway":  func(at float64) *image.NRGBA { return Sway(img, field, 2, at) },
	} {
		const n = 24
		most := 0.
		for k := range n - 1 {
			most = max(most, apart(move(float64(k)/n), move(float64(k+1)/n)))
		}
		if seam := apart(move(float64(n-1)/n), move(0)); seam > 1.05*most || most == 0 {
			t.Errorf("%s: the seam is %g, the largest step %g", name, seam, most)
		}
		if !bytes.Equal(move(0).Pix, move(0).Pix) {
			t.Errorf("%s: other bytes the second time", name)
		}
	}
}

// What a mask leaves out does not move, and the flow goes where it is told.
func TestMaskAndDirection(t *testing.T) {
	img := slope(40, 40)
	mask := image.NewGray(img.Rect)
	for i := range mask.Pix {
		if i%40 >= 20 {
			mask.Pix[i] = 255
		}
	}
	moved := Drift(img, Flow{Speed: 10}.Field(image.Pt(40, 40), mask), 0.25)
	for i := range 40 * 40 {
		if same := bytes.Equal(moved.Pix[4*i:4*i+4], img.Pix[4*i:4*i+4]); i%40 < 20 && !same {
			t.Fatalf("pixel %d,%d moved", i%40, i/40)
		}
	}
	field := Flow{Speed: 10}.Field(image.Pt(40, 40), nil)
	if far := apart(Drift(img, field, 0), img); far > 1 {
		t.Errorf("at the beginning the picture is off by %g", far)
	}
	if x, y := field.back(20, 20, 0.1); math.Abs(x-19) > 1e-9 || y != 20 {
		t.Errorf("a tenth of a loop of 10 pixels to the right ago it was at %g,%g", x, y)
	}
	if x, y := (Flow{Angle: 90, Speed: 10}).Field(image.Pt(40, 40), nil).back(20, 20, 0.1); math.Abs(x-20) > 1e-9 || math.Abs(y-21) > 1e-9 {
		t.Errorf("upwards it came from %g,%g", x, y)
	}
}
