package music

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/registry"
)

// usualNames are what people call the instruments of General MIDI, by program.
var usualNames = map[string]uint8{
	"piano": 0, "electric piano": 4, "epiano": 4, "harpsichord": 6, "clavinet": 7, "vibraphone": 11, "vibes": 11, "marimba": 12, "organ": 16, "church organ": 19,
	"accordion": 21, "harmonica": 22, "guitar": 25, "acoustic guitar": 25, "nylon guitar": 24, "steel guitar": 25, "jazz guitar": 26, "electric guitar": 27,
	"clean guitar": 27, "muted guitar": 28, "overdriven guitar": 29, "distorted guitar": 30, "distortion": 30, "bass": 33, "double bass": 32, "upright bass": 32,
	"acoustic bass": 32, "electric bass": 33, "slap bass": 36, "synth bass": 38, "violin": 40, "viola": 41, "cello": 42, "contrabass": 43, "pizzicato": 45,
	"harp": 46, "strings": 48, "choir": 52, "voice": 53, "trumpet": 56, "trombone": 57, "tuba": 58, "horn": 60, "brass": 61, "sax": 66, "saxophone": 66,
	"soprano sax": 64, "alto sax": 65, "tenor sax": 66, "baritone sax": 67, "oboe": 68, "bassoon": 70, "clarinet": 71, "piccolo": 72, "flute": 73, "recorder": 74,
	"whistle": 78, "lead": 80, "synth": 81, "pad": 89, "sitar": 104, "banjo": 105, "bagpipe": 109, "fiddle": 110,
}

// drumNames are what people call drums.
var drumNames = map[string]bool{"drums": true, "drum": true, "drum kit": true, "percussion": true}

// ParseInstrument reads the name of an instrument, such as sax, drums or Rock Organ, or its
// program of General MIDI from 1 to 128. Its errors say what would be one.
func ParseInstrument(text string) (program uint8, drums bool, err error) {
	name := strings.ToLower(strings.Join(strings.Fields(text), " "))
	if drumNames[name] {
		return 0, true, nil
	}
	if p, ok := usualNames[name]; ok {
		return p, false, nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(instruments) {
		return uint8(n - 1), false, nil
	}
	known := []string{"drums"}
	for p, full := range instruments {
		if strings.EqualFold(full, name) {
			return uint8(p), false, nil
		}
		known = append(known, strings.ToLower(full))
	}
	known = append(known, slices.Sorted(maps.Keys(usualNames))...)
	slices.Sort(known)
	return 0, false, fmt.Errorf("no instrument %q; %s, which docs/music.md lists; or a program of General MIDI from 1 to 128", text, registry.SuggestSome(name, slices.Compact(known), mostSuggested))
}

// InstrumentsLike are the programs that a name stands for in a wide sense: all guitars for guitar.
func InstrumentsLike(name string) (programs []uint8, drums bool) {
	own, drums, err := ParseInstrument(name)
	if err != nil || drums {
		return nil, drums
	}
	part := strings.ToLower(name) // of full names
	if short, has := inFullNames[part]; has {
		part = short
	}
	for p, full := range instruments {
		if uint8(p) == own || strings.Contains(strings.ToLower(full), part) {
			programs = append(programs, uint8(p))
		}
	}
	return programs, false
}

// inFullNames are names as those of General MIDI have them.
var inFullNames = map[string]string{"saxophone": "sax", "strings": "string"}

// InstrumentNames are the usual names of instruments.
func InstrumentNames() []string { return append(slices.Sorted(maps.Keys(usualNames)), "drums") }

// mostSuggested is how many instruments are named to whoever asks for one that there is not.
const mostSuggested = 8
