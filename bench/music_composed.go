package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/registry"
	"atelier/model/composing"
)

// How composed pieces are measured.
const (
	composedEach  = 50 // pieces of each style
	composedBars  = 8
	learnedEach   = 250 // pieces of each style that copies are looked for in
	windowBars    = 4   // of a copy
	leastInWindow = 4   // notes of a window that counts
	styleBars     = 2   // of a pattern whose style is told
	leastInKey    = 95.0
	pointsBelow   = 5.0
	mostComposed  = 1000
)

// A composedSet is pieces with their styles.
type composedSet []*events.Piece

// composed measures pieces that the composer of the program writes: whether what was asked for is
// there, how much is copied, and whether their style is told.
func (s *Music) composed(ctx context.Context, on *Machine, emit func(Row)) error {
	b, _, err := composing.OpenBuiltIn(on.Kernels)
	if err != nil {
		return err
	}
	train, test, err := learnedPieces(ctx, b.Vocabulary.Styles)
	if err != nil {
		return err
	}
	made, err := s.compose(ctx, on, b)
	if err != nil {
		return err
	}
	made.asked(emit)
	copied, real := copies(made, train), copies(test, train)
	emit(Row{Name: "composed, windows of 4 bars copied from what was learned", Value: copied, Unit: "%", Bar: fmt.Sprintf("<= %.0f, of held-out pieces, and %g", real, pointsBelow),
		Holds: copied <= real+pointsBelow, Floor: &real, N: len(made)})
	judge := newEventsJudge(train, len(b.Vocabulary.Styles))
	told, n := judge.share(made)
	reals, _ := judge.share(test)
	emit(Row{Name: "composed, style of 2 bars told", Value: told, Unit: "%", Bar: fmt.Sprintf(">= %.0f, of held-out pieces, less %g", reals, pointsBelow),
		Holds: told >= reals-pointsBelow, Floor: &reals, N: n})
	return nil
}

// compose composes pieces in all styles.
func (s *Music) compose(ctx context.Context, on *Machine, b *composing.Composer) (made composedSet, err error) {
	for style := range b.Vocabulary.Styles {
		for i := range s.Pieces {
			// Keys and metres by turns; what else there is, the composer chooses.
			h := composing.Heading{Style: style, Meter: []int{0, 0, 1, 0, 2}[i%5], Tempo: -1, Key: events.KeyValue(music.KeyOf(i, i%2 == 1)), Bars: composedBars}
			p, err := b.Begin(ctx, h, uint64(i))
			if err == nil {
				err = b.Write(ctx, &composing.Plan{Piece: p, To: composedBars}, uint64(i), nil)
			}
			if err != nil {
				return nil, err
			}
			made = append(made, p)
			on.Tell(fmt.Sprintf("composed %d of %d", len(made), s.Pieces*len(b.Vocabulary.Styles)))
		}
	}
	return made, nil
}

// guided measures what guidance towards the style changes.
func (s *Music) guided(ctx context.Context, on *Machine, emit func(Row)) error {
	b, _, err := composing.OpenBuiltIn(on.Kernels)
	if err != nil {
		return err
	}
	train, test, err := learnedPieces(ctx, b.Vocabulary.Styles)
	if err != nil {
		return err
	}
	judge := newEventsJudge(train, len(b.Vocabulary.Styles))
	reals, _ := judge.share(test)
	plain := 0.0
	for _, scale := range []float64{1, 1.5, 2, 3} {
		b.Guidance = scale
		made, err := s.compose(ctx, on, b)
		if err != nil {
			return err
		}
		told, n := judge.share(made)
		if scale == 1 {
			plain = told
		}
		name := fmt.Sprintf("composed with a guidance of %g, ", scale)
		emit(Row{Name: name + "style of 2 bars told", Value: told, Unit: "%", Bar: fmt.Sprintf(">= %.1f, of a guidance of 1", plain), Holds: told >= plain, Floor: &reals, N: n})
		inKey, notes := made.inKey()
		emit(Row{Name: name + "notes in the key asked for", Value: inKey, Unit: "%", Bar: fmt.Sprintf(">= %g", leastInKey), Holds: inKey >= leastInKey, N: notes})
		kinds, all := made.variety()
		emit(Row{Name: name + "different bars of a part", Value: kinds, Unit: "%", Holds: true, N: all})
	}
	return nil
}

