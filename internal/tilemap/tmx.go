package tilemap

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"

	"atelier/internal/badinput"
)

// Flags of a tile's number in the files of Tiled: mirrored and turned.
const (
	flags  = 0xf << 28
	noTile = 0
)

// A Tileset says which tile of the files of Tiled each glyph is.
type Tileset struct {
	// Numbers are the global numbers of tiles by glyph, of several the least: an unturned one if
	// there is one.
	Numbers map[rune]uint32
	// Lettered are the glyphs that are but letters, for tiles without the property that names one.
	Lettered map[rune]bool
	// Unread are the names of the tilesets' files that could not be read though the map uses their tiles.
	Unread []string
	// Width and Height are those of a tile in pixels.
	Width, Height int
	elements      []tilesetElement // as they were in the file
}

// A tilesetElement is <tileset> of a TMX file, and the root of a TSX file.
type tilesetElement struct {
	First  uint32        `xml:"firstgid,attr"`
	Source string        `xml:"source,attr"`
	Others []xml.Attr    `xml:",any,attr"`
	Inner  []byte        `xml:",innerxml"`
	Tiles  []tileElement `xml:"tile"`
	Image  struct {
		Source string `xml:"source,attr"`
	} `xml:"image"`
}

// Files are the names of the files of tiles that a map with the tileset refers to.
func (s *Tileset) Files() (all []string) {
	for _, e := range s.elements {
		if file := cmp.Or(e.Source, e.Image.Source); file != "" {
			all = append(all, file)
		}
	}
	return all
}

// IsDrawn reports whether a drawn tileset was written into the file, whatever its names were.
func (s *Tileset) IsDrawn(d *Drawn) bool {
	if len(s.elements) != 1 {
		return false
	}
	named := *d
	named.File = s.elements[0].Image.Source
	for _, a := range s.elements[0].Others {
		if a.Name.Local == "name" {
			named.Name = a.Value
		}
	}
	var read, written bytes.Buffer
	s.elements[0].write(&read)
	named.tmx(&written)
	return bytes.Equal(read.Bytes(), written.Bytes())
}

// Number is the number of the tile of a glyph, however it is turned.
func (s *Tileset) Number(glyph rune) uint32 { return s.Numbers[glyph] &^ flags }

// size is how many tiles the set says that it has, false if it does not say.
func (e *tilesetElement) size() (n uint32, ok bool) {
	for _, a := range e.Others {
		if a.Name.Local == "tilecount" {
			n, err := strconv.ParseUint(a.Value, 10, 32)
			return uint32(n), err == nil
		}
	}
	return 0, false
}

// has reports whether the set has a tile: those of a set of single pictures may count beyond its size.
func (e *tilesetElement) has(id uint32) bool {
	n, known := e.size()
	return !known || id < n || slices.ContainsFunc(e.Tiles, func(t tileElement) bool { return t.ID == id })
}

type tileElement struct {
	ID         uint32            `xml:"id,attr"`
	Properties []propertyElement `xml:"properties>property"`
}

