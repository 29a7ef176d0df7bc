package source

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"atelier/data"
	"atelier/internal/arrange"
	score "atelier/internal/music"
	"atelier/internal/noise"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("pieces", "pieces in the styles rock, jazz, classical and folk, arranged from the grooves, parts and progressions that come with the program",
		func() data.Source { return &Pieces{Each: 200} })
}

// Pieces are arranged from the patterns that come with the program: drums, bass, chords and lead
// in 8, 12 or 16 bars, in all keys and many tempos, with chord symbols.
type Pieces struct {
	Styles []string `help:"rock, jazz, classical, folk; if empty, all of them"`
	Each   int      `help:"number of training pieces of each style, 1 to 100000; an eighth as many more are test pieces"`
	Seed   uint64   `help:"random seed: other pieces of the same patterns"`
	Loose  float64  `help:"how far drums are from the grid, 0 to 1: 0 on the grid, 1 as people play"`
}

// mostPieces is the largest number of pieces of a style.
const mostPieces = 100_000

// Check refuses settings that no pieces can be made with.
func (s *Pieces) Check() error {
	for _, style := range s.Styles {
		if !slices.Contains(arrange.Styles, style) {
			return registry.Unfit("styles", fmt.Sprintf("no style %q; %s", style, registry.Suggest(style, arrange.Styles)))
		}
	}
	if !(s.Loose >= 0 && s.Loose <= 1) {
		return registry.Unfit("loose", fmt.Sprintf("want 0 to 1, got %g", s.Loose))
	}
	return checkCount("each", s.Each, mostPieces)
}

// SetName is "pieces".
func (s *Pieces) SetName() string { return "pieces" }

// Recognize takes the name.
func (s *Pieces) Recognize(place string) data.Fit {
	if place == "pieces" {
		return data.Certain
	}
	return data.Unfit
}

// ClassNames are the styles.
func (s *Pieces) ClassNames() []string {
	if len(s.Styles) == 0 {
		return arrange.Styles
	}
	return s.Styles
}

// Divided reports that the source has two parts.
func (s *Pieces) Divided() bool { return true }

// number is how many pieces of a style a part has.
func (s *Pieces) number(split data.Split) int {
	if split == data.Test {
		return max(1, s.Each/8)
	}
	return s.Each
}

// Count is how many Items a part has.
func (s *Pieces) Count(_ context.Context, split data.Split) (int, error) {
	return s.number(split) * len(s.ClassNames()), cmp.Or(s.Check())
}

// Items yields the pieces as MIDI files, the styles by turns. A piece depends only on the seed,
// its style, its part and its number.
func (s *Pieces) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("pieces %w", err))
	}
	return func(yield func(data.Item, error) bool) {
		book, err := arrange.Own()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for i := range s.number(split) {
			for _, style := range s.ClassNames() {
				it, err := s.work(book, style, split, i).item(ctx)
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// work is a piece.
func (s *Pieces) work(book *arrange.Book, style string, split data.Split, i int) work {
	key := uint64(2*i) + 1
	if split == data.Train {
		key--
	}
	order := arrange.Order{Style: style, Loose: s.Loose, Seed: noise.Bits(s.Seed ^ noise.Bits(key*uint64(len(arrange.Styles))+uint64(slices.Index(arrange.Styles, style))))}
	return work{name: fmt.Sprintf("%s/%s-%05d", split, style, i), label: style, rights: ownRights, credit: ownCredit,
		make: func() (*score.Score, error) { return book.Arrange(order) }}
}
