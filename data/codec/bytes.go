package codec

import (
	"fmt"
	"iter"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("bytes", "texts of any kind, one token per byte: 256 tokens, nothing is learned from the data",
		func() data.Codec { return &Bytes{Context: 256} })
}

// Bytes turns text into one token per byte and back. An example is a window of the context and the
// next byte.
type Bytes struct {
	Context int `help:"context length in bytes, 1 to 65536"`
	Labels
}

// Check rejects settings outside their range.
func (c *Bytes) Check() error { return checkContext(c.Context, "bytes") }

// checkContext rejects a context length outside its range.
func checkContext(context int, units string) error {
	if context < 1 || context > mostContext {
		return registry.Unfit("context", fmt.Sprintf("want 1 to %d %s, got %d", mostContext, units, context))
	}
	return nil
}

// Fit implements [data.Streaming]; nothing depends on the data.
func (*Bytes) Fit(iter.Seq2[data.Item, error]) error { return nil }

// Spec describes the encoding of texts.
func (c *Bytes) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("bytes %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{c.Context + 1}, Vocabulary: 256}, classes), nil
}

// Tokens implements [data.Streaming].
func (c *Bytes) Tokens(it data.Item) ([]int32, error) {
	tokens := make([]int32, len(it.Bytes))
	for i, b := range it.Bytes {
		tokens[i] = int32(b)
	}
	return tokens, nil
}

// Encode writes a text of the size of an example, and its label.
func (c *Bytes) Encode(ex data.Example, b *data.Batch, at int) error {
	return encodeText(c, "bytes", ex, b, at)
}

// Decode returns the text of the target, of any length.
func (c *Bytes) Decode(b *data.Batch, at int) (data.Item, error) {
	tokens, label, err := tokensOf(b, at, 256)
	if err != nil {
		return data.Item{}, err
	}
	text := make([]byte, len(tokens))
	for i, token := range tokens {
		text[i] = byte(token)
	}
	return data.Item{MediaType: textType, Bytes: text, Label: label}, nil
}

// MediaType implements [data.Codec].
func (*Bytes) MediaType() string { return textType }
