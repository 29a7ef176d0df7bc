package library

import (
	"encoding/base64"
	"html/template"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/data/store"
)

// An exhibit is Items as a page shows them: pictures, beginnings of texts, and the
// names of those that cannot be shown.
type exhibit struct {
	Title    string
	N        int
	Pictures []picture
	Texts    []excerpt
	Names    []string
}

type picture struct {
	Title, Label string
	Source       template.URL
}

type excerpt struct{ Title, Text string }

const (
	thumbnail   = 64 // pixels
	longestText = 600
	mostTexts   = 8
	mostNames   = 12
)

// showing returns the exhibit with these Items.
func (e exhibit) showing(rows []store.Row) exhibit {
	for _, r := range rows {
		switch {
		case strings.HasPrefix(r.MediaType, "image/") && len(r.Bytes) > 0:
			if source, ok := small(r.Item); ok {
				e.Pictures = append(e.Pictures, picture{r.Name, r.Label, source})
				continue
			}
		case strings.HasPrefix(r.MediaType, "text/") && len(r.Bytes) > 0:
			if len(e.Texts) < mostTexts {
				text := []rune(string(r.Bytes[:min(len(r.Bytes), 4*longestText)]))
				e.Texts = append(e.Texts, excerpt{r.Name, string(text[:min(len(text), longestText)])})
			}
			continue
		}
		if len(e.Names) < mostNames {
			name := r.Name
			if r.Label != "" && r.Label != r.Name {
				name += " (" + r.Label + ")"
			}
			e.Names = append(e.Names, name)
		}
	}
	return e
}

// small is a picture as a small PNG within a page; false if it cannot be decoded.
func small(it data.Item) (template.URL, bool) {
	c := &codec.Image{Size: thumbnail, Channels: 4}
	spec, err := c.Spec(nil)
	if err != nil {
		return "", false
	}
	b := data.NewBatch(spec, 1)
	it.Label = ""
	if c.Encode(data.ExampleOf(it), b, 0) != nil {
		return "", false
	}
	png, err := c.Decode(b, 0)
	if err != nil {
		return "", false
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png.Bytes)), true
}
