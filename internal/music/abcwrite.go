package music

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

const (
	abcBarsPerLine = 4
	mostTuplet     = 9 // notes in the tuplets that the standard names
)

// An abcWriter writes a score as ABC.
type abcWriter struct {
	strings.Builder
	score   *Score
	unit    int64 // ticks of the length that is written without a number
	next    struct{ tempo, key, chord int }
	key     Key
	altered map[byte]bool // letters of the bar with an accidental
	over    []spelling    // of the notes that are tied over the last bar line,
	tied    []spelling    // and over the next
}

// writeABC writes the score as ABC 2.1.
func (s *Score) writeABC(lost Counts) ([]byte, error) {
	on, parts, err := s.notation(lost)
	if err != nil {
		return nil, err
	}
	if on.uncommonTuplets(parts) {
		clear(lost)
		to, moved := s.Rescaled(grids[0])
		lost.Add(LostMoved, moved)
		if on, parts, err = to.notation(lost); err != nil {
			return nil, err
		}
	}
	s = on
	w := &abcWriter{score: s, unit: int64(s.Quarter) / 2}
	w.header(parts[0])
	for i := range s.Parts {
		for _, n := range s.Parts[i].Notes {
			if n.Velocity != usualVelocity {
				lost.Add(LostVelocities, 1)
			}
		}
		if err := w.part(i, parts[i]); err != nil {
			return nil, err
		}
	}
	return []byte(w.String()), nil
}

// uncommonTuplets reports whether the parts have tuplets that ABC has no number for.
func (s *Score) uncommonTuplets(parts [][]writtenBar) bool {
	for _, bars := range parts {
		for _, b := range bars {
			for _, layer := range b.layers {
				for _, c := range layer {
					values, _ := valuesOf(c.length, s.Quarter)
					if slices.ContainsFunc(values, func(v value) bool { return v.actual > mostTuplet }) {
						return true
					}
				}
			}
		}
	}
	return false
}

func (w *abcWriter) header(bars []writtenBar) {
	fmt.Fprintf(w, "X:1\nT:%s\n", asABCText(w.score.Title))
	if w.score.Composer != "" {
		fmt.Fprintf(w, "C:%s\n", asABCText(w.score.Composer))
	}
	meter := bars[0].Meter
	fmt.Fprintf(w, "M:%d/%d\nL:1/8\n", meter.Count, meter.Unit)
	if t := w.score.Tempos; len(t) > 0 && t[0].At == 0 {
		fmt.Fprintf(w, "Q:1/4=%s\n", tempoText(t[0].Micros))
		w.next.tempo = 1
	}
	fmt.Fprintf(w, "K:%s\n", abcKey(w.score.keyAt(0)))
}

// abcKey is a key as ABC writes it.
func abcKey(k Key) string {
	if k.Minor {
		return k.TonicName() + "m"
	}
	return k.TonicName()
}

// tempoText is a tempo in quarter notes per minute, a whole number if it is nearly one.
func tempoText(micros int64) string {
	bpm := 60e6 / float64(micros)
	if whole := math.Round(bpm); whole >= 1 && math.Abs(60e6/whole-float64(micros)) < 1 {
		return strconv.Itoa(int(whole))
	}
	return strings.TrimRight(strconv.FormatFloat(bpm, 'f', 6, 64), "0")
}

// part writes the bars of a part.
func (w *abcWriter) part(i int, bars []writtenBar) error {
	p := &w.score.Parts[i]
	first := i == 0
	if p.Name == "" {
		fmt.Fprintf(w, "V:%d\n", i+1)
	} else {
		fmt.Fprintf(w, "V:%d name=\"%s\"\n", i+1, strings.ReplaceAll(p.Name, `"`, "'"))
	}
	if p.Drums() {
		fmt.Fprintf(w, "%%%%MIDI channel %d\n", midi.DrumChannel+1)
	}
	fmt.Fprintf(w, "%%%%MIDI program %d\n", p.Program())
	if first && len(w.score.Chords) > 0 && len(w.score.Parts) > 1 { // other parts play them
		w.WriteString("%%MIDI gchordoff\n")
	}
	w.key, w.next.key, w.tied = w.score.keyAt(0), 0, nil
	for w.next.key < len(w.score.Keys) && w.score.Keys[w.next.key].At == 0 {
		w.next.key++
	}
	for j, b := range bars {
		if j > 0 && b.Meter != bars[j-1].Meter {
			fmt.Fprintf(w, "[M:%d/%d]", b.Meter.Count, b.Meter.Unit)
		}
		w.altered, w.over, w.tied = map[byte]bool{}, w.tied, nil
		for k, layer := range b.layers {
			if k > 0 {
				w.WriteString("& ")
				w.altered = map[byte]bool{}
			}
			if err := w.layer(layer, first && k == 0, k == 0); err != nil {
				return err
			}
		}
		switch {
		case j == len(bars)-1:
			w.WriteString("|]\n")
		case j%abcBarsPerLine == abcBarsPerLine-1:
			w.WriteString("|\n")
		default:
			w.WriteString("| ")
		}
	}
	return nil
}

