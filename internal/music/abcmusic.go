package music

import "strings"

// An abcLine is a line of music that is being read.
type abcLine struct {
	*abcReader
	rest string
}

// music reads a line of music.
func (r *abcReader) music(text string) error {
	l := &abcLine{r, text}
	for l.rest != "" {
		if err := l.next(); err != nil {
			return err
		}
	}
	return nil
}

// take takes the characters of a set from the beginning.
func (l *abcLine) take(set string) string {
	n := 0
	for n < len(l.rest) && strings.IndexByte(set, l.rest[n]) >= 0 {
		n++
	}
	taken := l.rest[:n]
	l.rest = l.rest[n:]
	return taken
}

// until takes what stands up to a character, and that.
func (l *abcLine) until(end byte) (string, bool) {
	i := strings.IndexByte(l.rest, end)
	if i < 0 {
		return "", false
	}
	taken := l.rest[:i]
	l.rest = l.rest[i+1:]
	return taken, true
}

const (
	digits     = "0123456789"
	notes      = "ABCDEFGabcdefg"
	shortMarks = ".~HLMOPSTuvRJ"
)

// next reads what comes next.
func (l *abcLine) next() error {
	c := l.rest[0]
	switch {
	case strings.IndexByte(notes+"^_=", c) >= 0:
		return l.note()
	case c == 'z' || c == 'x' || c == 'Z' || c == 'X':
		return l.pause(c)
	case c == '[':
		return l.bracket()
	case c == '|' || c == ':':
		return l.barLine()
	case c == '"':
		return l.quoted()
	case c == '(':
		return l.parenthesis()
	case c == '&':
		l.rest = l.rest[1:]
		l.now().goOn(l.now().layer + 1)
		return l.add(item{kind: overlay})
	}
	l.rest = l.rest[1:]
	switch c {
	case '{':
		if grace, ok := l.until('}'); ok {
			n := 0
			for _, g := range grace {
				if strings.ContainsRune(notes, g) {
					n++
				}
			}
			l.lost.Add(LostGraces, n)
		}
	case '!', '+':
		if mark, ok := l.until(c); ok {
			l.decoration(mark)
		}
	case '>', '<':
		return l.brokenRhythm(c)
	case '-':
		l.tie()
	case 'y':
		l.take(digits)
	case ' ', '\t', '\\', '`', ')', '*', '$', ';':
	default:
		if strings.IndexByte(shortMarks, c) >= 0 {
			l.lost.Add(LostMarks, 1)
		} else {
			l.lost.Add(LostUnread, 1)
		}
	}
	return nil
}

// loudness are the velocities of dynamics.
var loudness = map[string]uint8{"pppp": 20, "ppp": 30, "pp": 45, "p": 60, "mp": 75, "mf": 90, "f": 105, "ff": 120, "fff": 127, "ffff": 127}

// decoration reads what stands between exclamation marks.
func (l *abcLine) decoration(mark string) {
	if velocity, ok := loudness[mark]; ok {
		l.now().velocity = velocity
		return
	}
	l.lost.Add(LostMarks, 1)
}

// note reads a note outside of a chord.
func (l *abcLine) note() error {
	n, ok := l.pitch()
	if !ok {
		return nil
	}
	return l.sound([]played{n}, l.length())
}

// pitch reads accidental, letter and octave.
func (l *abcLine) pitch() (n played, ok bool) {
	v := l.now()
	alter, rest := leadingAccidental(l.rest)
	l.rest = rest
	if strings.HasPrefix(l.rest, "/") || alter != noAccidental && l.rest != "" && strings.IndexByte(digits, l.rest[0]) >= 0 {
		l.take("/" + digits)
		l.lost.Add(LostMicro, 1)
	}
	if l.rest == "" || strings.IndexByte(notes, l.rest[0]) < 0 {
		l.lost.Add(LostUnread, 1)
		return played{}, false
	}
	letter := l.rest[0]
	l.rest = l.rest[1:]
	octave := 4
	if letter >= 'a' {
		letter, octave = letter-0x20, 5
	}
	for _, mark := range l.take("',") {
		if mark == '\'' {
			octave++
		} else {
			octave--
		}
	}
	switch before, is := v.altered[letter]; {
	case alter != noAccidental:
		if v.altered == nil {
			v.altered = map[byte]int{}
		}
		v.altered[letter] = alter
	case is:
		alter = before
	default:
		alter = v.key.alter(letter)
		for _, w := range v.carried[v.layer] {
			if w.letter == letter && w.octave == octave {
				alter = w.alter
			}
		}
	}
	v.reading = append(v.reading, staffNote{letter, octave, alter})
	pitch := 12*(octave+1+v.octave+v.clef) + letterClass[letter] + alter + v.shift
	if pitch < 0 || pitch > 127 {
		l.lost.Add("notes out of range", 1)
		return played{}, false
	}
	return played{pitch: uint8(pitch), velocity: v.velocity, program: v.program}, true
}

// sound adds notes or a rest.
func (l *abcLine) sound(all []played, f fraction) error {
	v := l.now()
	v.last, v.reading, v.carried[v.layer] = v.reading, nil, nil
	return l.add(item{kind: sounds, length: l.ticksOf(f, true), notes: all})
}

// pause reads a rest; Z and X are whole bars.
func (l *abcLine) pause(c byte) error {
	l.rest = l.rest[1:]
	f := l.length()
	if c == 'z' || c == 'x' {
		return l.sound(nil, f)
	}
	v := l.now()
	bar := 4 * fine * int64(v.meter.Count) / int64(v.meter.Unit)
	for range min(f.num, 1<<12) {
		if err := l.add(item{kind: sounds, length: bar}); err != nil {
			return err
		}
		if err := l.add(item{kind: bars}); err != nil {
			return err
		}
	}
	return nil
}

// quoted reads a chord symbol, or words that stand above or below the music.
func (l *abcLine) quoted() error {
	l.rest = l.rest[1:]
	text, ok := l.until('"')
	switch {
	case !ok:
		l.rest = ""
		l.lost.Add(LostUnread, 1)
	case text == "":
	case strings.IndexByte("^_<>@", text[0]) >= 0:
		l.lost.Add(LostInfo, 1)
	default:
		name := Clean(text)
		return l.add(item{kind: applies, apply: func(s *Score, at int64) { s.Chords = append(s.Chords, Chord{at, name}) }})
	}
	return nil
}