// inKey is the share of notes of the key of their bar in percent, and how many notes there are.
func (all composedSet) inKey() (percent float64, notes int) {
	in := 0
	for _, p := range all {
		for _, b := range p.Bars {
			for part, program := range p.Parts {
				for _, n := range b.Parts[part] {
					if program == events.Drums {
						continue
					}
					if notes++; events.KeyOf(b.Key).Has(events.PitchOf(n.Pitch, b.Key) % 12) {
						in++
					}
				}
			}
		}
	}
	return percentOf(in, notes), notes
}

// variety is the share of the bars of parts in percent that are like none of the others, and how
// many bars there are.
func (all composedSet) variety() (percent float64, bars int) {
	kinds := map[string]bool{}
	for _, p := range all {
		for part := range p.Parts {
			for _, b := range p.Bars {
				if len(b.Parts[part]) > 0 {
					kinds[fmt.Sprint(p.Parts[part], b.Parts[part])] = true
					bars++
				}
			}
		}
	}
	return percentOf(len(kinds), bars), bars
}

// learnedPieces are arranged pieces that a composer learned from, and others.
func learnedPieces(ctx context.Context, styles []string) (train, test composedSet, err error) {
	src, err := registry.Make[data.Source]("pieces", fmt.Sprintf("each=%d", learnedEach))
	if err != nil {
		return nil, nil, err
	}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range src.Value.Items(ctx, split) {
			if err != nil {
				return nil, nil, err
			}
			read, err := music.Read(it.Bytes)
			if err != nil {
				return nil, nil, err
			}
			p, _, err := events.FromScore(read.Score)
			if err != nil {
				return nil, nil, err
			}
			if p.Style = slices.Index(styles, it.Label); split == data.Train {
				train = append(train, p)
			} else {
				test = append(test, p)
			}
		}
	}
	return train, test, nil
}

// asked tells whether notes are of the key, bars and metre exact, and whether basses begin chords.
func (all composedSet) asked(emit func(Row)) {
	exact, begun, roots := 0, 0, 0
	for _, p := range all {
		s := p.Score()
		if bars := s.Bars(); len(bars) == composedBars && !slices.ContainsFunc(bars, func(b music.Bar) bool { return b.Meter.Count != s.Meters[0].Count || b.Length != bars[0].Length }) {
			exact++
		}
		for _, b := range p.Bars {
			for part, program := range p.Parts {
				for _, n := range b.Parts[part] {
					if program/8 == 4 && n.At == 0 { // basses of General MIDI
						if begun++; events.Class(n.Pitch) == b.Chords[0].Low() {
							roots++
						}
					}
				}
			}
		}
	}
	inKey, notes := all.inKey()
	emit(Row{Name: "composed, notes in the key asked for", Value: inKey, Unit: "%", Bar: fmt.Sprintf(">= %g", leastInKey), Holds: inKey >= leastInKey, N: notes})
	emit(Row{Name: "composed, pieces with the bars and the metre asked for", Value: percentOf(exact, len(all)), Unit: "%", Bar: ">= 100", Holds: exact == len(all), N: len(all)})
	emit(Row{Name: "composed, basses that begin a bar with the root of its chord", Value: percentOf(roots, begun), Unit: "%", Bar: fmt.Sprintf(">= %g", leastInKey), Holds: percentOf(roots, begun) >= leastInKey, N: begun})
}

// windows yields the windows of bars of each melodic part, as their notes.
func windows(p *events.Piece, bars int, yield func(window string)) {
	for part, program := range p.Parts {
		if program == events.Drums {
			continue
		}
		for from := 0; from+bars <= len(p.Bars); from += bars {
			text, notes := fmt.Sprint(p.Bars[from].Meter), 0
			for i, b := range p.Bars[from : from+bars] {
				for _, n := range b.Parts[part] {
					text += fmt.Sprintf(" %d.%d.%d.%d", i, n.At, n.Pitch, n.Length)
					notes++
				}
			}
			if notes >= leastInWindow {
				yield(text)
			}
		}
	}
}

// copies is the share of windows in percent that are in pieces that were learned.
func copies(of, learned composedSet) float64 {
	known := map[string]bool{}
	for _, p := range learned {
		windows(p, windowBars, func(w string) { known[w] = true })
	}
	n, found := 0, 0
	for _, p := range of {
		windows(p, windowBars, func(w string) {
			if n++; known[w] {
				found++
			}
		})
	}
	return percentOf(found, n)
}
