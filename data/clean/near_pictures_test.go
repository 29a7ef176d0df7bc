package clean

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"testing"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/noise"
)

// landscape is a picture with soft and sharp areas in colours that chance chooses.
func landscape(seed uint64) *image.NRGBA {
	rng := noise.Stream(seed)
	small := image.NewNRGBA(image.Rect(0, 0, 6, 5))
	for i := range small.Pix {
		small.Pix[i] = uint8(20 + rng.IntN(200))
		if i%4 == 3 {
			small.Pix[i] = 255
		}
	}
	img := image.NewNRGBA(image.Rect(0, 0, 240, 200))
	draw.BiLinear.Scale(img, img.Rect, small, small.Rect, draw.Src, nil)
	return img
}

func scaled(img *image.NRGBA, width, height int, part image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(out, out.Rect, img, part, draw.Src, nil)
	return out
}

func brighter(img *image.NRGBA, percent int) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = v
		if i%4 != 3 {
			out.Pix[i] = uint8(min(255, int(v)*percent/100))
		}
	}
	return out
}

func squeezed(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func sketched(t *testing.T, mediaType string, b []byte) data.Sketch {
	t.Helper()
	s, ok, err := (&NearPictures{}).Sketch(&data.Piece{Item: pictureItem("x", mediaType, b)})
	if err != nil || !ok {
		t.Fatalf("no sketch: %v", err)
	}
	return s
}

// found reports whether two sketches share a band and are alike.
func found(a, b data.Sketch) bool {
	share := slices.ContainsFunc(a.Bands, func(band uint64) bool { return slices.Contains(b.Bands, band) })
	return share && (&NearPictures{Difference: 7}).Alike(a.Signature, b.Signature)
}

func TestNearPicturesFindsCopies(t *testing.T) {
	for seed := range uint64(3) {
		img := landscape(seed)
		original := sketched(t, "image/png", pngOf(img))
		for _, c := range []struct {
			name, mediaType string
			bytes           []byte
		}{
			{"encoded again", "image/jpeg", squeezed(img)},
			{"smaller", "image/png", pngOf(scaled(img, 192, 160, img.Rect))},
			{"larger", "image/png", pngOf(scaled(img, 288, 240, img.Rect))},
			{"darker", "image/png", pngOf(brighter(img, 90))},
			{"brighter", "image/png", pngOf(brighter(img, 110))},
			{"cropped", "image/png", pngOf(scaled(img, 233, 194, image.Rect(2, 5, 235, 199)))},
		} {
			if copied := sketched(t, c.mediaType, c.bytes); !found(original, copied) || !found(copied, original) {
				t.Errorf("picture %d %s is not found", seed, c.name)
			}
		}
	}
}

func TestNearPicturesKeepsOthers(t *testing.T) {
	recoloured := landscape(1)
	for i := 0; i < len(recoloured.Pix); i += 4 { // as light, but of another colour
		recoloured.Pix[i], recoloured.Pix[i+2] = recoloured.Pix[i+2], recoloured.Pix[i]
	}
	pictures := []*image.NRGBA{landscape(1), landscape(2), landscape(3), landscape(4), recoloured}
	mirrored := image.NewNRGBA(pictures[0].Rect)
	for y := range mirrored.Rect.Dy() {
		for x := range mirrored.Rect.Dx() {
			mirrored.SetNRGBA(x, y, pictures[0].NRGBAAt(mirrored.Rect.Dx()-1-x, y))
		}
	}
	pictures = append(pictures, mirrored, brighter(pictures[0], 60))
	for i, a := range pictures {
		for j, b := range pictures[:i] {
			x, y := sketched(t, "image/png", pngOf(a)), sketched(t, "image/png", pngOf(b))
			if (&NearPictures{Difference: 7}).Alike(x.Signature, y.Signature) {
				t.Errorf("pictures %d and %d are taken for copies", i, j)
			}
		}
	}
}

// TestNearPicturesBadSignatures compares what is no signature.
func TestNearPicturesBadSignatures(t *testing.T) {
	flat := sketched(t, "image/png", pngOf(image.NewGray(image.Rect(0, 0, 9, 9)))).Signature
	c := &NearPictures{Difference: 7}
	if c.Alike(nil, flat) || c.Alike(flat, flat[1:]) {
		t.Error("a cut signature is alike")
	}
	if !c.Alike(flat, flat) {
		t.Error("a flat picture is not like itself")
	}
}
