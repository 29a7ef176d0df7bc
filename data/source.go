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
	// Items yields the Items of a part of the set, always in the same order.
	// It stops at the first error, which names the file and what would be right.
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

// A Mixed source draws from a known distribution, an equal mixture of round
// Gaussians, which tells what a model should have learned.
type Mixed interface {
	// Mixture returns the centres and the standard deviation, in the units of
	// the source.
	Mixture() (centres [][]float64, sigma float64)
}
