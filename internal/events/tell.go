package events

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"atelier/internal/music"
)

// placed is what is in force at a bar of a score.
type placed struct {
	tempo float64 // microseconds per quarter note
	key   int
}

// A reading is a score that is being told.
type reading struct {
	*music.Score
	bars   []music.Bar
	at     []placed
	to     *Piece
	report Report
	ticks  []int64
}

// FromScore tells a score as a piece, without a style. A piece without chord symbols gets those
// that sound in its bars. The error completes a sentence that begins with the name of the file.
func FromScore(s *music.Score) (*Piece, *Report, error) {
	r := &reading{Score: s, bars: s.Bars(), to: &Piece{Style: -1}, report: Report{Lost: music.Counts{}}}
	if err := r.tellBars(); err != nil {
		return nil, nil, err
	}
	r.tellParts()
	r.tellChords()
	r.measure()
	return r.to, &r.report, nil
}

// tellBars tells metre, tempo and key.
func (r *reading) tellBars() error {
	main, hasKey := r.mainKey()
	tempo, k := 500_000.0, -1
	if hasKey {
		k = KeyValue(main)
	}
	tempos, keys := r.Tempos, r.Keys
	for i, b := range r.bars {
		for ; len(tempos) > 0 && tempos[0].At < b.At+max(1, b.Length); tempos = tempos[1:] {
			tempo = float64(tempos[0].Micros)
			r.late(tempos[0].At, b.At)
		}
		for ; len(keys) > 0 && keys[0].At < b.At+max(1, b.Length); keys = keys[1:] {
			if r.late(keys[0].At, b.At); keys[0].At > 0 && hasKey {
				k = KeyValue(keys[0])
			}
		}
		meter, err := r.meter(i)
		if err != nil {
			return err
		}
		r.at = append(r.at, placed{tempo, k})
		r.to.Bars = append(r.to.Bars, Bar{Meter: meter, Tempo: Tempo(60e6 / tempo), Key: k})
	}
	return nil
}

// mostlyIn is the share of a piece's tones that is to be in C major for that signature to be
// believed: programs write it that know no better.
const mostlyIn = 0.85

// mainKey is the key that the piece begins in; false if it has no tones.
func (r *reading) mainKey() (music.Key, bool) {
	found, _, ok := r.FindKey()
	if len(r.Keys) == 0 || r.Keys[0].At > 0 || !ok {
		return found, ok
	}
	if r.Keys[0] != (music.Key{}) {
		return r.Keys[0], true
	}
	in, all := 0.0, 0.0
	for i := range r.Parts {
		for _, n := range r.Parts[i].Notes {
			if r.Parts[i].Drums() {
				break
			}
			if all += float64(n.Length); r.Keys[0].Has(int(n.Pitch) % 12) {
				in += float64(n.Length)
			}
		}
	}
	if in >= mostlyIn*all {
		return r.Keys[0], true
	}
	return found, true
}

// late counts what is told at the beginning of its bar.
func (r *reading) late(at, bar int64) {
	if at > bar {
		r.report.Lost.Add(LostPlaces, 1)
	}
}

// meter is the metre of bar i, whose last part is a rest if the score's bar is shorter.
func (r *reading) meter(i int) (int, error) {
	b := r.bars[i]
	own := Meter{b.Meter.Count, b.Meter.Unit}
	full := int64(own.Count) * 4 * int64(r.Quarter) / int64(max(1, own.Unit))
	at := slices.Index(Meters, own)
	if at >= 0 && (b.Length == full || i == len(r.bars)-1) {
		return at, nil
	}
	for j, m := range Meters { // another of the same length
		if int64(m.Steps())*int64(r.Quarter) == b.Length*Steps {
			return j, nil
		}
	}
	if at >= 0 && b.Length < full {
		r.report.Lost.Add(LostMeters, 1)
		return at, nil
	}
	return 0, fmt.Errorf("has bars of %d/%d, which events do not hold; they hold %v", own.Count, own.Unit, Meters)
}

// offset is where bar i of the score begins in its bar of events: a pickup ends with it.
func (r *reading) offset(i int) int64 {
	if i > 0 || r.bars[0].Number != 0 {
		return 0
	}
	return max(0, int64(Meters[r.to.Bars[0].Meter].Steps())*int64(r.Quarter)/Steps-r.bars[0].Length)
}

// tellParts tells the notes.
func (r *reading) tellParts() {
	parts := slices.Clone(r.Parts)
	if len(parts) > MostParts {
		slices.SortStableFunc(parts, func(a, b music.Part) int { return cmp.Compare(len(b.Notes), len(a.Notes)) })
		for _, p := range parts[MostParts:] {
			r.report.Lost.Add(LostParts, len(p.Notes))
		}
		parts = parts[:MostParts]
	}
	for i := range r.to.Bars {
		r.to.Bars[i].Parts = make([][]Note, len(parts))
	}
	for part := range parts {
		p := &parts[part]
		program := int(p.Program())
		if p.Drums() {
			program = Drums
		}
		r.to.Parts = append(r.to.Parts, program)
		for _, n := range p.Notes {
			if n.Program != p.Program() && !p.Drums() {
				r.report.Lost.Add(LostPrograms, 1)
			}
			r.tellNote(part, n, p.Drums())
		}
		for i := range r.to.Bars {
			notes := &r.to.Bars[i].Parts[part]
			slices.SortFunc(*notes, compareNotes)
			before := len(*notes)
			*notes = slices.CompactFunc(*notes, func(a, b Note) bool { return a.At == b.At && a.Pitch == b.Pitch })
			r.report.Lost.Add(LostDoubles, before-len(*notes))
			tellLoudness(*notes)
		}
	}
}

