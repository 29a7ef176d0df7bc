package music

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"atelier/internal/midi"
)

// A Description is what words say of a piece of music: slow, in minor, a waltz, for piano. What
// they do not say is zero.
type Description struct {
	Slowest, Fastest float64 // quarter notes per minute
	Minor, Major     bool
	Key              *Key
	Meter            midi.Meter
	Instruments      []string // names that [ParseInstrument] reads
	Without          []string // instruments that are not to play
	Unknown          []string // words that say nothing that is known
}

// The tempos, in quarter notes per minute, up to which a piece is slow and from which it is fast.
const (
	slowUpTo = 88
	fastFrom = 132
)

// tempoWords are words for tempos: the slowest and the fastest in quarter notes per minute.
var tempoWords = map[string][2]float64{
	"slow": {40, slowUpTo}, "ballad": {40, slowUpTo}, "adagio": {40, slowUpTo}, "largo": {40, slowUpTo}, "lento": {40, slowUpTo},
	"moderate": {slowUpTo, fastFrom}, "medium": {slowUpTo, fastFrom}, "moderato": {slowUpTo, fastFrom}, "andante": {slowUpTo, fastFrom},
	"fast": {fastFrom, 240}, "quick": {fastFrom, 240}, "lively": {fastFrom, 240}, "uptempo": {fastFrom, 240}, "allegro": {fastFrom, 240}, "presto": {fastFrom, 240},
}

// minorWords say whether a key is a minor one.
var minorWords = map[string]bool{"minor": true, "sad": true, "dark": true, "melancholy": true, "major": false, "happy": false, "cheerful": false, "bright": false}

// meterWords are words for metres.
var meterWords = map[string]midi.Meter{"waltz": {Count: 3, Unit: 4}, "jig": {Count: 6, Unit: 8}}

// silentWords say nothing of the music.
var silentWords = strings.Fields("a an the and with in of for on to at some very rather quite please song songs piece pieces music tune track style styles key played by")

// Words splits a text into words in lower case, without punctuation at their ends. 3/4, F#m and
// up-tempo are words. The tone A stays a capital: an article is none but at the beginning, and has
// nothing behind it.
func Words(text string) (words []string) {
	for _, w := range strings.Fields(text) {
		plain := strings.TrimFunc(w, func(r rune) bool { return unicode.IsPunct(r) && r != '#' })
		switch {
		case plain == "":
		case plain == "A" && len(words) > 0, plain == "a" && strings.HasPrefix(w, plain) && w != plain:
			words = append(words, "A")
		default:
			words = append(words, strings.ToLower(plain))
		}
	}
	return words
}

// Describe reads what words say of a piece. A tonic alone is of the mode that other words say, or
// else of major.
func Describe(words []string) (d Description) {
	before, tonic := "", false
	for len(words) > 0 {
		n, alone := d.key(before, words)
		if tonic = tonic && n == 0 || alone; n == 0 {
			if n = d.without(words); n == 0 {
				n = d.instrument(words)
			}
		}
		if n == 0 {
			n = 1
			if !d.word(words[0]) {
				d.Unknown = append(d.Unknown, strings.ToLower(words[0]))
			}
		}
		before, words = words[n-1], words[n:]
	}
	if tonic && d.Minor {
		key := d.Key.In(true)
		d.Key = &key
	}
	return d
}

// keyWords are the words behind which a letter is the tonic of a key.
var keyWords = []string{"in", "key", "of"}

// key reads the words that a key begins with, such as g, em, b flat or F# minor, behind another word.
// It returns their number, 0 for none; alone reports that they do not say its mode.
func (d *Description) key(before string, words []string) (n int, alone bool) {
	tonic, n := words[0], 1
	if n < len(words) && (words[n] == "flat" || words[n] == "sharp") {
		tonic, n = tonic+" "+words[n], n+1
	}
	named := slices.Contains(keyWords, before)
	if n < len(words) && (words[n] == "minor" || words[n] == "major") && !isArticle(tonic, words[n+1:]) {
		tonic, n = tonic+" "+words[n], n+1
	} else if len(tonic) == 1 && (!named || isArticle(tonic, words[n:])) {
		return 0, false
	}
	key, err := ParseKey(tonic)
	if err != nil {
		return 0, false
	}
	d.Key = &key
	return n, !key.Minor && !strings.HasSuffix(tonic, "major")
}

