package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Remarking is a source that tells, once it was read, more than what it dropped, such as
// what it converted: a line each.
type Remarking interface {
	Source
	Remarks() []string
}

// A sieve is a source without what it drops, as long as there is somebody to tell. Without,
// a drop ends the reading: nothing is left out in silence.
type sieve struct {
	Source
	notice func(line string)
	passed map[string]*passed // by reason
}

// passed counts what is dropped for one reason.
type passed struct {
	n     int
	first Item
	why   *Drop
}

func newSieve(src Source, notice func(string)) *sieve {
	return &sieve{Source: src, notice: notice, passed: map[string]*passed{}}
}

// items yields the Items of a part; those that are dropped are counted.
func (s *sieve) items(ctx context.Context, split Split) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for it, err := range s.Source.Items(ctx, split) {
			var drop *Drop
			if s.notice != nil && errors.As(err, &drop) {
				s.count(it, drop)
				continue
			}
			if !yield(it, err) {
				return
			}
		}
	}
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

// tell says what was dropped, by reason and with the first of each, and what the source
// remarks.
func (s *sieve) tell() {
	var lines []string
	if r, ok := s.Source.(Remarking); ok && s.notice != nil {
		lines = r.Remarks()
	}
	for _, p := range s.passed {
		what := fmt.Sprintf("passed over %d (%s), such as", p.n, p.why.Reason)
		if p.n == 1 {
			what = "passed over"
		}
		lines = append(lines, fmt.Sprintf("%s %v", what, p.first.located(p.why)))
	}
	slices.SortFunc(lines, strings.Compare)
	for _, l := range lines {
		s.notice(l)
	}
}
