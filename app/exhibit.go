package app

import (
	"context"
	"fmt"
	"image"
	"math"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/mesh"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/internal/rooms"
	"atelier/internal/viewer"
)

func init() {
	Apps.Add("exhibit", "hang pictures, or samples of a run, in rooms to walk through, as a 3-D model or a page",
		func() App {
			return &Exhibit{N: 12, Seed: 1, Captions: captionNames, Side: 1.3, Texture: 768}
		})
}

// mostHung is how many pictures an exhibit has.
const mostHung = 120

// Exhibit hangs pictures in rooms.
type Exhibit struct {
	Pictures Files   `arg:"PICTURE" accept:"image/*" or:"run" help:"picture files, or folders of pictures, in the order in which one passes them, or a run, which draws them"`
	From     Model   `toml:"run" needs:"pictures" help:"run that draws the pictures, instead of files"`
	N        int     `min:"1" max:"120" help:"number of pictures that a run draws"`
	Seed     uint64  `help:"seed of the first of them; the next ones count up from it"`
	Title    string  `help:"title above the doorway; if empty, none"`
	Captions string  `enum:"names,numbers,none" help:"first line of the cards: names (of the files, or the seeds), numbers or none"`
	Caption  Strings `help:"first line of the next card, in order, instead; give it as often as there are pictures"`
	Side     float64 `min:"0.1" max:"2.2" help:"longer side of the pictures in metres"`
	Texture  int     `min:"64" max:"4096" help:"longer side of the pictures in pixels; larger ones are reduced"`
	Format   string  `enum:"html,glb" help:"html (a page in which one walks, also with a headset) or glb (glTF 2.0); if empty, by the extension of the file, or html"`
}

var exhibitFormats = []string{formatHTML, formatGLB}

// Example implements [App].
func (a Exhibit) Example() string { return `pictures/ --title "Autumn" -o exhibit.html` }

// Check implements [Checker].
func (a Exhibit) Check(out Out) error {
	n := len(a.Pictures)
	if a.From != "" {
		n = a.N
	}
	switch {
	case n > mostHung:
		return registry.Unfit("pictures", fmt.Sprintf("want at most %d, got %d", mostHung, n))
	case n > 0 && len(a.Caption) > n:
		return registry.Unfit("caption", fmt.Sprintf("want at most one a picture, of which there are %d, got %d", n, len(a.Caption)))
	}
	if err := eitherOf(len(a.Pictures) > 0, a.From); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, exhibitFormats)
	return err
}

// source implements [sourced]: what shows generated pictures says so.
func (a Exhibit) source(by *Maker) provenance.Source {
	if by != nil {
		return provenance.Generated
	}
	for _, f := range a.Pictures {
		if s := f.source(); s == provenance.Generated || s == provenance.Composite {
			return provenance.Composite
		}
	}
	return provenance.Enhanced
}

// Run implements [App].
func (a Exhibit) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, exhibitFormats); err != nil {
		return badinput.Mark(err)
	}
	name := "exhibit" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	works, by, seeds, err := a.works(ctx, env)
	if err != nil {
		return err
	}
	letters, err := newPlacards()
	if err != nil {
		return err
	}
	var hung []rooms.Picture
	for i, w := range works {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := a.hung(env, w, i, letters)
		if err != nil {
			return err
		}
		hung = append(hung, p)
		env.progress(i+1, len(works))
	}
	var banner []byte
	if a.Title != "" {
		if banner, err = letters.banner(a.Title); err != nil {
			return err
		}
	}
	letters.tell(env)
	scene := rooms.Build(stemOf(a.Title, "exhibit"), banner, hung)
	return a.emit(env, scene, name, by, seeds)
}

// emit emits the model or the page.
func (a Exhibit) emit(env *Env, scene *mesh.Scene, name string, by *Maker, seeds []uint64) error {
	glb, err := scene.GLB()
	if err != nil {
		return err
	}
	item := data.Item{Name: name, MediaType: glbType, Bytes: glb}
	if a.Format == formatHTML {
		item.MediaType = htmlType
		title := a.Title
		if title == "" {
			title = "An exhibit"
		}
		if item.Bytes, err = viewer.Rooms(title, glb); err != nil {
			return err
		}
	}
	return env.emit(a, by, item, seeds)
}

// works are the files, or what the run draws.
func (a Exhibit) works(ctx context.Context, env *Env) (all Files, by *Maker, seeds []uint64, err error) {
	if a.From == "" {
		return a.Pictures, nil, nil, nil
	}
	r, err := env.open(a.From)
	if err != nil {
		return nil, nil, nil, err
	}
	items, err := env.drawn(ctx, r, a.Seed, a.N)
	for i, it := range items {
		all, seeds = append(all, File{Name: it.Name, Bytes: it.Bytes}), append(seeds, a.Seed+uint64(i))
	}
	return all, madeBy(r), seeds, err
}

// hung is a picture as it hangs.
func (a Exhibit) hung(env *Env, f File, i int, letters *placards) (p rooms.Picture, err error) {
	g, err := openGiven(env, f)
	if err != nil {
		return p, err
	}
	img, _ := onWhite(g.SRGB())
	img = enlarged(reduced(img, a.Texture))
	p.Width, p.Height = metres(g.size(), a.Side)
	if shrink := min(rooms.MostWide/p.Width, rooms.MostHigh/p.Height); shrink < 1 {
		p.Width, p.Height = p.Width*shrink, p.Height*shrink
	}
	if p.Texture, err = textureOf(img); err != nil {
		return p, err
	}
	p.Title = a.captionOf(g, i)
	if second := a.originOf(f); p.Title+second != "" {
		p.Card, err = letters.card(p.Title, second)
	}
	return p, err
}

// captionOf is the first line of the card of picture i.
func (a Exhibit) captionOf(g *given, i int) string {
	switch {
	case i < len(a.Caption):
		return a.Caption[i]
	case a.Captions == captionNumbers || a.Captions == captionNames && a.From != "":
		return fmt.Sprintf("No. %d", i+1)
	case a.Captions == captionNames:
		return g.name
	}
	return ""
}

// originOf is the second line: what is known of how the picture was made.
func (a Exhibit) originOf(f File) string {
	if a.From != "" {
		return "generated: " + stemOf(f.Name, "")
	}
	l, err := provenance.Read(f.Bytes)
	switch {
	case err != nil:
		return ""
	case l.Source == provenance.Enhanced:
		return "altered by " + l.Settings[appSetting]
	case l.Run == "":
		return "made by " + l.Settings[appSetting]
	case len(l.Seeds) == 1:
		return fmt.Sprintf("generated: %s, seed %d", l.Run, l.Seeds[0])
	}
	return "generated: " + l.Run
}

// enlarged is a picture of at least a few hundred pixels, so that viewers do not blur the pixels of
// a small one.
func enlarged(img *image.NRGBA) *image.NRGBA {
	const least = 256
	size := img.Rect.Size()
	times := int(math.Ceil(float64(least) / float64(max(size.X, size.Y, 1))))
	if times < 2 {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, size.X*times, size.Y*times))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			copy(out.Pix[y*out.Stride+4*x:][:4], img.Pix[y/times*img.Stride+4*(x/times):])
		}
	}
	return out
}
