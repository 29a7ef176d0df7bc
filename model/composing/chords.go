package composing

import (
	"fmt"
	"slices"
	"strings"

	"atelier/internal/events"
	"atelier/internal/music"
)

// mostInBar is the largest number of chords of a bar.
const mostInBar = 4

// A Progression is chord symbols, some of which share a bar.
type Progression [][]string

// ParseProgression reads chord symbols: one for each bar, or with bars between |, such as
// Am F | C G. Its errors say what would be one.
func ParseProgression(text string) (Progression, error) {
	var all Progression
	bars := strings.Contains(text, "|")
	for _, bar := range strings.Split(strings.Trim(strings.TrimSpace(text), "|"), "|") {
		words := strings.Fields(strings.ReplaceAll(bar, ",", " "))
		for _, w := range words {
			if _, _, ok := events.ParseChord(w, events.KeyValue(music.Key{})); !ok {
				return nil, fmt.Errorf("no chord %q; want symbols such as Am, F, C/E or G7, one for each bar, or bars between |", w)
			}
			if !bars {
				all = append(all, []string{w})
			}
		}
		if len(words) > mostInBar {
			if bars {
				return nil, fmt.Errorf("%d chords in a bar; at most %d fit", len(words), mostInBar)
			}
		}
		if bars {
			if len(words) == 0 {
				return nil, fmt.Errorf("a bar without a chord: want a symbol between each two |")
			}
			all = append(all, words)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no chords; want symbols such as Am F C G")
	}
	return all, nil
}

// Plainer says which of the symbols are told as plainer chords, and as which, each once.
func (p Progression) Plainer() (all []string) {
	for _, bar := range p {
		for _, symbol := range bar {
			c, exact, _ := events.ParseChord(symbol, events.KeyValue(music.Key{}))
			if said := symbol + " as " + c.Symbol(events.KeyValue(music.Key{})); !exact && !slices.Contains(all, said) {
				all = append(all, said)
			}
		}
	}
	return all
}

// Key is the key that most of the tones of the chords are of, of those the one whose tonic
// begins or ends them, or follows its dominant.
func (p Progression) Key() music.Key {
	best, key := -1.0, music.Key{}
	for fifths := -5; fifths <= 6; fifths++ {
		for _, minor := range []bool{false, true} {
			k := music.Key{Fifths: fifths, Minor: minor}
			value := 0.0
			for i, bar := range p {
				for j, symbol := range bar {
					value += chordFits(k, symbol, i == 0 && j == 0, i == len(p)-1 && j == len(bar)-1)
				}
			}
			if value += p.cadences(k); value > best {
				best, key = value, k
			}
		}
	}
	return key
}

// cadences is how much for a key it counts that its dominant goes to its tonic, again and again.
func (p Progression) cadences(k music.Key) (value float64) {
	var all []events.Chord
	for _, bar := range p {
		for _, symbol := range bar {
			c, _, _ := events.ParseChord(symbol, events.KeyValue(music.Key{}))
			all = append(all, c)
		}
	}
	for i, c := range all {
		next := all[(i+1)%len(all)]
		third := events.Qualities[next.Kind].Tones[1] == 3
		if c.Root == (k.Tonic()+7)%12 && events.Qualities[c.Kind].Tones[1] == 4 && next.Root == k.Tonic() && third == k.Minor {
			value = 0.7
		}
	}
	return value
}

// chordFits is how well a chord fits a key.
func chordFits(k music.Key, symbol string, first, last bool) (value float64) {
	c, _, _ := events.ParseChord(symbol, events.KeyValue(music.Key{}))
	tones := events.Qualities[c.Kind].Tones
	for _, tone := range tones {
		if k.Has((c.Root + tone) % 12) {
			value += 1 / float64(len(tones))
		}
	}
	minor := len(tones) > 1 && tones[1] == 3
	if c.Root == k.Tonic() && minor == k.Minor {
		if first {
			value += 0.6
		}
		if last {
			value += 0.4
		}
	}
	return value
}

// Set gives the bars of a piece, from one up to another, the chords, again and again.
func (p Progression) Set(piece *events.Piece, from, to int) {
	for i := from; i < to; i++ {
		b := &piece.Bars[i]
		symbols := p[(i-from)%len(p)]
		steps := events.Meters[b.Meter].Steps()
		b.Chords = nil
		for j, symbol := range symbols {
			c, _, _ := events.ParseChord(symbol, b.Key)
			c.At = steps * j / len(symbols)
			b.Chords = append(b.Chords, c)
		}
	}
}
