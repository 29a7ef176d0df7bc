package clean

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"testing"

	"golang.org/x/image/draw"
	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/noise"
)

// landscape is a picture with soft and sharp areas in random colours.
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

// found reports whether two sketches share a band and pass both comparisons.
func found(a, b data.Sketch) bool {
	share := slices.ContainsFunc(a.Bands, func(band uint64) bool { return slices.Contains(b.Bands, band) })
	c := &NearPictures{Difference: 7}
	return share && !c.Unlike((*data.Brief)(a.Signature), (*data.Brief)(b.Signature)) && c.Alike(a.Signature, b.Signature)
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

// TestNearPicturesUnlike checks the comparison of eight bytes at a time against one at a time.
func TestNearPicturesUnlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var traits [traitCount]int64
		for i := range traits {
			traits[i] = rapid.Int64Range(-3000, 3000).Draw(t, "trait")
		}
		a := brief(&traits)
		traits[rapid.IntRange(0, traitCount-1).Draw(t, "place")] += rapid.Int64Range(-2*farApart*briefStep, 2*farApart*briefStep).Draw(t, "change")
		b := brief(&traits)
		far := false
		for i := range a {
			far = far || apart(a[i], b[i]) > farApart
		}
		c := &NearPictures{}
		if c.Unlike(&a, &b) != far || c.Unlike(&b, &a) != far {
			t.Fatalf("%v and %v: unlike is not %t", a, b, far)
		}
	})
}

// TestOutlineFindsEdges crops a picture and recovers the crop.
func TestOutlineFindsEdges(t *testing.T) {
	for seed := range uint64(3) {
		img := landscape(seed)
		whole := sketched(t, "image/png", pngOf(img)).Signature
		part := image.Rect(4, 2, 237, 199)
		cut := sketched(t, "image/png", pngOf(scaled(img, part.Dx(), part.Dy(), part))).Signature
		m := matched(whole[outlineAt:], cut[outlineAt:])
		for i, side := range [4]float64{4. / 240, 3. / 240, 2. / 200, 1. / 200} {
			if got, want := m.edges(whole[outlineAt:])[i], side*256*stampSide; math.Abs(float64(got)-want) > 30 {
				t.Errorf("picture %d, edge %d: %d, want about %.0f", seed, i, got, want)
			}
		}
		if own := matched(whole[outlineAt:], whole[outlineAt:]); math.Abs(own.left) > 1e-3 || m.left > 5e-3 {
			t.Errorf("picture %d: %g is left of itself, %g of its part", seed, own.left, m.left)
		}
	}
}

// TestNearPicturesBadSignatures compares invalid signatures.
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
