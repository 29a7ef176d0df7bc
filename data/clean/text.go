package clean

import (
	"mime"
	"unicode"
	"unicode/utf8"

	"atelier/data"
)

// A text is the content of a piece that the cleaners of texts share.
type text struct {
	body      string
	mediaType string
	given     []byte // the encoded body, nil once the text was changed
}

// textOf returns the text of a piece; false if it is not a text.
func textOf(p *data.Piece) (*text, bool) {
	if t, ok := p.Content.(*text); ok {
		return t, true
	}
	if p.Content != nil || !isText(p.MediaType) {
		return nil, false
	}
	t := &text{body: string(p.Bytes), mediaType: p.MediaType, given: p.Bytes}
	p.Content = t
	return t, true
}

func isText(mediaType string) bool {
	kind, _, err := mime.ParseMediaType(mediaType)
	return err == nil && (kind == "text/plain" || kind == "text/markdown")
}

// set replaces the text.
func (t *text) set(body string) {
	if body != t.body {
		t.body, t.given = body, nil
	}
}

// rank orders duplicates: by garbled and repaired characters, then by length without spaces.
func (t *text) rank(p *data.Piece) data.Rank {
	flaws, size := p.Mended, 0
	for _, r := range t.body {
		switch {
		case r == utf8.RuneError:
			flaws++
		case !unicode.IsSpace(r):
			size++
		}
	}
	_, garbled := mend(t.body)
	return data.NewRank(flaws+garbled, size)
}

// Encode implements [data.Content]. A text that was changed is in UTF-8.
func (t *text) Encode() ([]byte, string, error) {
	if t.given != nil {
		return t.given, t.mediaType, nil
	}
	return []byte(t.body), t.mediaType, nil
}

// charset is the encoding that the media type names, "" if it names none.
func (t *text) charset() string {
	_, params, err := mime.ParseMediaType(t.mediaType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// inUTF8 records that the text is UTF-8 now, if the media type names another encoding.
func (t *text) inUTF8() {
	kind, params, err := mime.ParseMediaType(t.mediaType)
	if err != nil || params["charset"] == "" {
		return
	}
	params["charset"] = "utf-8"
	t.mediaType = mime.FormatMediaType(kind, params)
}

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' && r < utf8.RuneSelf }
