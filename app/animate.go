package app

import (
	"context"
	"fmt"
	"image"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/motion"
)

func init() {
	Apps.Add("animate", "make a film of one picture that loops without a seam: it drifts like water or sways like grass; needs no training",
		func() App {
			return &Animate{Move: moveDrift, Angle: 0, Speed: 0.15, Swirl: 0.3, Waves: 2, Frames: 36, Rate: 12, Seed: 1}
		})
}

// How a picture moves.
const (
	moveDrift = "drift"
	moveSway  = "sway"
)

// Animate moves a picture along a flow field.
type Animate struct {
	Picture File    `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Mask    File    `accept:"image/*" help:"picture of the same size that is white where it moves and black where it stays; if not given, all of it moves"`
	Move    string  `enum:"drift,sway" help:"drift (on and on in a direction, like water or clouds) or sway (to and fro in waves, like grass)"`
	Angle   float64 `min:"-360" max:"360" help:"direction in degrees: 0 to the right, 90 up"`
	Speed   float64 `min:"0.001" max:"1" help:"how far it moves in a loop, as a share of the longer side"`
	Swirl   float64 `min:"0" max:"1" help:"how much the direction differs from place to place"`
	Waves   float64 `min:"0" max:"50" help:"number of waves across the picture, for sway"`
	Frames  int     `min:"2" max:"600" help:"number of frames of the loop"`
	Rate    int     `min:"1" max:"50" help:"frames per second"`
	Size    int     `min:"16" max:"4096" zero:"unset" help:"longer side of the film in pixels; if not given that of the picture, or 512 if it is longer"`
	Seed    uint64  `help:"seed of the swirls"`
	Format  string  `enum:"webm,gif,apng,webp,avi,y4m" help:"webm, gif, apng, webp (lossless), avi or y4m; if empty, by the extension of the file, or webm"`
}

// animateSide is the longest side of a film if none is asked for.
const animateSide = 512

// Example implements [App].
func (a Animate) Example() string { return "lake.jpg --mask water.png --angle 180 -o lake.webm" }

// Check implements [Checker].
func (a Animate) Check(out Out) error {
	_, err := formatFor(a.Format, out.File, filmFormats)
	return err
}

// Run implements [App].
func (a Animate) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, filmFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	size := a.sizeOf(g.size())
	if side := max(size.X, size.Y); side > mostSides[a.Format] || size.X > picture.MaxPixels/size.Y {
		return badinput.Mark(registry.Unfit("size", fmt.Sprintf("want at most %d for %s, got %d", mostSides[a.Format], a.Format, side)))
	}
	if err := roomFor("frames", a.Frames, data.Field{Kind: data.Pixels, Shape: []int{size.Y, size.X, 4}}, 1); err != nil {
		return err
	}
	mask, err := a.mask(g, size)
	if err != nil {
		return err
	}
	name := g.name + "-moving" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	if !g.Pixels.Opaque() {
		a.tellTransparent(env, g.file)
	}
	img := resized(g.Pixels, size)
	field := motion.Flow{Angle: a.Angle, Speed: a.Speed * float64(max(size.X, size.Y)), Swirl: a.Swirl, Seed: a.Seed}.Field(size, mask)
	frames := make([]image.Image, a.Frames)
	for i := range frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := float64(i) / float64(a.Frames)
		if a.Move == moveSway {
			frames[i] = motion.Sway(img, field, a.Waves, at)
		} else {
			frames[i] = motion.Drift(img, field, at)
		}
		env.progress(i+1, a.Frames)
	}
	file, mediaType, err := moving(a.Format, frames, a.Rate, nil)
	if err != nil {
		return err
	}
	return env.emit(a, nil, data.Item{Name: name, MediaType: mediaType, Bytes: file}, nil)
}

// tellTransparent says what becomes of transparency that the format does not keep.
func (a *Animate) tellTransparent(env *Env, file string) {
	switch a.Format {
	case formatAPNG, formatWebP:
	case formatGIF:
		env.notice(file + " is partly transparent, which a GIF cannot be: what is at least half opaque is opaque, the rest is not seen; .apng and .webp keep it")
	default:
		env.notice(file + " is partly transparent, which a film cannot be: it is blended with white; .apng and .webp keep it, .gif keeps its outline")
	}
}

// sizeOf is the size of the film of a picture.
func (a *Animate) sizeOf(given image.Point) image.Point {
	side := max(given.X, given.Y)
	to := a.Size
	if to == 0 {
		to = min(side, animateSide)
	}
	return image.Pt(max(1, (given.X*to+side/2)/side), max(1, (given.Y*to+side/2)/side))
}

// mask is where the picture moves, nil for all of it.
func (a *Animate) mask(g *given, size image.Point) (*image.Gray, error) {
	if !a.Mask.Given() {
		return nil, nil
	}
	m, err := picture.OpenWhole(a.Mask.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Mask.Name, err)
	}
	if is, want := m.Pixels.Rect.Size(), g.size(); is != want {
		return nil, badinput.Errorf("%s has %d×%d pixels; want %d×%d, as %s has", a.Mask.Name, is.X, is.Y, want.X, want.Y, g.file)
	}
	out := image.NewGray(image.Rectangle{Max: size})
	draw.BiLinear.Scale(out, out.Rect, picture.OnWhite(m.Pixels), m.Pixels.Rect, draw.Src, nil)
	return out, nil
}
