package arrange

import (
	"slices"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

// A Role is what a part does in a band.
type Role string

// The roles.
const (
	Bass   Role = "bass"
	Chords Role = "chords"
	Lead   Role = "lead"
)

// Roles are all of them, the highest first.
var Roles = []Role{Lead, Chords, Bass}

// A Part is a pattern of two bars in degrees of the chord that sounds.
type Part struct {
	ID, Name, Style string
	Role            Role
	Meter           midi.Meter
	Sounds          []uint8 // programs of General MIDI, 0 to 127
	Feel            Feel    // straight, triplet or any
	Bars            [2][]Figure
}

// A Figure is a note of a part, several at once, a chord or a rest.
type Figure struct {
	Tones    []Tone // nil for a rest or a whole chord
	Chord    bool   // the whole chord
	Length   int    // sixteenths
	Accented bool
	Soft     bool
	Short    bool // half as long as there is room
}

// A Tone is a degree of a chord.
type Tone struct {
	Degree int // from 1
	Alter  int // semitones
	Octave int
}

// ReadParts adds the parts of a text. Its errors begin with the line.
func (b *Book) ReadParts(text string) error {
	lines := numbered(text)
	for i := 0; i < len(lines); i += 2 {
		head := lines[i]
		id, fields, err := head.heading("NAME", "STYLE", "ROLE", "METRE", "SOUNDS", "FEEL")
		if err != nil {
			return err
		}
		p := Part{ID: id, Name: fields[0], Style: fields[1], Role: Role(fields[2]), Feel: Feel(fields[5])}
		if p.Meter, err = head.meter(fields[3]); err != nil {
			return err
		}
		switch {
		case !slices.Contains(Styles, p.Style):
			return head.wrong("no style %q; want one of %s", p.Style, strings.Join(Styles, ", "))
		case !slices.Contains(Roles, p.Role):
			return head.wrong("no role %q; want bass, chords or lead", p.Role)
		case p.Feel != Straight && p.Feel != Triplet && p.Feel != anyFeel:
			return head.wrong("no feel %q; want straight, triplet or any", p.Feel)
		case slices.ContainsFunc(b.Parts, func(o Part) bool { return o.ID == id }):
			return head.wrong("there are two parts %s", id)
		case i+1 == len(lines):
			return head.wrong("part %s has no bars", id)
		}
		for _, s := range list(fields[4]) {
			program, err := strconv.Atoi(s)
			if err != nil || program < 1 || program > 128 {
				return head.wrong("no sound %q; want numbers from 1 to 128", s)
			}
			p.Sounds = append(p.Sounds, uint8(program-1))
		}
		if len(p.Sounds) == 0 {
			return head.wrong("part %s has no sound", id)
		}
		if err := p.read(lines[i+1]); err != nil {
			return err
		}
		b.Parts = append(b.Parts, p)
	}
	return nil
}

// read reads the bars.
func (p *Part) read(l line) error {
	bars := strings.Split(l.text, "|")
	if len(bars) != len(p.Bars) {
		return l.wrong("part %s has %d bars; want %d", p.ID, len(bars), len(p.Bars))
	}
	length := 0
	for i, bar := range bars {
		sum := 0
		for _, text := range strings.Fields(bar) {
			f, ok := parseFigure(text, &length)
			if !ok {
				return l.wrong("no note %q; want one such as 1:4, b3, 5,^:2, 1+5, c or r", text)
			}
			p.Bars[i] = append(p.Bars[i], f)
			sum += f.Length
		}
		if want := sixteenths(p.Meter); sum != want {
			return l.wrong("bar %d of %s has %d sixteenths; want %d", i+1, p.ID, sum, want)
		}
	}
	return nil
}

// parseFigure reads a figure. Without a length of its own it has that of the last one.
func parseFigure(text string, length *int) (f Figure, ok bool) {
	text, duration, given := strings.Cut(text, ":")
	if given {
		n, err := strconv.Atoi(duration)
		if err != nil || n < 1 || n > 32 {
			return f, false
		}
		*length = n
	}
	f.Length = *length
	for cut := true; cut && text != ""; {
		switch text[len(text)-1] {
		case '^':
			f.Accented = true
		case '?':
			f.Soft = true
		case '.':
			f.Short = true
		default:
			cut = false
			continue
		}
		text = text[:len(text)-1]
	}
	switch text {
	case "r":
		return f, f.Length > 0
	case "c":
		f.Chord = true
		return f, f.Length > 0
	}
	for one := range strings.SplitSeq(text, "+") {
		t, ok := parseTone(one)
		if !ok {
			return f, false
		}
		f.Tones = append(f.Tones, t)
	}
	return f, f.Length > 0
}

// parseTone reads a tone such as 5, b3, #4' or 7,.
func parseTone(text string) (t Tone, ok bool) {
	for ; text != "" && (text[0] == 'b' || text[0] == '#'); text = text[1:] {
		if t.Alter++; text[0] == 'b' {
			t.Alter -= 2
		}
	}
	for ; text != "" && (text[len(text)-1] == ',' || text[len(text)-1] == '\''); text = text[:len(text)-1] {
		if t.Octave++; text[len(text)-1] == ',' {
			t.Octave -= 2
		}
	}
	degree, err := strconv.Atoi(text)
	t.Degree = degree
	return t, err == nil && degree >= 1 && degree <= 15 && t.Alter >= -2 && t.Alter <= 2 && t.Octave >= -2 && t.Octave <= 2
}
