package music

import (
	"slices"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

// An abcVoice is a voice while it is read.
type abcVoice struct {
	id, name string
	items    []item
	channel  int // -1 if the file does not say
	program  uint8
	velocity uint8
	key      abcSignature
	unit     int64 // ticks
	meter    midi.Meter
	shift    int           // semitones that it sounds above what is written
	octave   int           // octaves besides, by octave= and
	clef     int           // by the clef
	altered  map[byte]int  // accidentals of the bar, by letter
	reading  []staffNote   // of the notes that are read now
	last     []staffNote   // of those before
	carried  [][]staffNote // of those before that are tied to the next, by layer: accidentals last as long
	layer    int           // of the bar
	broken   fraction      // factor of the next note
	tuplet   tupletState
}

// A staffNote is where a note stands on the staff, and its accidental.
type staffNote struct {
	letter        byte
	octave, alter int
}

// goOn goes on with a layer of the bar.
func (v *abcVoice) goOn(layer int) {
	v.altered, v.layer = nil, layer
	for len(v.carried) <= layer {
		v.carried = append(v.carried, nil)
	}
}

// A tupletState says how the next notes are shortened.
type tupletState struct {
	left int
	by   fraction
}

// A fraction is a number; its zero value is 1.
type fraction struct{ num, den int64 }

// of is the fraction of a number of ticks, and whether that is exact.
func (f fraction) of(ticks int64) (int64, bool) {
	if f.den == 0 {
		return ticks, true
	}
	return ticks * f.num / f.den, ticks*f.num%f.den == 0
}

// voiceField reads V: the name of a voice and what it is.
func (r *abcReader) voiceField(text string) error {
	id, rest, _ := strings.Cut(text, " ")
	if id == "" {
		return nil
	}
	if err := r.use(id); err != nil {
		return err
	}
	r.voice.set(rest)
	return nil
}

// set reads the settings of a voice, which may stand in V: and in K:.
func (v *abcVoice) set(text string) {
	clef, _, _ := strings.Cut(text, "=")
	for _, word := range strings.Fields(clef) { // a clef may stand alone
		v.setClef(word)
	}
	for key, value := range settings(text) {
		switch key {
		case "name", "nm":
			v.name = Clean(value)
		case "transpose":
			if n, err := strconv.Atoi(value); err == nil && n >= -48 && n <= 48 {
				v.shift = n
			}
		case "octave":
			if n, err := strconv.Atoi(value); err == nil && n >= -4 && n <= 4 {
				v.octave = n
			}
		case "clef":
			v.setClef(value)
		}
	}
}

// setClef reads a clef: an 8 at its end moves what is played by an octave.
func (v *abcVoice) setClef(name string) {
	line := strings.IndexAny(name, "12345+-")
	if line < 0 {
		line = len(name)
	}
	if !slices.Contains([]string{"treble", "alto", "tenor", "bass", "perc"}, name[:line]) {
		return
	}
	switch {
	case strings.HasSuffix(name, "-8"):
		v.clef = -1
	case strings.HasSuffix(name, "+8"):
		v.clef = 1
	default:
		v.clef = 0
	}
}

// settings yields the settings of a field, as in name="Tenor" clef=treble.
func settings(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
			key, rest, ok := strings.Cut(text, "=")
			if !ok {
				return
			}
			if at := strings.LastIndexByte(key, ' '); at >= 0 {
				key = key[at+1:]
			}
			value, after := rest, ""
			if quoted, ok := strings.CutPrefix(rest, `"`); ok {
				value, after, _ = strings.Cut(quoted, `"`)
			} else {
				value, after, _ = strings.Cut(rest, " ")
			}
			if !yield(key, value) {
				return
			}
			text = after
		}
	}
}

// instruction reads what begins with %% or I:. Those for layout say nothing of the music; those
// for MIDI that are not played are counted.
func (r *abcReader) instruction(text string) error {
	words := strings.Fields(strings.Replace(text, "=", " ", 1))
	if len(words) < 2 || words[0] != "MIDI" {
		return nil
	}
	v := r.usual
	if r.inBody || r.voice != nil {
		v = r.now()
	}
	number, err := strconv.Atoi(words[len(words)-1]) // a channel may stand before a program
	within := func(low, high int) bool { return err == nil && number >= low && number <= high }
	switch directive := words[1]; {
	case directive == "program" && within(0, 127):
		v.program = uint8(number)
	case directive == "channel" && within(1, 16):
		v.channel = number - 1
	case directive == "transpose" && within(-48, 48):
		v.shift = number
	case (directive == "vol" || directive == "velocity") && within(1, 127):
		v.velocity = uint8(number)
	case directive == "gchordoff" || directive == "drumoff" || directive == "nobarlines": // as it is anyway
	default:
		r.lost.Add(LostDirectives, 1)
	}
	return nil
}
