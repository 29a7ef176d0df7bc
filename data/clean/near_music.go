package clean

import (
	"bytes"
	"fmt"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-music", "of music that is the same in any key, at any tempo, the most whole and then the longest piece is kept: MinHash of the figures of its melody, or of its drums if it has no melody, as near-texts has it",
		func() data.Cleaner { return &NearMusic{Similarity: 80} })
}

// The parts of a sketch of music.
const (
	figureSteps  = 6  // from one note of a melody to the next
	fewestSteps  = 8  // of music that can be told from other music
	longestPause = 64 // 16ths that are told apart
	mostRepeats  = 64 // of a figure that are counted
)

// NearMusic finds music that is the same but for key, tempo and small changes. A
// figure is six steps of the melody: intervals and 16ths from note to note, of the
// highest notes; of drums, which are struck and when. Music of fewer than eight steps
// is not compared. Two pieces that both lack some of their music are copies only if all
// that is left of them is the same: it may be alike by chance.
type NearMusic struct {
	Similarity int `help:"percent of their figures that two pieces must share for one to be dropped, 70 to 100"`
}

// Check refuses a similarity that is not found.
func (c *NearMusic) Check() error {
	if c.Similarity < 70 || c.Similarity > 100 {
		return registry.Unfit("similarity", fmt.Sprintf("want 70 to 100 percent, got %d", c.Similarity))
	}
	return nil
}

// Clean implements [data.Cleaner]. It keeps everything that can be read.
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

// melody returns the steps from each of the highest notes to the next, as numbers
// that stand for an interval and a pause.
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

// strokes returns the steps of the drums, as numbers that stand for the drums that are
// struck together and the pause before.
func strokes(s *midi.Song) (steps []uint64) {
	grid, last := midi.Grid{Steps: 4, Quarter: int64(s.Quarter)}, int64(0)
	for _, n := range s.Notes {
		at := grid.Step(n.At)
		switch {
		case !n.Drum():
			continue
		case len(steps) == 0:
			steps = append(steps, 0) // what silence leads in does not matter
		case at != last:
			steps = append(steps, uint64(min(at-last, longestPause)))
		}
		last = at
		steps[len(steps)-1] |= 1 << (8 + n.DrumClass())
	}
	return steps
}

// count adds each run of steps, a figure, as another one each time that it comes again.
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
