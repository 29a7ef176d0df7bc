package clean

import (
	"image"
	"image/color"
	"testing"

	"atelier/internal/picture"
)

func TestSixteenBitsBecomeEight(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 2, 2))
	deep.SetNRGBA64(1, 0, color.NRGBA64{0x1234, 0x5678, 0x9abc, 0xdef0})
	v := judge(t, &SRGB{}, pictureItem("x", "image/png", pngOf(deep)))
	file, err := picture.Open(v.Item.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	img, err := file.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if c := picture.NRGBA(img).NRGBAAt(1, 0); c != (color.NRGBA{0x12, 0x56, 0x9a, 0xde}) {
		t.Errorf("became %v", c)
	}
}
