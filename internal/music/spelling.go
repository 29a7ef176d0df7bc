package music

import (
	"fmt"
	"strings"
)

// A spelling is how a pitch is written: a letter, how many sharps (or flats, below 0) it has,
// and its octave, which is 4 from middle C up.
type spelling struct {
	letter     byte // 'A' to 'G'
	alter, oct int
}

// letters in the order of fifths, from F; and their pitch classes.
const fifthLetters = "FCGDAEB"

var letterClass = map[byte]int{'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}

// alterOf is how many sharps or flats a key gives a letter.
func (k Key) alterOf(letter byte) int {
	for i := range len(fifthLetters) {
		if fifthLetters[i] == letter {
			switch {
			case i < k.Fifths:
				return 1
			case 6-i < -k.Fifths:
				return -1
			}
		}
	}
	return 0
}

// spell is how a pitch is spelled in a key.
func (k Key) spell(pitch uint8) spelling {
	centre := k.Fifths + 2
	for fifths := centre - 6; ; fifths++ {
		if ((7*fifths)%12+12)%12 != int(pitch%12) {
			continue
		}
		at := fifths + 1 // 0 for F
		alter := 0
		for ; at < 0; at += 7 {
			alter--
		}
		for ; at > 6; at -= 7 {
			alter++
		}
		letter := fifthLetters[at]
		return spelling{letter, alter, (int(pitch)-alter-letterClass[letter])/12 - 1}
	}
}

// alterSigns are the sharps or flats of a spelling.
func alterSigns(alter int) string {
	return strings.Repeat("#", max(0, alter)) + strings.Repeat("b", max(0, -alter))
}

// PitchName is the name of a pitch as it is spelled in the key, as in C4 for middle C.
func (k Key) PitchName(pitch uint8) string {
	s := k.spell(pitch)
	return fmt.Sprintf("%c%s%d", s.letter, alterSigns(s.alter), s.oct)
}

// keyAt is the key at a tick, C major if there is none.
func (s *Score) keyAt(tick int64) Key {
	key := Key{}
	for _, k := range s.Keys {
		if k.At > tick {
			break
		}
		key = k
	}
	return key
}
