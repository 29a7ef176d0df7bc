package clean

import (
	"bytes"
	"fmt"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-music", "drops near duplicates of music in any key and at any tempo, and keeps the most complete, then the longest piece: MinHash of melodic patterns, or of drum patterns if there is no melody, as in near-texts",
		func() data.Cleaner { return &NearMusic{Similarity: 80} })
}

// The bands of a sketch of music.
const (
	figureSteps  = 6  // from one note of a melody to the next
	fewestSteps  = 8  // of music that can be compared
	longestPause = 64 // in 16ths; longer pauses count as this
	mostRepeats  = 64 // of a figure, that are counted
)

// NearMusic finds music that differs only in key, tempo and small changes. A figure is six steps of
// the melody, each an interval and a time in 16ths between successive highest notes; for drums, the
// drums struck and the time. Music of fewer than eight steps is not compared. Two pieces that are
// both damaged are duplicates only if everything left of them is the same.
type NearMusic struct {
	Similarity int `help:"percentage of melodic patterns that two pieces must share for one to be dropped, 70 to 100"`
}

// Check refuses a similarity that cannot be found.
func (c *NearMusic) Check() error {
	if c.Similarity < 70 || c.Similarity > 100 {
		return registry.Unfit("similarity", fmt.Sprintf("want 70 to 100 percent, got %d", c.Similarity))
	}
	return nil
}

// Clean implements [data.Cleaner]. It keeps all music that can be read.
func (*NearMusic) Clean(p *data.Piece) error {
	_, err := musicOf(p)
	return err
}

// Reason implements [data.Comparing].
func (*NearMusic) Reason() string { return "nearly the same music" }

// Sketch implements [data.Comparing].
func (*NearMusic) Sketch(p *data.Piece) (data.Sketch, bool, error) {
	m, err := musicOf(p)
	if m == nil {
		return data.Sketch{}, false, err
	}
	steps := melody(m.Song)
	if len(steps) == 0 {
		steps = strokes(m.Song)
	}
	if len(steps) < fewestSteps {
		return data.Sketch{}, false, nil
	}
	var least minima
	least.count(steps)
	sketch := least.sketch()
	sketch.Rank = m.rank(p)
	whole := byte(1)
	if m.Damaged {
		whole = 0
	}
	sketch.Signature = append(sketch.Signature, whole)
	return sketch, true, nil
}

// Alike implements [data.Comparing].
func (c *NearMusic) Alike(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	lastA, lastB := len(a)-1, len(b)-1
	if a[lastA]|b[lastB] == 0 {
		return bytes.Equal(a, b)
	}
	return alike(a[:lastA], b[:lastB], 10*c.Similarity)
}

// melody returns the steps between successive highest notes, as numbers that encode interval and
// pause.
func melody(s *midi.Song) (steps []uint64) {
	type top struct{ at, pitch int64 }
	var tops []top
	grid := midi.Grid{Steps: 4, Quarter: int64(s.Quarter)}
	for _, n := range s.Notes {
		at, pitch := grid.Step(n.At), int64(n.Pitch)
		switch last := len(tops) - 1; {
		case n.Drum():
		case last >= 0 && tops[last].at == at:
			tops[last].pitch = max(tops[last].pitch, pitch)
		default:
			tops = append(tops, top{at, pitch})
		}
	}
	for i := 1; i < len(tops); i++ {
		interval := tops[i].pitch - tops[i-1].pitch + 128
		steps = append(steps, uint64(interval<<8|min(tops[i].at-tops[i-1].at, longestPause)))
	}
	return steps
}

// strokes returns the steps of the drums, as numbers that encode the drums struck together and the
// pause before them.
func strokes(s *midi.Song) (steps []uint64) {
	grid, last := midi.Grid{Steps: 4, Quarter: int64(s.Quarter)}, int64(0)
	for _, n := range s.Notes {
		at := grid.Step(n.At)
		switch {
		case !n.Drum():
			continue
		case len(steps) == 0:
			steps = append(steps, 0) // leading silence does not matter
		case at != last:
			steps = append(steps, uint64(min(at-last, longestPause)))
		}
		last = at
		steps[len(steps)-1] |= 1 << (8 + n.DrumClass())
	}
	return steps
}

// count adds each figure, numbered by its occurrence so that repeats count.
func (m *minima) count(steps []uint64) {
	seen := map[uint64]uint64{}
	for i := range len(steps) - figureSteps + 1 {
		hash := uint64(0)
		for _, s := range steps[i : i+figureSteps] {
			hash = mix(hash*base + s + 1)
		}
		if seen[hash] < mostRepeats {
			m.add(hash + base*seen[hash])
			seen[hash]++
		}
	}
}
