package music

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// ParseKey reads a major or minor key such as G, F#m, B♭ or "A minor". Its errors say what
// would be one.
func ParseKey(text string) (Key, error) {
	name := strings.NewReplacer("♭", "b", "♯", "#", " flat", "b", "-flat", "b", " sharp", "#", "-sharp", "#").Replace(strings.TrimSpace(text))
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	at, mode, ok := tonicOf(name)
	mode = strings.TrimLeft(mode, " -")
	if mode == "M" {
		mode = "major"
	}
	by, known := modeOf(mode)
	full := slices.ContainsFunc(modeNames, func(name string) bool { return strings.HasPrefix(name, strings.ToLower(mode)) })
	k := Key{Fifths: at + by, Minor: by == -3}
	switch {
	case !ok || !known || !full:
		return Key{}, fmt.Errorf("no key %q; want one such as G, F#m or Bb", text)
	case by != 0 && by != -3:
		return Key{}, fmt.Errorf("%q is in another mode than major and minor; want a key such as G, F#m or Bb", text)
	case k.Fifths < -7 || k.Fifths > 7:
		return Key{}, fmt.Errorf("%v has no signature; want %v, which sounds the same", k, KeyOf(k.Tonic(), k.Minor))
	}
	return k, nil
}

// modeNames are the names of modes, which may be shortened.
var modeNames = []string{"major", "minor", "ionian", "aeolian", "dorian", "phrygian", "lydian", "mixolydian", "locrian"}

// In is the key of the same tonic in major or minor, spelled the same where it has a signature.
func (k Key) In(minor bool) Key {
	to := k
	switch {
	case minor && !k.Minor:
		to.Fifths -= 3
	case k.Minor && !minor:
		to.Fifths += 3
	}
	if to.Minor = minor; to.Fifths < -7 || to.Fifths > 7 {
		return KeyOf(k.Tonic(), minor)
	}
	return to
}

// SaidKey is the key that the piece says it begins in; false if it says none.
func (s *Score) SaidKey() (Key, bool) {
	if len(s.Keys) > 0 && s.Keys[0].At == 0 && (s.SaysKey || s.Keys[0] != Key{}) {
		return s.Keys[0], true
	}
	return Key{}, false
}

// meansC reports whether a C major that a file begins with is meant: its tones or its title say so, too.
func (s *Score) meansC() bool {
	if len(s.Keys) == 0 || s.Keys[0] != (Key{}) {
		return false
	}
	found, _, ok := s.FindKey()
	inTitle := false
	retitled(s.Title, func(k Key) Key { inTitle = inTitle || k == Key{}; return k })
	return inTitle || ok && found == Key{}
}

// MainKey is the key that the piece says it is in, or else the one that is found; false if
// it has no tones.
func (s *Score) MainKey() (Key, bool) {
	if key, said := s.SaidKey(); said {
		return key, true
	}
	key, _, ok := s.FindKey()
	return key, ok
}

// Shortest is the number of semitones from one key to another, -5 to 6.
func Shortest(from, to Key) int {
	by := ((to.Tonic()-from.Tonic())%12 + 12) % 12
	if by > 6 {
		by -= 12
	}
	return by
}

// Transposed returns the piece moved by a number of semitones, drums apart, with its keys and
// chord symbols. Out is the number of notes that would have no pitch.
func (s *Score) Transposed(by int) (_ *Score, out int) {
	return s.moved(by, func(k Key) Key { return KeyOf(k.Tonic()+by, k.Minor) })
}

// Into returns the piece moved the shortest way from its main key into another, which it
// begins with as it is spelled; other keys keep their distance from it, unless they have fewer
// signs when spelled otherwise.
func (s *Score) Into(from, to Key) (_ *Score, out int) {
	if _, said := s.SaidKey(); !said {
		named := *s
		named.Keys = append([]Key{from}, s.Keys...)
		if len(s.Keys) > 0 && s.Keys[0].At == 0 {
			named.Keys = slices.Delete(named.Keys, 1, 2)
		}
		s = &named
	}
	return s.moved(Shortest(from, to), func(k Key) Key {
		isMain := k.Fifths == from.Fifths
		if k.Fifths += to.Fifths - from.Fifths; !isMain && (k.Fifths < -6 || k.Fifths > 6) {
			return KeyOf(k.Tonic(), k.Minor)
		}
		return k
	})
}