// tellLoudness tells how loud the notes of a bar are: players vary it from note to note, which
// says little and takes many events.
func tellLoudness(notes []Note) {
	loudness := UsualLoudness
	for i := range notes {
		n := &notes[i]
		if by := int(n.velocity) - int(Velocities[loudness]); by > tolerated || -by > tolerated {
			loudness = nearest(Velocities, n.velocity)
		}
		n.Loudness, n.velocity = loudness, 0
	}
}

// tellNote tells a note of a part.
func (r *reading) tellNote(part int, n music.Note, drum bool) {
	i, _ := slices.BinarySearchFunc(r.bars, n.At+1, func(b music.Bar, at int64) int { return cmp.Compare(b.At, at) })
	i = max(0, i-1)
	step := func(tick int64) int64 {
		return int64(math.Floor(float64(tick-r.bars[i].At+r.offset(i))*Steps/float64(r.Quarter) + .5))
	}
	at := step(n.At)
	if size := int64(Meters[r.to.Bars[i].Meter].Steps()); at >= size || i+1 < len(r.bars) && (at-r.offset(i)*Steps/int64(r.Quarter))*int64(r.Quarter) >= r.bars[i].Length*Steps {
		if i+1 < len(r.bars) {
			i++
			at = 0
		} else {
			at = size - 1
		}
	}
	out := Note{At: int(at), velocity: n.Velocity}
	r.ticks = append(r.ticks, n.At, r.bars[i].At-r.offset(i)+at*int64(r.Quarter)/Steps)
	var held bool
	if drum {
		if out.Pitch, held = DrumValue(int(n.Pitch)); !held {
			r.report.Lost.Add(LostDrums, 1)
			r.ticks = r.ticks[:len(r.ticks)-2]
			return
		}
	} else {
		if out.Pitch, held = PitchValue(int(n.Pitch), r.to.Bars[i].Key); !held {
			r.report.Lost.Add(LostPitches, 1)
		}
		length := max(1, int(math.Floor(float64(n.At+n.Length-r.bars[i].At+r.offset(i))*Steps/float64(r.Quarter)+.5)-float64(at)))
		if length > Lengths[len(Lengths)-1] {
			r.report.Lost.Add(LostLengths, 1)
		}
		out.Length = nearest(Lengths, length)
		seconds := r.at[i].tempo / 1e6 / float64(r.Quarter)
		r.report.LengthMs += math.Abs(float64(Lengths[out.Length])*float64(r.Quarter)/Steps-float64(n.Length)) * seconds * 1000
	}
	r.report.Notes++
	r.to.Bars[i].Parts[part] = append(r.to.Bars[i].Parts[part], out)
}

// tellChords tells the chord symbols, or the chords that are found.
func (r *reading) tellChords() {
	key, hasKey := r.mainKey()
	if !hasKey {
		return
	}
	chords := r.Chords
	if len(chords) == 0 {
		for i, name := range r.FindChords(r.bars, key) {
			if name != music.NoChord {
				chords = append(chords, music.Chord{At: r.bars[i].At, Name: name})
			}
		}
	}
	i, last := 0, Chord{Root: -1}
	for _, c := range chords {
		for i+1 < len(r.bars) && r.bars[i+1].At <= c.At {
			i++
			r.carry(i, last)
		}
		told, exact, ok := ParseChord(c.Name, r.to.Bars[i].Key)
		if !ok {
			continue
		}
		if !exact {
			r.report.Lost.Add(LostChords, 1)
		}
		told.At = int((c.At - r.bars[i].At + r.offset(i)) * Steps / int64(r.Quarter))
		told.At = min(told.At, Meters[r.to.Bars[i].Meter].Steps()-1)
		r.addChord(i, told)
		last = told
	}
	for i++; i < len(r.bars); i++ {
		r.carry(i, last)
	}
}

// addChord adds a chord to a bar, in the place of one that is there already.
func (r *reading) addChord(i int, c Chord) {
	chords := &r.to.Bars[i].Chords
	if n := len(*chords); n > 0 && (*chords)[n-1].At >= c.At {
		(*chords)[n-1] = c
		return
	}
	*chords = append(*chords, c)
}

// carry tells the chord that goes on in a bar.
func (r *reading) carry(i int, c Chord) {
	if c.Root >= 0 {
		c.At = 0
		r.addChord(i, c)
	}
}
