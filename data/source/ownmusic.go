package source

import (
	"context"
	"iter"

	"atelier/data"
	"atelier/internal/arrange"
	score "atelier/internal/music"
)

// The music that comes with the program. Drum patterns are labelled by genre, the patterns of
// other parts by style, and melodies by what kind of tune they are.
var (
	groovesSet = starterSet{classes: arrange.Genres, items: ownItems(ownGrooves)}
	partsSet   = starterSet{classes: arrange.Styles, items: ownItems(ownParts)}
	tunesSet   = starterSet{classes: arrange.Kinds, items: ownItems(ownTunes)}
)

// ownTestShare is the share of the patterns and tunes that are held out.
const ownTestShare = 1.0 / 6

// A work is a piece that comes with the program, before it is written.
type work struct {
	name, label, rights, creator, credit string
	make                                 func() (*score.Score, error)
}

// ownItems yields the works of a part of a set, whose names decide what is held out.
func ownItems(works func(*arrange.Book) iter.Seq[work]) func(context.Context, data.Split) iter.Seq2[data.Item, error] {
	return func(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
		return func(yield func(data.Item, error) bool) {
			book, err := arrange.Own()
			if err != nil {
				yield(data.Item{}, err)
				return
			}
			for w := range works(book) {
				if splitOf(w.name, ownTestShare) != split {
					continue
				}
				it, err := w.item(ctx)
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// item writes the work as a MIDI file.
func (w work) item(ctx context.Context) (data.Item, error) {
	if err := ctx.Err(); err != nil {
		return data.Item{}, err
	}
	piece, err := w.make()
	if err != nil {
		return data.Item{}, err
	}
	file, _, err := piece.Write(score.MIDI)
	return data.Item{
		Name: w.name, MediaType: score.MIDI.MediaType(), Bytes: file, Label: w.label, Caption: piece.Title,
		Origin: data.Origin{Place: w.name, Licence: w.rights, Creator: w.creator, Attribution: w.credit},
	}, err
}

// The rights in what was written for this project.
const (
	ownRights = "Apache-2.0"
	ownCredit = "the Atelier project"
)

func ownGrooves(b *arrange.Book) iter.Seq[work] {
	return func(yield func(work) bool) {
		for i := range b.Grooves {
			g := &b.Grooves[i]
			w := work{name: "grooves/" + g.ID, label: g.Genre, rights: ownRights, credit: ownCredit, make: func() (*score.Score, error) { return g.Score(uint64(i), 1), nil }}
			if !yield(w) {
				return
			}
		}
	}
}

func ownParts(b *arrange.Book) iter.Seq[work] {
	return func(yield func(work) bool) {
		for i := range b.Parts {
			p := &b.Parts[i]
			w := work{name: "parts/" + p.ID, label: p.Style, rights: ownRights, credit: ownCredit, make: func() (*score.Score, error) { return p.Score(uint64(i)) }}
			if !yield(w) {
				return
			}
		}
	}
}

func ownTunes(b *arrange.Book) iter.Seq[work] {
	return func(yield func(work) bool) {
		for i := range b.Tunes {
			t := &b.Tunes[i]
			w := work{name: "tunes/" + t.Title, label: t.Kind, rights: "public domain", creator: t.Composer, credit: t.Origin, make: t.Score}
			if !yield(w) {
				return
			}
		}
	}
}
