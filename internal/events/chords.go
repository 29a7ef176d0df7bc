package events

import (
	"slices"
	"strings"

	"atelier/internal/music"
)

// kindNames are other ways to write what stands behind the root of a chord, and plainKinds
// what is told as something plainer.
var kindNames = map[string]string{
	"maj": "", "M": "", "major": "", "min": "m", "-": "m", "mi": "m", "minor": "m", "M7": "maj7", "Maj7": "maj7", "ma7": "maj7", "j7": "maj7", "Δ": "maj7", "Δ7": "maj7",
	"min7": "m7", "-7": "m7", "mi7": "m7", "°": "dim", "o": "dim", "°7": "dim7", "o7": "dim7", "ø": "m7b5", "ø7": "m7b5", "m7♭5": "m7b5", "+": "aug",
	"sus": "sus4", "2": "sus2", "M9": "maj9", "min9": "m9", "-9": "m9", "min6": "m6", "-6": "m6",
}

var plainKinds = map[string]string{
	"7sus4": "sus4", "9sus4": "sus4", "7sus": "sus4", "add9": "", "6/9": "6", "69": "6",
	"13": "9", "11": "9", "7b9": "7", "7#9": "7", "7#5": "7", "7b5": "7", "+7": "7", "7alt": "7", "m11": "m9", "mMaj7": "m", "maj13": "maj9",
}

// kindOf is the number of what stands behind the root of a chord; exact reports that nothing
// of it is lost.
func kindOf(suffix string) (kind int, exact bool) {
	find := func(s string) int {
		for i := range Qualities {
			if Qualities[i].Suffix == s {
				return i
			}
		}
		return -1
	}
	if kind = find(suffix); kind >= 0 {
		return kind, true
	}
	if name, ok := kindNames[suffix]; ok {
		return find(name), true
	}
	if name, ok := plainKinds[suffix]; ok {
		return find(name), false
	}
	switch minor := strings.HasPrefix(suffix, "m") && !strings.HasPrefix(suffix, "maj"); {
	case strings.Contains(suffix, "sus"):
		return find("sus4"), false
	case strings.HasPrefix(suffix, "maj") && strings.ContainsAny(suffix, "79"), strings.HasPrefix(suffix, "maj1"):
		return find("maj7"), false
	case minor && strings.Contains(suffix, "7"):
		return find("m7"), false
	case minor:
		return find("m"), false
	case strings.HasPrefix(suffix, "7"), strings.HasPrefix(suffix, "9"):
		return find("7"), false
	}
	return find(""), false
}

// ParseChord reads a chord symbol, told from the tonic of a key value; ok is false if it is
// none, exact if nothing of it is lost.
func ParseChord(symbol string, key int) (c Chord, exact, ok bool) {
	root, suffix, bass, ok := music.ParseChord(symbol)
	if !ok {
		return Chord{}, false, false
	}
	c = Chord{Root: relative(root, key), Bass: -1}
	c.Kind, exact = kindOf(suffix)
	if bass != root {
		c.Bass = relative(bass, key)
	}
	return c, exact, true
}

// Symbol is the chord symbol as it is spelled in a key.
func (c Chord) Symbol(key int) string {
	root := absolute(c.Root, key)
	bass := root
	if c.Bass >= 0 {
		bass = absolute(c.Bass, key)
	}
	return KeyOf(key).ChordSymbol(root, Qualities[c.Kind].Suffix, bass)
}

// Has reports whether the chord has a tone, in semitones above the tonic's C.
func (c Chord) Has(class int) bool {
	return class%12 == c.Bass || slices.Contains(Qualities[c.Kind].Tones, ((class-c.Root)%12+12)%12)
}

// Low is the tone that is to be lowest.
func (c Chord) Low() int {
	if c.Bass >= 0 {
		return c.Bass
	}
	return c.Root
}

// KeyValue is the value of a key, and KeyOf the key of a value, C major for none.
func KeyValue(k music.Key) int {
	if k.Minor {
		return k.Fifths + 22
	}
	return k.Fifths + 7
}

// KeyOf is the key of a value, C major for -1.
func KeyOf(value int) music.Key {
	switch {
	case value < 0:
		return music.Key{}
	case value >= 15:
		return music.Key{Fifths: value - 22, Minor: true}
	}
	return music.Key{Fifths: value - 7}
}

// Shift is how many semitones a key lies above C major or A minor, -5 to 6.
func Shift(key int) int {
	by := ((7*KeyOf(key).Fifths)%12 + 12) % 12
	if by > 6 {
		by -= 12
	}
	return by
}

// relative is a pitch class told from the tonic, absolute the reverse.
func relative(class, key int) int { return ((class-Shift(key))%12 + 12) % 12 }
func absolute(class, key int) int { return ((class+Shift(key))%12 + 12) % 12 }

// PitchValue is the value of a pitch in a key. It is false for pitches that had to be moved by
// octaves.
func PitchValue(pitch, key int) (value int, held bool) {
	at := pitch - Shift(key)
	held = at >= lowest && at <= highest
	for at < lowest {
		at += 12
	}
	for at > highest {
		at -= 12
	}
	return at - lowest, held
}

// PitchOf is the pitch of a value in a key, 0 to 127.
func PitchOf(value, key int) int { return value + lowest + Shift(key) }

// Class is the pitch class of a value of Pitch as in C major or A minor.
func Class(value int) int { return (value + lowest) % 12 }

// DrumValue is the value of a drum; false if events do not hold it.
func DrumValue(pitch int) (value int, held bool) {
	return pitch - lowestDrum, pitch >= lowestDrum && pitch <= highestDrum
}
