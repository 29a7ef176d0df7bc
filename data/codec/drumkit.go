package codec

import (
	"errors"
	"fmt"
	"math"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("drums", "two bars of drums: of 9 classes and 32 sixteenths whether one is struck, how hard, and how far from the grid (Gillick et al. 2019, arXiv:1905.06118)",
		func() data.Codec { return &Drums{Tempo: 100} })
}

// Drums turns the beginning of a piece of drums into numbers in [-1, 1] and back: for each of 32
// sixteenths and each class of [midi.DrumNames] whether it is struck (1 or -1), how hard (the
// velocity, 1 to 127) and how far from the grid (half a sixteenth early to half a one late, in
// ticks of 1/480 of a quarter note). Of strokes of a class in the same step the hardest is held.
type Drums struct {
	Tempo int `help:"tempo of generated drums in quarter notes per minute, 20 to 400"`
	Labels
}

// The measures of [Drums].
const (
	drumSteps    = 32
	drumNumbers  = 3 // struck, how hard, how far
	drumQuarter  = 480
	drumStep     = drumQuarter / 4
	drumHalf     = drumStep / 2
	drumLoudness = 127
)

// Check refuses a tempo out of range.
func (c *Drums) Check() error {
	if c.Tempo < slowestTempo || c.Tempo > fastestTempo {
		return registry.Unfit("tempo", fmt.Sprintf("want %d to %d, got %d", slowestTempo, fastestTempo, c.Tempo))
	}
	return nil
}

// Spec says what drums are: [32, 9, 3].
func (c *Drums) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("drums %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{drumSteps, midi.DrumClasses, drumNumbers}, Low: -1, High: 1}, classes), nil
}

// A stroke is a note as the codec holds it.
type stroke struct {
	step, class, velocity int
	offset                int // ticks from the grid, -60 to 59
}

// strokeOf places a note.
func strokeOf(n midi.Note, quarter int) stroke {
	tick := int((2*n.At*drumQuarter + int64(quarter)) / (2 * int64(quarter)))
	step := (tick + drumHalf) / drumStep
	return stroke{step, n.DrumClass(), max(1, int(n.Velocity)), tick - step*drumStep}
}

// strokes places the drums of a song, and the hardest of those at once is the one that is held.
func (c *Drums) strokes(song *midi.Song) (held map[[2]int]stroke, all []placing) {
	held = map[[2]int]stroke{}
	best := map[[2]int]int{} // index in all
	for _, n := range sorted(song) {
		s := strokeOf(n, song.Quarter)
		p := placing{note: n, from: float64(s.step) + float64(s.offset)/drumStep, struckOnly: true}
		p.to = p.from
		at := [2]int{s.step, s.class}
		switch other, ok := held[at]; {
		case !n.Drum():
			p.left = leftOthers
		case s.step >= drumSteps:
			p.left = leftLater
		case ok && other.velocity >= s.velocity:
			p.left = leftDouble
		default:
			if ok {
				all[best[at]].left = leftDouble
			}
			held[at], best[at] = s, len(all)
		}
		all = append(all, p)
	}
	return held, all
}

// Encode writes the first two bars of a piece, and its label.
func (c *Drums) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	song, err := songOf(ex[data.Target])
	if err != nil {
		return err
	}
	held, _ := c.strokes(song)
	if len(held) == 0 {
		return &data.Fault{Reason: "no drums", Err: errors.New("has no drums in its first two bars")}
	}
	row := target.Row(at)
	for i := range row {
		row[i] = -1
		if i%drumNumbers == 2 {
			row[i] = 0
		}
	}
	for _, s := range held {
		s.write(row)
	}
	return encodeLabel(ex, b, at)
}

// write writes the numbers of a stroke.
func (s stroke) write(row []float32) {
	x := row[(s.step*midi.DrumClasses+s.class)*drumNumbers:][:drumNumbers]
	x[0], x[1], x[2] = 1, 2*float32(s.velocity)/drumLoudness-1, float32(s.offset)/drumHalf
}

// read reads a stroke from numbers of any model; false if there is none.
func readStroke(x []float32, step, class int) (stroke, bool) {
	if !(x[0] >= 0) {
		return stroke{}, false
	}
	velocity := int(math.Round(float64(clamped(x[1])+1) / 2 * drumLoudness))
	offset := int(math.Round(float64(clamped(x[2])) * drumHalf))
	if step == 0 {
		offset = max(0, offset) // nothing is before the beginning
	}
	return stroke{step, class, max(1, velocity), max(-drumHalf, min(drumHalf-1, offset))}, true
}

// clamped is a number in [-1, 1]; 0 if it is none.
func clamped(x float32) float32 {
	if x != x {
		return 0
	}
	return max(-1, min(1, x))
}

// Snap implements [data.Snapping].
func (c *Drums) Snap(b *data.Batch, at int) {
	row := b.Column(data.Target).Row(at)
	for i := 0; i < len(row); i += drumNumbers {
		step, class := i/drumNumbers/midi.DrumClasses, i/drumNumbers%midi.DrumClasses
		if s, ok := readStroke(row[i:], step, class); ok {
			s.write(row)
		} else {
			row[i], row[i+1], row[i+2] = -1, -1, 0
		}
	}
}

// Decode returns the drums as a MIDI file of two bars.
func (c *Drums) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Size() != drumSteps*midi.DrumClasses*drumNumbers {
		return data.Item{}, errors.New("the batch has no target of drums")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	song := newSong(drumQuarter, 1, c.Tempo)
	song.End = drumSteps * drumStep
	row := target.Row(at)
	for i := 0; i < len(row); i += drumNumbers {
		step, class := i/drumNumbers/midi.DrumClasses, i/drumNumbers%midi.DrumClasses
		if s, ok := readStroke(row[i:], step, class); ok {
			song.Notes = append(song.Notes, midi.Note{At: int64(step*drumStep + s.offset), Length: drumHalf, Channel: midi.DrumChannel,
				Pitch: midi.DrumPitch(class), Velocity: uint8(s.velocity)})
		}
	}
	song.Sort()
	file, err := song.Write()
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Drums) MediaType() string { return "audio/midi" }

// Report implements [data.Reporting].
func (c *Drums) Report(it data.Item) (*data.Loss, error) {
	song, err := songOf(it)
	if err != nil {
		return nil, err
	}
	_, all := c.strokes(song)
	return lossOf(song, barQuarters, all, leftOf(song)), nil
}
