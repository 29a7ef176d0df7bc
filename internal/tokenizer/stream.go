package tokenizer

import "unicode/utf8"

// A Stream decodes tokens as they arrive. It never ends in the middle of a UTF-8 character:
// incomplete ones are held back until complete. Invalid bytes are passed through.
//
// The continuation of a prompt is decoded by a stream that has seen the prompt's tokens.
type Stream struct {
	decoding
	held []byte
}

// Stream returns a decoder at the beginning of a text.
func (t *Tokenizer) Stream() *Stream { return &Stream{decoding: decoding{t: t}} }

// Next returns the text completed by a token, possibly empty. It is valid until the next call.
func (s *Stream) Next(id int32) []byte {
	s.held = s.append(s.held, id)
	whole := Whole(s.held)
	text := s.held[:whole]
	s.held = append([]byte(nil), s.held[whole:]...)
	return text
}

// Flush returns the incomplete rest, at the end of a text.
func (s *Stream) Flush() []byte {
	text := s.held
	s.held = nil
	return text
}

// Whole returns the length of a text without an incomplete UTF-8 character at its end.
func Whole(text []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		at := len(text) - back
		if utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return at
			}
			break
		}
	}
	return len(text)
}
