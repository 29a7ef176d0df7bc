package app

import (
	"image"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/mesh"
	"atelier/internal/picture"
	"atelier/internal/viewer"
)

// The formats of solids and of pages that show them.
const (
	formatGLB  = "glb"
	formatUSDZ = "usdz"
	formatHTML = "html"
)

var solidFormats = []string{formatGLB, formatUSDZ, formatHTML}

// The media types of solids and pages.
const (
	glbType  = "model/gltf-binary"
	usdzType = "model/vnd.usdz+zip"
	htmlType = "text/html; charset=utf-8"
)

// A solid is a scene with its title, and where it is put in AR.
type solid struct {
	*mesh.Scene
	title string
	put   viewer.Placement
}

const (
	onWall  = viewer.Wall
	onFloor = viewer.Floor
)

// emitSolid emits a solid in a format.
func (e *Env) emitSolid(a App, s solid, name, format string) error {
	item := data.Item{Name: name, MediaType: glbType}
	glb, err := s.GLB()
	if err != nil {
		return err
	}
	item.Bytes = glb
	if format != formatGLB {
		if item.Bytes, err = s.USDZ(); err != nil {
			return err
		}
		item.MediaType = usdzType
	}
	if format == formatHTML {
		if item.Bytes, err = viewer.Solid(s.title, s.put, glb, item.Bytes); err != nil {
			return err
		}
		item.MediaType = htmlType
	}
	return e.emit(a, nil, item, nil)
}

// onWhite is a picture without transparency, and reports whether it had any.
func onWhite(img *image.NRGBA) (*image.NRGBA, bool) {
	if img.Opaque() {
		return img, false
	}
	return picture.OnWhite(img), true
}

// metres are the width and height of a picture whose longer side has a length in metres.
func metres(size image.Point, longer float64) (width, height float32) {
	longest := float64(max(size.X, size.Y))
	return float32(longer * float64(size.X) / longest), float32(longer * float64(size.Y) / longest)
}

// textureOf is a picture as a texture.
func textureOf(img *image.NRGBA) ([]byte, error) {
	b, err := picture.JPEG.Encode(img)
	return b, badinput.Mark(err)
}

// meanColour is the mean of a picture in linear light.
func meanColour(img *image.NRGBA) (mean mesh.Vec) {
	var levels [256]float64
	for i := range levels {
		levels[i] = float64(mesh.Linear(uint8(i)))
	}
	var sum [3]float64
	for i := 0; i < len(img.Pix); i += 4 {
		for c := range sum {
			sum[c] += levels[img.Pix[i+c]]
		}
	}
	for c := range mean {
		mean[c] = float32(sum[c] / float64(max(1, len(img.Pix)/4)))
	}
	return mean
}

// bled is a picture without transparency whose colours continue where it was transparent, so that
// none of what was behind shows at an outline: by a pyramid of means.
func bled(img *image.NRGBA) *image.NRGBA {
	size := img.Rect.Size()
	if img.Opaque() {
		return img
	}
	var around *image.NRGBA
	if size.X > 1 || size.Y > 1 {
		around = bled(halved(img))
	}
	out := image.NewNRGBA(img.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		a := int(img.Pix[i+3])
		for c := range 3 {
			v := int(img.Pix[i+c]) * a
			if around != nil {
				x, y := i/4%size.X/2, i/4/size.X/2
				v += int(around.Pix[y*around.Stride+4*x+c]) * (255 - a)
			}
			out.Pix[i+c] = uint8((v + 127) / 255)
		}
		out.Pix[i+3] = 255
	}
	return out
}

// halved is a picture of half the size, whose colours are the means of those that are seen and that
// is opaque where any is.
func halved(img *image.NRGBA) *image.NRGBA {
	size := img.Rect.Size()
	out := image.NewNRGBA(image.Rect(0, 0, (size.X+1)/2, (size.Y+1)/2))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [4]int
			for _, at := range []image.Point{{2 * x, 2 * y}, {2*x + 1, 2 * y}, {2 * x, 2*y + 1}, {2*x + 1, 2*y + 1}} {
				if !at.In(img.Rect) {
					continue
				}
				px := img.Pix[img.PixOffset(at.X, at.Y):]
				for c := range 3 {
					sum[c] += int(px[c]) * int(px[3])
				}
				sum[3] += int(px[3])
			}
			if sum[3] > 0 {
				px := out.Pix[out.PixOffset(x, y):]
				for c := range 3 {
					px[c] = uint8((sum[c] + sum[3]/2) / sum[3])
				}
				px[3] = uint8(min(sum[3], 255))
			}
		}
	}
	return out
}