// moved moves notes and symbols by semitones, and keys as a function says.
func (s *Score) moved(by int, moved func(Key) Key) (_ *Score, out int) {
	to := *s
	to.Title = retitled(s.Title, moved)
	to.Parts = slices.Clone(s.Parts)
	for i := range to.Parts {
		p := &to.Parts[i]
		if p.Drums() {
			continue
		}
		p.Notes = slices.Clone(p.Notes)
		for j := range p.Notes {
			pitch := int(p.Notes[j].Pitch) + by
			if pitch < 0 || pitch > 127 {
				out++
				continue
			}
			p.Notes[j].Pitch = uint8(pitch)
		}
	}
	to.Keys = slices.Clone(s.Keys)
	for i, k := range to.Keys {
		to.Keys[i].Fifths = moved(k).Fifths
	}
	to.Chords = slices.Clone(s.Chords)
	for i, c := range to.Chords {
		to.Chords[i].Name = transposedSymbol(c.Name, by, to.keyAt(c.At))
	}
	to.Sort()
	return &to, out
}

// transposedSymbol is a chord symbol moved, as it is spelled in a key; it stays as it is if
// it names no tone.
func transposedSymbol(symbol string, by int, key Key) string {
	letter, alter, rest, ok := rootOf(symbol)
	if !ok {
		return symbol
	}
	moved := func(letter byte, alter int) string { return nameIn(key, ((letterClass[letter]+alter+by)%12+12)%12) }
	suffix, bass, _ := strings.Cut(rest, "/")
	if low, lowAlter, more, ok := rootOf(bass); ok && more == "" {
		return moved(letter, alter) + suffix + "/" + moved(low, lowAlter)
	}
	return moved(letter, alter) + rest
}

// Quantising says how notes are moved onto a grid.
type Quantising struct {
	Steps    int     // of the grid in a whole note
	Strength float64 // how far notes move, up to 1
	Swing    float64 // where every second step is, as a share of two steps; 0 for the middle
}

// A Quantised tells how far notes were moved.
type Quantised struct {
	Moved          int
	MeanMs, MostMs float64 // of all notes
	Joined         int     // notes that were left out, because another of their pitch is in their place
}

// Quantised returns the piece with its notes moved onto a grid. Notes keep their length but
// for the move of their end, and do not become shorter than half a step.
func (s *Score) Quantised(q Quantising) (*Score, Quantised) {
	const least = 480 // ticks per quarter note, for the grid to be told from what is beside it
	to, _ := s.Rescaled(s.Quarter * ((least + s.Quarter - 1) / s.Quarter))
	step := float64(to.Quarter) * 4 / float64(q.Steps)
	var report Quantised
	type move struct{ from, to int64 }
	var moves []move
	near := func(tick int64) int64 {
		at := float64(tick)
		goal := q.nearest(at/step) * step
		return int64(math.Round(at + (goal-at)*q.Strength))
	}
	for i := range to.Parts {
		p := &to.Parts[i]
		kept := p.Notes[:0]
		taken := map[[2]int64]bool{}
		for _, n := range p.Notes {
			from, end := n.At, n.At+n.Length
			n.At = max(0, near(from))
			moves = append(moves, move{from, n.At})
			n.Length = max(int64(step/2), near(end)-n.At, 1)
			if at := [2]int64{n.At, int64(n.Pitch)}; taken[at] && n.At != from {
				report.Joined++
				continue
			} else {
				taken[at] = true
			}
			kept = append(kept, n)
		}
		p.Notes = kept
	}
	to.Sort()
	clock := func(ticks []int64) map[int64]int64 {
		slices.Sort(ticks)
		at, times := to.Clock(), map[int64]int64{}
		for _, t := range slices.Compact(ticks) {
			times[t] = at(t)
		}
		return times
	}
	var ticks []int64
	for _, m := range moves {
		ticks = append(ticks, m.from, m.to)
	}
	times := clock(ticks)
	for _, m := range moves {
		ms := math.Abs(float64(times[m.to]-times[m.from])) / 1000
		if m.from != m.to {
			report.Moved++
		}
		report.MeanMs += ms / float64(len(moves))
		report.MostMs = max(report.MostMs, ms)
	}
	return to, report
}

// nearest is the place of the grid nearest to one, both in steps.
func (q Quantising) nearest(at float64) float64 {
	if q.Swing == 0 || q.Swing == .5 {
		return math.Round(at)
	}
	pair := 2 * math.Floor(at/2)
	best := pair
	for _, place := range []float64{pair + 2*q.Swing, pair + 2} {
		if math.Abs(place-at) < math.Abs(best-at) {
			best = place
		}
	}
	return best
}
