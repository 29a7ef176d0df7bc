package run

import (
	"iter"
	"slices"

	"atelier/data"
	"atelier/model/metric"
)

// Words reports whether the works that a configuration is about are texts.
func (c *Config) Words() bool {
	medium, err := mediumOf(c.Codec.Value)
	return err == nil && medium.Words
}

// ofTexts adds what metrics of texts need to an evaluation, if the examples are texts.
func ofTexts(e *metric.Evaluation, codec data.Codec, train *data.Dataset) error {
	medium, err := mediumOf(codec)
	if err != nil || !medium.Words {
		return err
	}
	target := e.Spec.Target()
	e.Text = func(tokens []int32) (string, error) {
		it, err := codec.Decode(batchOf(target, tokens, 1), 0)
		return string(it.Bytes), err
	}
	e.Training = func() iter.Seq2[string, error] { return piecesOf(train, e.Text) }
	return nil
}

// pieceTokens is the number of tokens that are decoded at once.
const pieceTokens = 1 << 16

// piecesOf yields the texts of a set in pieces, and an empty one after each text.
func piecesOf(ds *data.Dataset, text func(tokens []int32) (string, error)) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for tokens := range ds.Texts() {
			for some := range slices.Chunk(tokens, pieceTokens) {
				piece, err := text(some)
				if !yield(piece, err) || err != nil {
					return
				}
			}
			if !yield("", nil) {
				return
			}
		}
	}
}
