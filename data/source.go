package data

import (
	"context"
	"iter"

	"atelier/internal/registry"
)

// Sources lists the places that Items can come from.
var Sources = registry.New[Source]("source")

// A Source yields Items from somewhere. Its exported fields are its settings.
type Source interface {
	// Items yields the Items of a part of the set, always in the same order. An
	// Item that cannot or must not be taken comes with a [*Drop], and the source
	// goes on after it. Any other error is the last that it yields; it names the
	// file and what would be right.
	Items(ctx context.Context, split Split) iter.Seq2[Item, error]
}

// A Classed source knows the names and the order of its classes; the classes
// of another are the labels of its training Items, sorted.
type Classed interface {
	ClassNames() []string
}

// A Named source has a name by which people know the set, such as "fashion".
type Named interface {
	SetName() string
}

// A Versioned source yields for ever the same under one hash: Items, their order
// and the names of the classes.
type Versioned interface {
	// VersionHash is that hash, in hex; the error says why the version cannot be read.
	VersionHash(ctx context.Context) (string, error)
}

// A Cataloged source is a version of a stored dataset, which remembers the runs that
// learned from it.
type Cataloged interface {
	Versioned
	// VersionName is the dataset with its version, such as "faces@2".
	VersionName() string
	// RecordRun remembers that the run in a folder learns from the version.
	RecordRun(ctx context.Context, run string) error
}

// A Mixed source draws from a known distribution, an equal mixture of round
// Gaussians, which tells what a model should have learned.
type Mixed interface {
	// Mixture returns the centres and the standard deviation, in the units of
	// the source.
	Mixture() (centres [][]float64, sigma float64)
}

// A Layered source lays pictures of another set over each other, one in each channel.
// Of K classes of the set it has K³, in the order of the class of the first channel,
// then of the second, then of the third.
type Layered interface {
	// Layer returns the set of the pictures in one channel.
	Layer() registry.Choice[Source]
}

// A Divided source may come with a published division into training and test
// part, which is then kept. The parts of others are made anew when a set is stored.
type Divided interface {
	Divided() bool
}

// A Resumable source can go on where it was interrupted.
type Resumable interface {
	Source
	// Rest yields what Items does, in any order and with names that are the same
	// each time, but passes over what the journal knows without reading it again.
	Rest(ctx context.Context, split Split, j Journal) iter.Seq2[Item, error]
}

// A Local source reads files that lie on this machine.
type Local interface {
	Source
	// LocalPath is the file, or the folder with all that is read.
	LocalPath() string
}

// A Journal remembers across interruptions what a source has done. It is safe for
// several goroutines.
type Journal interface {
	// Known reports whether an Item of that name, or a [Drop] of it, was recorded.
	Known(name string) bool
	// Load returns what was saved under a key, nil if nothing was.
	Load(key string) ([]byte, error)
	// Save keeps what the source will want to find again, such as the links of a page.
	Save(key string, value []byte) error
}

// A Recognizing source can tell from a place, a path or an address such as a
// person types it, whether it reads it.
type Recognizing interface {
	Source
	// Recognize reports how well the source fits the place, and takes it as its
	// setting if it fits at all.
	Recognize(place string) Fit
}

// A Fit says how well a source fits a place.
type Fit int

// The fits, from none to that of a source that is meant for just such a place.
const (
	Unfit   Fit = iota
	Usable      // it can read the place, as a folder source can read any folder
	Meant       // the place looks as if made for it, such as a folder of IDX files
	Certain     // the place names it, such as s3://
)
