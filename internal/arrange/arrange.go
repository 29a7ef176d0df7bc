// Package arrange holds the music that comes with the program - drum patterns, patterns of bass,
// chords and lead, progressions and traditional melodies - and arranges whole pieces from it.
package arrange

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"atelier/internal/midi"
	"atelier/internal/music"
)

// Styles are those in which pieces are arranged.
var Styles = []string{"rock", "jazz", "classical", "folk"}

//go:embed grooves.txt
var ownGrooves string

//go:embed parts.txt
var ownParts string

//go:embed progressions.txt
var ownProgressions string

//go:embed tunes.abc
var ownTunes string

// A Book is music to arrange from.
type Book struct {
	Grooves      []Groove
	Fills        []Fill
	Parts        []Part
	Progressions []Progression
	Tunes        []Tune
}

// Own returns the book that comes with the program. It is read once and must not be changed.
var Own = sync.OnceValues(func() (*Book, error) {
	b := &Book{}
	for _, file := range []struct {
		name, text string
		read       func(*Book, string) error
	}{
		{"grooves.txt", ownGrooves, (*Book).ReadGrooves}, {"parts.txt", ownParts, (*Book).ReadParts},
		{"progressions.txt", ownProgressions, (*Book).ReadProgressions}, {"tunes.abc", ownTunes, (*Book).ReadTunes},
	} {
		if err := file.read(b, file.text); err != nil {
			return nil, fmt.Errorf("%s:%w", file.name, err)
		}
	}
	return b, nil
})

// A Feel is how time is played.
type Feel string

// The feels. Only that of triplets is written in notes; the others are a matter of milliseconds.
const (
	Straight Feel = "straight"
	Triplet  Feel = "triplet"
	Late     Feel = "late"  // the snare drags
	Early    Feel = "early" // drums are ahead of the beat
	Swing    Feel = "swing" // the second of two sixteenths comes late
	anyFeel  Feel = "any"   // of a part: it goes with straight time and with triplets
)

// written is the feel as notes have it: straight or in triplets.
func (f Feel) written() Feel {
	if f == Triplet {
		return Triplet
	}
	return Straight
}

// Ticks of the scores that are arranged.
const (
	quarter   = 480
	sixteenth = quarter / 4
)

// place is the tick of a place in sixteenths, counted in ticks, in a feel: of triplets, those of a
// beat lie at 0, 1/3, 2/3 and 5/6.
func (f Feel) place(tick int64) int64 {
	if f != Triplet {
		return tick
	}
	beat, in := tick/quarter*quarter, tick%quarter
	third := int64(quarter / 3)
	switch {
	case in <= 2*sixteenth:
		return beat + in*third/sixteenth
	default:
		return beat + 2*third + (in-2*sixteenth)*(third/2)/sixteenth
	}
}

// A line is a line of a file, trimmed, with its number.
type line struct {
	number int
	text   string
}

// numbered returns the lines of a text that say something.
func numbered(text string) (lines []line) {
	for n, t := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if t = strings.TrimSpace(t); t != "" && !strings.HasPrefix(t, "#") {
			lines = append(lines, line{n + 1, t})
		}
	}
	return lines
}

// wrong is an error at the line.
func (l line) wrong(format string, args ...any) error {
	return fmt.Errorf("%d: %w", l.number, fmt.Errorf(format, args...))
}

// heading reads "KIND ID: NAME; FIELD; ...", where want is what the fields are.
func (l line) heading(want ...string) (id string, fields []string, err error) {
	head, rest, ok := strings.Cut(l.text, ":")
	words := strings.Fields(head)
	if !ok || len(words) != 2 {
		return "", nil, l.wrong("want KIND ID: %s", strings.Join(want, "; "))
	}
	for f := range strings.SplitSeq(rest, ";") {
		fields = append(fields, strings.TrimSpace(f))
	}
	if len(fields) != len(want) {
		return "", nil, l.wrong("has %d fields; want %s", len(fields), strings.Join(want, "; "))
	}
	return words[1], fields, nil
}

// list splits at commas.
func list(text string) (all []string) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// sixteenths is the number of sixteenths of a bar of a meter.
func sixteenths(m midi.Meter) int { return 16 * m.Count / m.Unit }

// meters are those that patterns may be in.
var meters = map[string]midi.Meter{
	"4/4": {Count: 4, Unit: 4}, "3/4": {Count: 3, Unit: 4}, "2/4": {Count: 2, Unit: 4}, "6/8": {Count: 6, Unit: 8},
}

// meter reads a meter.
func (l line) meter(text string) (midi.Meter, error) {
	m, ok := meters[text]
	if !ok {
		return m, l.wrong("no metre %q; want 4/4, 3/4, 2/4 or 6/8", text)
	}
	return m, nil
}

// newScore is an empty piece in a meter and a tempo, in beats a minute: of 6/8, dotted quarters.
func newScore(m midi.Meter, tempo int) *music.Score {
	if m.Unit == 8 {
		tempo = tempo * 3 / 2
	}
	return &music.Score{Quarter: quarter, Tempos: []midi.Tempo{{Micros: int64(60_000_000 / tempo)}}, Meters: []midi.Meter{m}}
}
