package arrange

import (
	"slices"
	"strings"

	"atelier/internal/music"
)

// A Progression is what chords follow one another.
type Progression struct {
	Styles []string
	Minor  bool
	Bars   [][]Numeral // one chord in a bar, or two
}

// A Numeral is a chord as a degree of the key.
type Numeral struct {
	Text   string // as it is written, such as bVII or ii7
	degree int    // of the scale, 0 to 6
	root   int    // semitones above the tonic
	tones  []int  // semitones above the root: 1, 3, 5 and perhaps 7
	suffix string // of the chord symbol
}

// The scales, in semitones above the tonic.
var (
	majorScale = [7]int{0, 2, 4, 5, 7, 9, 11}
	minorScale = [7]int{0, 2, 3, 5, 7, 8, 10}
)

var numerals = []string{"I", "II", "III", "IV", "V", "VI", "VII"}

// qualities are the kinds of chords by what follows the numeral, for capitals and small letters.
var qualities = map[bool]map[string]struct {
	suffix string
	tones  []int
}{
	true: {
		"": {"", []int{0, 4, 7}}, "7": {"7", []int{0, 4, 7, 10}}, "maj7": {"maj7", []int{0, 4, 7, 11}},
		"sus4": {"sus4", []int{0, 5, 7}}, "aug": {"aug", []int{0, 4, 8}},
	},
	false: {
		"": {"m", []int{0, 3, 7}}, "7": {"m7", []int{0, 3, 7, 10}}, "m7b5": {"m7b5", []int{0, 3, 6, 10}},
		"dim": {"dim", []int{0, 3, 6}}, "dim7": {"dim7", []int{0, 3, 6, 9}},
	},
}

// ParseNumeral reads a chord such as V7, ii, bVII, iim7b5 or viidim; false if it is none. Capitals
// are major, small letters minor.
func ParseNumeral(text string) (Numeral, bool) {
	n := Numeral{Text: text}
	rest, flat := strings.CutPrefix(text, "b")
	end := 0
	for end < len(rest) && strings.IndexByte("IViv", rest[end]) >= 0 {
		end++
	}
	roman := rest[:end]
	capital := roman == strings.ToUpper(roman)
	if n.degree = slices.Index(numerals, strings.ToUpper(roman)); n.degree < 0 || !capital && roman != strings.ToLower(roman) {
		return n, false
	}
	quality, ok := qualities[capital][rest[end:]]
	n.root, n.suffix, n.tones = majorScale[n.degree], quality.suffix, quality.tones
	if flat {
		n.root = (n.root + 11) % 12
	}
	return n, ok
}

// ReadProgressions adds the progressions of a text. Its errors begin with the line.
func (b *Book) ReadProgressions(text string) error {
	for _, l := range numbered(text) {
		head, chords, ok := strings.Cut(l.text, ":")
		words := strings.Fields(head)
		if !ok || len(words) != 3 || words[0] != "progression" || words[2] != "major" && words[2] != "minor" {
			return l.wrong("want progression STYLES major: or minor:, and chords")
		}
		p := Progression{Styles: list(words[1]), Minor: words[2] == "minor"}
		for bar := range strings.SplitSeq(chords, "|") {
			var in []Numeral
			for _, one := range list(bar) {
				n, ok := ParseNumeral(one)
				if !ok {
					return l.wrong("no chord %q; want one such as I, vi, V7, bVII or iim7b5", one)
				}
				in = append(in, n)
			}
			if len(in) < 1 || len(in) > 2 {
				return l.wrong("has a bar of %d chords; want 1 or 2", len(in))
			}
			p.Bars = append(p.Bars, in)
		}
		b.Progressions = append(b.Progressions, p)
	}
	return nil
}

// tonic is the chord that a piece ends with: that of the progression, or else the plain one.
func (p *Progression) tonic() Numeral {
	for _, bar := range p.Bars {
		for _, n := range bar {
			if n.root == 0 && n.suffix != "7" {
				return n
			}
		}
	}
	text := "I"
	if p.Minor {
		text = "i"
	}
	n, _ := ParseNumeral(text)
	return n
}

// A sounding is a chord in a key.
type sounding struct {
	root  int    // pitch class
	scale [7]int // semitones above the root of the degrees 1 to 7
	tones []int
	name  string
}

// in returns the chord in a key. Tones that the chord does not have are those of the key.
func (n Numeral) in(key music.Key) sounding {
	c := sounding{root: (key.Tonic() + n.root) % 12, tones: n.tones}
	of := majorScale
	if key.Minor {
		of = minorScale
	}
	for i := range c.scale {
		c.scale[i] = ((of[(n.degree+i)%7]-n.root)%12 + 12) % 12
	}
	for i, t := range n.tones {
		c.scale[2*i] = t
	}
	c.name = key.ToneName(c.root) + n.suffix
	return c
}

// at is the degree of the chord, from 1 on, in semitones above its root.
func (c *sounding) at(degree int) int { return c.scale[(degree-1)%7] + 12*((degree-1)/7) }
