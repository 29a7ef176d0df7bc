package data

import (
	"cmp"
	"fmt"

	"atelier/internal/registry"
)

// Cleaners registers the cleaners of Items, applied before they are stored.
var Cleaners = registry.New[Cleaner]("cleaner")

// A Cleaner looks at an Item and keeps it, changes it or drops it. Its exported
// fields are its settings. It is safe for use by several goroutines, and its
// result depends only on the Item and the settings.
type Cleaner interface {
	// Clean changes the piece in place, or returns a [*Drop]. It ignores other kinds of
	// works: a cleaner of pictures, a text. Any other error ends the work.
	Clean(p *Piece) error
}

// A Comparing cleaner drops Items that are too similar to others. Sketches are taken after
// all cleaners of single Items.
type Comparing interface {
	Cleaner
	// Sketch returns the sketch of the piece; false if it is not of the cleaner's kind.
	Sketch(p *Piece) (Sketch, bool, error)
	// Alike reports whether the pieces with these signatures are too similar to keep both.
	// It is called for pairs that share a band.
	Alike(a, b []byte) bool
	// Reason says in a few words why the second of two such Items is dropped.
	Reason() string
}

// A Hasty cleaner rejects most pairs by cheap tests before a full comparison.
type Hasty interface {
	Comparing
	// Unlike reports that pieces with these beginnings of signatures cannot be alike. It
	// takes nanoseconds; the beginnings are kept in memory.
	Unlike(a, b *Brief) bool
	// Resemble reports whether the pieces with these signatures may be alike. It takes
	// less than a microsecond; Alike is called once for pairs that resemble each other.
	Resemble(a, b []byte) bool
}

// A Brief is the beginning of a signature.
type Brief [32]byte

// A Sketch represents an Item in comparisons.
type Sketch struct {
	// Bands select candidates: two Items are compared if they share a band.
	Bands []uint64
	// Signature is what is compared, at most 4 KiB.
	Signature []byte
	// Rank decides which of several similar Items is the best.
	Rank Rank
}

// A Rank orders similar Items: the greater, the better. It depends only on the Item.
type Rank uint64

const (
	rankedFlaws = 1<<16 - 1
	rankedSize  = 1<<48 - 1
)

// NewRank ranks first by flaws, such as characters that are garbled, and then by size in
// pixels, characters or notes.
func NewRank(flaws, size int) Rank {
	return Rank(rankedFlaws-min(max(flaws, 0), rankedFlaws))<<48 | Rank(min(max(size, 0), rankedSize))
}

// A Counting cleaner decides by the number of Items per class.
type Counting interface {
	Cleaner
	// Admit receives the number of Items per label, and returns a function that is called
	// for every Item in order; nil keeps it.
	Admit(count map[string]int) func(label string) *Drop
}

// A Drop says why an Item is not kept. It is an error of that Item alone.
type Drop struct {
	// By is the cleaner or the source that dropped it, filled in by the caller.
	By string
	// Reason is the same for all Items dropped for it: "blank".
	Reason string
	// Detail is specific to this Item; it may be empty.
	Detail string
}

// Dropf returns a Drop whose detail is formatted.
func Dropf(reason, format string, args ...any) *Drop {
	return &Drop{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func (d *Drop) Error() string {
	if d.Detail == "" {
		return d.Reason
	}
	return d.Reason + ": " + d.Detail
}

// A Piece is an Item during cleaning, decoded once and encoded again only if a cleaner
// changed it.
type Piece struct {
	Item
	// Content is the decoded work, nil until a cleaner decodes it.
	Content Content
	// Changes counts changes by the name that a cleaner gives them: "EMAIL", "rotated".
	Changes map[string]int
	// Mended counts repairs: an intact copy is better.
	Mended int
}

// A Content is a decoded work: a picture, a text, a piece of music.
type Content interface {
	// Encode returns the work's bytes and media type, those that it was decoded
	// from if nothing was changed.
	Encode() (bytes []byte, mediaType string, err error)
}

// Change counts n changes of a kind.
func (p *Piece) Change(what string, n int) {
	if n == 0 {
		return
	}
	if p.Changes == nil {
		p.Changes = map[string]int{}
	}
	p.Changes[what] += n
}

// Mend counts n repairs.
func (p *Piece) Mend(what string, n int) {
	p.Change(what, n)
	p.Mended += n
}

// Finish writes the cleaned content back to the Item.
func (p *Piece) Finish() error {
	if p.Content == nil {
		return nil
	}
	bytes, mediaType, err := p.Content.Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", cmp.Or(p.Origin.Place, p.Name), err)
	}
	p.Bytes, p.MediaType, p.Content = bytes, mediaType, nil
	return nil
}
