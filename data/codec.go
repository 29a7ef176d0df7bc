package data

import (
	"iter"

	"atelier/internal/registry"
)

// Codecs lists the ways to turn Items into numbers and back.
var Codecs = registry.New[Codec]("codec")

// A Codec turns Items into numbers and numbers back into Items. It is saved
// with the weights, so that a trained run needs none of its training files.
// Its exported fields are its settings.
type Codec interface {
	// Spec says what the codec makes of a set with these classes, in this
	// order; no classes means unlabelled.
	Spec(classes []string) (Spec, error)
	// Encode writes the example into row at of the batch, whose columns are
	// those of the codec's Spec.
	Encode(ex Example, b *Batch, at int) error
	// Decode makes an Item of row at of the batch's target.
	Decode(b *Batch, at int) (Item, error)
}

// A Streaming codec makes of an Item, such as a text, as many tokens as it holds.
// An example is a window of them, of the size of the target.
type Streaming interface {
	Codec
	// Fit takes from the Items of a set the settings that follow from them, such
	// as the vocabulary, unless they are set.
	Fit(items iter.Seq2[Item, error]) error
	// Tokens returns the tokens of an Item, of any number.
	Tokens(it Item) ([]int32, error)
}
