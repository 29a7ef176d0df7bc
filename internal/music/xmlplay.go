package music

import (
	"cmp"
	"encoding/xml"
	"math"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// An xmlSound is what a direction does to the sound.
type xmlSound struct {
	Tempo    float64 `xml:"tempo,attr"`
	Dynamics float64 `xml:"dynamics,attr"`
	DaCapo   string  `xml:"dacapo,attr"`
	DalSegno string  `xml:"dalsegno,attr"`
	ToCoda   string  `xml:"tocoda,attr"`
}

// direction reads tempos and dynamics.
func (r *xmlReader) direction(p *xmlPart, m *xmlMeasure, e xml.StartElement) error {
	var d struct {
		Types []struct {
			Metronome *struct {
				Unit string     `xml:"beat-unit"`
				Dots []struct{} `xml:"beat-unit-dot"`
				Rate string     `xml:"per-minute"`
			} `xml:"metronome"`
			Dynamics *struct {
				All []struct {
					XMLName xml.Name
				} `xml:",any"`
			} `xml:"dynamics"`
			Other []struct {
				XMLName xml.Name
			} `xml:",any"`
		} `xml:"direction-type"`
		Sound xmlSound `xml:"sound"`
	}
	if err := r.DecodeElement(&d, &e); err != nil {
		return err
	}
	for _, t := range d.Types {
		if t.Metronome != nil && d.Sound.Tempo == 0 {
			if i := slices.Index(typeNames, strings.TrimSpace(t.Metronome.Unit)); i >= 0 {
				quarters := math.Pow(2, float64(3-i))
				if len(t.Metronome.Dots) > 0 {
					quarters *= 1.5
				}
				d.Sound.Tempo = rateOf(t.Metronome.Rate) * quarters
			}
		}
		if t.Dynamics != nil && d.Sound.Dynamics == 0 && len(t.Dynamics.All) > 0 {
			if velocity, ok := loudness[t.Dynamics.All[0].XMLName.Local]; ok {
				p.usual = velocity
			}
		}
		r.lost.Add(LostWords, len(t.Other))
	}
	return r.sound(p, m, d.Sound)
}

// rateOf is the number of beats per minute that a text says, as in "c. 96" and "96-104"; 0 if none.
func rateOf(text string) float64 {
	from := strings.IndexAny(text, digits)
	if from < 0 {
		return 0
	}
	text = text[from:]
	if to := strings.IndexFunc(text, func(c rune) bool { return c != '.' && !strings.ContainsRune(digits, c) }); to >= 0 {
		text = text[:to]
	}
	rate, _ := strconv.ParseFloat(strings.TrimRight(text, "."), 64)
	return rate
}

// sound takes tempo and loudness from here on.
func (r *xmlReader) sound(p *xmlPart, m *xmlMeasure, s xmlSound) error {
	if s.DaCapo != "" || s.DalSegno != "" || s.ToCoda != "" {
		r.lost.Add(LostJumps, 1)
	}
	if s.Dynamics > 0 {
		p.usual = uint8(max(1, min(127, math.Round(s.Dynamics*fullVelocity/100))))
	}
	if !(s.Tempo > 0 && s.Tempo <= fastest) {
		return nil
	}
	tempo := midi.Tempo{Micros: max(1, min(int64(60e6/s.Tempo+.5), 1<<24-1))}
	return r.apply(m, p.state.at, func(s *Score, at int64) {
		tempo.At = at
		s.Tempos = append(s.Tempos, tempo)
	})
}

// finish plays the measures of all parts.
func (r *xmlReader) finish() (*Score, error) {
	order, err := r.order()
	if err != nil {
		return nil, err
	}
	lengths := r.lengths()
	budget := mostPlayed
	var bounds []int64
	for i, p := range r.parts {
		part := &Part{Name: p.name}
		if p.channel == midi.DrumChannel+1 || len(p.drums) > 0 {
			part.Channel = midi.DrumChannel
		}
		v := voiceReader{score: r.score, part: part, budget: &budget, open: map[tieTo]int{}}
		from := int64(0)
		for _, at := range order {
			if at < len(p.measures) {
				if err := v.measure(p.measures[at].items, from); err != nil {
					return nil, err
				}
			}
			from += lengths[at]
			if from > lastPlace {
				return nil, badinput.Errorf("lasts too long")
			}
			if i == 0 {
				bounds = append(bounds, from)
			}
		}
		r.score.End = max(r.score.End, from)
		if len(part.Notes) > 0 {
			r.score.Parts = append(r.score.Parts, *part)
		}
	}
	r.score.finish(bounds)
	return r.score, nil
}

// measure plays a measure that begins at a tick.
func (v *voiceReader) measure(items []placedItem, from int64) error {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b placedItem) int { return cmp.Compare(a.at, b.at) })
	for _, it := range items {
		if v.at = from + it.at; it.kind == applies {
			it.apply(v.score, v.at)
			continue
		}
		for i := range it.notes { // a tie leads only to a note that says so
			if n := it.notes[i]; !n.tiedTo {
				delete(v.open, tieTo{n.pitch, v.at})
			}
		}
		if err := v.sound(it.item); err != nil {
			return err
		}
	}
	return nil
}

// lengths are those of the measures: of the longest part, or else those of the metre.
func (r *xmlReader) lengths() []int64 {
	n := 0
	for _, p := range r.parts {
		n = max(n, len(p.measures))
	}
	all := make([]int64, n)
	for _, p := range r.parts {
		for i, m := range p.measures {
			all[i] = max(all[i], m.length)
		}
	}
	before := int64(4 * fine)
	for i := range all {
		if all[i] == 0 {
			all[i] = before
		}
		before = all[i]
	}
	return all
}

// order is the order in which measures are played, with repeats and endings of whichever part
// has them.
func (r *xmlReader) order() ([]int, error) {
	var items []item
	for i := range r.lengths() {
		var all xmlMeasure
		for _, p := range r.parts {
			if i < len(p.measures) {
				m := p.measures[i]
				all.starts, all.stops = all.starts || m.starts, all.stops || m.stops
				all.repeats = max(all.repeats, m.repeats)
				if len(all.ending) == 0 {
					all.ending = m.ending
				}
			}
		}
		if all.starts {
			items = append(items, item{kind: repeatStart})
		}
		if len(all.ending) > 0 {
			items = append(items, item{kind: ending, passes: all.ending})
		}
		items = append(items, item{kind: sounds, length: int64(i)})
		switch {
		case all.repeats > 0:
			items = append(items, item{kind: repeatEnd, times: all.repeats})
		case all.stops:
			items = append(items, item{kind: sectionEnd})
		}
	}
	played, err := unfolded(items)
	var order []int
	for _, it := range played {
		if it.kind == sounds {
			order = append(order, int(it.length))
		}
	}
	return order, err
}
