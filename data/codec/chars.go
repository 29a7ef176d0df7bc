package codec

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("chars", "UTF-8 texts, one token per character; the vocabulary comes from the data",
		func() data.Codec { return &Chars{Context: 128} })
}

// The limits of the codec's settings.
const (
	mostContext    = 1 << 16
	mostCharacters = 1 << 16
)

// Chars turns text into one token per character and back. An example is a window of the context and
// the next character.
type Chars struct {
	Context    int    `help:"context length in characters, 1 to 65536"`
	Vocabulary string `help:"the characters, in the order of their tokens; if empty, those of the data, sorted"`
	Labels
	// Fitted is the vocabulary learned from the data. It is not a setting: it may be longer than a
	// run file.
	Fitted string `toml:"-" json:",omitempty"`
}

// characters are the vocabulary, in token order.
func (c *Chars) characters() string { return cmp.Or(c.Vocabulary, c.Fitted) }

// Check rejects settings outside their range.
func (c *Chars) Check() error {
	if c.Context < 1 || c.Context > mostContext {
		return registry.Unfit("context", fmt.Sprintf("want 1 to %d characters, got %d", mostContext, c.Context))
	}
	seen := map[rune]bool{}
	for _, r := range c.Vocabulary {
		if seen[r] {
			return registry.Unfit("vocabulary", fmt.Sprintf("want each character once, got %q twice", r))
		}
		seen[r] = true
	}
	if len(seen) > mostCharacters {
		return registry.Unfit("vocabulary", fmt.Sprintf("want at most %d characters, got %d", mostCharacters, len(seen)))
	}
	return nil
}

// Fit implements [data.Streaming]: the vocabulary is the characters of all Items that
// are texts, sorted.
func (c *Chars) Fit(items iter.Seq2[data.Item, error]) error {
	if c.characters() != "" {
		return nil
	}
	seen, foreign := map[rune]bool{}, false
	for it, err := range items {
		if err != nil {
			return err
		}
		if !utf8.Valid(it.Bytes) {
			foreign = true
			continue // Tokens reports it
		}
		var ascii [utf8.RuneSelf]bool // nearly all of most texts
		for r := range runesOf(it.Bytes) {
			if r < utf8.RuneSelf {
				ascii[r] = true
			} else {
				seen[r] = true
			}
		}
		for r, there := range ascii {
			if there {
				seen[rune(r)] = true
			}
		}
		if len(seen) > mostCharacters {
			return fmt.Errorf("more than %d different characters: this is hardly text", mostCharacters)
		}
	}
	if len(seen) == 0 && foreign {
		return errors.New("chars: no text of the data is in UTF-8; convert them first, as with iconv -f ENCODING -t UTF-8")
	}
	c.Fitted = string(slices.Sorted(maps.Keys(seen)))
	return nil
}

// runesOf yields the characters of a text, without copying it.
func runesOf(text []byte) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for len(text) > 0 {
			r, size := rune(text[0]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRune(text)
			}
			if !yield(r) {
				return
			}
			text = text[size:]
		}
	}
}

// Learned implements [data.Learner].
func (c *Chars) Learned() (map[string][]byte, error) {
	if c.Vocabulary != "" || c.Fitted == "" {
		return nil, nil
	}
	return vocabularyFiles(strings.Split(c.Fitted, ""))
}

// Recall implements [data.Learner].
func (c *Chars) Recall(files map[string][]byte) error {
	tokens, err := readVocabulary(files, mostCharacters)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if utf8.RuneCountInString(t) != 1 {
			return fmt.Errorf("%s is damaged: %q is not one character", vocabularyFile, t)
		}
	}
	c.Fitted = strings.Join(tokens, "")
	return nil
}

var errNotUTF8 = errors.New("is not UTF-8 text; convert it first")

// Spec describes the encoding of texts.
func (c *Chars) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("chars %w", err)
	}
	if c.characters() == "" {
		return data.Spec{}, errors.New("chars: the vocabulary is empty: the data has no characters")
	}
	return labelled(data.Field{
		Name: data.Target, Kind: data.Tokens, Shape: []int{c.Context + 1}, Vocabulary: utf8.RuneCountInString(c.characters()),
	}, classes), nil
}

// Tokens implements [data.Streaming].
func (c *Chars) Tokens(it data.Item) ([]int32, error) {
	if !utf8.Valid(it.Bytes) {
		return nil, unreadable(errNotUTF8)
	}
	of := map[rune]int32{}
	var ascii [utf8.RuneSelf]int32 // token + 1, 0 for none
	for _, r := range c.characters() {
		if of[r] = int32(len(of)); r < utf8.RuneSelf {
			ascii[r] = of[r] + 1
		}
	}
	out := make([]int32, 0, utf8.RuneCount(it.Bytes))
	for r := range runesOf(it.Bytes) {
		if r < utf8.RuneSelf && ascii[r] > 0 {
			out = append(out, ascii[r]-1)
			continue
		}
		token, ok := of[r]
		if !ok {
			return nil, fmt.Errorf("the character %q is not in the vocabulary%s", r, c.shown())
		}
		out = append(out, token)
	}
	return out, nil
}

// shown is the vocabulary in an error, if it is not too long.
func (c *Chars) shown() string {
	if n := utf8.RuneCountInString(c.characters()); n > 100 {
		return fmt.Sprintf(" of %d characters", n)
	}
	return fmt.Sprintf(", which is %q", c.characters())
}

// Encode writes a text of the size of an example, and its label.
func (c *Chars) Encode(ex data.Example, b *data.Batch, at int) error {
	return encodeText(c, "characters", ex, b, at)
}

// Decode returns the text of the target, of any length.
func (c *Chars) Decode(b *data.Batch, at int) (data.Item, error) {
	vocabulary := []rune(c.characters())
	tokens, label, err := tokensOf(b, at, len(vocabulary))
	if err != nil {
		return data.Item{}, err
	}
	var text strings.Builder
	for _, token := range tokens {
		text.WriteRune(vocabulary[token])
	}
	return data.Item{MediaType: textType, Bytes: []byte(text.String()), Label: label}, nil
}

// MediaType implements [data.Codec].
func (*Chars) MediaType() string { return textType }
