package app

import (
	"context"
	"fmt"
	"image"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/internal/sphere"
	"atelier/internal/viewer"
	"atelier/model/patch"
	"atelier/model/run"
)

func init() {
	Apps.Add("panorama", "surround a picture with its own patches to a panorama of 360 by 180 degrees; needs no training",
		func() App {
			return &Panorama{Horizon: 0.5, Width: 2048, As: asSphere, Seed: 1, Finish: string(patch.Natural)}
		})
}

// The arrangements of a panorama.
const (
	asSphere = "sphere"
	asCross  = "cross"
	asFaces  = "faces"
)

// Panorama surrounds a picture.
type Panorama struct {
	Picture File    `arg:"PICTURE" accept:"image/*" or:"run" help:"the picture's file, or - for the standard input, or a run, which draws one from the seed"`
	From    Model   `toml:"run" needs:"pictures" help:"run that draws the picture, instead of a file"`
	View    float64 `min:"10" max:"360" help:"how many degrees of the 360 around the picture covers; 0 is 120, or less for a high picture; 360 for a panorama whose seam and poles are to be filled"`
	Horizon float64 `min:"0" max:"1" help:"where the horizon lies in the picture: 0 is its upper edge, 1 its lower one"`
	Width   int     `min:"256" max:"8192" help:"width of the panorama in pixels; its height is half of it"`
	As      string  `enum:"sphere,cross,faces" help:"sphere (equirectangular), cross (cube map in one picture) or faces (cube map in six files)"`
	Face    string  `enum:"px,nx,py,ny,pz,nz" help:"the only face to make, with --as faces: py is up and ny is down; if empty, all six"`
	Seed    uint64  `help:"random seed"`
	Finish  string  `enum:"natural,smooth,crisp" help:"how copied pixels are blended: natural (matched to their surroundings), smooth (across edges, too) or crisp (unchanged)"`
	Format  string  `enum:"jpeg,png,webp,html" help:"jpeg, png, webp (lossless) or html (a page in which one looks around, also with a headset); if empty, by the extension of the file, or jpeg"`
}

var panoramaFormats = []string{formatJPEG, formatPNG, formatWebP, formatHTML}

// Example implements [App].
func (a Panorama) Example() string { return "hills.jpg -o around.html" }

// Check implements [Checker].
func (a Panorama) Check(out Out) error {
	format, err := formatFor(a.Format, out.File, panoramaFormats)
	switch {
	case err != nil:
		return err
	case a.Width%4 != 0:
		return registry.Unfit("width", fmt.Sprintf("want a multiple of 4, got %d", a.Width))
	case a.As != asSphere && format == formatHTML:
		return registry.Unfit("as", "want sphere for a page")
	case a.As != asFaces && a.Face != "":
		return registry.Unfit("face", "want it with --as faces only")
	case a.As == asFaces && a.Face == "" && !out.Apart && out.File != "":
		return registry.Unfit("as", "want a folder for six faces, such as -o faces/, or one of them with --face")
	}
	return eitherOf(a.Picture.Given(), a.From)
}

// Run implements [App].
func (a Panorama) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, panoramaFormats); err != nil {
		return badinput.Mark(err)
	}
	g, by, seeds, err := a.given(ctx, env)
	if err != nil {
		return err
	}
	if a.View == 0 {
		const usual, highest = 120, 100
		a.View = min(usual, highest*float64(g.size().X)/float64(g.size().Y))
	}
	if err := g.roomFor("width", image.Pt(a.Width, a.Width/2), formatPNG); err != nil {
		return err
	}
	names := a.names(g)
	if err := env.expect(names...); err != nil {
		return err
	}
	m, err := env.matcher()
	if err != nil {
		return err
	}
	source, transparent := onWhite(g.Pixels)
	if transparent {
		env.notice(g.file + " is partly transparent; it is blended with white")
	}
	if a.View < 360 { // one that goes all around keeps its width
		if inner := patch.Unframed(source); inner != source {
			env.notice(g.file + " has a plain border, which is left out")
			source = inner
		}
	}
	env.slow(a.Width*a.Width/2, fillTime)
	around, err := patch.Around(ctx, m, source, patch.Surrounding{Width: a.Width, View: a.View, Horizon: a.Horizon, Seed: a.Seed, Finish: patch.Finish(a.Finish)}, env.progress)
	if err != nil {
		return err
	}
	return a.emitAll(ctx, env, g, around, by, seeds, names)
}

