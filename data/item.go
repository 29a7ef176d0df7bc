// Package data is the entry point of the data layer: the types that flow from
// sources through codecs into batches of plain numbers.
//
// Data flow is source → [Item] → [Cleaner] → store → [Example] →
// [Codec] → [Dataset] → [Batch]. Other Go programs may import this package; its types are stable.
package data

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// An Item is one work, collected or generated.
type Item struct {
	// Name identifies the Item within its source: an index, or a path or address that does
	// not depend on the machine.
	Name string
	// MediaType is the MIME type of Bytes, such as "image/png".
	MediaType string
	// Bytes is the work itself.
	Bytes []byte
	// Label is the name of the Item's class, empty if it has none.
	Label string
	// Caption describes the work in words, empty if unknown.
	Caption string
	// Group names what the Item belongs to: a burst, a page, an album. A split never divides
	// a group. If empty, the Item is a group of its own.
	Group string
	// Origin says where the Item came from.
	Origin Origin
}

// located puts the place of the Item before an error.
func (it Item) located(err error) error {
	return fmt.Errorf("%s: %w", cmp.Or(it.Origin.Place, it.Name), err)
}

// explain puts the place of the Item before the reason for which it is dropped; other errors
// of a source name their place.
func (it Item) explain(err error) error {
	if drop := (*Drop)(nil); errors.As(err, &drop) {
		return it.located(err)
	}
	return err
}

// Origin says where an Item came from.
type Origin struct {
	// Place is the path, address or archive member that the Item was read from.
	Place string
	// Collected is when it was read; zero if unknown.
	Collected time.Time
	// Licence is an SPDX identifier or the name of a licence, empty if unknown.
	Licence string
	// Creator is who made the work, empty if unknown.
	Creator string
	// Attribution is the credit that the licence requires.
	Attribution string
}

// A Split is a part of a set.
type Split string

// The parts of a set: for training and for testing.
const (
	Train Split = "train"
	Test  Split = "test"
)
