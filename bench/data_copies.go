package bench

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/picture"
)

// copiers make the usual kinds of modified copies of a picture.
var copiers = []struct {
	name string
	make func(img *image.NRGBA, rng *rand.Rand) (data.Item, error)
}{
	{"JPEG 60", func(img *image.NRGBA, _ *rand.Rand) (data.Item, error) { return asJPEG(img, 60) }},
	{"resized -20 %", func(img *image.NRGBA, _ *rand.Rand) (data.Item, error) { return asPNG(resized(img, 8, 10)) }},
	{"resized +20 %", func(img *image.NRGBA, _ *rand.Rand) (data.Item, error) { return asPNG(resized(img, 12, 10)) }},
	{"brightness -10 %", func(img *image.NRGBA, _ *rand.Rand) (data.Item, error) { return asPNG(brightened(img, 90)) }},
	{"brightness +10 %", func(img *image.NRGBA, _ *rand.Rand) (data.Item, error) { return asPNG(brightened(img, 110)) }},
	{"cropped 3 %", func(img *image.NRGBA, rng *rand.Rand) (data.Item, error) { return asPNG(cropped(img, rng)) }},
}

func asPNG(img *image.NRGBA) (data.Item, error) {
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return data.Item{MediaType: "image/png", Bytes: b.Bytes()}, err
}

// asJPEG encodes the picture, blended with white.
func asJPEG(img *image.NRGBA, quality int) (data.Item, error) {
	flat := image.NewRGBA(img.Rect)
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, img, img.Rect.Min, draw.Over)
	var b bytes.Buffer
	err := jpeg.Encode(&b, flat, &jpeg.Options{Quality: quality})
	return data.Item{MediaType: "image/jpeg", Bytes: b.Bytes()}, err
}

// resized scales both sides by the factor of/from.
func resized(img *image.NRGBA, of, from int) *image.NRGBA {
	size := img.Rect.Size()
	out := image.NewRGBA(image.Rect(0, 0, (size.X*of+from/2)/from, (size.Y*of+from/2)/from))
	draw.CatmullRom.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return picture.NRGBA(out)
}

// brightened multiplies colours by a number of hundredths.
func brightened(img *image.NRGBA, percent int) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for i, v := range img.Pix {
		if i%4 == 3 {
			out.Pix[i] = v
			continue
		}
		out.Pix[i] = uint8(min(255, (int(v)*percent+50)/100))
	}
	return out
}

// cropped crops 3 % off width and height, at least a pixel, divided randomly between the sides.
func cropped(img *image.NRGBA, rng *rand.Rand) *image.NRGBA {
	size := img.Rect.Size()
	loss := image.Pt(max(1, (size.X*3+50)/100), max(1, (size.Y*3+50)/100))
	at := image.Pt(rng.IntN(loss.X+1), rng.IntN(loss.Y+1))
	return part(img, image.Rectangle{at, at.Add(size).Sub(loss)})
}

// part copies a part of a picture.
func part(img *image.NRGBA, of image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, of.Dx(), of.Dy()))
	for y := range of.Dy() {
		for x := range of.Dx() {
			out.SetNRGBA(x, y, color.NRGBA(img.NRGBAAt(of.Min.X+x, of.Min.Y+y)))
		}
	}
	return out
}
