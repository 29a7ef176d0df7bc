// Package events turns scores into tokens and back: bars, positions on a grid, pitches,
// lengths, loudness, instruments, tempo, metre, key and chords, for a language model to read
// and write.
//
// The events are those of REMI (Huang and Yang 2020, arXiv:2002.00212); that a piece has
// several tracks, told by their instruments, and bars that are left out and written at the
// end, is from MMM (Ens and Pasquier 2020, arXiv:2008.06048). Pitches and chords are told from
// the tonic, so that a piece has the same events in every key.
package events

import (
	"fmt"
	"slices"
)

// Steps is the number of grid steps in a quarter note: sixteenths are 3, triplets of eighths 4.
const Steps = 12

// The limits of what events hold.
const (
	Drums     = 128 // the instrument of drums, which has no program
	MostParts = 16
	MostLeft  = 32 // bars that are told apart by how many are left
	phrase    = 8  // bars after which the count of more than that repeats
	mostStyle = 64

	lowest, highest         = 16, 112 // pitches above the tonic's C
	lowestDrum, highestDrum = 27, 87
	instruments             = Drums + 1
)

// A Meter is how many notes of which kind make a bar.
type Meter struct{ Count, Unit int }

// Steps is the length of a bar in steps.
func (m Meter) Steps() int { return m.Count * 4 * Steps / m.Unit }

// String is the metre as it is written, such as 3/4.
func (m Meter) String() string { return fmt.Sprintf("%d/%d", m.Count, m.Unit) }

// Meters are the metres that events hold, by their number.
var Meters = []Meter{{4, 4}, {3, 4}, {6, 8}, {2, 4}, {2, 2}, {9, 8}, {12, 8}, {3, 8}, {5, 4}, {7, 8}, {5, 8}, {6, 4}, {3, 2}}

// longestBar is the length of the longest bar in steps.
const longestBar = 72

// The tempos that events hold, in quarter notes per minute: each as many above the last.
const (
	SlowestTempo = 40
	FastestTempo = 240
	tempoStep    = 4
	tempos       = (FastestTempo-SlowestTempo)/tempoStep + 1
)

// Velocities are how loud notes can be, from softest to loudest. A note is told to be as loud as
// the one before it if it is, but for tolerated.
var Velocities = []uint8{20, 36, 50, 64, 80, 96, 112, 126}

const tolerated = 12

// UsualLoudness is the value that is not told.
const UsualLoudness = 4

// Lengths are those that notes can have, in steps.
var Lengths = lengths()

func lengths() (all []int) {
	for n := 1; n <= 192; n++ {
		if n <= 24 || n <= 48 && n%2 == 0 || n%12 == 0 {
			all = append(all, n)
		}
	}
	return all
}

// Qualities are the kinds of chords by what their symbols say behind the root, with their tones
// in semitones above it.
var Qualities = []struct {
	Suffix string
	Tones  []int
}{
	{"", []int{0, 4, 7}}, {"m", []int{0, 3, 7}}, {"7", []int{0, 4, 7, 10}}, {"m7", []int{0, 3, 7, 10}},
	{"maj7", []int{0, 4, 7, 11}}, {"dim", []int{0, 3, 6}}, {"m7b5", []int{0, 3, 6, 10}}, {"dim7", []int{0, 3, 6, 9}},
	{"aug", []int{0, 4, 8}}, {"sus4", []int{0, 5, 7}}, {"sus2", []int{0, 2, 7}}, {"6", []int{0, 4, 7, 9}}, {"m6", []int{0, 3, 7, 9}},
	{"9", []int{0, 2, 4, 7, 10}}, {"m9", []int{0, 2, 3, 7, 10}}, {"maj9", []int{0, 2, 4, 7, 11}}, {"5", []int{0, 7}},
}

// A Kind is what a token tells.
type Kind uint8

// The kinds of tokens, in the order of the vocabulary.
const (
	End        Kind = iota // where pieces begin and end
	BarStart               // value: bars left, this one too, less 1
	Masked                 // in the place of what a bar holds, which is written at the end
	Fill                   // the bars that were left out follow
	MeterIs                // value: of Meters
	TempoIs                // value: steps above the slowest
	KeyIs                  // value: see keyOf
	Position               // value: steps from the beginning of the bar
	Length                 // value: of Lengths
	Loudness               // value: of Velocities
	Pitch                  // value: semitones above lowest, as in C major or A minor
	Drum                   // value: above lowestDrum
	ChordRoot              // value: semitones above the tonic
	ChordKind              // value: of Qualities
	ChordBass              // value: semitones above the tonic
	Instrument             // value: program, or Drums
	Style                  // value: of the styles
	kinds
)

// sizes are how many tokens there are of each kind but styles.
var sizes = [kinds]int{
	End: 1, BarStart: MostLeft, Masked: 1, Fill: 1, MeterIs: len(Meters), TempoIs: tempos, KeyIs: 30, Position: longestBar,
	Length: len(Lengths), Loudness: len(Velocities), Pitch: highest - lowest + 1, Drum: highestDrum - lowestDrum + 1,
	ChordRoot: 12, ChordKind: len(Qualities), ChordBass: 12, Instrument: instruments,
}

// firsts are the first tokens of each kind.
var firsts = func() (all [kinds]int32) {
	for k := range kinds - 1 {
		all[k+1] = all[k] + int32(sizes[k])
	}
	return all
}()

// Token is the token of a kind with a value.
func Token(k Kind, value int) int32 { return firsts[k] + int32(value) }

// Of tells what a token is, Style with a value that may be too large for tokens that are none.
func Of(token int32) (Kind, int) {
	for k := kinds - 1; ; k-- {
		if token >= firsts[k] || k == 0 {
			return k, int(token - firsts[k])
		}
	}
}

// Values is how many values tokens of a kind have, but of styles.
func Values(k Kind) int { return sizes[k] }

// A Vocabulary is the tokens with the styles that they tell.
type Vocabulary struct {
	Styles []string
}

// Size is the number of tokens.
func (v Vocabulary) Size() int { return int(firsts[Style]) + len(v.Styles) }

// Check refuses too many styles, and duplicates.
func (v Vocabulary) Check() error {
	if len(v.Styles) > mostStyle {
		return fmt.Errorf("%d styles are more than the %d that are told apart", len(v.Styles), mostStyle)
	}
	for i, s := range v.Styles {
		if s == "" || slices.Contains(v.Styles[:i], s) {
			return fmt.Errorf("want each style once, and none empty, got %q", s)
		}
	}
	return nil
}

// left is the value of a bar that so many are left of, 1 for the last: beyond MostLeft, it
// repeats by phrases.
func left(n int) int {
	if n > MostLeft {
		n = MostLeft - phrase + 1 + (n-MostLeft-1)%phrase
	}
	return n - 1
}

// Tempo is the value of the nearest tempo that is held.
func Tempo(quarters float64) int {
	return max(0, min(tempos-1, int((quarters-SlowestTempo)/tempoStep+.5)))
}

// Quarters is the tempo of a value in quarter notes per minute.
func Quarters(tempo int) int { return SlowestTempo + tempoStep*tempo }

// nearest is the index of the value of all, which are sorted, that is nearest to x, the
// smaller of two.
func nearest[T int | uint8](all []T, x T) int {
	i, found := slices.BinarySearch(all, x)
	if !found && (i == len(all) || i > 0 && x-all[i-1] <= all[i]-x) {
		i--
	}
	return i
}