// isArticle reports whether what may be the tone A is an article: it is one before a noun, and a tone
// at the end and before a word that begins something else.
func isArticle(tonic string, behind []string) bool {
	return tonic == "a" && len(behind) > 0 && !slices.Contains(strings.Fields("and with without in for on at by please"), behind[0])
}

// longestInstrument is the number of words of the longest name of an instrument.
const longestInstrument = 4

// instrument reads the words that an instrument begins with, and returns their number, 0 for none.
func (d *Description) instrument(words []string) int {
	for n := min(longestInstrument, len(words)); n > 0; n-- {
		name := strings.Join(words[:n], " ")
		if _, _, err := ParseInstrument(name); err == nil && name[0] > '9' {
			d.Instruments = append(d.Instruments, name)
			return n
		}
	}
	return 0
}

// without reads the instruments that are not to play, as in no drums or without sax and drums, and
// returns the number of their words, 0 for none.
func (d *Description) without(words []string) (n int) {
	if words[0] != "without" && words[0] != "no" {
		return 0
	}
	var left Description
	for at := 1; at < len(words); {
		if k := left.instrument(words[at:]); k > 0 {
			at += k
			n = at
		} else if slices.Contains([]string{"a", "any", "the", "or", "and"}, words[at]) {
			at++
		} else {
			break
		}
	}
	d.Without = append(d.Without, left.Instruments...)
	return n
}

// word reads another word, and reports whether it is known.
func (d *Description) word(word string) bool {
	plain := strings.ReplaceAll(word, "-", "")
	if t, ok := tempoWords[plain]; ok {
		d.Slowest, d.Fastest = t[0], t[1]
		return true
	}
	if minor, ok := minorWords[plain]; ok {
		d.Minor, d.Major = minor, !minor
		return true
	}
	if m, ok := meterWords[plain]; ok {
		d.Meter = m
		return true
	}
	var m midi.Meter
	if n, err := fmt.Sscanf(word, "%d/%d", &m.Count, &m.Unit); n == 2 && err == nil {
		d.Meter = m
		return true
	}
	return slices.Contains(silentWords, word)
}

// Empty reports whether the words say nothing that is known.
func (d *Description) Empty() bool {
	return d.Fastest == 0 && !d.Minor && !d.Major && d.Key == nil && d.Meter.Unit == 0 && len(d.Instruments) == 0 && len(d.Without) == 0
}

// DescribingWords are words that [Describe] knows, besides instruments, keys and metres such as 3/4.
func DescribingWords() (words []string) {
	for w := range tempoWords {
		words = append(words, w)
	}
	for w := range minorWords {
		words = append(words, w)
	}
	for w := range meterWords {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// Words are what a survey says in words that [Describe] knows: slow, C minor, 3/4, waltz, piano.
func (s *Survey) Words() (words []string) {
	switch t := s.Tempos[0].QuartersPerMinute; {
	case t <= slowUpTo:
		words = append(words, "slow")
	case t >= fastFrom:
		words = append(words, "fast")
	default:
		words = append(words, "moderate")
	}
	if key := cmp.Or(s.Signature, s.Key); key != "" {
		words = append(words, key)
	}
	m := s.Meters[0]
	words = append(words, fmt.Sprintf("%d/%d", m.Count, m.Unit))
	for name, meter := range meterWords {
		if meter.Count == m.Count && meter.Unit == m.Unit && (name != "jig" || words[0] == "fast") {
			words = append(words, name)
		}
	}
	for _, p := range s.Parts {
		if name := strings.ToLower(p.Instrument); p.Notes > 0 && !slices.Contains(words, name) {
			words = append(words, name)
		}
	}
	return words
}
