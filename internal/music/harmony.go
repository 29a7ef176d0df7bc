package music

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// NoChord is the symbol of a bar with fewer than two different tones.
const NoChord = "N.C."

// A shape is a kind of chord.
type shape struct {
	suffix string
	tones  []int // above the root
}

// shapes are the chords that are looked for, the plainest first.
var shapes = []shape{
	{"", []int{0, 4, 7}}, {"m", []int{0, 3, 7}}, {"7", []int{0, 4, 7, 10}}, {"m7", []int{0, 3, 7, 10}},
	{"maj7", []int{0, 4, 7, 11}}, {"dim", []int{0, 3, 6}}, {"m7b5", []int{0, 3, 6, 10}}, {"dim7", []int{0, 3, 6, 9}},
	{"aug", []int{0, 4, 8}}, {"sus4", []int{0, 5, 7}}, {"sus2", []int{0, 2, 7}},
}

const (
	ofRoot   = 1.2  // how much more the root of a chord is expected to sound than its other tones
	ofBass   = 0.12 // how much more likely the lowest tone is the root
	notPlain = 0.03 // how much better a chord must fit that is not plain
	absent   = 0.1  // how much better a chord must fit for each of its tones that does not sound,
	oddly    = 0.25 // and one that is not plain
	foreign  = 0.02 // the same for each of its tones that is not of the key
	tooFew   = 0.04 // share of the longest tone below which a tone is passing
	bassFall = 3    // semitones above which a tone counts half as much for the bass
)

// A barSound is what sounds in a bar, by pitch class.
type barSound struct {
	tones [12]float64 // how long
	bass  [12]float64 // how long and how low, of notes that begin in it
}

// sounds adds up what sounds in each bar, drums apart. It takes a step per note and bar,
// however long the notes are.
func (s *Score) sounds(bars []Bar) []barSound {
	all := make([]barSound, len(bars))
	through := make([][12]float64, len(bars)+1) // how many more notes sound throughout a bar than in the one before
	for i := range s.Parts {
		if s.Parts[i].Drums() {
			continue
		}
		for _, n := range s.Parts[i].Notes {
			class := n.Pitch % 12
			first, last := barAt(bars, n.At), barAt(bars, n.At+max(1, n.Length)-1)
			all[first].bass[class] += float64(min(n.Length, bars[first].Length)) * math.Exp2(-float64(n.Pitch)/bassFall)
			for at := first; at <= last; at += max(1, last-first) {
				b := bars[at]
				all[at].tones[class] += float64(max(0, min(b.At+b.Length, n.At+n.Length)-max(b.At, n.At)))
			}
			if last > first+1 {
				through[first+1][class]++
				through[last][class]--
			}
		}
	}
	var sounding [12]float64
	for i := range all {
		for class := range sounding {
			sounding[class] += through[i][class]
			all[i].tones[class] += sounding[class] * float64(bars[i].Length)
		}
	}
	return all
}

// barAt is the index of the bar that a tick is in, of the last one if it is behind that.
func barAt(bars []Bar, tick int64) int {
	i, found := slices.BinarySearchFunc(bars, tick, func(b Bar, tick int64) int { return cmp.Compare(b.At, tick) })
	if !found {
		i--
	}
	return max(0, i)
}

// FindChords finds the chord of each bar, spelled as in its key: the one whose tones agree
// best with how long each pitch class sounds. The key is that of the piece, for bars in which
// the piece does not change it.
func (s *Score) FindChords(bars []Bar, key Key) []string {
	names := make([]string, len(bars))
	for i, b := range s.sounds(bars) {
		if len(s.Keys) > 1 {
			key = s.keyAt(bars[i].At)
		}
		names[i] = b.chord(key)
	}
	return names
}

// Symbols are the chord symbols that the piece gives each bar, nil if it has none.
func (s *Score) Symbols(bars []Bar) []string {
	if len(s.Chords) == 0 {
		return nil
	}
	all := make([]string, len(bars))
	for _, c := range s.Chords {
		at := &all[barAt(bars, c.At)]
		*at = strings.TrimSpace(*at + " " + c.Name)
	}
	return all
}

func (b *barSound) chord(key Key) string {
	w, longest := b.tones, slices.Max(b.tones[:])
	norm, different := 0.0, 0
	for i := range w {
		if w[i] < tooFew*longest {
			w[i] = 0
		}
		if norm += w[i] * w[i]; w[i] > 0 {
			different++
		}
	}
	if different < 2 {
		return NoChord
	}
	bass := slices.Index(b.bass[:], slices.Max(b.bass[:]))
	best, name := math.Inf(-1), NoChord
	for root := range 12 {
		for i, sh := range shapes {
			fit := sh.match(root, &w) / math.Sqrt(norm)
			missing := absent
			if i > 1 {
				fit, missing = fit-notPlain, oddly
			}
			for _, tone := range sh.tones {
				class := (root + tone) % 12
				if w[class] == 0 {
					fit -= missing
				}
				if !key.Has(class) {
					fit -= foreign
				}
			}
			if root == bass {
				fit += ofBass
			}
			if fit > best {
				best, name = fit, nameIn(key, root)+sh.suffix
			}
		}
	}
	return name
}

// match is how well weights agree with a chord of a shape, times their length as a vector.
func (sh *shape) match(root int, w *[12]float64) float64 {
	sum, size := 0.0, 0.0
	for j, tone := range sh.tones {
		x := 1.0
		if j == 0 {
			x = ofRoot
		}
		sum, size = sum+x*w[(root+tone)%12], size+x*x
	}
	return sum / math.Sqrt(size)
}

// Has reports whether a pitch class is of the key, or the leading tone of a minor one.
func (k Key) Has(class int) bool {
	from := k.Fifths - 1
	for fifths := from; fifths <= from+6; fifths++ {
		if ((7*fifths)%12+12)%12 == class {
			return true
		}
	}
	return k.Minor && class == (k.Tonic()+11)%12
}

// nameIn is the name of a tone as it is spelled in a key.
func nameIn(key Key, class int) string {
	s := key.spell(uint8(class))
	return string(s.letter) + alterSigns(s.alter)
}

// ParseChord takes a chord symbol apart: the pitch classes of its root and of its bass, the same
// unless it names another, and what stands between them, with # and b for signs; false if it
// names no tone.
func ParseChord(symbol string) (root int, suffix string, bass int, ok bool) {
	symbol = strings.NewReplacer("♯", "#", "♭", "b").Replace(symbol)
	letter, alter, rest, ok := rootOf(symbol)
	if !ok {
		return 0, "", 0, false
	}
	root = ((letterClass[letter]+alter)%12 + 12) % 12
	suffix, low, _ := strings.Cut(rest, "/")
	if letter, alter, more, ok := rootOf(low); ok && more == "" {
		return root, suffix, ((letterClass[letter]+alter)%12 + 12) % 12, true
	}
	return root, rest, root, true
}

// ChordSymbol is the reverse of [ParseChord], spelled as in the key, but without double
// accidentals.
func (k Key) ChordSymbol(root int, suffix string, bass int) string {
	name := func(class int) string {
		if name := nameIn(k, class); len(name) < 3 {
			return name
		}
		return nameIn(Key{}, class)
	}
	symbol := name(root) + suffix
	if bass != root {
		symbol += "/" + name(bass)
	}
	return symbol
}

// ToneName is the name of a pitch class, 0 for C, as it is spelled in the key.
func (k Key) ToneName(class int) string { return nameIn(k, class) }
