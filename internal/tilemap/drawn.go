package tilemap

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	"image/draw"
	"slices"
)

// A Drawn is a tileset with pictures, a square for each tile in one row after the other.
type Drawn struct {
	// Name is what editors call it, and File the name of its picture.
	Name, File string
	// Side is that of a tile in pixels.
	Side int
	// Tiles are the tiles in the order of their numbers, which count from 1.
	Tiles []DrawnTile
}

// A DrawnTile is a tile with its picture.
type DrawnTile struct {
	Glyph rune
	Name  string
	// Facts are its properties for editors and games, besides its glyph.
	Facts   Facts
	Picture *image.NRGBA // of the tileset's side
}

// columns of a tileset's picture.
const columns = 8

func (d *Drawn) numbers() map[rune]uint32 {
	all := map[rune]uint32{}
	for i, t := range d.Tiles {
		all[t.Glyph] = uint32(i + 1)
	}
	return all
}

func (d *Drawn) rows() int { return (len(d.Tiles) + columns - 1) / columns }

// Sheet is the picture of all tiles.
func (d *Drawn) Sheet() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, columns*d.Side, d.rows()*d.Side))
	for i, t := range d.Tiles {
		at := image.Pt(i%columns*d.Side, i/columns*d.Side)
		draw.Draw(out, image.Rectangle{at, at.Add(image.Pt(d.Side, d.Side))}, t.Picture, t.Picture.Rect.Min, draw.Src)
	}
	return out
}

// Draw draws a map. Tiles that the tileset lacks are left out.
func (d *Drawn) Draw(m *Map) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Width*d.Side, m.Height*d.Side))
	for i, r := range m.Cells {
		at := slices.IndexFunc(d.Tiles, func(t DrawnTile) bool { return t.Glyph == r })
		if at >= 0 {
			p := image.Pt(i%m.Width*d.Side, i/m.Width*d.Side)
			draw.Draw(out, image.Rectangle{p, p.Add(image.Pt(d.Side, d.Side))}, d.Tiles[at].Picture, image.Point{}, draw.Over)
		}
	}
	return out
}

// tmx writes the tileset into a TMX file.
func (d *Drawn) tmx(b *bytes.Buffer) {
	fmt.Fprintf(b, " <tileset firstgid=\"1\" name=\"%s\" tilewidth=\"%d\" tileheight=\"%d\" tilecount=\"%d\" columns=\"%d\">\n", escaped(d.Name), d.Side, d.Side, columns*d.rows(), columns)
	fmt.Fprintf(b, "  <image source=\"%s\" width=\"%d\" height=\"%d\"/>\n", escaped(d.File), columns*d.Side, d.rows()*d.Side)
	for i, t := range d.Tiles {
		fmt.Fprintf(b, "  <tile id=\"%d\">\n   <properties>\n", i)
		for _, f := range t.all() {
			writeProperty(b, "    ", f)
		}
		b.WriteString("   </properties>\n  </tile>\n")
	}
	b.WriteString(" </tileset>\n")
}

// TSX is a tileset of n tiles for Tiled, in a picture file of a size, in columns, with the edges of
// each tile repeated around it in half of the gap between them.
func TSX(name, file string, of, tile image.Point, columns, n, gap int) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, "<tileset version=\"1.8\" name=\"%s\" tilewidth=\"%d\" tileheight=\"%d\" spacing=\"%d\" margin=\"%d\" tilecount=\"%d\" columns=\"%d\">\n",
		escaped(name), tile.X, tile.Y, 2*gap, gap, n, columns)
	fmt.Fprintf(&b, " <image source=\"%s\" width=\"%d\" height=\"%d\"/>\n</tileset>\n", escaped(file), of.X, of.Y)
	return b.Bytes()
}

// all are the facts of a tile, its glyph and name among them, sorted as Tiled sorts them.
func (t *DrawnTile) all() Facts {
	all := append(Facts{{glyphProperty, string(t.Glyph)}, {"name", t.Name}}, t.Facts...)
	slices.SortFunc(all, func(a, b Fact) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return all
}

// propertyJSON is a property in a TMJ file.
type propertyJSON struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value any    `json:"value"`
}

func propertiesJSON(facts Facts) []propertyJSON {
	all := make([]propertyJSON, len(facts))
	for i, f := range facts {
		all[i] = propertyJSON{f.Name, typeOf(f.Value), f.Value}
		if all[i].Type == "" {
			all[i].Type = "string"
		}
	}
	return all
}

// TMJ writes the map as JSON for Tiled and for engines such as Phaser, with a drawn tileset.
func (m *Map) TMJ(drawn *Drawn, facts Facts) ([]byte, error) {
	type tile struct {
		ID         int            `json:"id"`
		Properties []propertyJSON `json:"properties"`
	}
	type object map[string]any
	numbers := drawn.numbers()
	cells := make([]uint32, len(m.Cells))
	for i, r := range m.Cells {
		n, ok := numbers[r]
		if !ok && r != Void {
			return nil, fmt.Errorf("no tile of the tileset is %q", r)
		}
		cells[i] = n
	}
	tiles := make([]tile, len(drawn.Tiles))
	for i := range tiles {
		tiles[i] = tile{i, propertiesJSON(drawn.Tiles[i].all())}
	}
	set := object{
		"firstgid": 1, "name": drawn.Name, "image": drawn.File, "imagewidth": columns * drawn.Side, "imageheight": drawn.rows() * drawn.Side,
		"tilewidth": drawn.Side, "tileheight": drawn.Side, "tilecount": columns * drawn.rows(), "columns": columns, "margin": 0, "spacing": 0, "tiles": tiles,
	}
	layer := object{
		"id": 1, "name": "level", "type": "tilelayer", "visible": true, "opacity": 1, "x": 0, "y": 0, "width": m.Width, "height": m.Height, "data": cells,
	}
	out, err := json.Marshal(object{
		"type": "map", "version": "1.8", "tiledversion": "1.8.2", "orientation": "orthogonal", "renderorder": "right-down", "infinite": false,
		"width": m.Width, "height": m.Height, "tilewidth": drawn.Side, "tileheight": drawn.Side, "nextlayerid": 2, "nextobjectid": 1,
		"properties": propertiesJSON(facts), "tilesets": []object{set}, "layers": []object{layer},
	})
	return append(out, '\n'), err
}