// layer writes the chords and rests of a layer of a bar, those of other note values as
// tuplets. Tempos and chord symbols are in the first part alone, keys in the first layer of
// each.
func (w *abcWriter) layer(cells []cell, leads, keys bool) error {
	all, err := strokes(cells, w.score.Quarter)
	if err != nil {
		return err
	}
	for i := 0; i < len(all); {
		one, ticks, to := all[i], all[i].ticks, i+1
		for one.plain() && to < len(all) && all[to].plain() && !all[to].leads { // as one length
			ticks, to = ticks+all[to].ticks, to+1
		}
		one.tied = all[to-1].tied
		if one.leads {
			w.fields(one.cell, leads, keys)
		}
		if one.opens {
			w.opening(all[i:])
		}
		if one.leads && leads {
			w.symbols(one.cell)
		}
		w.sound(one.cell, w.length(ticks*int64(one.actual), w.unit*int64(one.normal)))
		if i = to; i == len(all) && one.tied {
			for _, n := range one.notes {
				w.tied = append(w.tied, w.key.spell(n.Pitch))
			}
		}
	}
	return nil
}

// opening writes the mark of the tuplet that begins with the first stroke.
func (w *abcWriter) opening(all []stroke) {
	n := 1 + slices.IndexFunc(all, func(s stroke) bool { return s.ends })
	p, q := all[0].actual, all[0].normal
	if p == 3 && n == 3 { // the only one that means the same in every metre
		w.WriteString("(3")
		return
	}
	fmt.Fprintf(w, "(%d:%d:%d", p, q, n)
}

// fields writes the keys and tempos that apply from a chord or rest on.
func (w *abcWriter) fields(c cell, leads, keys bool) {
	for keys && w.next.key < len(w.score.Keys) && w.score.Keys[w.next.key].At <= c.at {
		w.key = w.score.Keys[w.next.key]
		fmt.Fprintf(w, "[K:%s] ", abcKey(w.key))
		w.next.key++
		w.altered = map[byte]bool{}
	}
	for leads && w.next.tempo < len(w.score.Tempos) && w.score.Tempos[w.next.tempo].At <= c.at {
		fmt.Fprintf(w, "[Q:1/4=%s] ", tempoText(w.score.Tempos[w.next.tempo].Micros))
		w.next.tempo++
	}
}

// symbols writes the chord symbols of a chord or rest.
func (w *abcWriter) symbols(c cell) {
	for w.next.chord < len(w.score.Chords) && w.score.Chords[w.next.chord].At <= c.at {
		fmt.Fprintf(w, "\"%s\"", strings.ReplaceAll(w.score.Chords[w.next.chord].Name, `"`, "'"))
		w.next.chord++
	}
}

// sound writes a chord or a rest of a length.
func (w *abcWriter) sound(c cell, length string) {
	tie := ""
	if c.tied {
		tie = "-"
	}
	switch len(c.notes) {
	case 0:
		w.WriteString("z" + length)
	case 1:
		w.WriteString(w.pitch(c.notes[0].Pitch) + length + tie)
	default:
		w.WriteString("[")
		for _, n := range c.notes {
			w.WriteString(w.pitch(n.Pitch))
		}
		w.WriteString("]" + length + tie)
	}
	w.WriteString(" ")
}

// length is a multiple of the unit length, as a fraction.
func (w *abcWriter) length(n, d int64) string {
	for a, b := n, d; ; {
		if b == 0 {
			n, d = n/a, d/a
			break
		}
		a, b = b, a%b
	}
	text := ""
	if n != 1 {
		text = strconv.FormatInt(n, 10)
	}
	if d != 1 {
		text += "/" + strconv.FormatInt(d, 10)
	}
	return text
}

// pitch is a note without its length. An accidental is written where the key gives the letter
// another one, and where the letter had another one before in the bar, in whichever octave:
// programs do not agree on whether that one still applies. So it is where the letter is tied over the
// last bar line with another one, which lasts as long as the tie.
func (w *abcWriter) pitch(pitch uint8) string {
	s := w.key.spell(pitch)
	text := ""
	of := w.key.alterOf(s.letter)
	tied := slices.ContainsFunc(w.over, func(t spelling) bool { return t.letter == s.letter && t.alter != of })
	if w.altered[s.letter] || tied || s.alter != of {
		text = map[int]string{-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}[s.alter]
		w.altered[s.letter] = true
	}
	letter := string(s.letter)
	octave := s.oct - 4
	if octave >= 1 {
		letter = strings.ToLower(letter)
		octave--
	}
	text += letter + strings.Repeat("'", max(0, octave)) + strings.Repeat(",", max(0, -octave))
	return text
}
