// Package levels knows the rules by which levels of games are finished: it reads them, solves
// levels by them, places starts, goals and keys, and repairs levels that cannot be finished.
package levels

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
	"atelier/internal/tilemap"
)

// The ways in which one moves.
const (
	Walk     = "walk"     // seen from above: to the four neighbours of a cell
	Platform = "platform" // seen from the side: walking, jumping, climbing and falling
)

const (
	mostRules = 1 << 16 // bytes
	mostKeys  = 8       // kinds of keys
	mostJump  = 16
)

// Rules say what the tiles of a level are and how one moves among them.
type Rules struct {
	// Move is [Walk] or [Platform].
	Move string `toml:"move"`
	// Start and Goal are the tiles of which a level has one each: where it begins, and where it is
	// finished.
	Start string `toml:"start"`
	Goal  string `toml:"goal"`
	// Open is the tile that replaces what is in the way.
	Open string `toml:"open"`
	// Ladder and Ledge are the tiles that repairs of a platform level build with.
	Ladder string `toml:"ladder"`
	Ledge  string `toml:"ledge"`
	// Jump is how many cells high a jump goes.
	Jump int `toml:"jump"`
	// Tiles are all tiles.
	Tiles []Tile `toml:"tile"`

	tiles map[rune]*tile
	keys  []rune
}

// A Tile is a kind of tile.
type Tile struct {
	// Glyph is its character, and Also are others that are read as this tile.
	Glyph string `toml:"glyph"`
	Also  string `toml:"also"`
	Name  string `toml:"name"`
	// Solid tiles cannot be entered, and carry; deadly ones must not be entered.
	Solid  bool `toml:"solid"`
	Deadly bool `toml:"deadly"`
	// Ladder can be climbed. Ledge carries who comes from above, and is passed from below.
	Ladder bool `toml:"ladder"`
	Ledge  bool `toml:"ledge"`
	// Key opens every door that names its glyph, and is not used up.
	Opens string `toml:"opens"`
	// Look is how it is drawn, see [Looks]; Colour is its main colour, #rrggbb, Ground that behind it.
	Look   string `toml:"look"`
	Colour string `toml:"colour"`
	Ground string `toml:"ground"`
}

// A tile is a Tile as solving needs it.
type tile struct {
	*Tile
	glyph rune
	key   int // of this tile, counted from 1; 0 for none
	opens int // the key that it needs, likewise
}

// free reports whether a cell of the tile can be entered with keys.
func (t *tile) free(keys uint) bool {
	return t != nil && !t.Solid && !t.Deadly && (t.opens == 0 || keys>>(t.opens-1)&1 == 1)
}

// ParseRules reads rules from TOML.
func ParseRules(text []byte) (*Rules, error) {
	if len(text) > mostRules {
		return nil, badinput.Errorf("the rules have %d bytes; want at most %d", len(text), mostRules)
	}
	var r Rules
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&r); err != nil {
		return nil, badinput.Errorf("%s", tomlMistake(err))
	}
	return &r, badinput.Mark(r.index())
}

// tomlMistake says in a line what is wrong with a TOML file.
func tomlMistake(err error) string {
	if strict := (*toml.StrictMissingError)(nil); errors.As(err, &strict) && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Sprintf("line %d: rules have no key %q", line, strings.Join(strict.Errors[0].Key(), "."))
	}
	if wrong := (*toml.DecodeError)(nil); errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return fmt.Sprintf("line %d: %s", line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return err.Error()
}

// index checks the rules.
func (r *Rules) index() error {
	r.tiles = map[rune]*tile{}
	add := func(glyph rune, t *tile) error {
		if r.tiles[glyph] != nil {
			return fmt.Errorf("two tiles are %q", glyph)
		}
		r.tiles[glyph] = t
		return nil
	}
	for i := range r.Tiles {
		t := &r.Tiles[i]
		glyph, size := utf8.DecodeRuneInString(t.Glyph)
		if size == 0 || size != len(t.Glyph) || glyph == utf8.RuneError {
			return fmt.Errorf("tile %d: want one character as its glyph, got %q", i+1, t.Glyph)
		}
		if t.Name == "" {
			return fmt.Errorf("tile %q: want a name", t.Glyph)
		}
		if t.Look != "" && !slices.Contains(Looks(), t.Look) {
			return fmt.Errorf("tile %q: no look %q; want one of %s", t.Glyph, t.Look, strings.Join(Looks(), ", "))
		}
		for _, colour := range []string{t.Colour, t.Ground} {
			if _, err := parseColour(colour); err != nil {
				return fmt.Errorf("tile %q: %w", t.Glyph, err)
			}
		}
		own := &tile{Tile: t, glyph: glyph}
		if err := add(glyph, own); err != nil {
			return err
		}
		for _, also := range t.Also {
			if err := add(also, own); err != nil {
				return err
			}
		}
	}
	return r.indexRoles()
}

