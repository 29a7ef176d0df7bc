package codec

import (
	"errors"
	"fmt"

	"atelier/data"
)

// textType is the media type of texts.
const textType = "text/plain; charset=utf-8"

// encodeText writes a text of the size of an example, and its label. The error names the units of
// which the text has too few or too many.
func encodeText(c data.Streaming, units string, ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	tokens, err := c.Tokens(ex[data.Target])
	if err != nil {
		return err
	}
	if row := target.Tokens(at); copy(row, tokens) != len(row) || len(tokens) != len(row) {
		return fmt.Errorf("has %d %s; an example has %d", len(tokens), units, len(row))
	}
	return encodeLabel(ex, b, at)
}

// tokensOf returns the tokens of a row's target, checked against a vocabulary size, and its label.
func tokensOf(b *data.Batch, at, vocabulary int) (tokens []int32, label string, err error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Kind != data.Tokens {
		return nil, "", errors.New("the batch has no target of tokens")
	}
	if label, err = decodeLabel(b, at); err != nil {
		return nil, "", err
	}
	tokens = target.Tokens(at)
	for _, token := range tokens {
		if token < 0 || int(token) >= vocabulary {
			return nil, "", fmt.Errorf("token %d, but the vocabulary has %d", token, vocabulary)
		}
	}
	return tokens, label, nil
}
