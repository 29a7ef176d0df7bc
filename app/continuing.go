package app

import (
	"fmt"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/registry"
	"atelier/model/composing"
)

// A score that goes on is a given piece with its events.
type workedOn struct {
	*piece
	score *music.Score // on a grid that holds that of events
	bars  []music.Bar
	told  *events.Piece
	asked []int // the instruments of the piece; told has those that were learned
}

// mostWorkedOn is the largest number of bars of a piece that a model works on.
const mostWorkedOn = 4096

// mostQuarter is the largest number of ticks per quarter note.
const mostQuarter = 32767

// workOn turns a given piece into events, and says what they do not hold.
func (b *band) workOn(env *Env, given *piece, style string) (*workedOn, error) {
	w := &workedOn{piece: given, score: given.Score}
	if len(given.Parts) > events.MostParts {
		return nil, badinput.Errorf("%s has %d parts; a model works on up to %d", given.file, len(given.Parts), events.MostParts)
	}
	if bars := len(given.Bars()); bars > mostWorkedOn {
		return nil, badinput.Errorf("%s has %s; a model works on up to %d: its notes may lie too far apart", given.file, Counted(bars, "bar"), mostWorkedOn)
	}
	if q := given.Quarter; q%events.Steps != 0 {
		to := q * events.Steps
		if to > mostQuarter {
			to = quarterOfEvents
		}
		w.score, _ = given.Rescaled(to)
	}
	w.bars = w.score.Bars()
	var err error
	var report *events.Report
	if w.told, report, err = events.FromScore(w.score); err != nil {
		return nil, badinput.Errorf("%s %w", given.file, err)
	}
	if report.MostMs >= 1 {
		env.say("%s is told to the model on a grid of sixteenths and triplets: notes are %.0f ms beside it on average, %.0f ms at most; they stay as they are", given.file, report.MeanMs, report.MostMs)
	}
	words, err := b.described(style)
	if err != nil {
		return nil, err
	}
	w.told.Style = words.style
	env.tellUnknown(b, words.Unknown)
	w.asked = w.told.Parts
	w.told.Parts, err = b.known(w.asked)
	return w, err
}

// quarterOfEvents is the number of ticks per quarter note of scores made of events.
const quarterOfEvents = 480

// chords gives bars the chords that are asked for, and reports whether there are such. It says
// what of them is not played.
func (e *Env) chords(text string, p *events.Piece, from, to int) bool {
	if text == "" {
		return false
	}
	progression, _ := composing.ParseProgression(text) // checked before
	if plainer := progression.Plainer(); len(plainer) > 0 {
		e.say("played plainer: %s", strings.Join(plainer, ", "))
	}
	if given := len(progression); given > to-from {
		e.say("chords are given for %s, of which %d fit: the others are left out", Counted(given, "bar"), to-from)
	}
	progression.Set(p, from, to)
	return true
}

// checkChords refuses chords that cannot be read.
func checkChords(text string) error {
	if text == "" {
		return nil
	}
	if _, err := composing.ParseProgression(text); err != nil {
		return registry.Unfit("chords", err.Error())
	}
	return nil
}

// put puts the bars that were written into the score, the first of them at a tick.
func (w *workedOn) put(from, to int, at int64) {
	written := w.told.Part(from, to)
	written.Parts = w.asked
	s := whole(written).at(w.score.Quarter)
	for i, notes := range s {
		p := &w.score.Parts[i]
		p.Notes = slices.Clone(p.Notes)
		for _, n := range notes {
			n.At += at
			p.Notes = append(p.Notes, n)
		}
	}
	if len(w.score.Chords) > 0 {
		for _, c := range written.Score().Chords {
			c.At = at + c.At*int64(w.score.Quarter)/quarterOfEvents
			w.score.Chords = append(w.score.Chords, c)
		}
	}
	w.score.Sort()
	w.score.Untangle()
}

// whole keeps all parts of a piece in its score, silent ones too.
func whole(p *events.Piece) wholeParts { return wholeParts{p} }

type wholeParts struct{ *events.Piece }

// at are the notes of each part, with so many ticks per quarter note.
func (p wholeParts) at(quarter int) [][]music.Note {
	all := make([][]music.Note, len(p.Parts))
	for i := range p.Parts {
		one := *p.Piece
		one.Parts = p.Parts[i : i+1]
		one.Bars = slices.Clone(p.Bars)
		for j := range one.Bars {
			one.Bars[j].Parts = one.Bars[j].Parts[i : i+1]
		}
		if s := one.Score(); len(s.Parts) > 0 {
			s, _ = s.Rescaled(quarter)
			all[i] = s.Parts[0].Notes
		}
	}
	return all
}

// barsOf reads the numbers of bars such as 5-8 or 5.
func barsOf(text string) (first, last int, err error) {
	if n, _ := fmt.Sscanf(text, "%d-%d", &first, &last); n == 2 && first >= 1 && last >= first && text == fmt.Sprintf("%d-%d", first, last) {
		return first, last, nil
	}
	if n, _ := fmt.Sscanf(text, "%d", &first); n == 1 && first >= 1 && text == fmt.Sprint(first) {
		return first, first, nil
	}
	return 0, 0, registry.Unfit("bars", fmt.Sprintf("want the bars to fill, such as 5-8 or 5, got %q", text))
}

// clear takes out the notes and the chords that begin between two ticks, and ends those at the
// first that sound into them.
func (w *workedOn) clear(begin, end int64) {
	s := *w.score
	s.Parts = slices.Clone(s.Parts)
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Notes = slices.DeleteFunc(slices.Clone(p.Notes), func(n music.Note) bool { return n.At >= begin && n.At < end })
		for j, n := range p.Notes {
			if n.At < begin && n.At+n.Length > begin && n.At+n.Length <= end {
				p.Notes[j].Length = begin - n.At
			}
		}
	}
	s.Chords = slices.DeleteFunc(slices.Clone(s.Chords), func(c music.Chord) bool { return c.At >= begin && c.At < end })
	w.score = &s
}

// checkGuidance refuses guidance towards no style.
func checkGuidance(scale float64, style string) error {
	if scale != 1 && style == "" {
		return registry.Unfit("guidance", "leads towards a style: want --style with it")
	}
	return nil
}
