package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
)

func init() {
	Apps.Add("relief", "raise a picture into a relief, by its brightness or a picture of heights, as a 3-D model",
		func() App { return &Relief{Depth: 0.12, Base: 0.04, Side: 0.3, Grid: 192, Smooth: 1, Texture: 1024} })
}

// Relief raises a picture into a solid.
type Relief struct {
	Picture File    `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Height  File    `accept:"image/*" help:"grey picture of the heights, white the highest, such as a depth map; if empty, the brightness of the picture, which is not its depth"`
	Invert  bool    `help:"make what is dark high"`
	Depth   float64 `min:"0.005" max:"1" help:"height of the relief as a share of the longer side"`
	Base    float64 `min:"0.005" max:"1" help:"thickness of the plate below, likewise"`
	Side    float64 `min:"0.01" max:"20" help:"longer side in metres, which is the size on a wall in AR"`
	Grid    int     `min:"8" max:"1024" help:"number of heights along the longer side"`
	Smooth  float64 `min:"0" max:"32" help:"blur of the heights, as the standard deviation in steps of the grid"`
	Texture int     `min:"64" max:"4096" help:"longer side of the picture on the relief in pixels; larger ones are reduced"`
	Format  string  `enum:"glb,usdz,html" help:"glb (glTF 2.0), usdz (phones of Apple) or html (a page that shows it, also in AR); if empty, by the extension of the file, or glb"`
}

// Example implements [App].
func (a Relief) Example() string { return "photo.jpg -o relief.glb" }

// Check implements [Checker].
func (a Relief) Check(out Out) error {
	_, err := formatFor(a.Format, out.File, solidFormats)
	return err
}

// Run implements [App].
func (a Relief) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, solidFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	name := g.name + "-relief" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	texture, transparent := onWhite(g.SRGB())
	if transparent {
		env.notice(g.file + " is partly transparent, and a relief has no holes: it is blended with white")
	}
	heights := texture
	if a.Height.Given() {
		h, err := openGiven(env, a.Height)
		if err != nil {
			return err
		}
		if !similar(h.size(), g.size()) {
			return badinput.Errorf("height: %s has %d×%d pixels, and the picture %d×%d: want the same proportions", h.file, h.size().X, h.size().Y, g.size().X, g.size().Y)
		}
		heights, _ = onWhite(h.Pixels)
	} else {
		env.say("the height is the brightness of the picture, which is not how near things are; --height takes a depth map")
	}
	field := a.field(heights)
	width, height := metres(g.size(), a.Side)
	front, body := field.Relief(width, height, float32(a.Base*a.Side), float32(a.Depth*a.Side))
	picture, err := textureOf(reduced(texture, a.Texture))
	if err != nil {
		return err
	}
	body.Material = 1
	scene := &mesh.Scene{Name: g.name, Parts: []mesh.Part{front, body}, Materials: []mesh.Material{
		{Name: "picture", Texture: picture, Colour: mesh.Vec{1, 1, 1}, Roughness: 0.8},
		{Name: "body", Colour: meanColour(texture), Roughness: 0.9},
	}}
	return env.emitSolid(a, solid{scene, g.name + ", a relief", onWall}, name, a.Format)
}

// field are the heights of a picture on the grid.
func (a Relief) field(img *image.NRGBA) mesh.Field {
	size := img.Rect.Size()
	longest := max(size.X, size.Y)
	grid := image.Pt(max(2, (size.X*a.Grid+longest/2)/longest), max(2, (size.Y*a.Grid+longest/2)/longest))
	small := resized(img, grid)
	f := mesh.Field{W: grid.X, H: grid.Y, Heights: make([]float32, grid.X*grid.Y)}
	for i := range f.Heights {
		px := small.Pix[4*i:]
		v := (0.2126*float32(px[0]) + 0.7152*float32(px[1]) + 0.0722*float32(px[2])) / 255 // Rec. 709
		if a.Invert {
			v = 1 - v
		}
		f.Heights[i] = v
	}
	return f.Blurred(a.Smooth)
}

// similar reports whether two sizes have about the same proportions.
func similar(a, b image.Point) bool {
	x, y := a.X*b.Y, a.Y*b.X
	const of = 50
	return max(x, y)-min(x, y) <= max(x, y)/of+max(a.X, a.Y, b.X, b.Y)
}
