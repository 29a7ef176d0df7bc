package arrange

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/midi"
	"atelier/internal/music"
)

// Strokes are what drums play: for each class of [midi.DrumNames] the velocity of each
// sixteenth, 0 for none.
type Strokes [midi.DrumClasses][]uint8

// A Groove is a drum pattern of two bars.
type Groove struct {
	ID, Name, Genre  string
	Meter            midi.Meter
	Slowest, Fastest int // beats a minute, of 6/8 dotted quarters
	Feel             Feel
	Strokes          Strokes // of two bars
}

// A Fill takes the place of the end of a bar, of all drums.
type Fill struct {
	ID, Name string
	Genres   []string
	Meter    midi.Meter
	Strokes  Strokes // all of one length
}

// steps is the number of sixteenths.
func (f *Fill) steps() int { return len(f.Strokes[0]) }

// drumLines are the names of the classes of drums in files, in their order.
var drumLines = []string{"kick", "snare", "hat", "open", "low", "mid", "high", "crash", "ride"}

// ghostly is the velocity of ghost notes, which are left out now and then.
const ghostly = 38

// velocities are those of the characters of a pattern.
var velocities = map[rune]uint8{'.': 0, 'g': ghostly, 'o': 66, 'x': 90, 'X': 112}

// ReadGrooves adds the drum patterns and fills of a text. Its errors begin with the line.
func (b *Book) ReadGrooves(text string) error {
	lines := numbered(text)
	for len(lines) > 0 {
		head := lines[0]
		body := lines[1:]
		n := slices.IndexFunc(body, func(l line) bool { return strings.Contains(l.text, ":") })
		if n < 0 {
			n = len(body)
		}
		lines = body[n:]
		var err error
		switch kind, _, _ := strings.Cut(head.text, " "); kind {
		case "groove":
			err = b.readGroove(head, body[:n])
		case "fill":
			err = b.readFill(head, body[:n])
		default:
			err = head.wrong("%q begins no pattern; want groove or fill", kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) readGroove(head line, body []line) error {
	id, fields, err := head.heading("NAME", "GENRE", "METRE", "TEMPOS", "FEEL")
	if err != nil {
		return err
	}
	g := Groove{ID: id, Name: fields[0], Genre: fields[1], Feel: Feel(fields[4])}
	if g.Meter, err = head.meter(fields[2]); err != nil {
		return err
	}
	slow, fast, ok := strings.Cut(fields[3], "-")
	g.Slowest, _ = strconv.Atoi(slow)
	g.Fastest, _ = strconv.Atoi(fast)
	if !ok || g.Slowest < 30 || g.Fastest < g.Slowest || g.Fastest > 300 {
		return head.wrong("no tempos %q; want two from 30 to 300, as in 90-120", fields[3])
	}
	if !slices.Contains([]Feel{Straight, Triplet, Late, Early, Swing}, g.Feel) {
		return head.wrong("no feel %q; want straight, triplet, late, early or swing", fields[4])
	}
	if !slices.Contains(Genres, g.Genre) {
		return head.wrong("no genre %q; want one of %s", g.Genre, strings.Join(Genres, ", "))
	}
	if slices.ContainsFunc(b.Grooves, func(o Groove) bool { return o.ID == id }) {
		return head.wrong("there are two grooves %s", id)
	}
	bar := sixteenths(g.Meter)
	for _, l := range body {
		if err := g.Strokes.read(l, bar, 2, g.Feel); err != nil {
			return err
		}
	}
	if len(body) == 0 {
		return head.wrong("groove %s has no drums", id)
	}
	g.Strokes.fill(2 * bar)
	b.Grooves = append(b.Grooves, g)
	return nil
}

func (b *Book) readFill(head line, body []line) error {
	id, fields, err := head.heading("NAME", "GENRES", "METRE")
	if err != nil {
		return err
	}
	f := Fill{ID: id, Name: fields[0], Genres: list(fields[1])}
	if f.Meter, err = head.meter(fields[2]); err != nil {
		return err
	}
	for _, genre := range f.Genres {
		if !slices.Contains(Genres, genre) {
			return head.wrong("no genre %q; want one of %s", genre, strings.Join(Genres, ", "))
		}
	}
	if len(body) == 0 {
		return head.wrong("fill %s has no drums", id)
	}
	_, first, _ := strings.Cut(body[0].text, " ")
	steps := len(strings.TrimSpace(first))
	if steps > sixteenths(f.Meter) {
		return body[0].wrong("is longer than a bar of %s", fields[2])
	}
	for _, l := range body {
		if err := f.Strokes.read(l, steps, 1, Straight); err != nil {
			return err
		}
	}
	f.Strokes.fill(steps)
	b.Fills = append(b.Fills, f)
	return nil
}

// read reads a line of a drum: bars of so many steps.
func (s *Strokes) read(l line, steps, bars int, feel Feel) error {
	name, pattern, _ := strings.Cut(l.text, " ")
	class := slices.Index(drumLines, name)
	if class < 0 {
		return l.wrong("no drum %q; want one of %s", name, strings.Join(drumLines, ", "))
	}
	parts := strings.Split(strings.TrimSpace(pattern), "|")
	if len(parts) > bars || s[class] != nil {
		return l.wrong("%s has more than %d bars", name, bars)
	}
	for _, p := range parts {
		if len(p) != steps {
			return l.wrong("%s has a bar of %d steps; want %d", name, len(p), steps)
		}
		for i, c := range p {
			v, ok := velocities[c]
			if !ok {
				return l.wrong("%q is no stroke; want one of . x X o g", c)
			}
			if v > 0 && i%4 == 3 && feel == Triplet {
				return l.wrong("step %d is the fourth of a beat, which triplets do not have", i+1)
			}
			s[class] = append(s[class], v)
		}
	}
	for len(s[class]) < bars*steps {
		s[class] = append(s[class], s[class][:steps]...)
	}
	return nil
}

// fill gives drums that do nothing their rests.
func (s *Strokes) fill(steps int) {
	for class := range s {
		if s[class] == nil {
			s[class] = make([]uint8, steps)
		}
	}
}

// Score is the pattern as a piece of its two bars, in the middle of its tempos. Loose is how far
// strokes are from the grid: 0 not at all, 1 as the feel is played.
func (g *Groove) Score(seed uint64, loose float64) *music.Score {
	s := newScore(g.Meter, (g.Slowest+g.Fastest)/2)
	d := newDrummer(s, g, nil, seed, loose)
	for bar := range 2 {
		d.play(bar, nil, false)
	}
	s.Title, s.Parts = g.Name, []music.Part{d.part}
	s.End = 2 * d.bar
	s.Sort()
	return s
}

// A drummer plays a groove with fills.
type drummer struct {
	score  *music.Score
	groove *Groove
	fills  []Fill
	rng    *rand.Rand
	loose  float64
	bar    int64 // ticks of a bar
	part   music.Part
}

// play adds a bar. With a fill, that is its end; crashed, it begins with a crash.
func (d *drummer) play(bar int, fill *Fill, crashed bool) {
	steps := sixteenths(d.groove.Meter)
	from := steps
	if fill != nil {
		from -= fill.steps()
	}
	for class := range d.groove.Strokes {
		for step := range steps {
			v := d.groove.Strokes[class][bar%2*steps+step]
			if step >= from {
				v = fill.Strokes[class][step-from]
				if d.groove.Feel == Triplet && step%4 == 3 {
					v = 0
				}
			}
			if crashed && step == 0 && (class == classCrash || class == classKick) {
				v = 112
			}
			if crashed && step == 0 && (class == classHat || class == classOpen || class == classRide) {
				v = 0
			}
			if v == ghostly && d.rng.IntN(5) == 0 {
				v = 0
			}
			if v > 0 {
				d.strike(bar, step, class, v)
			}
		}
	}
}

// The classes of drums that are spoken of.
const (
	classKick, classSnare, classHat, classOpen = 0, 1, 2, 3
	classCrash, classRide                      = 7, 8
)

// strike adds a stroke.
func (d *drummer) strike(bar, step, class int, v uint8) {
	if class == classHat || class == classRide {
		v = uint8(int(v) * 7 / 8)
	}
	v = uint8(min(127, max(1, int(v)+d.rng.IntN(9)-4)))
	at := d.groove.Feel.place(int64(bar)*d.bar + int64(step)*sixteenth)
	n := music.Note{At: max(0, at+d.shift(step, class)), Length: sixteenth / 2, Pitch: midi.DrumPitch(class), Velocity: v}
	d.part.Notes = append(d.part.Notes, n)
}

// What feels are in milliseconds.
const (
	lateMs  = 14
	earlyMs = 9
	swungMs = 16
	unevenM = 4 // standard deviation
)

// shift is how many ticks a stroke is from the grid.
func (d *drummer) shift(step, class int) int64 {
	ms := d.rng.NormFloat64() * unevenM
	switch d.groove.Feel {
	case Late:
		if class == classSnare {
			ms += lateMs
		}
	case Early:
		ms -= earlyMs
	case Swing:
		if step%2 == 1 {
			ms += swungMs
		}
	}
	micros := float64(d.score.Tempos[0].Micros)
	return int64(ms * d.loose * 1000 / micros * quarter)
}
