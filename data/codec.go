package data

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"atelier/internal/registry"
)

// Codecs registers the codecs.
var Codecs = registry.New[Codec]("codec")

// A Codec turns Items into numbers and back. It is saved with the weights, so that a trained
// run does not need its training files.
// Its exported fields are its settings.
type Codec interface {
	// Spec describes the encoding of a set with these classes, in this order; no classes
	// means unlabelled.
	Spec(classes []string) (Spec, error)
	// Encode writes the example to row at of the batch, whose columns match the codec's
	// Spec.
	Encode(ex Example, b *Batch, at int) error
	// Decode makes an Item of row at of the batch's target.
	Decode(b *Batch, at int) (Item, error)
	// MediaType is the media type of decoded Items.
	MediaType() string
}

// A Fault is a codec error caused by the work: it cannot be decoded, or is of another kind.
// If such errors are reported to somebody, a set is encoded without the work.
type Fault struct {
	// Reason is the same for all works skipped for it, as in a [Drop].
	Reason string
	// Err says what is wrong with the work.
	Err error
}

func (f *Fault) Error() string { return f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// ErrUnlabelled reports an example without a label in a set with classes.
var ErrUnlabelled = errors.New("has no label, though others have; label all or none")

// A Streaming codec turns an Item, such as a text, into any number of tokens. An example is
// a window of them, of the size of the target.
type Streaming interface {
	Codec
	// Fit learns from the Items of a set, such as the vocabulary, unless it is set or was
	// fitted before.
	Fit(items iter.Seq2[Item, error]) error
	// Tokens returns the tokens of an Item, of any number.
	Tokens(it Item) ([]int32, error)
}

// A Fitting codec of single works learns from the training Items before they are encoded, such as
// the vocabulary of their captions.
type Fitting interface {
	Learner
	// Fits reports whether it has something to learn and has not learned it yet.
	Fits() bool
	Fit(items iter.Seq2[Item, error]) error
}

// An Ending codec has a token that stands before and after every text, so that a model learns
// where texts begin and end. Texts that are shorter than an example are joined by it.
type Ending interface {
	Streaming
	// End returns the token and whether there is one, once the codec is fitted.
	End() (token int32, ok bool)
}

// A Sectioning codec parts an Item into examples itself, such as the bars of a piece. Short
// sections share an example, with the end behind the last.
type Sectioning interface {
	Ending
	// Sections returns the sections of an Item, none longer than the target.
	Sections(it Item) ([][]int32, error)
}

// A Loading codec reads files that its settings name. It does so before anything is encoded,
// and keeps what they hold, so that the files are not needed again.
type Loading interface {
	Codec
	// Load reads the files, unless it has what they hold.
	Load() error
}

// A Labelling codec can keep labels when streaming: each window then has the label of its
// Item.
type Labelling interface {
	Streaming
	// KeepsLabels reports whether it does.
	KeepsLabels() bool
}

// A Learner is a codec that learns something from the data, such as a vocabulary, that may be
// too large for the run file. A run keeps it in separate files.
type Learner interface {
	Codec
	// Learned returns the contents of the files by name; none if the settings say it all.
	Learned() (map[string][]byte, error)
	// Recall restores what Learned returned, and refuses anything else.
	Recall(files map[string][]byte) error
}

// A Reporting codec can tell what it does not hold of a work.
type Reporting interface {
	Codec
	// Report compares a work with what is left of it once it was encoded and decoded.
	Report(it Item) (*Loss, error)
}

// A Snapping codec holds only some of the numbers of its range.
type Snapping interface {
	Codec
	// Snap replaces the numbers of row at of the target by those that are held.
	Snap(b *Batch, at int)
}

// A Loss is what a codec does not hold of a piece of music.
type Loss struct {
	// Notes is the number of notes of the piece, Kept how many of them are held.
	Notes int `json:"notes"`
	Kept  int `json:"kept"`
	// MeanMs and MostMs are how far the kept notes begin from where they were, and LengthMs is how
	// much their lengths differ on average, all in milliseconds.
	MeanMs   float64 `json:"mean_ms"`
	MostMs   float64 `json:"most_ms"`
	LengthMs float64 `json:"length_ms"`
	// Left is what else is not held, by what it is.
	Left map[string]int `json:"left,omitempty"`
}

// String says it in a line.
func (l *Loss) String() string {
	text := fmt.Sprintf("%d of %d notes held, moved by %.1f ms on average and %.1f ms at most, lengths by %.1f ms", l.Kept, l.Notes, l.MeanMs, l.MostMs, l.LengthMs)
	for _, what := range slices.Sorted(maps.Keys(l.Left)) {
		text += fmt.Sprintf("; %s: %d", what, l.Left[what])
	}
	return text
}
