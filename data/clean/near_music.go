package clean

import (
	"encoding/binary"
	"fmt"
	"math"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-music", "of music that is the same in any key, at any tempo, one piece is kept: MinHash (Broder 1997) of the figures of its melody, or of its drums if it has no melody",
		func() data.Cleaner { return &NearMusic{Similarity: 80} })
}

// The parts of a sketch of music.
const (
	figureSteps  = 6   // from one note of a melody to the next
	fewestSteps  = 8   // of music that can be told from other music
	musicHashes  = 128 // of a signature, 4 bytes each
	musicBand    = 4   // hashes of a band
	longestPause = 64  // 16ths that are told apart
	mostRepeats  = 64  // of a figure that are counted
)

// NearMusic finds music that is the same but for key, tempo and small changes. A
// figure is six steps of the melody: intervals and 16ths from note to note, of the
// highest notes; of drums, which are struck and when. Music of fewer than eight steps
// is not compared.
type NearMusic struct {
	Similarity int `help:"percent of their figures that two pieces must share for one to be dropped, 50 to 100"`
}

// Check refuses a similarity that is not found.
func (c *NearMusic) Check() error {
	if c.Similarity < 50 || c.Similarity > 100 {
		return registry.Unfit("similarity", fmt.Sprintf("want 50 to 100 percent, got %d", c.Similarity))
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
	s := data.Sketch{Signature: make([]byte, 0, 4*musicHashes)}
	hashes := leastHashes(figures(steps))
	for i := 0; i < musicHashes; i += musicBand {
		band := uint64(i)
		for _, h := range hashes[i : i+musicBand] {
			band = mix(band ^ uint64(h))
			s.Signature = binary.LittleEndian.AppendUint32(s.Signature, h)
		}
		s.Bands = append(s.Bands, band)
	}
	return s, true, nil
}

// Alike implements [data.Comparing].
func (c *NearMusic) Alike(a, b []byte) bool {
	same := 0
	for i := 0; i < len(a) && i < len(b); i += 4 {
		if string(a[i:i+4]) == string(b[i:i+4]) {
			same++
		}
	}
	return 100*same >= c.Similarity*musicHashes
}

// melody returns the steps from each of the highest notes to the next, as numbers
// that stand for an interval and a pause.
func melody(s *midi.Song) (steps []uint64) {
	type top struct{ at, pitch int64 }
	var tops []top
	grid := midiGrid{4, int64(s.Quarter)}
	for _, n := range s.Notes {
		at, pitch := grid.step(n.At), int64(n.Pitch)
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
	grid, last := midiGrid{4, int64(s.Quarter)}, int64(0)
	for _, n := range s.Notes {
		at := grid.step(n.At)
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

// figures returns a hash of each run of steps, different for each time that it comes
// again.
func figures(steps []uint64) []uint64 {
	seen := map[uint64]uint64{}
	var out []uint64
	for i := range len(steps) - figureSteps + 1 {
		var h uint64
		for _, s := range steps[i : i+figureSteps] {
			h = mix(h ^ s)
		}
		if seen[h] < mostRepeats {
			out = append(out, mix(h^seen[h]))
			seen[h]++
		}
	}
	return out
}

// leastHashes returns the least of each of the hashes of a signature.
func leastHashes(figures []uint64) (least [musicHashes]uint32) {
	for i := range least {
		seed := mix(uint64(i) + 1)
		least[i] = math.MaxUint32
		for _, f := range figures {
			least[i] = min(least[i], uint32(mix(f^seed)>>32))
		}
	}
	return least
}

// mix is a hash of 64 bits (Steele, Lea, Flood 2014: SplitMix).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
