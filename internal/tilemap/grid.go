// Package tilemap holds maps made of tiles, as games have them, and reads and writes their files:
// plain text, CSV, and the TMX and TMJ of the editor Tiled.
package tilemap

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// Void is the glyph of a cell without a tile.
const Void = ' '

// Limits of maps that are read.
const (
	MostSide  = 4096    // cells
	MostCells = 1 << 20 // width × height
	mostTiles = 1 << 12 // different ones
)

// A Map is a rectangular grid of tiles, each known by a character, its glyph.
type Map struct {
	Width, Height int
	// Cells are the glyphs, row by row from the top: [height × width].
	Cells []rune
	// Own is the tileset of a map that was read from a TMX file; nil for other maps.
	Own *Tileset
}

// New returns a map filled with a tile.
func New(width, height int, fill rune) *Map {
	return &Map{Width: width, Height: height, Cells: slices.Repeat([]rune{fill}, width*height)}
}

// Clone returns a copy, with the same tileset.
func (m *Map) Clone() *Map {
	other := *m
	other.Cells = slices.Clone(m.Cells)
	return &other
}

// At is the glyph in column x of row y; [Void] outside of the map.
func (m *Map) At(x, y int) rune {
	if x < 0 || y < 0 || x >= m.Width || y >= m.Height {
		return Void
	}
	return m.Cells[y*m.Width+x]
}

// Part is a rectangle of the map, [Void] where it goes beyond.
func (m *Map) Part(x, y, width, height int) *Map {
	out := New(width, height, Void)
	for r := range height {
		for c := range width {
			out.Cells[r*width+c] = m.At(x+c, y+r)
		}
	}
	return out
}

// Mirrored is the map turned round, left to right.
func (m *Map) Mirrored() *Map {
	out := m.Clone()
	for row := range slices.Chunk(out.Cells, m.Width) {
		slices.Reverse(row)
	}
	return out
}

// Glyphs are the glyphs of the map, sorted.
func (m *Map) Glyphs() []rune {
	all := slices.Clone(m.Cells)
	slices.Sort(all)
	return slices.Compact(all)
}

// sized refuses a map that is empty or too large.
func sized(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return badinput.Errorf("the map is empty")
	case width > MostSide || height > MostSide || width > MostCells/height:
		return badinput.Errorf("the map has %d×%d cells; want at most %d on a side and %d in all", width, height, MostSide, MostCells)
	}
	return nil
}

// ReadText reads a map drawn in characters, a line for each row. Rows that are shorter than the
// longest end in [Void]; empty lines above and below are left out.
func ReadText(text []byte) (*Map, error) {
	if !utf8.Valid(text) {
		return nil, badinput.Errorf("the map is not UTF-8 text")
	}
	rows := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n"), "\n")
	for len(rows) > 0 && rows[0] == "" {
		rows = rows[1:]
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	width := 0
	for i, row := range rows {
		for _, r := range row {
			if unicode.IsControl(r) {
				return nil, badinput.Errorf("line %d of the map has the control character %U; want a visible character for each tile, and spaces for none", i+1, r)
			}
		}
		width = max(width, utf8.RuneCountInString(row))
	}
	if err := sized(width, len(rows)); err != nil {
		return nil, err
	}
	m := New(width, len(rows), Void)
	for y, row := range rows {
		copy(m.Cells[y*width:], []rune(row))
	}
	return m, nil
}

// Text draws the map in characters, a line for each row.
func (m *Map) Text() []byte {
	var b bytes.Buffer
	for row := range slices.Chunk(m.Cells, m.Width) {
		b.WriteString(string(row))
		b.WriteByte('\n')
	}
	return b.Bytes()
}
