package source

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/bep/imagemeta"

	"atelier/data"
	"atelier/internal/licence"
)

// maxCredit is the length of the longest creator that is taken from a picture.
const maxCredit = 200

// Start markers of picture formats that may hold credits.
var (
	formats = []struct {
		start  string
		format imagemeta.ImageFormat
	}{{"\xff\xd8", imagemeta.JPEG}, {"\x89PNG", imagemeta.PNG}, {"RIFF", imagemeta.WebP}}
	marks = [][]byte{[]byte("adobe"), []byte("Photoshop"), []byte("XMP ")}
)

// credit fills in the licence and the creator from a picture's XMP or IPTC metadata, where no table
// gave them. A licence is taken only if it is a known one: xmpRights:UsageTerms and WebStatement,
// cc:license, dc:rights and IPTC's CopyrightNotice; creators are dc:creator and IPTC's By-line.
// Damaged metadata is ignored.
func credit(o *data.Origin, b []byte) {
	if o.Licence != "" && o.Creator != "" {
		return
	}
	for _, f := range formats {
		if bytes.HasPrefix(b, []byte(f.start)) && saysSomething(b) {
			readCredit(o, b, f.format)
		}
	}
}

func saysSomething(b []byte) bool {
	for _, m := range marks {
		if bytes.Contains(b, m) {
			return true
		}
	}
	return false
}

func readCredit(o *data.Origin, b []byte, format imagemeta.ImageFormat) {
	defer func() { _ = recover() }() // if foreign bytes crash the library, the pixels are still usable
	given := map[string]string{}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: format, Sources: imagemeta.XMP | imagemeta.IPTC,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return credits[t.Tag] != "" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if words := wordsOf(t.Value); given[t.Tag] == "" {
				given[t.Tag] = words
			}
			return nil
		},
	})
	for _, tag := range creditTags {
		words := given[tag]
		switch {
		case credits[tag] == "licence" && o.Licence == "":
			o.Licence = licence.Normalise(words)
		case credits[tag] == "creator" && o.Creator == "" && len(words) <= maxCredit && utf8.ValidString(words):
			o.Creator = words
		}
	}
}

// creditTags are the tags for rights, the least ambiguous first.
var creditTags = []string{"License", "WebStatement", "UsageTerms", "Rights", "CopyrightNotice", "Creator", "By-line"}

var credits = map[string]string{
	"License": "licence", "WebStatement": "licence", "UsageTerms": "licence", "Rights": "licence", "CopyrightNotice": "licence",
	"Creator": "creator", "By-line": "creator",
}

// wordsOf is the value of a tag, which may be a list, as text.
func wordsOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case []string:
		return strings.TrimSpace(strings.Join(v, ", "))
	}
	return ""
}
