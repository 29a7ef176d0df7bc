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
// could not be read. It refuses numbers of tiles that a tileset does not have.
func (e *mapElement) named(numbers []uint32, open func(string) ([]byte, error)) (known map[uint32]rune, unread []tilesetElement, err error) {
	known = map[uint32]rune{}
	for _, set := range e.Tilesets {
		read := set
		if set.Source != "" {
			file, ok := opened(open, set.Source)
			if !ok {
				unread = append(unread, set)
				continue
			}
			read = tilesetElement{}
			if err := decodeXML(file, &read); err != nil {
				return nil, nil, badinput.Errorf("%s: is no TSX file: %w", set.Source, err)
			}
		}
		if at := slices.IndexFunc(numbers, func(n uint32) bool { n &^= flags; return e.within(n, set) && !read.has(n-set.First) }); at >= 0 {
			size, _ := read.size()
			return nil, nil, badinput.Errorf("row %d, column %d: tile %d, which its tileset does not have: that has %d, from %d on", at/e.Width+1, at%e.Width+1, numbers[at]&^flags, size, set.First)
		}
		for _, t := range read.Tiles {
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
		if slices.ContainsFunc(numbers, func(n uint32) bool { return e.within(n&^flags, set) }) {
			names = append(names, set.Source)
		}
	}
	return names
}

// within reports whether the number of a tile is one of a tileset: not less than its first, nor as
// great as that of the next set.
func (e *mapElement) within(n uint32, set tilesetElement) bool {
	return n != noTile && n >= set.First && !slices.ContainsFunc(e.Tilesets, func(other tilesetElement) bool {
		return other.First > set.First && n >= other.First
	})
}
