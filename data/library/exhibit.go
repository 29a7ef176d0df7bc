package library

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"html/template"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/data/store"
)

const (
	thumbnail    = 64 // pixels
	longestText  = 500
	mostSheets   = 24 // classes that have a sheet each
	mostSamples  = 60 // of a part
	mostTexts    = 8  // of a part, which take more room
	mostOfAClass = 12
)

// A specimen is an Item as a page shows it: a picture, the beginning of a text, or
// its name alone.
type specimen struct {
	Name, Label, Detail string
	Picture             template.URL
	Text                string

	hash [32]byte
}

// show makes a specimen of an Item.
func show(it data.Item) specimen {
	s := specimen{Name: it.Name, Label: it.Label}
	switch {
	case len(it.Bytes) == 0:
	case strings.HasPrefix(it.MediaType, "image/"):
		s.Picture = small(it)
	case strings.HasPrefix(it.MediaType, "text/"):
		s.Text = beginning(it.Bytes)
	}
	return s
}

// small is a picture as a small PNG within a page; empty if it cannot be decoded.
func small(it data.Item) template.URL {
	c, err := codec.NewImage(thumbnail, 4)
	if err != nil {
		return ""
	}
	spec, err := c.Spec(nil)
	if err != nil {
		return ""
	}
	b := data.NewBatch(spec, 1)
	it.Label = ""
	if c.Encode(data.ExampleOf(it), b, 0) != nil {
		return ""
	}
	png, err := c.Decode(b, 0)
	if err != nil {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png.Bytes))
}

// beginning is the beginning of a text.
func beginning(text []byte) string {
	const enough = 4 * (longestText + 1) // a character has four bytes at most
	runes := []rune(string(text[:min(len(text), enough)]))
	if len(runes) <= longestText {
		return string(runes)
	}
	return string(runes[:longestText]) + "…"
}

// A sheet is some of the Items that belong together.
type sheet struct {
	Title string
	N     int // how many there are
	Items []specimen
}

// A gallery chooses samples of a part: those whose hashes are the lowest, which is a
// fair choice and the same each time. It keeps what is shown of them, and no more.
type gallery struct {
	byClass bool
	chosen  map[string]*sheet // by label if by class, else under ""
}

// offer shows the gallery an Item.
func (g *gallery) offer(r store.Row) {
	label, most := "", mostSamples
	if g.byClass {
		label, most = r.Label, mostOfAClass
	}
	if strings.HasPrefix(r.MediaType, "text/") {
		most = min(most, mostTexts)
	}
	if g.chosen == nil {
		g.chosen = map[string]*sheet{}
	}
	s := g.chosen[label]
	if s == nil {
		s = &sheet{}
		g.chosen[label] = s
	}
	s.N++
	at, _ := slices.BinarySearchFunc(s.Items, r.SHA256, func(has specimen, hash [32]byte) int { return bytes.Compare(has.hash[:], hash[:]) })
	if at >= most {
		return
	}
	one := show(r.Item)
	one.hash = r.SHA256
	if g.byClass {
		one.Label = ""
	}
	s.Items = slices.Insert(s.Items, at, one)
	s.Items = s.Items[:min(len(s.Items), most)]
}

// sheets returns what was chosen of a part, by label.
func (g *gallery) sheets(split data.Split) []sheet {
	var all []sheet
	for label, s := range g.chosen {
		s.Title = string(split) + " part"
		if g.byClass {
			s.Title = cmp.Or(label, "no class")
		}
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b sheet) int { return cmp.Compare(a.Title, b.Title) })
	return all
}
