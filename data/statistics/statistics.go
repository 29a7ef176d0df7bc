// Package statistics summarizes the Items of a set: its classes, the size and brightness of its
// pictures, the length of its texts and its music.
//
// All numbers are integers or rounded, and the same on every machine.
package statistics

import (
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/picture"
)

// Key is the key of a [Set] in the statistics of a version.
const Key = "items"

// A Set summarizes the Items of a set.
type Set struct {
	Items int   `json:"items"`
	Bytes int64 `json:"bytes"`
	// Classes counts the Items of each label; "" stands for none.
	Classes map[string]int `json:"classes,omitempty"`
	// MediaTypes counts the Items of each media type.
	MediaTypes map[string]int `json:"media_types"`
	// Pictures, Texts and Music are nil if the sample has none.
	Pictures *Pictures `json:"pictures,omitempty"`
	Texts    *Texts    `json:"texts,omitempty"`
	Music    *Music    `json:"music,omitempty"`
}

// Pictures summarizes the pictures of a sample.
type Pictures struct {
	// N is the number measured.
	N      int    `json:"n"`
	Width  Spread `json:"width"` // in pixels
	Height Spread `json:"height"`
	// Mean and Deviation are those of all pixels of red, green and blue, 0 to 1, rounded to four
	// decimals; Pixels is their number. Transparent pixels count as black.
	Pixels    int64      `json:"pixels"`
	Mean      [3]float64 `json:"mean"`
	Deviation [3]float64 `json:"deviation"`
}

// Texts summarizes the texts of a sample.
type Texts struct {
	N          int    `json:"n"`
	Characters Spread `json:"characters"`
}

// Music summarizes the music of a sample.
type Music struct {
	N       int    `json:"n"`
	Seconds Spread `json:"seconds"` // to the end of the last note, rounded
	Notes   Spread `json:"notes"`
	Drums   int    `json:"drums"` // number of notes that are drum strokes
}

// mostPixels is the number of pixels of a sample that are read; after that, only the sizes of
// pictures are taken.
const mostPixels = 4 << 20

// A Sampler collects statistics of the Items of a set.
type Sampler struct {
	set    Set
	stride int
	pixels sums

	widths, heights, characters, seconds, notes []int
	drums                                       int
}

// New returns a sampler for a set of n Items, of which it measures at most a given number, evenly
// spaced. The others are only counted.
func New(total, sample int) *Sampler {
	sample = max(1, sample)
	return &Sampler{
		set:    Set{Classes: map[string]int{}, MediaTypes: map[string]int{}},
		stride: max(1, (total+sample-1)/sample),
	}
}

// Add takes the next Item. An Item that cannot be decoded is not measured.
func (s *Sampler) Add(it data.Item) {
	if s.set.Items%s.stride == 0 {
		s.measure(it)
	}
	s.set.Items++
	s.set.Bytes += int64(len(it.Bytes))
	s.set.Classes[it.Label]++
	s.set.MediaTypes[it.MediaType]++
}

// measure decodes an Item, if it can be decoded.
func (s *Sampler) measure(it data.Item) {
	switch kind, _, _ := strings.Cut(it.MediaType, "/"); {
	case kind == "image":
		s.look(it.Bytes)
	case kind == "text":
		s.characters = append(s.characters, utf8.RuneCount(it.Bytes))
	case it.MediaType == "audio/midi":
		song, _, err := midi.Read(it.Bytes)
		if err != nil {
			return
		}
		s.seconds = append(s.seconds, int((song.Duration()+500_000)/1_000_000))
		s.notes = append(s.notes, len(song.Notes))
		for _, n := range song.Notes {
			if n.Drum() {
				s.drums++
			}
		}
	}
}

// look measures a picture.
func (s *Sampler) look(file []byte) {
	f, err := picture.Open(file)
	if err != nil {
		return
	}
	if s.pixels.n < mostPixels {
		img, err := f.Decode()
		if err != nil {
			return
		}
		s.pixels.add(img)
	}
	s.widths, s.heights = append(s.widths, f.Width), append(s.heights, f.Height)
}

// Set is the result once every Item was added.
func (s *Sampler) Set() *Set {
	if n := len(s.widths); n > 0 {
		s.set.Pictures = &Pictures{N: n, Pixels: int64(s.pixels.n), Width: spreadOf(s.widths), Height: spreadOf(s.heights)}
		s.set.Pictures.Mean, s.set.Pictures.Deviation = s.pixels.moments()
	}
	if n := len(s.characters); n > 0 {
		s.set.Texts = &Texts{N: n, Characters: spreadOf(s.characters)}
	}
	if n := len(s.seconds); n > 0 {
		s.set.Music = &Music{N: n, Seconds: spreadOf(s.seconds), Notes: spreadOf(s.notes), Drums: s.drums}
	}
	return &s.set
}

// spreadBins is the number of bins of a spread.
const spreadBins = 10

// A Spread is a distribution of integers.
type Spread struct {
	Least  int `json:"least"`
	Median int `json:"median"` // the lower of two
	Most   int `json:"most"`
	// Bins counts the numbers in ten parts of the range from the minimum to the maximum, of equal
	// width up to rounding: x is in part 10·(x-Least)/(Most-Least+1).
	Bins [spreadBins]int `json:"bins"`
}

// spreadOf returns the spread of at least one number. It sorts the numbers.
func spreadOf(numbers []int) Spread {
	slices.Sort(numbers)
	n := len(numbers)
	s := Spread{Least: numbers[0], Median: numbers[(n-1)/2], Most: numbers[n-1]}
	width := s.Most - s.Least + 1
	for _, x := range numbers {
		s.Bins[(x-s.Least)*spreadBins/width]++
	}
	return s
}
