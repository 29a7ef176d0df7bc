package codec

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/internal/tokenizer"
)

// checkPieces rejects a size of the vocabulary of pieces out of range.
func (c *Captions) checkPieces() error {
	if c.Pieces != 0 && (c.Pieces < tokenizer.LeastSize || c.Pieces > mostSize) {
		return registry.Unfit("pieces", fmt.Sprintf("want 0, or %d to %d pieces, got %d", tokenizer.LeastSize, mostSize, c.Pieces))
	}
	return nil
}

// pieces is the tokenizer of captions, nil before it is learned.
func (c *Captions) pieces() *tokenizer.Tokenizer {
	c.opened.mu.Lock()
	defer c.opened.mu.Unlock()
	if c.FittedPieces == "" {
		return nil
	}
	if c.opened.tokenizer == nil || c.opened.text != c.FittedPieces {
		t, err := tokenizer.FromHuggingFace([]byte(c.FittedPieces))
		if err != nil {
			return nil // Recall has refused it
		}
		c.opened.text, c.opened.tokenizer = c.FittedPieces, t
	}
	return c.opened.tokenizer
}

// pieceCount is the number of pieces that were learned.
func (c *Captions) pieceCount() int {
	if t := c.pieces(); t != nil {
		return t.Size()
	}
	return 0
}

// fitPieces learns the pieces from all lines of the captions.
func (c *Captions) fitPieces(items iter.Seq2[data.Item, error]) error {
	lines := 0
	t, err := tokenizer.Train(func(yield func([]byte, error) bool) {
		for it, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, line := range captionLines(it.Caption) {
				lines++
				if !yield([]byte(plainLine(line)), nil) {
					return
				}
			}
		}
	}, c.Pieces)
	if err != nil {
		return err
	}
	if lines == 0 {
		return errNoCaptions
	}
	text, err := t.JSON()
	c.FittedPieces = string(text)
	return err
}

// betweenWords are characters that separate words, as spaces do. NFKC has made others of them.
const betweenWords = ",:;!?.、。()[]“”\"‘"

// plainLine is a line in lower case, with one space before every word.
func plainLine(line string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(norm.NFKC.String(line), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(betweenWords, r)
	}) {
		b.WriteString(" " + strings.ToLower(word))
	}
	return b.String()
}

// pieceTokens are the tokens of a line of pieces.
func (c *Captions) pieceTokens(line string) []int32 {
	t := c.pieces()
	if t == nil {
		return nil
	}
	tokens := t.Encode([]byte(plainLine(line)))
	for i := range tokens {
		tokens[i] += firstWord
	}
	return tokens
}

// leastPiece is the length in bytes of a piece that says something of a word: three letters, or one
// Chinese character.
const leastPiece = 3

// leastTelling is the size of a vocabulary of pieces from which on it has the words of its captions:
// a smaller one spells even those.
const leastTelling = 1024

// KnownTokens returns the tokens of the words of a line that are known, and the other words. Of a
// word that is cut into pieces one has to be longer than two letters, since letters can spell
// anything, unless the vocabulary is too small for that. Signs alone, such as !, say
// nothing.
func (c *Captions) KnownTokens(line string) (tokens []int32, unknown []string) {
	t := c.pieces()
	if t != nil && !strings.ContainsFunc(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return nil, strings.Fields(line)
	}
	if t == nil || t.Size() < leastTelling {
		return c.WordTokens(line)
	}
	var known strings.Builder
	for word := range strings.FieldsSeq(plainLine(line)) {
		says := len(word) < leastPiece || strings.IndexFunc(word, unicode.IsLetter) < 0
		for _, token := range t.Encode([]byte(" " + word)) {
			says = says || len(bytes.TrimSpace(t.Decode([]int32{token}))) >= leastPiece
		}
		if says {
			known.WriteString(" " + word)
		} else {
			unknown = append(unknown, word)
		}
	}
	return c.pieceTokens(known.String()), unknown
}

// recallPieces restores the tokenizer.
func (c *Captions) recallPieces(files map[string][]byte) error {
	text, ok := files[tokenizerFile]
	if !ok || len(files) > 1 {
		return fmt.Errorf("want %s and no other file, got %d", tokenizerFile, len(files))
	}
	if _, err := tokenizer.FromHuggingFace(text); err != nil {
		return fmt.Errorf("%s is damaged: %w", tokenizerFile, err)
	}
	c.FittedPieces = string(text)
	return nil
}

// LineOf is the text of tokens of a line. Words come without those that are not counted, such as
// "the".
func (c *Captions) LineOf(tokens []int32) string {
	var b strings.Builder
	if t := c.pieces(); t != nil {
		var own []int32
		for _, token := range tokens {
			if token >= firstWord && int(token) < firstWord+t.Size() {
				own = append(own, token-firstWord)
			}
		}
		return strings.TrimSpace(strings.ToValidUTF8(string(t.Decode(own)), ""))
	}
	chinese := false
	for _, token := range tokens {
		if token < firstWord || int(token) >= firstWord+len(c.Fitted) {
			continue
		}
		word := c.Fitted[token-firstWord]
		is := strings.IndexFunc(word, notHan) < 0
		if b.Len() > 0 && !(chinese && is) {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		chinese = is
	}
	return b.String()
}
