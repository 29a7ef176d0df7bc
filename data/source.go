package data

import (
	"context"
	"iter"

	"atelier/internal/registry"
)

// Sources registers the sources of Items.
var Sources = registry.New[Source]("source")

// A Source yields Items from somewhere. Its exported fields are its settings.
type Source interface {
	// Items yields the Items of a part of the set, always in the same order. An
	// Item that cannot or must not be used comes with a [*Drop], and the source continues.
	// Any other error ends the iteration; it names the file and what would be right.
	Items(ctx context.Context, split Split) iter.Seq2[Item, error]
}

// A Classed source knows the names and the order of its classes; the classes
// of another are the labels of its training Items, sorted.
type Classed interface {
	ClassNames() []string
}

// A Named source has a name for people, such as "fashion".
type Named interface {
	SetName() string
}

// A Versioned source always yields the same under one hash: Items, their order and the
// names of the classes.
type Versioned interface {
	// VersionHash is that hash, in hex; the error says why the version cannot be read.
	VersionHash(ctx context.Context) (string, error)
}

// A Cataloged source is a version of a stored dataset, which records the runs trained on
// it.
type Cataloged interface {
	Versioned
	// VersionName is the dataset with its version, such as "faces@2".
	VersionName() string
	// RecordRun records that the run in a folder is trained on the version.
	RecordRun(ctx context.Context, run string) error
}

// A Mixed source draws from a known distribution, an equal mixture of isotropic Gaussians,
// which is what a model should learn.
type Mixed interface {
	// Mixture returns the centres and the standard deviation, in the units of
	// the source.
	Mixture() (centres [][]float64, sigma float64)
}

// A Layered source stacks pictures of another set, one per channel.
// Of K classes of the set it has K³, in the order of the class of the first channel,
// then of the second, then of the third.
type Layered interface {
	// Layer returns the set of the pictures in one channel.
	Layer() registry.Choice[Source]
}

// A Divided source may come with a published split into training and test part, which is
// then kept. Other sources are split when a set is stored.
type Divided interface {
	Divided() bool
}

// A Resumable source can resume after an interruption.
type Resumable interface {
	Source
	// Rest yields the Items in any order, with the same names each time, but skips those
	// that the journal knows without reading them again.
	Rest(ctx context.Context, split Split, j Journal) iter.Seq2[Item, error]
}

// A Local source reads files on this machine.
type Local interface {
	Source
	// LocalPath is the file, or the folder with all that is read.
	LocalPath() string
}

// A Journal records what a source has done across interruptions. It is safe for use by
// several goroutines.
type Journal interface {
	// Known reports whether an Item of that name, or a [Drop] of it, was recorded.
	Known(name string) bool
	// Load returns what was saved under a key, nil if nothing was.
	Load(key string) ([]byte, error)
	// Save keeps data that the source needs when resumed, such as the links of a page.
	Save(key string, value []byte) error
}

// A Recognizing source can tell whether it reads a place: a path or an address as typed by a
// person.
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
