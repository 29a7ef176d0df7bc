package music

import (
	"strconv"
	"strings"
)

// voiceField reads V: the name of a voice and what it is.
func (r *abcReader) voiceField(text string) error {
	id, rest, _ := strings.Cut(text, " ")
	if id == "" {
		return nil
	}
	if err := r.use(id); err != nil {
		return err
	}
	for key, value := range settings(rest) {
		switch key {
		case "name", "nm":
			r.voice.name = Clean(value)
		case "transpose":
			if n, err := strconv.Atoi(value); err == nil && n >= -48 && n <= 48 {
				r.voice.shift = n
			}
		case "octave":
			if n, err := strconv.Atoi(value); err == nil && n >= -4 && n <= 4 {
				r.voice.shift = 12 * n
			}
		}
	}
	return nil
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
