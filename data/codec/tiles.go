package codec

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

func init() {
	data.Codecs.Add("tiles", "maps of tiles, one token per tile, in windows read row by row, with a rim that shows where a map ends; the vocabulary comes from the data",
		func() data.Codec { return &Tiles{Columns: 12, Rows: 8, Step: 2, Mirror: true} })
}

// Outside is the token of the rim around a map, with which every window begins.
const Outside = 0

// The limits of windows of maps.
const (
	mostWindowSide = 128 // tiles
	mostGlyphs     = 1 << 12
)

// Tiles turns maps into tokens and back. An example is a window of columns × rows tiles, behind one
// token [Outside], which also stands for the tiles of a rim one tile wide around the map.
type Tiles struct {
	Columns int  `help:"width of a window in tiles, 2 to 128"`
	Rows    int  `help:"height of a window in tiles, 2 to 128"`
	Step    int  `help:"distance between windows in tiles"`
	Mirror  bool `help:"learn the mirror image of each map, left to right, as well"`
	Labels
	// Fitted are the tiles learned from the data, in the order of their tokens from 1 on. It is no
	// setting.
	Fitted string `toml:"-" json:",omitempty"`
}

// Check refuses settings outside their range.
func (c *Tiles) Check() error {
	for _, s := range []struct {
		key   string
		value int
	}{{"columns", c.Columns}, {"rows", c.Rows}} {
		if s.value < 2 || s.value > mostWindowSide {
			return registry.Unfit(s.key, fmt.Sprintf("want 2 to %d tiles, got %d", mostWindowSide, s.value))
		}
	}
	if most := min(c.Columns, c.Rows); c.Step < 1 || c.Step > most {
		return registry.Unfit("step", fmt.Sprintf("want 1 to %d tiles, so that windows overlap or touch, got %d", most, c.Step))
	}
	return nil
}

// mapOf reads an Item as a map.
func mapOf(it data.Item) (*tilemap.Map, error) {
	m, err := tilemap.Read(it.Name, it.Bytes, nil)
	if err != nil {
		return nil, unreadable(err)
	}
	return m, nil
}

// glyphsOf are the tiles of all Items that are maps, sorted.
func glyphsOf(items iter.Seq2[data.Item, error]) (string, error) {
	var all []rune
	for it, err := range items {
		if err != nil {
			return "", err
		}
		if m, err := mapOf(it); err == nil { // encoding reports the error
			all = append(all, m.Glyphs()...)
			slices.Sort(all)
			all = slices.Compact(all)
		}
		if len(all) > mostGlyphs {
			return "", fmt.Errorf("more than %d different tiles: this is hardly a set of maps", mostGlyphs)
		}
	}
	return string(all), nil
}

// Fit implements [data.Streaming]: the vocabulary is the tiles of all maps.
func (c *Tiles) Fit(items iter.Seq2[data.Item, error]) (err error) {
	if c.Fitted == "" {
		c.Fitted, err = glyphsOf(items)
	}
	return err
}

// Learned implements [data.Learner].
func (c *Tiles) Learned() (map[string][]byte, error) { return learnedGlyphs(c.Fitted) }

// Recall implements [data.Learner].
func (c *Tiles) Recall(files map[string][]byte) (err error) {
	c.Fitted, err = recalledGlyphs(files)
	return err
}

func learnedGlyphs(fitted string) (map[string][]byte, error) {
	if fitted == "" {
		return nil, nil
	}
	return vocabularyFiles(strings.Split(fitted, ""))
}

func recalledGlyphs(files map[string][]byte) (string, error) {
	tokens, err := readVocabulary(files, mostGlyphs)
	for _, t := range tokens {
		if len([]rune(t)) != 1 {
			return "", fmt.Errorf("%s is damaged: %q is not one character", vocabularyFile, t)
		}
	}
	return strings.Join(tokens, ""), err
}

// Token is the token of a tile; ok is false if it has none.
func (c *Tiles) Token(glyph rune) (token int32, ok bool) {
	i := slices.Index([]rune(c.Fitted), glyph)
	return int32(i + 1), i >= 0
}

// Glyph is the tile of a token; [tilemap.Void] outside of the vocabulary.
func (c *Tiles) Glyph(token int32) rune {
	if glyphs := []rune(c.Fitted); token >= 1 && int(token) <= len(glyphs) {
		return glyphs[token-1]
	}
	return tilemap.Void
}

