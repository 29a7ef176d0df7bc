package app

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strconv"

	scaling "golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("sheet", "lay pictures out in rows and columns with captions, as a contact sheet",
		func() App {
			return &Sheet{Side: 320, Gap: 12, Captions: captionNames, Letters: 15, Background: "white"}
		})
}

// The usual captions of a sheet.
const (
	captionNames   = "names"
	captionNumbers = "numbers"
	captionNone    = "none"
)

// Sheet lays pictures out in rows and columns.
type Sheet struct {
	Pictures   Files   `arg:"PICTURE" accept:"image/*" help:"picture files, or folders of pictures, in the order in which they are shown"`
	Columns    int     `min:"0" max:"64" help:"number of columns; 0 is about as many as rows"`
	Side       int     `min:"16" max:"4096" help:"largest side of a picture in pixels; larger ones are reduced"`
	Gap        int     `min:"0" max:"256" help:"pixels between pictures and around them"`
	Captions   string  `enum:"names,numbers,none" help:"what is written below each picture: names (of the files), numbers or none"`
	Caption    Strings `help:"caption of the next picture, in order, instead; give it as often as there are pictures"`
	Title      string  `help:"line above the sheet; if empty, none"`
	Letters    int     `min:"6" max:"200" help:"size of the letters in pixels"`
	Background string  `help:"colour of the paper: #rrggbb, a name such as white, or transparent"`
	Format     string  `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Sheet) Example() string { return "before.jpg after.png --columns 2 -o sheet.png" }

// Check implements [Checker].
func (a Sheet) Check(out Out) error {
	if n := len(a.Pictures); n > 0 && len(a.Caption) > n {
		return registry.Unfit("caption", fmt.Sprintf("want at most one a picture, of which there are %d, got %d", n, len(a.Caption)))
	}
	paper, err := parseColour("background", a.Background)
	if err != nil {
		return err
	}
	format, err := formatFor(a.Format, out.File, stillFormats)
	if err == nil && format == formatJPEG && paper.A < 255 {
		err = registry.Unfit("background", "want a colour for a JPEG, which cannot be transparent; .png and .webp can")
	}
	return err
}

// captionOf is what is written below picture i.
func (a Sheet) captionOf(i int) string {
	switch {
	case i < len(a.Caption):
		return a.Caption[i]
	case a.Captions == captionNames:
		return stemOf(a.Pictures[i].Name, "picture")
	case a.Captions == captionNumbers:
		return strconv.Itoa(i + 1)
	}
	return ""
}

// Run implements [App].
func (a Sheet) Run(ctx context.Context, env *Env) error {
	format, err := formatFor(a.Format, env.Out.File, stillFormats)
	if err != nil {
		return badinput.Mark(err)
	}
	a.Format = format
	paper, err := parseColour("background", a.Background)
	if err != nil {
		return err
	}
	name := "sheet" + extensions[format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	if a.Columns == 0 {
		a.Columns = int(math.Ceil(math.Sqrt(float64(len(a.Pictures)))))
	}
	a.Columns = min(a.Columns, len(a.Pictures))
	if most := picture.Format(format).Most(); a.Columns*a.Side > most {
		return badinput.Errorf("columns: %d of %d pixels are too many for %s, which has no more than %d on a side", a.Columns, a.Side, format, most)
	}
	var all []*image.NRGBA
	for i, f := range a.Pictures {
		if err := ctx.Err(); err != nil {
			return err
		}
		g, err := openGiven(env, f)
		if err != nil {
			return err
		}
		all = append(all, reduced(g.Pixels, a.Side))
		env.progress(i+1, len(a.Pictures))
	}
	letters, err := newLettering(float64(a.Letters))
	if err != nil {
		return err
	}
	img, err := a.lay(env, all, letters, paper, picture.Format(format).Most())
	if err != nil {
		return err
	}
	f := picture.Format(format)
	b, err := f.Encode(img)
	if err != nil {
		return badinput.Mark(err)
	}
	return env.emit(a, nil, data.Item{Name: name, MediaType: f.MediaType(), Bytes: b}, nil)
}

// reduced is a picture whose longer side is at most a number of pixels.
func reduced(img *image.NRGBA, side int) *image.NRGBA {
	size := img.Rect.Size()
	longest := max(size.X, size.Y)
	if longest <= side {
		return img
	}
	return resized(img, image.Pt(max(1, size.X*side/longest), max(1, size.Y*side/longest)))
}

// resized is a picture in another size, by Catmull and Rom's cubic, which takes the mean of
// what a pixel covers where it becomes smaller.
func resized(img *image.NRGBA, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	scaling.CatmullRom.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out
}

// lay draws the sheet. A column is as wide as its widest picture, and a row as high as its
// highest.
func (a Sheet) lay(env *Env, all []*image.NRGBA, letters *lettering, paper color.NRGBA, most int) (*image.NRGBA, error) {
	rows := (len(all) + a.Columns - 1) / a.Columns
	wide, high, below := make([]int, a.Columns), make([]int, rows), make([]int, rows)
	for i, img := range all {
		column, row := i%a.Columns, i/a.Columns
		wide[column], high[row] = max(wide[column], img.Rect.Dx()), max(high[row], img.Rect.Dy())
		if a.captionOf(i) != "" {
			below[row] = letters.height + letters.height/4
		}
	}
	width, height := a.Gap, a.Gap
	for _, w := range wide {
		width += w + a.Gap
	}
	above := height
	if a.Title != "" {
		above += letters.height + a.Gap
	}
	height = above
	for row, h := range high {
		height += h + below[row] + a.Gap
	}
	if height > most || width > most || width > picture.MaxPixels/height {
		return nil, badinput.Errorf("side: the sheet would have %d×%d pixels, which is too much: want fewer pictures or a smaller --side", width, height)
	}
	out, ink := image.NewNRGBA(image.Rect(0, 0, width, height)), inkOn(paper)
	draw.Draw(out, out.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	odd := !letters.has(a.Title)
	if a.Title != "" {
		letters.centred(out, image.Pt(a.Gap, a.Gap), width-2*a.Gap, a.Title, ink)
	}
	y := above
	for row := range rows {
		x := a.Gap
		for column := range a.Columns {
			i := row*a.Columns + column
			if i >= len(all) {
				break
			}
			size := all[i].Rect.Size()
			at := image.Pt(x+(wide[column]-size.X)/2, y+high[row]-size.Y)
			draw.Draw(out, image.Rectangle{at, at.Add(size)}, all[i], all[i].Rect.Min, draw.Over)
			caption := a.captionOf(i)
			odd = odd || !letters.has(caption)
			letters.centred(out, image.Pt(x, y+high[row]+letters.height/8), wide[column], caption, ink)
			x += wide[column] + a.Gap
		}
		y += high[row] + below[row] + a.Gap
	}
	if odd {
		env.say("some characters of the captions have no letter in the font of the program, Liberation Sans; they are shown as boxes")
	}
	return out, nil
}
