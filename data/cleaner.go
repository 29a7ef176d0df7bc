package data

import (
	"cmp"
	"fmt"

	"atelier/internal/registry"
)

// Cleaners lists what may be done to Items before they are stored.
var Cleaners = registry.New[Cleaner]("cleaner")

// A Cleaner looks at an Item and keeps it, changes it or drops it. Its exported
// fields are its settings. It is safe for several goroutines, and what it does
// follows from the Item and the settings alone.
type Cleaner interface {
	// Clean changes the piece in place, or returns a [*Drop]. It lets pass what is
	// not of its kind: a cleaner of pictures, a text. Any other error ends the work.
	Clean(p *Piece) error
}

// A Comparing cleaner drops Items for what they have in common with others. Sketches
// are taken once every cleaner of single Items is done.
type Comparing interface {
	Cleaner
	// Sketch returns what the piece is compared by; false if it is not of the
	// cleaner's kind.
	Sketch(p *Piece) (Sketch, bool, error)
	// Alike reports whether the pieces with these signatures are too much alike to
	// keep both. It is asked of pairs that share a band.
	Alike(a, b []byte) bool
	// Reason says in a few words why the second of two such Items is dropped.
	Reason() string
}

// A Hasty cleaner tells most pairs apart long before it would compare them in full.
type Hasty interface {
	Comparing
	// Unlike reports that pieces whose signatures begin so cannot be alike. It takes
	// nanoseconds; the beginnings are kept in memory.
	Unlike(a, b *Brief) bool
	// Resemble reports whether the pieces with these signatures may be alike. It takes
	// less than a microsecond; Alike is asked of pairs that resemble each other, once.
	Resemble(a, b []byte) bool
}

// A Brief is the beginning of a signature.
type Brief [32]byte

// A Sketch is what an Item is compared by.
type Sketch struct {
	// Bands find what may be alike: two Items are compared if they share one.
	Bands []uint64
	// Signature is what is compared, at most 4 KiB.
	Signature []byte
	// Rank says which of Items that are alike is the best.
	Rank Rank
}

// A Rank says how good an Item is among those that it is alike to: the greater it is, the
// better. It follows from the Item alone.
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

// A Counting cleaner decides by how many Items of each class there are.
type Counting interface {
	Cleaner
	// Admit is told how many Items of each label are left, and returns what is
	// asked of every Item in their order; nil keeps it.
	Admit(count map[string]int) func(label string) *Drop
}

// A Drop says why an Item is not kept. It is an error of that Item alone.
type Drop struct {
	// By is the cleaner or the source that dropped it; whoever runs it fills it in.
	By string
	// Reason is the same for all Items that are dropped for it: "blank".
	Reason string
	// Detail is what is to be said of this Item; it may be empty.
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

// A Piece is an Item in the hands of cleaners, which decode it once and encode it
// again only if one of them changed it.
type Piece struct {
	Item
	// Content is the decoded work, nil until a cleaner decodes it.
	Content Content
	// Changes counts what was changed, by what a cleaner calls it: "EMAIL", "rotated".
	Changes map[string]int
	// Mended counts the changes that mended something: a copy that was whole is better.
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

// Mend counts n changes that mended something.
func (p *Piece) Mend(what string, n int) {
	p.Change(what, n)
	p.Mended += n
}

// Finish puts what the cleaners made of the content into the Item.
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
