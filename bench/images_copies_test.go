package bench

import (
	"image"
	"math"
	"testing"

	"atelier/data"
	_ "atelier/data/source"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

// TestGrainy adds noise to pictures that can hardly be seen.
func TestGrainy(t *testing.T) {
	from := registry.Choose[data.Source]("starter").Value
	var plain, copies []image.Image
	for _, to := range []struct {
		from data.Source
		list *[]image.Image
	}{{from, &plain}, {grainy{from}, &copies}} {
		for item, err := range to.from.Items(t.Context(), data.Test) {
			if err != nil {
				t.Fatal(err)
			}
			*to.list = append(*to.list, pictureOf(t, item.Bytes))
			if len(*to.list) == 3 {
				break
			}
		}
	}
	for i := range copies {
		size, miss := plain[i].Bounds(), 0.0
		for y := range size.Dy() {
			for x := range size.Dx() {
				a, _, _, _ := plain[i].At(x, y).RGBA()
				b, _, _, _ := copies[i].At(x, y).RGBA()
				miss += math.Abs(float64(a)-float64(b)) / 257
			}
		}
		if miss /= float64(size.Dx() * size.Dy()); miss < 1 || miss > grain {
			t.Errorf("picture %d is off by %.2f on average", i, miss)
		}
	}
}

func pictureOf(t *testing.T, b []byte) image.Image {
	t.Helper()
	file, err := picture.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	img, err := file.Decode()
	if err != nil {
		t.Fatal(err)
	}
	return img
}
