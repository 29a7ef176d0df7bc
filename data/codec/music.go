package codec

import (
	"errors"
	"fmt"
	"iter"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("music", "music on a grid: drums as one token per step, the set of drums struck (9 classes, Gillick et al. 2019, arXiv:1905.06118); voices as one token per voice and step, the pitch",
		func() data.Codec { return &Music{Form: formDrums, Bars: 4, Steps: 4, Voices: 4, Tempo: 100} })
}

// The forms of music on a grid.
const (
	formDrums  = "drums"
	formVoices = "voices"
)

// Limits and defaults of music on a grid.
const (
	barQuarters  = 4
	mostSteps    = 1 << 18 // of a piece: days of music
	stepTicks    = 120
	softly       = 80 // velocity of a voice
	firmly       = 100
	mostVoices   = 15 // MIDI has as many channels besides that of drums
	mostBars     = 256
	slowestTempo = 20
	fastestTempo = 400
)

// Music turns pieces of music into tokens on a grid and back. An example is a window of bars of
// four quarter notes, and the next token.
//
// For drums, a token is the set of drums struck in a step: class i of [midi.DrumNames] adds 2^i.
// For voices, a step has a token per voice, the first voice first: 0 if it is silent, else its
// pitch plus 1. A note that is repeated without a pause becomes one long note.
type Music struct {
	Form   string `help:"drums or voices"`
	Bars   int    `help:"length of a window in bars, 1 to 256"`
	Steps  int    `help:"grid steps per quarter note, 1 to 24: 4 for sixteenths, 3 for eighth-note triplets"`
	Voices int    `help:"number of voices of the form voices, 1 to 15, one per track; of a piece with another number of tracks, the highest notes are taken"`
	Tempo  int    `help:"tempo of generated music in quarter notes per minute, 20 to 400"`
	Labels
}

// Check rejects settings outside their range.
func (c *Music) Check() error {
	forms := []string{formDrums, formVoices}
	switch {
	case c.Form != formDrums && c.Form != formVoices:
		return registry.Unfit("form", fmt.Sprintf("got %q; %s", c.Form, registry.Suggest(c.Form, forms)))
	case c.Bars < 1 || c.Bars > mostBars:
		return registry.Unfit("bars", fmt.Sprintf("want 1 to %d, got %d", mostBars, c.Bars))
	case c.Steps < 1 || c.Steps > 24:
		return registry.Unfit("steps", fmt.Sprintf("want 1 to 24, got %d", c.Steps))
	case c.Voices < 1 || c.Voices > mostVoices:
		return registry.Unfit("voices", fmt.Sprintf("want 1 to %d, got %d", mostVoices, c.Voices))
	case c.Tempo < slowestTempo || c.Tempo > fastestTempo:
		return registry.Unfit("tempo", fmt.Sprintf("want %d to %d, got %d", slowestTempo, fastestTempo, c.Tempo))
	}
	return nil
}

// width is the number of tokens per step.
func (c *Music) width() int {
	if c.Form == formDrums {
		return 1
	}
	return c.Voices
}

// size is the number of tokens per example.
func (c *Music) size() int { return c.Bars*barQuarters*c.Steps*c.width() + 1 }

// vocabulary is the number of different tokens.
func (c *Music) vocabulary() int {
	if c.Form == formDrums {
		return 1 << midi.DrumClasses
	}
	return 129
}

// Fit implements [data.Streaming]; nothing depends on the data.
func (*Music) Fit(iter.Seq2[data.Item, error]) error { return nil }

// Spec describes the encoding of music.
func (c *Music) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("music %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{c.size()}, Vocabulary: c.vocabulary()}, classes), nil
}

// Tokens implements [data.Streaming]: the tokens of whole bars, padded with silence up to the
// length of an example.
func (c *Music) Tokens(it data.Item) ([]int32, error) {
	song, repairs, err := midi.Read(it.Bytes)
	if err != nil {
		return nil, unreadable(err)
	}
	if what := midi.Lost(repairs); what != "" {
		return nil, unreadable(fmt.Errorf("is damaged (%s), so that some of the music is missing; leave it out, or make a version whose cleaner midi keeps what can be read", what))
	}
	song.Keep(func(n midi.Note) bool { return n.Drum() == (c.Form == formDrums) })
	if len(song.Notes) == 0 {
		return nil, &data.Fault{Reason: "no " + c.Form, Err: fmt.Errorf("has no %s", c.Form)}
	}
	grid := midi.Grid{Steps: int64(c.Steps), Quarter: int64(song.Quarter)}
	var steps, sounding int64
	for _, n := range song.Notes {
		from, to := grid.Span(n)
		if c.Form == formDrums {
			to = from + 1
		}
		steps, sounding = max(steps, to), sounding+to-from
	}
	if steps > mostSteps || sounding > mostVoices*mostSteps {
		return nil, &data.Fault{Reason: "too long", Err: fmt.Errorf("has %d steps, in which notes sound for %d; the codec takes %d and %d",
			steps, sounding, mostSteps, mostVoices*mostSteps)}
	}
	bar := int64(barQuarters * c.Steps)
	tokens := make([]int32, max(int64(c.size()), (steps+bar-1)/bar*bar*int64(c.width())))
	if c.Form == formDrums {
		for _, n := range song.Notes {
			tokens[grid.Step(n.At)] |= 1 << n.DrumClass()
		}
		return tokens, nil
	}
	c.sing(song, grid, tokens)
	return tokens, nil
}

// Encode writes the beginning of a piece, and its label.
func (c *Music) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	tokens, err := c.Tokens(ex[data.Target])
	if err != nil {
		return err
	}
	if n := copy(target.Tokens(at), tokens); n < target.Field.Size() {
		return fmt.Errorf("has %d tokens; an example has %d", n, target.Field.Size())
	}
	return encodeLabel(ex, b, at)
}

// Decode returns the music of the target, of any length, as a MIDI file.
func (c *Music) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Kind != data.Tokens {
		return data.Item{}, errors.New("the batch has no target of tokens")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	tokens := target.Tokens(at)
	for _, token := range tokens {
		if token < 0 || int(token) >= c.vocabulary() {
			return data.Item{}, fmt.Errorf("token %d, but there are %d", token, c.vocabulary())
		}
	}
	song := &midi.Song{Quarter: stepTicks * c.Steps, Tracks: c.width(),
		Tempos: []midi.Tempo{{Micros: int64(60_000_000 / c.Tempo)}},
		Meters: []midi.Meter{{Count: barQuarters, Unit: 4}},
		End:    int64((len(tokens)+c.width()-1)/c.width()) * stepTicks,
	}
	if c.Form == formDrums {
		strike(song, tokens)
	} else {
		c.play(song, tokens)
	}
	song.Sort()
	file, err := song.Write()
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Music) MediaType() string { return "audio/midi" }

// strike adds the notes of drums.
func strike(song *midi.Song, tokens []int32) {
	for step, set := range tokens {
		for class := range midi.DrumClasses {
			if set>>class&1 == 1 {
				song.Notes = append(song.Notes, midi.Note{At: int64(step) * stepTicks, Length: stepTicks,
					Channel: midi.DrumChannel, Pitch: midi.DrumPitch(class), Velocity: firmly})
			}
		}
	}
}
