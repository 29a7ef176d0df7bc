package music

import (
	"unicode/utf8"

	"atelier/internal/charset"
	"atelier/internal/filename"
)

// An encoding is that of the texts of an old file.
type encoding struct {
	name  string // "" if it is not certain
	names filename.Names
}

// encodingOf is the encoding of the texts of a file that are no UTF-8. It is told by all of them
// together, as one alone is short, and where that is not enough as that of file names is.
func encodingOf(texts []string) (e encoding) {
	var all []byte
	var guess filename.Guess
	for _, text := range texts {
		if !utf8.ValidString(text) {
			all = append(append(all, text...), '\n')
			guess.Add(text)
		}
	}
	if len(all) > 0 {
		_, e.name = charset.Decode(all, "")
		e.names = guess.Names()
	}
	return e
}

// decode is a text in UTF-8, or as it is if it cannot be decoded.
func (e encoding) decode(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if e.name != "" {
		if s, name := charset.Decode([]byte(text), e.name); name != "" {
			return s
		}
	}
	text, _ = e.names.Decode(text)
	return text
}
