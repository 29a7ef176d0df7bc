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
	mostSheets   = 24 // classes with a sheet each
	mostSamples  = 60 // per part
	mostTexts    = 8  // per part; they need more room
	mostOfAClass = 12
)

// A specimen is an Item as shown in a page: a picture, the beginning of a text, or only its name.
type specimen struct {
	Name, Label, Detail string
	Picture             template.URL
	Text                string

	hash [32]byte
}

// show returns the specimen of an Item.
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

// small is a picture as a small PNG embedded in a page; "" if it cannot be decoded.
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
	const enough = 4 * (longestText + 1) // a character has at most four bytes
	runes := []rune(string(text[:min(len(text), enough)]))
	if len(runes) <= longestText {
		return string(runes)
	}
	return string(runes[:longestText]) + "…"
}

// A sheet is a number of related Items.
type sheet struct {
	Title string
	N     int // number of Items in all
	Items []specimen
}

// A gallery selects samples of a part: the Items with the lowest hashes, a fair and reproducible
// selection. It keeps only what is shown of them.
type gallery struct {
	byClass bool
	chosen  map[string]*sheet // by label, or under ""
}

// offer adds an Item to the candidates.
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

// sheets returns the selected samples of a part, by label.
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
