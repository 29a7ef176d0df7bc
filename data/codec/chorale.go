package codec

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("chorale", "music in four voices on a grid of sixteenths: one token per voice and step, silence, a pitch that is struck, or the last one that goes on (Hadjeres et al. 2017, DeepBach, arXiv:1612.01010)",
		func() data.Codec { return &Chorale{Bars: 4, Tempo: 80} })
}

// Chorale turns pieces in four voices into tokens and back, the first voice of each sixteenth
// first: 0 for silence, 1 where the note of the voice goes on, else the pitch that is struck and 2.
// An example is a window of so many bars of four quarter notes, and the token that follows it.
type Chorale struct {
	Bars  int `help:"length of a window in bars, 1 to 256"`
	Tempo int `help:"tempo of generated music in quarter notes per minute, 20 to 400"`
	Labels
}

// The tokens of [Chorale].
const (
	choraleVoices = 4
	choraleSteps  = 4 // in a quarter note
	restToken     = 0
	holdToken     = 1
	pitchToken    = 2
	choraleTokens = pitchToken + 128
)

// Check refuses settings outside their range.
func (c *Chorale) Check() error {
	switch {
	case c.Bars < 1 || c.Bars > mostBars:
		return registry.Unfit("bars", fmt.Sprintf("want 1 to %d, got %d", mostBars, c.Bars))
	case c.Tempo < slowestTempo || c.Tempo > fastestTempo:
		return registry.Unfit("tempo", fmt.Sprintf("want %d to %d, got %d", slowestTempo, fastestTempo, c.Tempo))
	}
	return nil
}

// size is the count of tokens of an example.
func (c *Chorale) size() int { return c.Bars*barQuarters*choraleSteps*choraleVoices + 1 }

// Fit implements [data.Streaming]; nothing depends on the data.
func (*Chorale) Fit(iter.Seq2[data.Item, error]) error { return nil }

// Spec says what the settings make of music.
func (c *Chorale) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("chorale %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{c.size()}, Vocabulary: choraleTokens}, classes), nil
}

// voices says which voice each track is, the first four with notes of an instrument.
func (c *Chorale) voices(song *midi.Song) (of map[int]int, err error) {
	var tracks []int
	for _, n := range song.Notes {
		if !n.Drum() && !slices.Contains(tracks, n.Track) {
			tracks = append(tracks, n.Track)
		}
	}
	if len(tracks) != choraleVoices {
		return nil, &data.Fault{Reason: "no four voices", Err: fmt.Errorf("has notes in %d of its tracks; want %d, a voice each", len(tracks), choraleVoices)}
	}
	slices.Sort(tracks)
	of = map[int]int{}
	for v, track := range tracks {
		of[track] = v
	}
	return of, nil
}

// sing writes the tokens of whole bars, an example at least, and says where each note goes. A note
// ends where the next of its voice begins.
func (c *Chorale) sing(song *midi.Song) (tokens []int32, all []placing, err error) {
	voice, err := c.voices(song)
	if err != nil {
		return nil, nil, err
	}
	grid := midi.Grid{Steps: choraleSteps, Quarter: int64(song.Quarter)}
	steps := int64((c.size() - 1) / choraleVoices)
	for _, n := range song.Notes {
		_, to := grid.Span(n)
		steps = max(steps, to)
	}
	if steps > mostSteps {
		return nil, nil, &data.Fault{Reason: "too long", Err: fmt.Errorf("has %d sixteenths; the codec takes %d", steps, mostSteps)}
	}
	const bar = barQuarters * choraleSteps
	steps = (steps + bar - 1) / bar * bar
	tokens = make([]int32, max(int64(c.size()), steps*choraleVoices))
	ends := [choraleVoices]int64{}
	last := [choraleVoices]int{-1, -1, -1, -1} // in all
	for _, n := range sorted(song) {
		from, to := grid.Span(n)
		p := placing{note: n, from: float64(from), to: float64(to)}
		v, ok := voice[n.Track]
		switch {
		case !ok || n.Drum():
			p.left = leftDrums
		case tokens[from*choraleVoices+int64(v)] >= pitchToken:
			p.left = leftUnder
		default:
			if ends[v] > from {
				all[last[v]].to = float64(from)
			}
			for step := to; step < ends[v]; step++ {
				tokens[step*choraleVoices+int64(v)] = restToken
			}
			tokens[from*choraleVoices+int64(v)] = pitchToken + int32(n.Pitch)
			for step := from + 1; step < to; step++ {
				tokens[step*choraleVoices+int64(v)] = holdToken
			}
			ends[v], last[v] = to, len(all)
		}
		all = append(all, p)
	}
	return tokens, all, nil
}

// Tokens implements [data.Streaming].
func (c *Chorale) Tokens(it data.Item) ([]int32, error) {
	song, err := songOf(it)
	if err != nil {
		return nil, err
	}
	tokens, _, err := c.sing(song)
	return tokens, err
}

// Encode writes the beginning of a piece, and its label.
func (c *Chorale) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	tokens, err := c.Tokens(ex[data.Target])
	if err != nil {
		return err
	}
	copy(target.Tokens(at), tokens)
	return encodeLabel(ex, b, at)
}

// Snap implements [data.Snapping]: what goes on from silence is silence.
func (c *Chorale) Snap(b *data.Batch, at int) {
	tokens := b.Column(data.Target).Tokens(at)
	for i, token := range tokens {
		if token == holdToken && (i < choraleVoices || tokens[i-choraleVoices] == restToken) {
			tokens[i] = restToken
		}
	}
}

// Decode returns the music of the target, which may be of any length, as a MIDI file with a track
// for each voice.
func (c *Chorale) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Kind != data.Tokens {
		return data.Item{}, errors.New("the batch has no target of tokens")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	tokens := target.Tokens(at)
	song := newSong(stepTicks*choraleSteps, choraleVoices, c.Tempo)
	song.End = int64((len(tokens)+choraleVoices-1)/choraleVoices) * stepTicks
	last := [choraleVoices]int{-1, -1, -1, -1} // the note that may go on
	for i, token := range tokens {
		v := i % choraleVoices
		switch {
		case token < 0 || token >= choraleTokens:
			return data.Item{}, fmt.Errorf("token %d, but there are %d", token, choraleTokens)
		case token == restToken:
			last[v] = -1
		case token == holdToken && last[v] >= 0:
			song.Notes[last[v]].Length += stepTicks
		case token >= pitchToken:
			last[v] = len(song.Notes)
			song.Notes = append(song.Notes, midi.Note{At: int64(i/choraleVoices) * stepTicks, Length: stepTicks, Track: v, Channel: uint8(v),
				Pitch: uint8(token - pitchToken), Velocity: softly})
		}
	}
	song.Sort()
	file, err := song.Write()
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Chorale) MediaType() string { return "audio/midi" }

// Report implements [data.Reporting].
func (c *Chorale) Report(it data.Item) (*data.Loss, error) {
	song, err := songOf(it)
	if err != nil {
		return nil, err
	}
	_, all, err := c.sing(song)
	if err != nil {
		return nil, err
	}
	return lossOf(song, choraleSteps, all, leftOf(song)), nil
}
