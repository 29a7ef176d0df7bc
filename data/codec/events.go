package codec

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"atelier/data"
	"atelier/internal/events"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("events", "music of many instruments as events: bars, positions, pitches, lengths, loudness, instruments, tempo, metre, key, chords and the style, which is the label (REMI, Huang and Yang 2020, arXiv:2002.00212; MMM, Ens and Pasquier 2020, arXiv:2008.06048)",
		func() data.Codec { return &Events{Context: 768} })
}

// Events turns pieces of music into events and back. An example is one or several sections of
// pieces, each of whole bars behind the tokens that tell its style, metre, tempo, key and
// instruments.
type Events struct {
	Context int `help:"context length in tokens, 64 to 65536; a bar of four instruments takes about 70"`
	// Fitted is what was taken from the data. It is no setting.
	Fitted fittedEvents `toml:"-"`
}

// leastEvents is the shortest context.
const leastEvents = 64

// fittedEvents are the labels and the instruments of the data, sorted.
type fittedEvents struct {
	Styles      []string `json:"styles,omitempty"`
	Instruments []int    `json:"instruments,omitempty"`
}

// Check refuses settings outside their range.
func (c *Events) Check() error {
	if c.Context < leastEvents || c.Context > mostContext {
		return registry.Unfit("context", fmt.Sprintf("want %d to %d tokens, got %d", leastEvents, mostContext, c.Context))
	}
	return nil
}

// Vocabulary is the tokens.
func (c *Events) Vocabulary() events.Vocabulary { return events.Vocabulary{Styles: c.Fitted.Styles} }

// Instruments are the programs that were learned, and [events.Drums].
func (c *Events) Instruments() []int { return c.Fitted.Instruments }

// Fit implements [data.Streaming]: the styles are the labels of all Items.
func (c *Events) Fit(items iter.Seq2[data.Item, error]) error {
	if c.Fitted.Styles != nil || c.Fitted.Instruments != nil {
		return nil
	}
	styles, instruments := map[string]bool{}, map[int]bool{}
	for it, err := range items {
		if err != nil {
			return err
		}
		if it.Label != "" {
			styles[it.Label] = true
		}
		if p, err := music.Read(it.Bytes); err == nil { // Sections reports the error
			for i := range p.Parts {
				instruments[instrumentOf(&p.Parts[i])] = true
			}
		}
	}
	c.Fitted = fittedEvents{slices.Sorted(maps.Keys(styles)), slices.Sorted(maps.Keys(instruments))}
	v := c.Vocabulary()
	return v.Check()
}

// instrumentOf is the instrument of a part as events tell it.
func instrumentOf(p *music.Part) int {
	if p.Drums() {
		return events.Drums
	}
	return int(p.Program())
}

// Spec says what the settings make of music.
func (c *Events) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("events %w", err)
	}
	v := c.Vocabulary()
	return labelled(data.Field{
		Name: data.Target, Kind: data.Tokens, Shape: []int{c.Context + 1}, Vocabulary: v.Size(), Begin: events.Token(events.End, 0),
	}, classes), nil
}

// piece reads an Item.
func (c *Events) piece(it data.Item) (*events.Piece, error) {
	read, err := music.Read(it.Bytes)
	if err != nil {
		return nil, unreadable(err)
	}
	if what := midi.Lost(read.Repairs); what != "" {
		return nil, unreadable(fmt.Errorf("is damaged (%s), so that some of the music is missing", what))
	}
	p, _, err := events.FromScore(read.Score)
	if err != nil {
		return nil, &data.Fault{Reason: "metre", Err: err}
	}
	p.Style = slices.Index(c.Fitted.Styles, it.Label)
	return p, nil
}

// Report implements [data.Reporting].
func (c *Events) Report(it data.Item) (*data.Loss, error) {
	read, err := music.Read(it.Bytes)
	if err != nil {
		return nil, unreadable(err)
	}
	_, r, err := events.FromScore(read.Score)
	if err != nil {
		return nil, &data.Fault{Reason: "metre", Err: err}
	}
	loss := &data.Loss{Notes: read.Notes(), Kept: r.Notes - r.Lost[events.LostDoubles], MeanMs: r.MeanMs, MostMs: r.MostMs, LengthMs: r.LengthMs, Left: map[string]int{}}
	for _, what := range []string{events.LostParts, events.LostDrums, events.LostDoubles} {
		if n := r.Lost[what]; n > 0 {
			loss.Left[what] = n
		}
	}
	return loss, nil
}

// Tokens implements [data.Streaming]: those of the whole piece.
func (c *Events) Tokens(it data.Item) ([]int32, error) {
	p, err := c.piece(it)
	if err != nil {
		return nil, err
	}
	return p.Tokens(), nil
}

// Sections implements [data.Sectioning]: as many whole bars as fit.
func (c *Events) Sections(it data.Item) ([][]int32, error) {
	p, err := c.piece(it)
	if err != nil {
		return nil, err
	}
	sections := p.Sections(c.Context + 1)
	if sections == nil {
		return nil, &data.Fault{Reason: "too long", Err: fmt.Errorf("has bars of more events than the context of %d tokens holds: want a larger context", c.Context)}
	}
	return sections, nil
}

// End implements [data.Ending].
func (*Events) End() (int32, bool) { return events.Token(events.End, 0), true }

// Encode writes the first section of a piece, with the end behind it, and its label.
func (c *Events) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	sections, err := c.Sections(ex[data.Target])
	if err != nil {
		return err
	}
	row := target.Tokens(at)
	end, _ := c.End()
	for i := copy(row, sections[0]); i < len(row); i++ {
		row[i] = end
	}
	return encodeLabel(ex, b, at)
}

// Decode returns the piece that the target begins with, which may be of any length, as a MIDI
// file. Tokens that make no sense are passed over.
func (c *Events) Decode(b *data.Batch, at int) (data.Item, error) {
	v := c.Vocabulary()
	tokens, label, err := tokensOf(b, at, v.Size())
	if err != nil {
		return data.Item{}, err
	}
	file, _, err := events.Parse(tokens).Score().Write(music.MIDI)
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Events) MediaType() string { return "audio/midi" }
