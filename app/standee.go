package app

import (
	"context"
	"image"
	"math"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
)

func init() {
	Apps.Add("standee", "make a cut-out that stands on a foot from a picture with transparency, as a 3-D model",
		func() App {
			return &Standee{High: 0.2, Thickness: 0.006, Foot: 0.3, Edge: "white", Texture: 1024, Detail: 0.4}
		})
}

// Standee makes a picture a board with its outline.
type Standee struct {
	Picture   File    `arg:"PICTURE" accept:"image/*" help:"picture file with transparency, as cutout makes it, or - for the standard input"`
	High      float64 `min:"0.01" max:"20" help:"height in metres"`
	Thickness float64 `min:"0.0005" max:"1" help:"thickness in metres"`
	Foot      float64 `min:"0" max:"2" help:"depth of the foot as a share of the height; 0 for none"`
	Edge      string  `help:"colour of edge and foot: #rrggbb, or a name such as white"`
	Detail    float64 `min:"0.05" max:"20" help:"how far the outline may differ from that of the picture, in pixels of the texture"`
	Texture   int     `min:"64" max:"2048" help:"longer side of the picture on the board in pixels; larger ones are reduced"`
	Format    string  `enum:"glb,usdz,html" help:"glb (glTF 2.0), usdz (phones of Apple) or html (a page that shows it, also in AR); if empty, by the extension of the file, or glb"`
}

// Example implements [App].
func (a Standee) Example() string { return "subject.png -o standee.glb" }

// Check implements [Checker].
func (a Standee) Check(out Out) error {
	if _, err := parseColour("edge", a.Edge); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, solidFormats)
	return err
}

// Run implements [App].
func (a Standee) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, solidFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	name := g.name + "-standee" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	img := reduced(g.SRGB(), a.Texture)
	if img.Opaque() {
		env.say("%s has no transparency, so that its board is a rectangle; atelier cutout cuts a subject out", g.file)
	}
	regions, left := a.outline(img)
	if len(regions) == 0 {
		return badinput.Errorf("%s: nothing of it is opaque enough to be cut out", g.file)
	}
	if left > 0 {
		env.say("%s or holes too small to be cut out are left out", Counted(left, "speck"))
	}
	if n := len(regions); n > 1 {
		env.say("the board has %d parts that are not joined; a real one would fall apart", n)
	}
	scene, err := a.scene(g, img, regions)
	if err != nil {
		return err
	}
	return env.emitSolid(a, solid{scene, g.name + ", a standee", onFloor}, name, a.Format)
}

const (
	speck       = 2e-4 // smallest area that is cut out, as a share of the whole
	mostOutline = 6000 // points of the outlines, above which they are made coarser
)

// outline are the opaque parts of a picture, in its pixels, and how many were too small.
func (a Standee) outline(img *image.NRGBA) (all []mesh.Region, left int) {
	size := img.Rect.Size()
	f := mesh.Field{W: size.X, H: size.Y, Heights: make([]float32, size.X*size.Y)}
	for i := range f.Heights {
		f.Heights[i] = float32(img.Pix[4*i+3]) / 255
	}
	if !img.Opaque() {
		const steps = 0.8 // a pixel is no more than a step on a line
		f = f.Blurred(steps)
	}
	loops := f.Outlines()
	for detail := a.Detail; ; detail *= 1.5 {
		points := 0
		simple := make([]mesh.Loop, len(loops))
		for i, l := range loops {
			simple[i] = l.Simplified(detail)
			points += len(simple[i])
		}
		if all = mesh.Regions(simple, speck*float64(size.X*size.Y)); points <= mostOutline || detail > float64(size.X+size.Y) {
			break
		}
	}
	kept := 0
	for _, r := range all {
		kept += 1 + len(r.Holes)
	}
	return all, len(loops) - kept
}

// scene is the board with its foot.
func (a Standee) scene(g *given, img *image.NRGBA, regions []mesh.Region) (*mesh.Scene, error) {
	size := img.Rect.Size()
	low, high := regions[0].Outer[0], regions[0].Outer[0]
	for _, r := range regions {
		for _, p := range r.Outer {
			for i := range p {
				low[i], high[i] = min(low[i], p[i]), max(high[i], p[i])
			}
		}
	}
	scale := a.High / max(high[1]-low[1], 1)
	middle := (low[0] + high[0]) / 2
	metre := func(l mesh.Loop) mesh.Loop { // upwards, and so the other way round
		out := make(mesh.Loop, len(l))
		for i, p := range l {
			out[len(l)-1-i] = [2]float64{(p[0] - middle) * scale, (high[1] - p[1]) * scale}
		}
		return out
	}
	for i, r := range regions {
		regions[i].Outer = metre(r.Outer)
		for k, h := range r.Holes {
			r.Holes[k] = metre(h)
		}
	}
	place := func(at [2]float64) [2]float32 {
		x, y := at[0]/scale+middle, high[1]-at[1]/scale
		return [2]float32{float32((x + 0.5) / float64(size.X)), float32((y + 0.5) / float64(size.Y))}
	}
	faces, edge := mesh.Extruded(regions, a.Thickness, place)
	if a.Foot > 0 {
		deep, thick := a.Foot*a.High, max(a.Thickness, 0.02*a.High)
		left, right := standing(regions, 0.04*a.High)
		faces.Raise(float32(thick / 2)) // half way into the foot
		edge.Raise(float32(thick / 2))
		edge.Disc((left+right)/2, max(1.15*(right-left), deep), deep, thick)
	}
	picture, err := textureOf(bled(img))
	if err != nil {
		return nil, err
	}
	c, err := parseColour("edge", a.Edge)
	if err != nil {
		return nil, err
	}
	edge.Material = 1
	return &mesh.Scene{Name: g.name, Parts: []mesh.Part{faces, edge}, Materials: []mesh.Material{
		{Name: "picture", Texture: picture, Colour: mesh.Vec{1, 1, 1}, Roughness: 0.7},
		{Name: "edge", Colour: mesh.Vec{mesh.Linear(c.R), mesh.Linear(c.G), mesh.Linear(c.B)}, Roughness: 0.8},
	}}, nil
}

// standing is how far regions reach to the left and the right below a height.
func standing(regions []mesh.Region, below float64) (left, right float64) {
	left, right = math.Inf(1), math.Inf(-1)
	for _, r := range regions {
		for _, p := range r.Outer {
			if p[1] <= below {
				left, right = min(left, p[0]), max(right, p[0])
			}
		}
	}
	return left, right
}
