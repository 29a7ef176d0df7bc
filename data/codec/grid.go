package codec

import (
	"errors"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("grid", "music as piano rolls, a channel for each instrument: time × pitch × track (Dong et al. 2018, MuseGAN, arXiv:1709.06298)",
		func() data.Codec {
			return &Grid{Bars: 2, Steps: 4, Lowest: 24, Pitches: 72, Tracks: []int{0, 34, 26, 82}, Tempo: 100}
		})
}

// Grid turns the beginning of a piece into numbers in [-1, 1] and back: for each step, pitch and
// track -1 for silence, 1 where a note is struck and 0 where it goes on. It holds neither how hard
// notes are struck nor changes of tempo; drums last a step.
type Grid struct {
	Bars    int   `help:"length in bars of four quarter notes, 1 to 64"`
	Steps   int   `help:"grid steps per quarter note, 1 to 24: 4 for sixteenths, 3 for eighth-note triplets"`
	Lowest  int   `help:"lowest pitch, 0 to 127"`
	Pitches int   `help:"number of pitches, 1 to 128"`
	Tracks  []int `help:"instruments of the tracks, 1 to 128 in General MIDI, or 0 for drums; a part goes to the track of its instrument, or of its family, or the next that is free"`
	Tempo   int   `help:"tempo of generated music in quarter notes per minute, 20 to 400"`
	Labels
}

// mostGridBars is the length of the longest grid.
const mostGridBars = 64

// Check refuses settings outside their range.
func (c *Grid) Check() error {
	channels := 0
	for _, t := range c.Tracks {
		if t < 0 || t > 128 {
			return registry.Unfit("tracks", fmt.Sprintf("want instruments 1 to 128, or 0 for drums, got %d", t))
		}
		if t > 0 {
			channels++
		}
	}
	switch {
	case c.Bars < 1 || c.Bars > mostGridBars:
		return registry.Unfit("bars", fmt.Sprintf("want 1 to %d, got %d", mostGridBars, c.Bars))
	case c.Steps < 1 || c.Steps > 24:
		return registry.Unfit("steps", fmt.Sprintf("want 1 to 24, got %d", c.Steps))
	case c.Lowest < 0 || c.Pitches < 1 || c.Lowest+c.Pitches > 128:
		return registry.Unfit("pitches", fmt.Sprintf("want pitches up to 127, got %d from %d on", c.Pitches, c.Lowest))
	case len(c.Tracks) == 0 || channels > mostVoices || len(c.Tracks)-channels > 1:
		return registry.Unfit("tracks", fmt.Sprintf("want 1 to %d instruments, and drums once at most, got %v", mostVoices, c.Tracks))
	case c.Tempo < slowestTempo || c.Tempo > fastestTempo:
		return registry.Unfit("tempo", fmt.Sprintf("want %d to %d, got %d", slowestTempo, fastestTempo, c.Tempo))
	}
	return nil
}

// length is the number of steps.
func (c *Grid) length() int { return c.Bars * barQuarters * c.Steps }

// Spec says what the settings make of music: [time, pitch, track].
func (c *Grid) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("grid %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{c.length(), c.Pitches, len(c.Tracks)}, Low: -1, High: 1}, classes), nil
}

// The numbers of a grid.
const (
	silent = -1
	goesOn = 0
	struck = 1
)

// at is the place of a number in a row.
func (c *Grid) at(step, pitch, track int) int {
	return (step*c.Pitches+pitch)*len(c.Tracks) + track
}

// tracksOf says which track each channel of each MIDI track of a piece goes to.
func (c *Grid) tracksOf(song *midi.Song) map[[2]int]int {
	type part struct {
		at      [2]int
		program int // 0 for drums
	}
	var parts []part
	for _, n := range song.Notes {
		p := part{[2]int{n.Track, int(n.Channel)}, int(n.Program) + 1}
		if n.Drum() {
			p.program = 0
		}
		if !slices.ContainsFunc(parts, func(o part) bool { return o.at == p.at }) {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return slices.Compare(a.at[:], b.at[:]) })
	to, taken := map[[2]int]int{}, make([]bool, len(c.Tracks))
	for _, fits := range []func(part, int) bool{
		func(p part, track int) bool { return p.program == track },
		func(p part, track int) bool { return p.program > 0 && track > 0 && (p.program-1)/8 == (track-1)/8 },
		func(p part, track int) bool { return p.program > 0 && track > 0 },
	} {
		for _, p := range parts {
			if _, ok := to[p.at]; ok {
				continue
			}
			for i, track := range c.Tracks {
				if !taken[i] && fits(p, track) {
					to[p.at], taken[i] = i, true
					break
				}
			}
		}
	}
	return to
}