// indexRoles checks the tiles that have a part in moving.
func (r *Rules) indexRoles() error {
	if r.Move != Walk && r.Move != Platform {
		return fmt.Errorf("move: want %s or %s, got %q", Walk, Platform, r.Move)
	}
	if r.Jump < 0 || r.Jump > mostJump {
		return fmt.Errorf("jump: want 0 to %d, got %d", mostJump, r.Jump)
	}
	roles := map[string]string{"start": r.Start, "goal": r.Goal, "open": r.Open}
	if r.Move == Platform {
		roles["ladder"], roles["ledge"] = r.Ladder, r.Ledge
	}
	for _, role := range []string{"start", "goal", "open", "ladder", "ledge"} {
		glyph, there := roles[role]
		if t := r.named(glyph); there && t == nil {
			return fmt.Errorf("%s: want the glyph of a tile, got %q", role, glyph)
		} else if there && !t.free(0) {
			return fmt.Errorf("%s: the tile %q cannot be entered", role, glyph)
		}
	}
	for _, t := range r.tiles {
		if t.Opens == "" || slices.Contains(r.keys, []rune(t.Opens)[0]) {
			continue
		}
		if k := r.named(t.Opens); k == nil || !k.free(0) {
			return fmt.Errorf("tile %q: opens: want the glyph of a key that can be entered, got %q", t.Glyph, t.Opens)
		}
		r.keys = append(r.keys, r.named(t.Opens).glyph)
	}
	slices.Sort(r.keys)
	if len(r.keys) > mostKeys {
		return fmt.Errorf("there are %d kinds of keys; want at most %d", len(r.keys), mostKeys)
	}
	for i, k := range r.keys {
		r.tiles[k].key = i + 1
	}
	for _, t := range r.tiles {
		if t.Opens != "" {
			t.opens = r.named(t.Opens).key
		}
	}
	return nil
}

// Has reports whether a glyph is that of a tile, or is read as one.
func (r *Rules) Has(glyph rune) bool { return r.tiles[glyph] != nil }

// named is the tile of a glyph, nil if there is none.
func (r *Rules) named(glyph string) *tile {
	g, size := utf8.DecodeRuneInString(glyph)
	if size == 0 || size != len(glyph) {
		return nil
	}
	return r.tiles[g]
}

func (r *Rules) start() rune { return r.named(r.Start).glyph }
func (r *Rules) goal() rune  { return r.named(r.Goal).glyph }
func (r *Rules) open() rune  { return r.named(r.Open).glyph }

// special reports whether a tile is a start, a goal or a key.
func (r *Rules) special(glyph rune) bool {
	t := r.tiles[glyph]
	return t != nil && (glyph == r.start() || glyph == r.goal() || t.key > 0)
}

// Read replaces the glyphs of a map by those of the rules' tiles, and names the first that is none.
func (r *Rules) Read(m *tilemap.Map) error {
	for i, g := range m.Cells {
		t := r.tiles[g]
		if t == nil && m.Own != nil && m.Own.Lettered[g] {
			return badinput.Errorf("row %d, column %d: tile %d has no property \"glyph\", which says what tile of the rules it is; they have %q", i/m.Width+1, i%m.Width+1, m.Own.Number(g), string(r.Glyphs()))
		}
		if t == nil {
			return badinput.Errorf("row %d, column %d has %q, which is no tile of the rules; they have %q", i/m.Width+1, i%m.Width+1, g, string(r.Glyphs()))
		}
		if m.Own == nil || t.glyph == g {
			m.Cells[i] = t.glyph
		}
	}
	return nil
}

// Glyphs are the glyphs of the tiles, in order.
func (r *Rules) Glyphs() (all []rune) {
	for i := range r.Tiles {
		all = append(all, []rune(r.Tiles[i].Glyph)...)
	}
	return all
}

// Bare is a map without starts, goals and keys: they are replaced by the open tile.
func (r *Rules) Bare(m *tilemap.Map) *tilemap.Map {
	out := m.Clone()
	for i, g := range out.Cells {
		if r.special(g) {
			out.Cells[i] = r.open()
		}
	}
	return out
}
