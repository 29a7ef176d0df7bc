package app

import (
	"context"
	"fmt"
	"image"
	"slices"

	"atelier/internal/atlas"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("sprites", "pack pictures, animations or samples of a run into a sprite sheet with an atlas for game engines",
		func() App {
			return &Sprites{As: asAtlas, Background: backgroundAuto, Gap: 1, Most: 2048, N: 16, Seed: 1}
		})
}

// How sprites are laid out.
const (
	asAtlas   = "atlas"
	asRows    = "rows"
	asTileset = "tileset"
)

// Sprites packs pictures into a sheet.
type Sprites struct {
	Pictures   Files  `arg:"PICTURE" accept:"image/*" or:"run" help:"picture files, or folders of them, or a run; an animated picture gives a frame for each of its pictures"`
	From       Model  `toml:"run" needs:"pictures" help:"run whose samples are packed instead of files"`
	N          int    `min:"1" max:"1024" help:"number of samples, with a run"`
	Seed       uint64 `help:"seed of the first sample; the next ones count up from it"`
	Class      string `names:"classes" help:"class to draw, for a class-conditional run"`
	Cut        string `help:"size of a frame in pixels, such as 64x64, to cut pictures that are sheets themselves into frames; empty ones are left out"`
	As         string `enum:"atlas,rows,tileset" help:"atlas (trimmed and packed), rows (a row for each animation, in cells of one size) or tileset (whole pictures of one size, with their edges repeated, and a TSX for Tiled)"`
	Background string `help:"auto makes the colour around an opaque picture transparent, a colour such as #ff00ff makes that one, keep changes nothing"`
	Gap        int    `min:"0" max:"64" help:"transparent pixels between frames"`
	Most       int    `min:"64" max:"16384" help:"largest side of the sheet in pixels"`
}

// Example implements [App].
func (a Sprites) Example() string { return "hero/ -o sheet/" }

// spriteFormats are what a file of sprites can be: the sheet, the atlas or the tileset.
var spriteFormats = []string{formatPNG, formatJSON, formatTSX}

// Check implements [Checker].
func (a Sprites) Check(out Out) error {
	if err := eitherOf(len(a.Pictures) > 0, a.From); err != nil {
		return err
	}
	if a.Cut != "" {
		if _, err := parseSize("cut", a.Cut); err != nil {
			return err
		}
	}
	if a.Background != backgroundAuto && a.Background != backgroundKeep {
		if _, err := parseColour("background", a.Background); err != nil {
			return err
		}
	}
	if out.Apart {
		return nil
	}
	format, err := formatFor("", out.File, spriteFormats)
	if err == nil && (format == formatTSX) && a.As != asTileset || err == nil && format == formatJSON && a.As == asTileset {
		err = registry.Unfit("out", fmt.Sprintf("a sheet as %s has no %s file", a.As, format))
	}
	return err
}

// A sprite is a picture of a sheet, before it is packed, with the file that it is from.
type sprite struct {
	name, file string
	*image.NRGBA
}

// Run implements [App].
func (a Sprites) Run(ctx context.Context, env *Env) error {
	stem := "sprites"
	sheet, beside := stem+".png", stem+extensions[formatJSON][0]
	if a.As == asTileset {
		beside = stem + extensions[formatTSX][0]
	}
	names := []string{beside, sheet}
	if !env.Out.Apart {
		format, err := formatFor("", env.Out.File, spriteFormats)
		if err != nil {
			return badinput.Mark(err)
		}
		names = names[1:]
		if format != formatPNG {
			names = []string{beside}
		}
	}
	if err := env.expect(names...); err != nil {
		return err
	}
	frames, by, err := a.frames(ctx, env)
	if err != nil {
		return err
	}
	if len(frames) == 0 {
		return badinput.Errorf("there is nothing in the pictures: all of them are transparent")
	}
	s, err := a.laid(frames)
	if err != nil {
		return err
	}
	env.say("%s in a sheet of %d×%d pixels, %.0f %% of it in use", Counted(len(frames), "frame"), s.Rect.Dx(), s.Rect.Dy(), 100*s.used())
	for _, animation := range s.animations {
		env.say("animation %s: %s", animation.Name, Counted(len(animation.Frames), "frame"))
	}
	for _, name := range names {
		if err := a.emit(env, by, s, name, sheet); err != nil {
			return err
		}
	}
	if len(names) == 1 {
		env.notice(fmt.Sprintf("only one of the two files is written; for %s and %s name a folder, such as -o sheet/", sheet, beside))
	}
	return nil
}

// A packedSheet is a sheet with its frames.
type packedSheet struct {
	*image.NRGBA
	frames     []atlas.Frame
	animations []atlas.Animation
	cell       image.Point // of a tileset or of rows
	columns    int
}

// json is the atlas.
func (s *packedSheet) json(sheet string) ([]byte, error) {
	return atlas.JSON(s.frames, s.animations, sheet, s.Rect.Size())
}

// used is the share of the sheet that frames cover.
func (s *packedSheet) used() float64 {
	area, seen := 0, map[image.Rectangle]bool{}
	for _, f := range s.frames {
		if !seen[f.Place] {
			area += f.Place.Dx() * f.Place.Dy()
		}
		seen[f.Place] = true
	}
	return float64(area) / float64(s.Rect.Dx()*s.Rect.Dy())
}

