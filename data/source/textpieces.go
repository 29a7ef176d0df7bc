package source

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"unicode/utf8"

	"atelier/data"
)

// mostPiece is the size from which a piece of a text ends with its last whole line.
const mostPiece = 4 << 20

// pieces yields a part of the joined text of the files.
func (s *Text) pieces(ctx context.Context, files []textFile, split data.Split) iter.Seq2[[]byte, error] {
	characters := int64(0)
	for _, f := range files {
		if characters += f.runes; f.joined {
			characters++
		}
	}
	kept := int64(float64(characters) * (1 - s.TestShare))
	return func(yield func([]byte, error) bool) {
		p := piecer{left: kept, yield: yield}
		if split == data.Test {
			p.skip, p.left = kept, characters-kept
		}
		for _, f := range files {
			for chunk, err := range f.chunks(ctx, new(string)) {
				if err != nil {
					yield(nil, fmt.Errorf("%s: %w", f.path, err))
					return
				}
				if !p.add(chunk) {
					return
				}
			}
			if f.joined && !p.add([]byte("\n")) {
				return
			}
		}
	}
}

// A piecer extracts a part of a text and cuts it into pieces.
type piecer struct {
	skip, left int64 // characters before the part, and in it
	piece      []byte
	yield      func([]byte, error) bool
}

// add takes the next chunk of the text; it returns false if no more is wanted.
func (p *piecer) add(text []byte) bool {
	for len(text) > 0 && p.left > 0 {
		chunk := text[:min(len(text), textChunk)]
		if len(chunk) < len(text) {
			chunk = chunk[:wholeCharacters(chunk)]
		}
		text = text[len(chunk):]
		chunk = chunk[pass(chunk, &p.skip):]
		p.piece = append(p.piece, chunk[:pass(chunk, &p.left)]...)
		if len(p.piece) < mostPiece {
			continue
		}
		end := bytes.LastIndexByte(p.piece, '\n') + 1
		if end == 0 {
			end = len(p.piece)
		}
		rest := bytes.Clone(p.piece[end:])
		if !p.yield(p.piece[:end:end], nil) {
			return false
		}
		p.piece = rest
	}
	if p.left == 0 && len(p.piece) > 0 {
		p.yield(p.piece, nil)
	}
	return p.left > 0
}

// pass counts down characters as far as the chunk goes, and returns their length in bytes.
func pass(text []byte, characters *int64) int {
	if n := int64(utf8.RuneCount(text)); n <= *characters {
		*characters -= n
		return len(text)
	}
	at := 0
	for ; *characters > 0; *characters-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}