// given is the picture, which a run may draw.
func (a Panorama) given(ctx context.Context, env *Env) (g *given, by *Maker, seeds []uint64, err error) {
	if a.From == "" {
		g, err = openGiven(env, a.Picture)
		return g, nil, nil, err
	}
	r, err := env.open(a.From)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := env.drawn(ctx, r, a.Seed, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	g, err = openGiven(env, File{Name: all[0].Name, Bytes: all[0].Bytes})
	return g, madeBy(r), []uint64{a.Seed}, err
}

// drawn are pictures of a run, from consecutive seeds.
func (e *Env) drawn(ctx context.Context, r *run.Run, seed uint64, n int) (all []data.Item, err error) {
	if err := r.CheckPictures(); err != nil {
		return nil, err
	}
	conditions, err := r.OfClass(n, "")
	if err != nil {
		return nil, err
	}
	samples, err := r.Draw(ctx, run.Seeds(seed, n), conditions, 1)
	if err != nil {
		return nil, err
	}
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		item, err := r.Decode(b)
		if err != nil {
			return nil, err
		}
		item.Name = fmt.Sprintf("%s-%06d.png", r.Dir.Name(), seed+uint64(len(all)))
		all = append(all, item)
		e.progress(len(all), n)
	}
	return all, nil
}

// names are those of the files.
func (a Panorama) names(g *given) (all []string) {
	end := extensions[a.Format][0]
	if a.As != asFaces {
		return []string{g.name + "-" + map[string]string{asSphere: "panorama", asCross: "cross"}[a.As] + end}
	}
	for _, face := range sphere.Faces {
		if a.Face == "" || a.Face == face {
			all = append(all, g.name+"-"+face+end)
		}
	}
	return all
}

// emitAll emits the panorama as it is asked for.
func (a Panorama) emitAll(ctx context.Context, env *Env, g *given, around sphere.Panorama, by *Maker, seeds []uint64, names []string) error {
	side := a.Width / 4
	switch a.As {
	case asCross:
		return a.emit(env, g, around.Cross(side), names[0], by, seeds)
	case asSphere:
		g.Describe(gpano(a.Width))
		return a.emit(env, g, around.NRGBA, names[0], by, seeds)
	}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		alone := a
		if alone.Face == "" {
			alone.Face = sphere.Faces[i]
		}
		if err := alone.emit(env, g, around.Face(slices.Index(sphere.Faces, alone.Face), side), name, by, seeds); err != nil {
			return err
		}
	}
	return nil
}

// emit emits a picture or the page.
func (a Panorama) emit(env *Env, g *given, img *image.NRGBA, name string, by *Maker, seeds []uint64) error {
	format := picture.Format(a.Format)
	if a.Format == formatHTML {
		format = picture.JPEG
	}
	b, err := g.Encode(img, format)
	if err != nil {
		return badinput.Mark(err)
	}
	item := data.Item{Name: name, MediaType: format.MediaType(), Bytes: b}
	if a.Format == formatHTML {
		item.MediaType = htmlType
		if item.Bytes, err = viewer.Panorama(g.name+", a panorama", b); err != nil {
			return err
		}
	}
	return env.emit(a, by, item, seeds)
}

// gpano describes a full panorama of a width for viewers (Photo Sphere XMP Metadata, Google).
func gpano(width int) string {
	return fmt.Sprintf(`<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/">
   <GPano:UsePanoramaViewer>True</GPano:UsePanoramaViewer>
   <GPano:ProjectionType>equirectangular</GPano:ProjectionType>
   <GPano:FullPanoWidthPixels>%[1]d</GPano:FullPanoWidthPixels>
   <GPano:FullPanoHeightPixels>%[2]d</GPano:FullPanoHeightPixels>
   <GPano:CroppedAreaImageWidthPixels>%[1]d</GPano:CroppedAreaImageWidthPixels>
   <GPano:CroppedAreaImageHeightPixels>%[2]d</GPano:CroppedAreaImageHeightPixels>
   <GPano:CroppedAreaLeftPixels>0</GPano:CroppedAreaLeftPixels>
   <GPano:CroppedAreaTopPixels>0</GPano:CroppedAreaTopPixels>
  </rdf:Description>`, width, width/2)
}
