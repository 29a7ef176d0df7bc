// Package data is the front door of the data layer: the types that flow from
// sources through codecs into batches of plain numbers.
//
// The way of the data is source → [Item] → [Cleaner] → store → [Example] →
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
	// Name tells the Item apart within its source: an index, or a path or address
	// that does not depend on the machine.
	Name string
	// MediaType is the MIME type of Bytes, such as "image/png".
	MediaType string
	// Bytes is the work itself.
	Bytes []byte
	// Label is the name of the Item's class, empty if it has none.
	Label string
	// Caption says in words what the work shows or is about, empty if unknown.
	Caption string
	// Group names what the Item belongs to: a burst, a page, an album. Items of one
	// group never come to lie on both sides of a split. Empty is a group of its own.
	Group string
	// Origin is what is known of where the Item came from.
	Origin Origin
}

// located puts the place of the Item before an error.
func (it Item) located(err error) error {
	return fmt.Errorf("%s: %w", cmp.Or(it.Origin.Place, it.Name), err)
}

// explain puts the place of the Item before the reason that it is dropped for;
// other errors of a source tell their place.
func (it Item) explain(err error) error {
	if drop := (*Drop)(nil); errors.As(err, &drop) {
		return it.located(err)
	}
	return err
}

// Origin is what is known of where an Item came from.
type Origin struct {
	// Place is the path, address or archive member that the Item was read from.
	Place string
	// Collected is when it was read; the zero time if that was not noted.
	Collected time.Time
	// Licence is an SPDX identifier or the name of a licence, empty if unknown.
	Licence string
	// Creator is who made the work, empty if unknown.
	Creator string
	// Attribution is the credit that the licence asks for.
	Attribution string
}

// A Split is a part of a set.
type Split string

// The parts of a set: what models learn from, and what they are measured against.
const (
	Train Split = "train"
	Test  Split = "test"
)
