package cards

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"atelier/data"
	"atelier/internal/fetch"
)

func init() {
	data.Sources.Add("card", "a well-known public set by name, such as fashion-mnist, downloaded or taken from a mirror, and checked by SHA-256",
		func() data.Source { return &Set{Settings: fetch.Defaults()} })
}

// Set reads a well-known set. Its files are taken from the mirror, an installed Debian package,
// earlier downloads, or their addresses, in that order. Every file is checked before it is read,
// and every Item carries the set's licence and attribution, unless it has its own.
type Set struct {
	Name   string `help:"name of the set, such as shakespeare"`
	Mirror string `help:"folder to take the files from; if empty, the environment variable ATELIER_MIRROR"`
	Cache  string `help:"folder for downloads; if empty, downloads below ATELIER_HOME, else below the user's cache folder"`
	fetch.Settings

	mu     sync.Mutex
	folder string // folder of the checked files of the edition
	inner  data.Source
}

// SetName is the name of the set.
func (s *Set) SetName() string { return s.Name }

// Recognize recognises the names of sets.
func (s *Set) Recognize(place string) data.Fit {
	card, err := Find(place)
	if err != nil {
		return data.Unfit
	}
	s.Name = card.Name
	return data.Certain
}

// Card returns the card of the set.
func (s *Set) Card() (Card, error) {
	if s.Name == "" {
		return Card{}, errors.New("card: name is not set; it names a well-known set, such as fashion-mnist")
	}
	card, err := Find(s.Name)
	if err != nil {
		return card, fmt.Errorf("card: %w", err)
	}
	return card, nil
}

// open finds or downloads the files once, and returns the source that reads them.
func (s *Set) open(ctx context.Context) (data.Source, Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Check(); err != nil {
		return nil, Card{}, fmt.Errorf("card %w", err)
	}
	card, err := s.Card()
	if err != nil || s.inner != nil {
		return s.inner, card, err
	}
	edition, folder, err := s.find(ctx, card)
	if err != nil {
		return nil, card, fmt.Errorf("card %s: %w", card.Name, err)
	}
	if s.inner, err = edition.source(folder); err != nil {
		return nil, card, fmt.Errorf("card %s: %w", card.Name, err)
	}
	s.folder = folder
	return s.inner, card, nil
}

// ClassNames returns the classes of the underlying source.
func (s *Set) ClassNames() []string {
	inner, _, err := s.open(context.Background())
	if c, ok := inner.(data.Classed); err == nil && ok {
		return c.ClassNames()
	}
	return nil // Items reports the error
}

// Divided reports whether the set has parts of its own.
func (s *Set) Divided() bool {
	inner, _, err := s.open(context.Background())
	d, ok := inner.(data.Divided)
	return err == nil && ok && d.Divided()
}

// Count is the number of Items of a part.
func (s *Set) Count(ctx context.Context, split data.Split) (n int, err error) {
	for _, err := range s.Items(ctx, split) {
		if err == nil {
			n++
		}
	}
	return n, ctx.Err()
}

// Items yields the Items of the set.
func (s *Set) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, func(inner data.Source) iter.Seq2[data.Item, error] { return inner.Items(ctx, split) }, nil)
}

// Rest skips the Items in the journal.
func (s *Set) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, func(inner data.Source) iter.Seq2[data.Item, error] {
		if r, ok := inner.(data.Resumable); ok {
			return r.Rest(ctx, split, renamed{j, s})
		}
		return inner.Items(ctx, split)
	}, j)
}

func (s *Set) items(ctx context.Context, read func(data.Source) iter.Seq2[data.Item, error], j data.Journal) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		inner, card, err := s.open(ctx)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for it, err := range read(inner) {
			it.Name, it.Origin.Place = s.rename(it.Name), card.Name+"/"+s.rename(it.Origin.Place)
			if j != nil && it.Name != "" && j.Known(it.Name) {
				continue
			}
			it.Origin.Licence = cmp.Or(it.Origin.Licence, card.Licence)
			it.Origin.Attribution = cmp.Or(it.Origin.Attribution, card.Attribution)
			if !yield(it, err) {
				return
			}
		}
	}
}

// rename turns a path below the folder of the set into one that is the same on every machine.
func (s *Set) rename(place string) string {
	rest, ok := strings.CutPrefix(place, s.folder)
	if !ok {
		return filepath.ToSlash(place)
	}
	return strings.TrimLeft(filepath.ToSlash(rest), "/")
}

// A renamed journal is a journal for the underlying source, whose names of Items differ.
type renamed struct {
	data.Journal
	set *Set
}

func (r renamed) Known(name string) bool { return r.Journal.Known(r.set.rename(name)) }

func join(folder, path string) string { return filepath.Join(folder, filepath.FromSlash(path)) }
