package music

import (
	"math"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// fine is the number of ticks per quarter note while text formats are read: it holds
// triplets, quintuplets and septuplets of short notes exactly.
const fine = 6720

// The limits of what text formats may come to, with their repeats played.
const (
	mostItems  = 1 << 20
	mostPlayed = 1 << 19 // notes
	mostPasses = 64      // of a repeat
	lastPlace  = 1 << 37 // ticks
	fastest    = 60e6    // quarter notes per minute, which MIDI can just say
)

// An item is what a voice says, one after another.
type item struct {
	kind   itemKind
	length int64    // ticks; of a sound
	notes  []played // of a sound; none for a rest
	times  int      // of a repeat's end, how often it is played; of a bar line without one, 0
	passes []int    // of an ending, in which it is played
	apply  func(s *Score, at int64)
}

// A played note begins with its item.
type played struct {
	pitch, velocity, program uint8
	length                   int64 // 0 for that of the item
	tied, tiedTo             bool
}

type itemKind uint8

const (
	sounds      itemKind = iota
	bars                 // a bar line
	repeatStart          // and a bar line
	repeatEnd            // and a bar line
	sectionEnd           // and a bar line: double or final
	ending               // an ending of a repeat
	overlay              // back to the beginning of the bar
	applies              // something that applies from here on
)

// unfolded returns the items of a voice in the order in which they are played, with repeats
// and endings. A repeat without a beginning goes back to the last section.
func unfolded(items []item) ([]item, error) {
	var out []item
	start, pass, inEnding := 0, 1, false
	for i := 0; i < len(items); i++ {
		it := items[i]
		if len(out) > mostItems {
			return nil, badinput.Errorf("has repeats that come to more than %d notes and rests", mostItems)
		}
		switch it.kind {
		case ending:
			inEnding = true
			if !contains(it.passes, pass) {
				i = afterEnding(items, i) - 1
				continue
			}
		case repeatStart:
			if i+1 != start {
				start, pass, inEnding = i+1, 1, false
			}
		case repeatEnd:
			if pass < min(max(it.times, endings(items[start:])), mostPasses) {
				out = append(out, it)
				pass++
				i, inEnding = start-1, false
				continue
			}
			start, pass, inEnding = i+1, 1, false
			if i+1 < len(items) && items[i+1].kind == ending { // of a pass that was not reached
				pass = 1
			}
		case sectionEnd:
			if inEnding || pass == 1 {
				start, pass, inEnding = i+1, 1, false
			}
		}
		out = append(out, it)
	}
	return out, nil
}

func contains(passes []int, pass int) bool {
	for _, p := range passes {
		if p == pass {
			return true
		}
	}
	return false
}

// endings is the number of passes that the endings of a repeat ask for.
func endings(items []item) (most int) {
	for _, it := range items {
		switch it.kind {
		case ending:
			for _, p := range it.passes {
				most = max(most, p)
			}
		case repeatStart, sectionEnd:
			return most
		}
	}
	return most
}

// afterEnding is where what follows an ending begins: the next ending, or what is behind the
// bar line that closes it.
func afterEnding(items []item, from int) int {
	for i := from + 1; i < len(items); i++ {
		switch items[i].kind {
		case ending, repeatStart:
			return i
		case repeatEnd, sectionEnd:
			return i + 1
		}
	}
	return len(items)
}

// A voiceReader plays the items of a voice into a part.
type voiceReader struct {
	score  *Score
	part   *Part
	at     int64
	bar    int64         // where it began
	far    int64         // where what was overlaid ends
	open   map[tieTo]int // notes that are tied on
	bounds []int64       // bar lines
	budget *int          // notes that may still be played
}

// A tieTo is where a note is tied on to.
type tieTo struct {
	pitch uint8
	at    int64
}

// play plays items in order.
func (v *voiceReader) play(items []item) error {
	v.open = map[tieTo]int{}
	for _, it := range items {
		switch it.kind {
		case sounds:
			if err := v.sound(it); err != nil {
				return err
			}
		case applies:
			it.apply(v.score, v.at)
		case overlay:
			v.at, v.far = v.bar, max(v.far, v.at)
		case bars, repeatStart, repeatEnd, sectionEnd:
			v.at = max(v.at, v.far)
			if v.at > v.bar {
				v.bounds = append(v.bounds, v.at)
			}
			v.bar, v.far = v.at, 0
		}
	}
	v.score.End = max(v.score.End, v.at, v.far)
	return nil
}

// sound adds the notes of an item, those that are tied to others to those.
func (v *voiceReader) sound(it item) error {
	if it.length > lastPlace-v.at {
		return badinput.Errorf("lasts too long")
	}
	for _, n := range it.notes {
		length := it.length
		if n.length > 0 {
			length = min(n.length, lastPlace)
		}
		from := tieTo{n.pitch, v.at}
		i, ok := v.open[from]
		delete(v.open, from)
		if ok {
			v.part.Notes[i].Length += length
		} else {
			if *v.budget--; *v.budget < 0 {
				return badinput.Errorf("has more than %d notes, with its repeats", mostPlayed)
			}
			i = len(v.part.Notes)
			v.part.Notes = append(v.part.Notes, Note{v.at, max(1, length), n.pitch, n.velocity, n.program})
		}
		if n.tied {
			v.open[tieTo{n.pitch, v.at + length}] = i
		}
	}
	v.at += it.length
	return nil
}

// anchor puts meters where bar lines stand otherwise than the meters say, so that bars begin
// at bar lines: at a pickup, and at bars that are too short or too long. Two bars that make a
// whole one, as at the ends of a repeat, stay as they are.
func (s *Score) anchor(bounds []int64) {
	s.Sort()
	var added []midi.Meter
	meters := s.Meters
	current := midi.Meter{Count: 4, Unit: 4}
	grid := int64(0)
	for i, b := range bounds {
		for len(meters) > 0 && meters[0].At < b {
			current, grid, meters = meters[0], meters[0].At, meters[1:]
		}
		length := s.ticks(current)
		if (b-grid)%length == 0 || i+1 < len(bounds) && (bounds[i+1]-grid)%length == 0 || i+1 == len(bounds) {
			continue
		}
		if len(meters) > 0 && meters[0].At == b {
			continue // another meter begins
		}
		from := b - (b-grid)%length
		odd, ok := s.meterOf(b - from)
		if !ok {
			continue
		}
		odd.At, current.At = from, b
		added = append(added, odd, current)
		grid = b
	}
	s.Meters = append(added, s.Meters...)
	if len(added) > 0 && added[0].At == 0 && len(s.Meters) > len(added) && s.Meters[len(added)].At == 0 {
		s.Meters = append(added, s.Meters[len(added)+1:]...)
	}
	s.Sort()
}

// meterOf is the meter of a bar of so many ticks, with the largest unit there is.
func (s *Score) meterOf(ticks int64) (midi.Meter, bool) {
	for unit := 4; unit <= 64; unit *= 2 {
		if of := int64(s.Quarter) * 4 / int64(unit); ticks%of == 0 && ticks/of <= math.MaxUint8 {
			return midi.Meter{Count: int(ticks / of), Unit: unit}, true
		}
	}
	return midi.Meter{}, false
}

// reduce gives a score that was read in fine ticks as few ticks per quarter note as hold it,
// 96 or more.
func (s *Score) reduce() {
	divisor := int64(s.Quarter)
	add := func(ticks ...int64) {
		for _, t := range ticks {
			for t != 0 {
				divisor, t = t, divisor%t
			}
		}
	}
	for _, p := range s.Parts {
		for _, n := range p.Notes {
			add(n.At, n.Length)
		}
	}
	for _, t := range s.Tempos {
		add(t.At)
	}
	for _, m := range s.Meters {
		add(m.At)
	}
	for _, k := range s.Keys {
		add(k.At)
	}
	for _, c := range s.Chords {
		add(c.At)
	}
	add(s.End)
	quarter := int64(s.Quarter) / divisor
	const enough = 96
	quarter *= (enough + quarter - 1) / quarter
	to, _ := s.Rescaled(int(quarter))
	*s = *to
}
