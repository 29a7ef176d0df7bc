package codec

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"atelier/data"
	"atelier/internal/picture"
)

// SheetGap is the number of pixels between the pictures of a sheet, and around them.
const SheetGap = 2

const (
	minTile     = 64  // smaller pictures are enlarged by an integer factor to at least this size
	scatterSide = 512 // height and width of a scatter plot, in pixels
	scatterDot  = 3   // radius of a dot, in pixels
)

// Sheet draws all examples of a column in one image: pictures in rows of perRow, small ones
// enlarged by an integer factor; the frames of a clip in a row of their own; vectors as points in a
// plot of their first two components over the field's range.
func Sheet(c *data.Column, perRow int) (image.Image, error) {
	switch {
	case c == nil || len(c.Floats) == 0:
		return nil, fmt.Errorf("a sheet needs at least one example")
	case c.Field.Kind == data.Vector && c.Field.Size() >= 2:
		return scatter(c), nil
	case c.Field.Kind == data.Frames:
		return contact(singly(c), c.Field.Shape[0])
	case c.Field.Kind == data.Pixels && len(c.Field.Shape) == 3:
		return contact(c, perRow)
	}
	return nil, fmt.Errorf("no sheet can be made of %s", c.Field)
}

// SheetRoom is the number of columns and rows of pictures that fit on a sheet with a given side in
// pixels.
func SheetRoom(f data.Field, side int) (columns, rows int) {
	if f.Kind == data.Frames {
		f = f.Frame()
	}
	stepX, stepY := tileStep(f)
	return (side - SheetGap) / stepX, (side - SheetGap) / stepY
}

// tileStep is the distance between the corners of adjacent pictures of a sheet.
func tileStep(f data.Field) (x, y int) {
	return f.Shape[1]*tileZoom(f) + SheetGap, f.Shape[0]*tileZoom(f) + SheetGap
}

// tileZoom is the enlargement factor.
func tileZoom(f data.Field) int { return max(1, minTile/max(f.Shape[0], f.Shape[1])) }

// contact draws the pictures of a column in rows.
func contact(c *data.Column, perRow int) (image.Image, error) {
	if perRow < 1 {
		return nil, fmt.Errorf("a sheet with %d pictures per row; want at least 1", perRow)
	}
	n := len(c.Floats) / c.Field.Size()
	perRow = min(perRow, n)
	rows := (n + perRow - 1) / perRow
	stepX, stepY := tileStep(c.Field)
	sheet := image.NewNRGBA(image.Rect(0, 0, perRow*stepX+SheetGap, rows*stepY+SheetGap))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	for i := range n {
		tile, err := toPicture(c.Row(i), c.Field)
		if err != nil {
			return nil, err
		}
		corner := image.Pt(SheetGap+i%perRow*stepX, SheetGap+i/perRow*stepY)
		place(sheet, tile, corner, tileZoom(c.Field))
	}
	return sheet, nil
}

// Pictures returns the pictures of a column, or the frames of its clips in turn, enlarged by zoom,
// grey ones as [image.Gray].
func Pictures(c *data.Column, zoom int) ([]image.Image, error) {
	c = singly(c)
	all := make([]image.Image, len(c.Floats)/c.Field.Size())
	for i := range all {
		tile, err := toPicture(c.Row(i), c.Field)
		if err != nil {
			return nil, err
		}
		all[i] = enlarged(tile, zoom)
	}
	return all, nil
}

func enlarged(tile image.Image, zoom int) image.Image {
	size := image.Rectangle{Max: tile.Bounds().Size().Mul(zoom)}
	var out draw.Image = image.NewNRGBA(size)
	if _, grey := tile.(*image.Gray); grey {
		out = image.NewGray(size)
	}
	for y := range size.Dy() {
		for x := range size.Dx() {
			out.Set(x, y, tile.At(x/zoom, y/zoom))
		}
	}
	return out
}

// place draws the tile on the sheet, enlarged by zoom.
func place(sheet *image.NRGBA, tile image.Image, corner image.Point, zoom int) {
	b := tile.Bounds()
	for y := range b.Dy() * zoom {
		for x := range b.Dx() * zoom {
			c := color.NRGBAModel.Convert(tile.At(x/zoom, y/zoom)).(color.NRGBA)
			sheet.SetNRGBA(corner.X+x, corner.Y+y, picture.White(c))
		}
	}
}

// scatter plots the first two numbers of each example, y upwards.
func scatter(c *data.Column) image.Image {
	plot := image.NewGray(image.Rect(0, 0, scatterSide, scatterSide))
	draw.Draw(plot, plot.Rect, image.White, image.Point{}, draw.Src)
	scale := scatterSide / (c.Field.High - c.Field.Low)
	for i := range len(c.Floats) / c.Field.Size() {
		row := c.Row(i)
		x, y := (row[0]-c.Field.Low)*scale, (c.Field.High-row[1])*scale
		if !(x >= 0 && x < scatterSide && y >= 0 && y < scatterSide) {
			continue // outside the plot, or NaN
		}
		dot := image.Rect(int(x)-scatterDot, int(y)-scatterDot, int(x)+scatterDot+1, int(y)+scatterDot+1)
		draw.Draw(plot, dot.Intersect(plot.Rect), image.Black, image.Point{}, draw.Src)
	}
	return plot
}