// laid lays frames out.
func (a Sprites) laid(frames []sprite) (*packedSheet, error) {
	names := make([]string, len(frames))
	for i, f := range frames {
		names[i] = f.name
	}
	var animations []atlas.Animation
	if a.From == "" || a.Cut != "" { // samples of a run are no frames of one another
		animations = atlas.Animations(names)
	}
	switch a.As {
	case asRows:
		return a.inRows(frames, animations)
	case asTileset:
		return a.tileset(frames)
	}
	// Frames that are the same share a place.
	s := &packedSheet{animations: animations}
	first, sizes, which := map[string]int{}, []image.Point{}, make([]int, len(frames))
	var parts []*image.NRGBA
	for i, f := range frames {
		within := trimmed(f.NRGBA)
		part := cut(f.NRGBA, within)
		key := fmt.Sprint(part.Rect) + string(part.Pix)
		at, ok := first[key]
		if !ok {
			if size := part.Rect.Size(); max(size.X, size.Y)+2*a.Gap > a.Most {
				return nil, badinput.Errorf("%s: %d×%d pixels do not fit into a sheet of %d×%d: see --most", f.file, size.X, size.Y, a.Most, a.Most)
			}
			at = len(parts)
			first[key] = at
			parts, sizes = append(parts, part), append(sizes, part.Rect.Size())
		}
		which[i] = at
		s.frames = append(s.frames, atlas.Frame{Name: f.name, Within: within, Whole: f.Rect.Size()})
	}
	places, size, err := atlas.Pack(sizes, a.Gap, a.Most)
	if err != nil {
		return nil, badinput.Errorf("most: %w", err)
	}
	s.NRGBA = image.NewNRGBA(image.Rectangle{Max: size})
	for i, at := range which {
		s.frames[i].Place = image.Rectangle{places[at], places[at].Add(sizes[at])}
	}
	for at, part := range parts {
		lay(s.NRGBA, part, places[at])
	}
	return s, nil
}

// lay copies a picture into a sheet.
func lay(sheet, part *image.NRGBA, at image.Point) {
	for y := range part.Rect.Dy() {
		copy(sheet.Pix[sheet.PixOffset(at.X, at.Y+y):], part.Pix[y*part.Stride:][:4*part.Rect.Dx()])
	}
}

// inRows lays each animation in a row of its own, and frames of none in the last rows, in cells of the
// size of the largest frame.
func (a Sprites) inRows(frames []sprite, animations []atlas.Animation) (*packedSheet, error) {
	s := &packedSheet{animations: animations}
	rows, in := [][]int{}, map[string]bool{}
	index := map[string]int{}
	for i, f := range frames {
		index[f.name] = i
		s.cell.X, s.cell.Y = max(s.cell.X, f.Rect.Dx()), max(s.cell.Y, f.Rect.Dy())
	}
	for _, animation := range animations {
		var row []int
		for _, name := range animation.Frames {
			row, in[name] = append(row, index[name]), true
		}
		rows, s.columns = append(rows, row), max(s.columns, len(row))
	}
	var rest []int
	for i, f := range frames {
		if !in[f.name] {
			rest = append(rest, i)
		}
	}
	if s.columns = max(s.columns, min(len(rest), 8)); len(rest) > 0 {
		rows = append(rows, slices.Collect(slices.Chunk(rest, s.columns))...)
	}
	return s, a.fill(s, frames, rows, 0)
}

// tileset lays pictures of one size in a grid, with their edges repeated in the gap, so that
// neighbours do not show through.
func (a Sprites) tileset(frames []sprite) (*packedSheet, error) {
	s := &packedSheet{cell: frames[0].Rect.Size(), columns: 8}
	for s.columns*s.columns < len(frames) {
		s.columns++
	}
	s.columns = min(s.columns, len(frames))
	var all []int
	for i, f := range frames {
		if f.Rect.Size() != s.cell {
			return nil, badinput.Errorf("%s has %d×%d pixels, and %s %d×%d; want tiles of one size", f.name, f.Rect.Dx(), f.Rect.Dy(), frames[0].name, s.cell.X, s.cell.Y)
		}
		all = append(all, i)
	}
	return s, a.fill(s, frames, slices.Collect(slices.Chunk(all, s.columns)), a.Gap)
}

// fill lays frames in the cells of rows. Their edges are repeated some pixels around them.
func (a Sprites) fill(s *packedSheet, frames []sprite, rows [][]int, around int) error {
	pitch := s.cell.Add(image.Pt(a.Gap+around, a.Gap+around))
	size := image.Pt(s.columns*pitch.X+a.Gap-around, len(rows)*pitch.Y+a.Gap-around)
	if max(size.X, size.Y) > a.Most {
		return badinput.Errorf("most: the sheet would have %d×%d pixels; want fewer or smaller pictures, or a larger --most", size.X, size.Y)
	}
	s.NRGBA = image.NewNRGBA(image.Rectangle{Max: size})
	s.frames = make([]atlas.Frame, len(frames))
	for y, row := range rows {
		for x, i := range row {
			at, f := image.Pt(a.Gap+x*pitch.X, a.Gap+y*pitch.Y), frames[i]
			part := image.Rectangle{Max: f.Rect.Size()}
			s.frames[i] = atlas.Frame{Name: f.name, Place: part.Add(at), Within: part, Whole: f.Rect.Size()}
			for dy := -around; dy < part.Dy()+around; dy++ {
				for dx := -around; dx < part.Dx()+around; dx++ {
					s.SetNRGBA(at.X+dx, at.Y+dy, f.NRGBAAt(min(max(dx, 0), part.Dx()-1), min(max(dy, 0), part.Dy()-1)))
				}
			}
		}
	}
	return nil
}
