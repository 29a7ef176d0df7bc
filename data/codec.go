package data

import (
	"errors"
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
	// MediaType is that of the Items that Decode makes.
	MediaType() string
}

// A Fault is an error of a codec that lies in the work: it cannot be decoded, or is of
// another kind. Where somebody is told of it, a set is encoded without the work.
type Fault struct {
	// Reason is the same for all works that are passed over for it, as that of a [Drop].
	Reason string
	// Err says what is wrong with the work.
	Err error
}

func (f *Fault) Error() string { return f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// ErrUnlabelled is the error of a codec that an example has no label, though the set
// has classes.
var ErrUnlabelled = errors.New("has no label, though others have; label all or none")

// A Streaming codec makes of an Item, such as a text, as many tokens as it holds.
// An example is a window of them, of the size of the target.
type Streaming interface {
	Codec
	// Fit takes from the Items of a set what follows from them, such as the
	// vocabulary, unless it is set or was fitted before.
	Fit(items iter.Seq2[Item, error]) error
	// Tokens returns the tokens of an Item, of any number.
	Tokens(it Item) ([]int32, error)
}

// A Learner is a codec that takes from the data what can become as large as the
// data, such as a vocabulary. A run keeps it in files of its own, for which its run
// file would be too small.
type Learner interface {
	Codec
	// Learned returns the contents of the files by their names; none if the settings
	// say all that there is to know.
	Learned() (map[string][]byte, error)
	// Recall takes back what Learned returned, and refuses anything else.
	Recall(files map[string][]byte) error
}