// Spec describes the encoding of maps.
func (c *Tiles) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("tiles %w", err)
	}
	if c.Fitted == "" {
		return data.Spec{}, errors.New("tiles: the vocabulary is empty: the data has no maps")
	}
	return labelled(data.Field{
		Name: data.Target, Kind: data.Tokens, Shape: []int{c.Columns*c.Rows + 1}, Vocabulary: len([]rune(c.Fitted)) + 1, Begin: Outside,
	}, classes), nil
}

// rimmed are the tokens of a map and its rim: [(height + 2) × (width + 2)].
func (c *Tiles) rimmed(m *tilemap.Map) ([]int32, error) {
	of := map[rune]int32{}
	for i, g := range []rune(c.Fitted) {
		of[g] = int32(i + 1)
	}
	all := make([]int32, (m.Width+2)*(m.Height+2))
	for i, g := range m.Cells {
		token, ok := of[g]
		if !ok {
			return nil, fmt.Errorf("row %d, column %d has the tile %q, which is not in the vocabulary", i/m.Width+1, i%m.Width+1, g)
		}
		all[(i/m.Width+1)*(m.Width+2)+i%m.Width+1] = token
	}
	return all, nil
}

// Tokens implements [data.Streaming]: those of the map row by row, with its rim.
func (c *Tiles) Tokens(it data.Item) ([]int32, error) {
	m, err := mapOf(it)
	if err != nil {
		return nil, err
	}
	return c.rimmed(m)
}

// Starts are the first columns, or rows, of windows that cover a side of some tiles, with its rim.
func Starts(side, window, step int) (all []int) {
	last := max(0, side+2-window)
	for at := 0; at < last; at += step {
		all = append(all, at)
	}
	return append(all, last)
}

// Sections implements [data.Sectioning]: the windows of the map and, if wanted, of its mirror image.
func (c *Tiles) Sections(it data.Item) (all [][]int32, err error) {
	m, err := mapOf(it)
	if err != nil {
		return nil, err
	}
	maps := []*tilemap.Map{m}
	if c.Mirror {
		maps = append(maps, m.Mirrored())
	}
	for _, m := range maps {
		rimmed, err := c.rimmed(m)
		if err != nil {
			return nil, err
		}
		width, height := m.Width+2, m.Height+2
		for _, top := range Starts(m.Height, c.Rows, c.Step) {
			for _, left := range Starts(m.Width, c.Columns, c.Step) {
				window := []int32{Outside}
				for i := range c.Rows * c.Columns {
					x, y, token := left+i%c.Columns, top+i/c.Columns, int32(Outside)
					if x < width && y < height {
						token = rimmed[y*width+x]
					}
					window = append(window, token)
				}
				all = append(all, window)
			}
		}
	}
	return all, nil
}

// End implements [data.Ending].
func (*Tiles) End() (int32, bool) { return Outside, true }

// Encode writes the first window of a map, and its label.
func (c *Tiles) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	sections, err := c.Sections(ex[data.Target])
	if err != nil {
		return err
	}
	copy(target.Tokens(at), sections[0])
	return encodeLabel(ex, b, at)
}

// Decode returns the part of a map in a window, as text. What is outside of the map is left out, or
// [tilemap.Void].
func (c *Tiles) Decode(b *data.Batch, at int) (data.Item, error) {
	tokens, label, err := tokensOf(b, at, len([]rune(c.Fitted))+1)
	if err != nil {
		return data.Item{}, err
	}
	tokens = tokens[min(1, len(tokens)):]
	left, right, top, bottom := c.Columns, -1, len(tokens), -1
	for i, t := range tokens {
		if t != Outside {
			left, right = min(left, i%c.Columns), max(right, i%c.Columns)
			top, bottom = min(top, i/c.Columns), max(bottom, i/c.Columns)
		}
	}
	m := tilemap.New(max(1, right-left+1), max(1, bottom-top+1), tilemap.Void)
	for i, t := range tokens {
		if x, y := i%c.Columns-left, i/c.Columns-top; t != Outside {
			m.Cells[y*m.Width+x] = c.Glyph(t)
		}
	}
	return data.Item{MediaType: c.MediaType(), Bytes: m.Text(), Label: label}, nil
}

// MediaType implements [data.Codec].
func (*Tiles) MediaType() string { return tilemap.MediaType }
