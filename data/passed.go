package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// Remarking is a source that reports more than what it dropped once it was read, such as
// conversions, one line each.
type Remarking interface {
	Source
	Remarks() []string
}

// A sieve is a source without what it drops, if drops can be reported. Otherwise a drop ends
// the reading: nothing is left out silently.
type sieve struct {
	Source
	told   Cache // whose Notice and Progress are told
	read   int
	passed map[string]*passed // by reason
	faults int                // Items that could not be encoded

	taken      int     // Items that were encoded, or could be but for their label
	unlabelled *passed // Items without label, though the set has classes; nil for none
}

// passed counts what is dropped for one reason.
type passed struct {
	n     int
	first Item
	why   *Drop
}

func newSieve(src Source, told Cache) *sieve {
	return &sieve{Source: src, told: told, passed: map[string]*passed{}}
}

// items yields the targets of a part; those that are dropped are counted.
func (s *sieve) items(ctx context.Context, split Split) iter.Seq2[Item, error] {
	return sifted(s, s.Source.Items(ctx, split), func(it Item) Item { return it })
}

// examples yields the Examples of a part; those that are dropped are counted.
func (s *sieve) examples(ctx context.Context, split Split) iter.Seq2[Example, error] {
	if c, ok := s.Source.(Composite); ok {
		return sifted(s, c.Examples(ctx, split), func(ex Example) Item { return ex[Target] })
	}
	return func(yield func(Example, error) bool) {
		for it, err := range s.items(ctx, split) {
			if !yield(ExampleOf(it), err) {
				return
			}
		}
	}
}

// sifted yields what is not dropped, and counts what is, by its target.
func sifted[T any](s *sieve, all iter.Seq2[T, error], target func(T) Item) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for x, err := range all {
			if s.read++; s.told.Progress != nil {
				s.told.Progress(s.read, 0)
			}
			var drop *Drop
			if s.told.Notice != nil && errors.As(err, &drop) {
				s.count(target(x), drop)
				continue
			}
			if !yield(x, err) {
				return
			}
		}
	}
}

// passes reports whether an Item that could not be encoded is skipped, and counts it.
func (s *sieve) passes(it Item, err error) bool {
	var fault *Fault
	if s.told.Notice == nil || !errors.As(err, &fault) {
		return false
	}
	s.faults++
	s.count(it, &Drop{Reason: fault.Reason, Detail: fault.Error()})
	return true
}

func (s *sieve) count(it Item, drop *Drop) {
	p := s.passed[drop.Reason]
	if p == nil {
		p = &passed{first: it, why: drop}
		p.first.Bytes = nil
		s.passed[drop.Reason] = p
	}
	p.n++
}

// lacks counts an Item without a label.
func (s *sieve) lacks(it Item) {
	if s.unlabelled == nil {
		it.Bytes = nil
		s.unlabelled = &passed{first: it}
	}
	s.unlabelled.n++
}

// empty is the error of a part that is left without Items.
func (s *sieve) empty(split Split) error {
	err := fmt.Errorf("the set %q: %w", nameOf(s.Source), ErrEmpty)
	if split == Test {
		err = badinput.Errorf("the set %q: nothing to test on", nameOf(s.Source))
	}
	for _, reason := range slices.Sorted(maps.Keys(s.passed)) {
		p := s.passed[reason]
		err = fmt.Errorf("%w; skipped %d, such as %w", err, p.n, p.first.located(p.why))
	}
	return err
}

// An unlabelledError reports a set with labelled and unlabelled Items.
type unlabelledError struct {
	passed
	of int // Items in all
}

func (e *unlabelledError) Error() string {
	return fmt.Sprintf("%d of %d have no label, though others have, the first of them %s", e.n, e.of, cmp.Or(e.first.Origin.Place, e.first.Name))
}

// tell reports what was dropped, by reason with the first of each, and remarks of the
// source.
func (s *sieve) tell() {
	var lines []string
	if r, ok := s.Source.(Remarking); ok && s.told.Notice != nil {
		lines = r.Remarks()
	}
	for _, p := range s.passed {
		what := fmt.Sprintf("skipped %d (%s), such as", p.n, p.why.Reason)
		if p.n == 1 {
			what = "skipped"
		}
		lines = append(lines, fmt.Sprintf("%s %v", what, p.first.located(p.why)))
	}
	slices.SortFunc(lines, strings.Compare)
	for _, l := range lines {
		s.told.Notice(l)
	}
	if len(lines) > 0 && len(companions(s.Source)) == 0 {
		s.told.Notice("atelier data add makes a dataset without them, and names them")
	}
}