type propertyElement struct {
	Name  string `xml:"name,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Value string `xml:"value,attr"`
}

// glyphProperty is the property of a tile that names its glyph.
const glyphProperty = "glyph"

type mapElement struct {
	XMLName     xml.Name         `xml:"map"`
	Orientation string           `xml:"orientation,attr"`
	Infinite    int              `xml:"infinite,attr"`
	Width       int              `xml:"width,attr"`
	Height      int              `xml:"height,attr"`
	TileWidth   int              `xml:"tilewidth,attr"`
	TileHeight  int              `xml:"tileheight,attr"`
	Tilesets    []tilesetElement `xml:"tileset"`
	Layers      []layerElement   `xml:"layer"`
	Groups      []struct{}       `xml:"group"`
}

type layerElement struct {
	Name    string `xml:"name,attr"`
	Width   int    `xml:"width,attr"`
	Height  int    `xml:"height,attr"`
	Visible *int   `xml:"visible,attr"`
	Data    struct {
		Encoding    string `xml:"encoding,attr"`
		Compression string `xml:"compression,attr"`
		Text        string `xml:",chardata"`
		Tiles       []struct {
			GID uint32 `xml:"gid,attr"`
		} `xml:"tile"`
	} `xml:"data"`
}

// ReadTMX reads a map of Tiled, its visible layers laid on one another. open reads the files of
// tilesets that it names; without it, or where it fails, their tiles are told apart by number alone.
// A tile's glyph is its property of that name, or a letter that stands for nothing else, however the
// tile is turned.
func ReadTMX(file []byte, open func(name string) ([]byte, error)) (*Map, error) {
	var e mapElement
	if err := decodeXML(file, &e); err != nil {
		return nil, badinput.Errorf("the map is no TMX file: %w", err)
	}
	switch {
	case e.Orientation != "orthogonal":
		return nil, badinput.Errorf("the map is %s; want an orthogonal one", cmp.Or(e.Orientation, "of no orientation"))
	case e.Infinite != 0:
		return nil, badinput.Errorf("the map is infinite; want one of a fixed size: in Tiled, Map > Map Properties > Infinite")
	case len(e.Groups) > 0:
		return nil, badinput.Errorf("the map has groups of layers; want layers without groups")
	}
	if err := sized(e.Width, e.Height); err != nil {
		return nil, err
	}
	numbers, seen := make([]uint32, e.Width*e.Height), false
	for i := range e.Layers {
		l := &e.Layers[i]
		if l.Visible != nil && *l.Visible == 0 {
			continue
		}
		seen = true
		if l.Width != e.Width || l.Height != e.Height {
			return nil, badinput.Errorf("layer %q has %d×%d cells, and the map %d×%d", l.Name, l.Width, l.Height, e.Width, e.Height)
		}
		cells, err := l.numbers(len(numbers))
		if err != nil {
			return nil, badinput.Errorf("layer %q: %w", l.Name, err)
		}
		for i, n := range cells {
			if n != noTile {
				numbers[i] = n
			}
		}
	}
	switch {
	case len(e.Layers) == 0:
		return nil, badinput.Errorf("the map has no layer of tiles; want one: in Tiled, Layer > New > Tile Layer")
	case !seen:
		return nil, badinput.Errorf("every layer of the map is hidden; want one that is seen: in Tiled, the eye beside its name")
	}
	return e.glyphs(numbers, open)
}

// decodeXML reads an XML file as a whole.
func decodeXML(file []byte, into any) error {
	d := xml.NewDecoder(bytes.NewReader(file))
	if err := d.Decode(into); err != nil {
		return err
	}
	for {
		token, err := d.Token()
		text, isText := token.(xml.CharData)
		switch _, comment := token.(xml.Comment); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case !comment && !(isText && len(bytes.TrimSpace(text)) == 0):
			return errors.New("there is something behind its end")
		}
	}
}

// glyphs turns the numbers of tiles into glyphs.
func (e *mapElement) glyphs(numbers []uint32, open func(string) ([]byte, error)) (*Map, error) {
	known, unread, err := e.named(numbers, open)
	if err != nil {
		return nil, err
	}
	m := New(e.Width, e.Height, Void)
	m.Own = &Tileset{Unread: e.used(unread, numbers), Numbers: map[rune]uint32{}, Lettered: map[rune]bool{}, Width: e.TileWidth, Height: e.TileHeight, elements: e.Tilesets}
	used := slices.Clone(numbers)
	slices.Sort(used)
	used = slices.Compact(used)
	if len(used) > mostTiles {
		return nil, badinput.Errorf("the map has %d different tiles; want at most %d", len(used), mostTiles)
	}
	taken := map[rune]bool{Void: true}
	for _, r := range known {
		taken[r] = true
	}
	next := rune('A')
	for _, n := range used {
		plain := n &^ flags
		if plain == noTile {
			continue
		}
		if known[plain] == 0 {
			for taken[next] {
				next = after(next)
			}
			known[plain], taken[next], m.Own.Lettered[next] = next, true, true
		}
		if glyph := known[plain]; m.Own.Numbers[glyph] == 0 {
			m.Own.Numbers[glyph] = n
		}
	}
	known[noTile] = Void
	for i, n := range numbers {
		m.Cells[i] = known[n&^flags]
	}
	return m, nil
}

// after is the next letter for a tile without a glyph: those of Latin, then any letters.
func after(r rune) rune {
	switch r {
	case 'Z':
		return 'a'
	case 'z':
		return 0x4e00
	}
	return r + 1
}