// draw draws a piece into a row, and says where each note goes.
func (c *Grid) draw(song *midi.Song, row []float32) (all []placing) {
	for i := range row {
		row[i] = silent
	}
	grid, to := midi.Grid{Steps: int64(c.Steps), Quarter: int64(song.Quarter)}, c.tracksOf(song)
	for _, n := range sorted(song) {
		from, end := grid.Span(n)
		track, ok := to[[2]int{n.Track, int(n.Channel)}]
		pitch := int(n.Pitch) - c.Lowest
		if ok && c.Tracks[track] == 0 {
			end = from + 1
		}
		p := placing{note: n, from: float64(from), to: float64(min(end, int64(c.length()))), struckOnly: n.Drum()}
		switch {
		case !ok && n.Drum():
			p.left = leftDrums
		case !ok:
			p.left = leftOthers
		case from >= int64(c.length()):
			p.left = leftLater
		case pitch < 0 || pitch >= c.Pitches:
			p.left = leftPitch
		case row[c.at(int(from), pitch, track)] == struck:
			p.left = leftDouble
		default:
			row[c.at(int(from), pitch, track)] = struck
			for step := from + 1; step < min(end, int64(c.length())); step++ {
				row[c.at(int(step), pitch, track)] = goesOn
			}
			// A longer note of the same pitch ends here.
			for step := int(end); step < c.length() && end > from && row[c.at(step, pitch, track)] == goesOn; step++ {
				row[c.at(step, pitch, track)] = silent
			}
		}
		all = append(all, p)
	}
	return all
}

// Encode writes the beginning of a piece, and its label.
func (c *Grid) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	song, err := songOf(ex[data.Target])
	if err != nil {
		return err
	}
	all := c.draw(song, target.Row(at))
	if !slices.ContainsFunc(all, func(p placing) bool { return p.left == "" }) {
		return &data.Fault{Reason: "silent", Err: fmt.Errorf("has no notes in %d bars that the tracks take", c.Bars)}
	}
	return encodeLabel(ex, b, at)
}

// level is the number of the grid nearest to one, after one.
func (c *Grid) level(x, before float32) float32 {
	switch {
	case !(x >= -.5):
		return silent
	case x >= .5 || before == silent:
		return struck
	}
	return goesOn
}

// Snap implements [data.Snapping]: what goes on from silence is struck; drums never go on.
func (c *Grid) Snap(b *data.Batch, at int) {
	row := b.Column(data.Target).Row(at)
	for track, instrument := range c.Tracks {
		for pitch := range c.Pitches {
			before := float32(silent)
			for step := range c.length() {
				x := &row[c.at(step, pitch, track)]
				if *x = c.level(*x, before); *x == goesOn && instrument == 0 {
					*x = silent
				}
				before = *x
			}
		}
	}
}

// Decode returns the music as a MIDI file, a track for each instrument.
func (c *Grid) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Size() != c.length()*c.Pitches*len(c.Tracks) {
		return data.Item{}, errors.New("the batch has no target of a grid")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	snapped := data.NewBatch(data.Spec{Fields: []data.Field{target.Field}}, 1)
	row := snapped.Column(data.Target).Row(0)
	copy(row, target.Row(at))
	c.Snap(snapped, 0)
	song := newSong(stepTicks*c.Steps, len(c.Tracks), c.Tempo)
	song.End = int64(c.length()) * stepTicks
	channel := uint8(0)
	for track, instrument := range c.Tracks {
		n := midi.Note{Track: track, Length: stepTicks, Velocity: softly, Channel: channel}
		if instrument == 0 {
			n.Channel, n.Velocity = midi.DrumChannel, firmly
		} else {
			n.Program = uint8(instrument - 1)
			song.Events = append(song.Events, midi.Event{Track: track, Message: []byte{0xC0 | channel, n.Program}})
			if channel++; channel == midi.DrumChannel {
				channel++
			}
		}
		for pitch := range c.Pitches {
			n.Pitch = uint8(c.Lowest + pitch)
			for step := range c.length() {
				switch row[c.at(step, pitch, track)] {
				case struck:
					n.At = int64(step) * stepTicks
					song.Notes = append(song.Notes, n)
				case goesOn:
					song.Notes[len(song.Notes)-1].Length += stepTicks
				}
			}
		}
	}
	song.Sort()
	file, err := song.Write()
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Grid) MediaType() string { return "audio/midi" }

// Report implements [data.Reporting].
func (c *Grid) Report(it data.Item) (*data.Loss, error) {
	song, err := songOf(it)
	if err != nil {
		return nil, err
	}
	all := c.draw(song, make([]float32, c.length()*c.Pitches*len(c.Tracks)))
	return lossOf(song, c.Steps, all, leftOf(song)), nil
}
