package tilemap

import (
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// External are the names of the files of tilesets that a TMX file refers to; none of another file.
func External(file []byte) (all []string) {
	var e mapElement
	if decodeXML(file, &e) != nil {
		return nil
	}
	for _, set := range e.Tilesets {
		if set.Source != "" {
			all = append(all, set.Source)
		}
	}
	return all
}

// CheckRead says what to do about tilesets that could not be read, for who needs their glyphs.
func (m *Map) CheckRead() error {
	if m.Own == nil || len(m.Own.Unread) == 0 {
		return nil
	}
	return badinput.Errorf("its tileset %s is a file of its own, which is not there to be read: put it beside the map, or embed it (in Tiled, Embed Tileset)", strings.Join(m.Own.Unread, ", "))
}

// named are the glyphs that tilesets name, by the global numbers of tiles, and which of the tilesets
// could not be read.
func (e *mapElement) named(open func(string) ([]byte, error)) (known map[uint32]rune, unread []tilesetElement, err error) {
	known = map[uint32]rune{}
	for _, set := range e.Tilesets {
		tiles := set.Tiles
		if set.Source != "" {
			file, ok := opened(open, set.Source)
			if !ok {
				unread = append(unread, set)
				continue
			}
			var own tilesetElement
			if err := decodeXML(file, &own); err != nil {
				return nil, nil, badinput.Errorf("%s: is no TSX file: %w", set.Source, err)
			}
			tiles = own.Tiles
		}
		for _, t := range tiles {
			for _, p := range t.Properties {
				if glyph, size := utf8.DecodeRuneInString(p.Value); p.Name == glyphProperty && size > 0 && size == len(p.Value) && glyph != Void {
					known[set.First+t.ID] = glyph
				}
			}
		}
	}
	return known, unread, nil
}

// opened is what open reads, if it is there and can.
func opened(open func(string) ([]byte, error), name string) (file []byte, ok bool) {
	if open == nil {
		return nil, false
	}
	file, err := open(name)
	return file, err == nil
}

// used are the names of those of some tilesets of which there are tiles among the numbers.
func (e *mapElement) used(sets []tilesetElement, numbers []uint32) (names []string) {
	for _, set := range sets {
		end := uint32(flags & -flags) // more than any number
		for _, other := range e.Tilesets {
			if other.First > set.First {
				end = min(end, other.First)
			}
		}
		if slices.ContainsFunc(numbers, func(n uint32) bool { n &^= flags; return n != noTile && n >= set.First && n < end }) {
			names = append(names, set.Source)
		}
	}
	return names
}
