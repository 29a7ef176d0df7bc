package levels

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"sync"

	"atelier/internal/tilemap"
)

// TileSide is the side of a drawn tile in pixels.
const TileSide = 16

// Pictures of tiles, drawn in characters: a name, then 16 rows. The characters are in inks.
//
//go:embed looks.txt
var looksText string

// looks are the pictures by name, each 16 rows of 16 characters.
var looks = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	lines := strings.Split(strings.TrimSpace(looksText), "\n")
	for block := range slices.Chunk(lines, TileSide+1) {
		for i := range block[1:] {
			block[i+1] = strings.Trim(block[i+1], "|")
		}
		all[block[0]] = block[1:]
	}
	return all
})

var lookNames = []string{"arch", "bars", "bricks", "coin", "creature", "door", "earth", "flag", "flowers", "grains", "grass", "key", "ladder", "ledge", "lock", "plain", "planks", "rock", "slabs", "spikes", "stairs", "tree", "waves"}

// Looks are the names of the pictures of tiles.
func Looks() []string { return lookNames }

// shades of a tile's colour by character: towards black below 0, towards white above.
var shades = map[byte]float64{'1': -0.5, '2': -0.22, '3': 0, '4': 0.25, '5': 0.55}

// inks that are the same in all tiles.
var inks = map[byte]color.NRGBA{'k': {33, 28, 32, 255}, 'w': {245, 245, 240, 255}, 'n': {110, 74, 44, 255}, 'y': {227, 181, 60, 255}}

// parseColour reads #rrggbb; nothing is transparent.
func parseColour(text string) (color.NRGBA, error) {
	if text == "" {
		return color.NRGBA{}, nil
	}
	hex, ok := strings.CutPrefix(text, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || err != nil || len(hex) != 6 {
		return color.NRGBA{}, fmt.Errorf("want a colour as #rrggbb, got %q", text)
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, nil
}

// shaded is a colour moved towards black or white by a share.
func shaded(c color.NRGBA, by float64) color.NRGBA {
	to := 0.0
	if by > 0 {
		to = 255
	} else {
		by = -by
	}
	mix := func(v uint8) uint8 { return uint8(float64(v) + (to-float64(v))*by + 0.5) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), c.A}
}

// drawn is the picture of a tile. A tile without a look is a square of its colour.
func (t *Tile) drawn() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, TileSide, TileSide))
	own, _ := parseColour(t.Colour) // checked when the rules were read
	ground, _ := parseColour(t.Ground)
	rows := looks()[t.Look]
	for y := range TileSide {
		for x := range TileSide {
			c := own
			if rows != nil {
				ink := rows[y][x]
				by, shade := shades[ink]
				fixed, isInk := inks[ink]
				switch {
				case shade:
					c = shaded(own, by)
				case isInk:
					c = fixed
				default:
					c = ground
				}
			}
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}

// Tileset draws the tiles of the rules, for maps whose picture of tiles is called file.
func (r *Rules) Tileset(name, file string) *tilemap.Drawn {
	d := &tilemap.Drawn{Name: name, File: file, Side: TileSide}
	for i := range r.Tiles {
		t := &r.Tiles[i]
		glyph := r.named(t.Glyph).glyph
		if glyph == tilemap.Void {
			continue
		}
		facts := tilemap.Facts{{Name: "solid", Value: t.Solid}}
		for _, f := range []tilemap.Fact{{Name: "deadly", Value: t.Deadly}, {Name: "ladder", Value: t.Ladder}, {Name: "ledge", Value: t.Ledge}} {
			if f.Value == true {
				facts = append(facts, f)
			}
		}
		if t.Opens != "" {
			facts = append(facts, tilemap.Fact{Name: "opens", Value: t.Opens})
		}
		d.Tiles = append(d.Tiles, tilemap.DrawnTile{Glyph: glyph, Name: t.Name, Facts: facts, Picture: t.drawn()})
	}
	return d
}
