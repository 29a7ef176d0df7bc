package codec

import (
	"errors"
	"fmt"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

func init() {
	data.Codecs.Add("tileplanes", "maps of tiles as planes of numbers, one for each tile: 1 where it is and -1 elsewhere, for networks of pictures (Volz et al. 2018, arXiv:1805.00728)",
		func() data.Codec { return &TilePlanes{Columns: 24, Rows: 16, Glyphs: "#."} })
}

// TilePlanes turns maps into numbers in [-1, 1] and back: [row, column, tile]. Maps of another size
// are cut to their middle, or surrounded by [tilemap.Void].
type TilePlanes struct {
	Columns int    `help:"width in tiles, 4 to 128"`
	Rows    int    `help:"height in tiles, 4 to 128"`
	Glyphs  string `help:"the tiles, 2 to 64, a character for each"`
}

// mostPlanes is the largest number of tiles of maps as planes.
const mostPlanes = 64

// Check refuses settings outside their range.
func (c *TilePlanes) Check() error {
	glyphs := []rune(c.Glyphs)
	switch {
	case c.Columns < 4 || c.Columns > mostWindowSide:
		return registry.Unfit("columns", fmt.Sprintf("want 4 to %d tiles, got %d", mostWindowSide, c.Columns))
	case c.Rows < 4 || c.Rows > mostWindowSide:
		return registry.Unfit("rows", fmt.Sprintf("want 4 to %d tiles, got %d", mostWindowSide, c.Rows))
	case len(glyphs) < 2 || len(glyphs) > mostPlanes:
		return registry.Unfit("glyphs", fmt.Sprintf("want 2 to %d tiles, got %d", mostPlanes, len(glyphs)))
	}
	for i, g := range glyphs {
		if strings.ContainsRune(string(glyphs[:i]), g) {
			return registry.Unfit("glyphs", fmt.Sprintf("want each tile once, got %q twice", g))
		}
	}
	return nil
}

// Spec describes the encoding of maps.
func (c *TilePlanes) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("tileplanes %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{c.Rows, c.Columns, len([]rune(c.Glyphs))}, Low: -1, High: 1}, classes), nil
}

// Encode writes a map, and its label.
func (c *TilePlanes) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	m, err := mapOf(ex[data.Target])
	if err != nil {
		return err
	}
	m = m.Part((m.Width-c.Columns)/2, (m.Height-c.Rows)/2, c.Columns, c.Rows)
	row, glyphs := target.Row(at), []rune(c.Glyphs)
	for i, g := range m.Cells {
		found := false
		for k, plane := range glyphs {
			row[i*len(glyphs)+k] = -1
			if plane == g {
				row[i*len(glyphs)+k], found = 1, true
			}
		}
		if !found {
			return &data.Fault{Reason: "unknown tile", Err: fmt.Errorf("has the tile %q, which is none of codec.glyphs, %q", g, c.Glyphs)}
		}
	}
	return encodeLabel(ex, b, at)
}

// Snap implements [data.Snapping]: the tile of the largest number is there, and no other.
func (c *TilePlanes) Snap(b *data.Batch, at int) {
	planes := len([]rune(c.Glyphs))
	row := b.Column(data.Target).Row(at)
	for cell := range len(row) / planes {
		numbers := row[cell*planes:][:planes]
		best := largest(numbers)
		for k := range numbers {
			numbers[k] = -1
		}
		numbers[best] = 1
	}
}

// largest is the index of the largest number.
func largest(numbers []float32) (best int) {
	for k, x := range numbers {
		if x > numbers[best] {
			best = k
		}
	}
	return best
}

// Decode returns the map as text: at each place, the tile of the largest number.
func (c *TilePlanes) Decode(b *data.Batch, at int) (data.Item, error) {
	target, glyphs := b.Column(data.Target), []rune(c.Glyphs)
	if target == nil || target.Field.Size() != c.Rows*c.Columns*len(glyphs) {
		return data.Item{}, errors.New("the batch has no target of a map")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	m, row := tilemap.New(c.Columns, c.Rows, tilemap.Void), target.Row(at)
	for i := range m.Cells {
		m.Cells[i] = glyphs[largest(row[i*len(glyphs):][:len(glyphs)])]
	}
	return data.Item{MediaType: c.MediaType(), Bytes: m.Text(), Label: label}, nil
}

// MediaType implements [data.Codec].
func (*TilePlanes) MediaType() string { return tilemap.MediaType }
