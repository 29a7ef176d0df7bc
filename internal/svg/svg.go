// Package svg draws small vector pictures, such as icons, as pixels.
package svg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// Limits of what is drawn.
const (
	mostBytes = 1 << 20 // of a file
	mostSide  = 1024    // pixels of a picture
	mostPaths = 20_000  // of a file
)

// Draw draws an SVG file into a square of a side in pixels, 1 to 1024, on transparent ground. The
// view box fills the square, whatever its shape. What the file has that cannot be drawn, such as
// clip paths, is an error: a part of a picture is not the picture.
func Draw(file []byte, side int) (img *image.RGBA, err error) {
	switch {
	case side < 1 || side > mostSide:
		return nil, fmt.Errorf("want a side of 1 to %d pixels, got %d", mostSide, side)
	case len(file) > mostBytes:
		return nil, fmt.Errorf("has %d bytes; at most %d are drawn", len(file), mostBytes)
	}
	defer func() {
		if wrong := recover(); wrong != nil { // the parser is not made for damaged files
			img, err = nil, errors.New("is damaged")
		}
	}()
	icon, err := oksvg.ReadIconStream(bytes.NewReader(file), oksvg.StrictErrorMode)
	if err != nil {
		return nil, fmt.Errorf("cannot be drawn: %w", err)
	}
	box := icon.ViewBox
	switch {
	case len(icon.SVGPaths) == 0:
		return nil, errors.New("is empty")
	case !inRange(box.X) || !inRange(box.Y) || !positive(box.W) || !positive(box.H):
		return nil, errors.New("has no view box")
	case len(icon.SVGPaths) > mostPaths:
		return nil, fmt.Errorf("has more than %d paths", mostPaths)
	}
	if err := checkPaths(icon); err != nil {
		return nil, err
	}
	img = image.NewRGBA(image.Rect(0, 0, side, side))
	icon.SetTarget(0, 0, float64(side), float64(side))
	scanner := rasterx.NewScannerGV(side, side, img, img.Rect)
	icon.Draw(rasterx.NewDasher(side, side, scanner), 1)
	return img, nil
}

// mostCoordinate bounds what paths name, so that a line of a damaged file is not drawn for hours.
const mostCoordinate = 1 << 16

func inRange(x float64) bool { return math.Abs(x) <= mostCoordinate } // which NaN is not

func positive(x float64) bool { return x >= 1e-3 && x <= mostCoordinate }

// checkPaths refuses coordinates and dashes that no icon has.
func checkPaths(icon *oksvg.SvgIcon) error {
	for _, p := range icon.SVGPaths {
		if !inRange(p.LineWidth) || len(p.Dash) > 64 {
			return errors.New("has a line that is out of range")
		}
		for _, d := range p.Dash {
			if !(d == 0 || positive(d)) {
				return errors.New("has dashes that are out of range")
			}
		}
		for _, v := range p.Path {
			// Coordinates are in 1/64 of a unit; the commands between them are small numbers.
			if v > mostCoordinate*64 || v < -mostCoordinate*64 {
				return errors.New("has a coordinate that is out of range")
			}
		}
	}
	return nil
}
