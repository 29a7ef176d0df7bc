package music

import (
	"fmt"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

// An abcSignature is the key of a voice: what it does to each letter.
type abcSignature struct {
	Key
	alters map[byte]int
}

// alter is what the key does to a letter.
func (k abcSignature) alter(letter byte) int { return k.alters[letter] }

// modes are how many fifths the signature of a mode is above that of the major key.
var modes = map[string]int{
	"maj": 0, "ion": 0, "": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5, "lyd": 1,
}

// tonicOf reads the tonic at the beginning of a key, as fifths above C.
func tonicOf(key string) (fifths int, rest string, ok bool) {
	letter, alter, rest, ok := rootOf(key)
	return strings.IndexByte(fifthLetters, letter) - 1 + 7*alter, rest, ok
}

// modeOf is how many fifths the signature of a mode is above that of the major key. The first
// three letters tell it, in either case.
func modeOf(name string) (fifths int, ok bool) {
	name = strings.ToLower(name)
	if name != "m" {
		name = name[:min(3, len(name))]
	}
	fifths, ok = modes[name]
	return fifths, ok
}

// signature reads a key, as in F#m, Ddor, G ^c or D exp _b_e^f, which names all of its accidentals;
// false if it is none.
func signature(text string) (abcSignature, bool) {
	k := abcSignature{alters: map[byte]int{}}
	words := strings.Fields(text)
	if len(words) == 0 {
		return k, true
	}
	tonic := words[0]
	switch tonic {
	case "none":
		return k, true
	case "HP", "Hp": // of the bagpipe; the former shows no signature, and sounds the same
		tonic = "D"
	}
	at, rest, ok := tonicOf(tonic)
	if !ok {
		return k, false
	}
	words = words[1:]
	if i := strings.IndexAny(rest, "^_="); i >= 0 {
		rest, words = rest[:i], append([]string{rest[i:]}, words...)
	}
	if rest == "" && len(words) > 0 {
		if _, ok := modeOf(words[0]); ok {
			rest, words = words[0], words[1:]
		}
	}
	explicit := rest == "" && len(words) > 0 && strings.EqualFold(words[0], "exp")
	by, ok := modeOf(rest)
	if !ok {
		return k, false
	}
	k.Fifths, k.Minor = at+by, by == -3
	if k.Fifths < -7 || k.Fifths > 7 {
		return k, false
	}
	for i := range len(fifthLetters) {
		if a := k.alterOf(fifthLetters[i]); a != 0 && !explicit {
			k.alters[fifthLetters[i]] = a
		}
	}
	for _, w := range words { // accidentals of its own, as in K:D Phr ^f or K:D exp _b_e^f
		for alter, rest := leadingAccidental(w); alter != noAccidental && rest != ""; alter, rest = leadingAccidental(rest[1:]) {
			if l := rest[0] &^ 0x20; l >= 'A' && l <= 'G' {
				k.alters[l] = alter
			}
		}
	}
	if third := fifthLetters[((at+1+4)%7+7)%7]; explicit && k.alters[third] < k.alterOf(third) { // it says no mode
		k.Fifths, k.Minor = k.Fifths-3, true
		if k.Fifths < -7 {
			return k, false
		}
	}
	return k, true
}

const noAccidental = 99

// leadingAccidental reads the accidental before a note.
func leadingAccidental(text string) (alter int, rest string) {
	for _, a := range []struct {
		sign  string
		alter int
	}{{"^^", 2}, {"__", -2}, {"^", 1}, {"_", -1}, {"=", 0}} {
		if rest, ok := strings.CutPrefix(text, a.sign); ok {
			return a.alter, rest
		}
	}
	return noAccidental, text
}

// key reads K:, which ends the header.
func (r *abcReader) key(text string) error {
	if r.inBody {
		r.now().set(text)
	} else {
		r.usual.set(text)
		for _, v := range r.voices {
			v.set(text)
		}
	}
	k, ok := signature(text)
	if !ok {
		if !strings.Contains(text, "=") {
			r.lost.Add(LostInfo, 1)
		}
		if r.inBody {
			return nil
		}
	}
	if !r.inBody {
		r.inBody = true
		r.usual.key = k
		for _, v := range r.voices {
			v.key = k
		}
		if !r.unitSet {
			r.usual.unit = usualUnit(r.usual.meter)
		}
		for _, v := range r.voices {
			v.unit = r.usual.unit
		}
		r.voice = nil
		if strings.TrimSpace(text) != "" && !strings.HasPrefix(strings.ToLower(text), "none") {
			r.score.Keys, r.score.SaysKey = append(r.score.Keys, k.Key), ok
		}
		return nil
	}
	r.now().key = k
	return r.add(item{kind: applies, apply: func(s *Score, at int64) {
		k.At = at
		s.Keys = append(s.Keys, k.Key)
	}})
}

// usualUnit is the unit length of a meter: a sixteenth if its bars are shorter than three
// quarter notes, else an eighth.
func usualUnit(m midi.Meter) int64 {
	if 4*m.Count < 3*m.Unit {
		return fine / 4
	}
	return fine / 2
}

// meter reads M:.
func (r *abcReader) meter(text string) error {
	var m midi.Meter
	switch text {
	case "C":
		m = midi.Meter{Count: 4, Unit: 4}
	case "C|":
		m = midi.Meter{Count: 2, Unit: 2}
	case "none", "":
		return nil
	default:
		count, unit, ok := strings.Cut(strings.Trim(text, "()"), "/")
		count = strings.Trim(count, "() ")
		sum := 0
		for _, n := range strings.Split(count, "+") {
			x, err := strconv.Atoi(strings.TrimSpace(n))
			ok = ok && err == nil && x > 0 && x < 256
			sum += x
		}
		u, err := strconv.Atoi(strings.TrimSpace(unit))
		if !ok || err != nil || sum > 255 || u < 1 || u > 128 || u&(u-1) != 0 {
			return fmt.Errorf("no metre M:%s; want one such as 4/4 or 6/8", text)
		}
		m = midi.Meter{Count: sum, Unit: u}
	}
	if !r.inBody {
		r.usual.meter = m
		r.score.Meters = append(r.score.Meters, m)
		return nil
	}
	r.now().meter = m
	return r.add(item{kind: applies, apply: func(s *Score, at int64) {
		m.At = at
		s.Meters = append(s.Meters, m)
	}})
}

// unitLength reads L:.
func (r *abcReader) unitLength(text string) error {
	ticks, ok := fractionOfWhole(text)
	if !ok {
		return fmt.Errorf("no unit length L:%s; want one such as 1/8", text)
	}
	if r.inBody {
		r.now().unit = ticks
	} else {
		r.usual.unit, r.unitSet = ticks, true
	}
	return nil
}

// fractionOfWhole reads a fraction of a whole note, as in 3/8, as ticks.
func fractionOfWhole(text string) (ticks int64, ok bool) {
	count, unit, fraction := strings.Cut(strings.TrimSpace(text), "/")
	n, err := strconv.Atoi(count)
	u, err2 := 1, error(nil)
	if fraction {
		u, err2 = strconv.Atoi(unit)
	}
	if err != nil || err2 != nil || n < 1 || n > 1<<10 || u < 1 || u > 1<<9 {
		return 0, false
	}
	ticks = 4 * fine * int64(n) / int64(u)
	return ticks, ticks > 0
}

// setTempo reads Q:. A text alone, such as "Allegro", says no tempo.
func (r *abcReader) setTempo(text string) error {
	for {
		from := strings.IndexByte(text, '"')
		to := strings.LastIndexByte(text, '"')
		if from < 0 || to <= from {
			break
		}
		text = text[:from] + text[to+1:]
	}
	beats, rate, ok := strings.Cut(strings.TrimSpace(text), "=")
	if !ok {
		beats, rate = "", beats
	}
	bpm, err := strconv.ParseFloat(strings.TrimSpace(rate), 64)
	if rate == "" {
		return nil
	}
	if err != nil || !(bpm > 0 && bpm <= fastest) {
		return fmt.Errorf("no tempo Q:%s; want one such as 1/4=120", text)
	}
	sum := int64(0)
	for _, b := range strings.Fields(beats) {
		ticks, ok := fractionOfWhole(b)
		if !ok {
			sum = 0
			break
		}
		sum += ticks
	}
	if sum == 0 { // of unit lengths, as older files have it
		sum = r.usual.unit
		if r.inBody {
			sum = r.now().unit
		}
		if sum == 0 {
			sum = fine / 2
		}
	}
	micros := int64(60e6/bpm*fine/float64(sum) + .5)
	t := midi.Tempo{Micros: max(1, min(micros, 1<<24-1))}
	if !r.inBody {
		r.score.Tempos = append(r.score.Tempos, t)
		return nil
	}
	return r.add(item{kind: applies, apply: func(s *Score, at int64) {
		t.At = at
		s.Tempos = append(s.Tempos, t)
	}})
}
