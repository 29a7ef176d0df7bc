package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/registry"
	"atelier/model/composing"
	"atelier/model/language"
)

func init() {
	Apps.Add("compose", "compose a piece of music in a style, as MIDI, ABC, MusicXML, a recording or a piano roll",
		func() App {
			return &Compose{Model: composing.BuiltIn, Bars: 16, Seed: 1, Temperature: composing.Usual.Temperature, TopP: composing.Usual.TopP, Guidance: 1}
		})
}

// Compose writes a piece of music. What is not asked for, the model chooses.
type Compose struct {
	Style       string   `help:"style of the model, or a description that names one, such as a slow rock song: of the one that comes with the program rock, jazz, classical or folk; if empty, one that the model chooses"`
	Bars        int      `min:"1" max:"256" help:"number of bars"`
	Key         string   `help:"major or minor key, such as G, F#m or Bb; if empty, the model chooses"`
	Tempo       int      `min:"40" max:"240" help:"quarter notes per minute; if 0, the model chooses"`
	Metre       string   `enum:"4/4,3/4,6/8,2/4,2/2,9/8,12/8,3/8,5/4,7/8,5/8,6/4,3/2" help:"metre; if empty, the model chooses; the one that comes with the program knows 4/4, 3/4 and 6/8 best"`
	Instruments []string `min:"1" max:"16" help:"instruments such as piano,bass,drums,sax, or programs of General MIDI from 1 to 128; if empty, the model chooses"`
	Chords      string   `help:"chords, one for each bar, again and again, such as 'Am F C G'; with | between bars for several in a bar"`
	Seed        uint64   `help:"seed: the same gives the same piece"`
	Model       Model    `needs:"composes" words:"ensemble" help:"run of the recipe music, or ensemble, which comes with the program"`

	Temperature float64 `min:"0.01" max:"4" help:"sampling temperature: below 1 favours what is likely"`
	TopP        float64 `toml:"top_p" min:"0.0001" max:"1" help:"top-p sampling: only from the likeliest events that together have this probability"`
	Guidance    float64 `min:"1" max:"10" help:"how far what is written leans towards the style: 1 is as learned, more takes twice the time (classifier-free guidance)"`
	Format      string  `enum:"midi,abc,musicxml,mxl,wav,flac,png" help:"png is a piano roll; if empty, by the extension of the file, or midi"`
}

// Example implements [App].
func (Compose) Example() string { return "--style rock --bars 8 --key Em --seed 3 -o rock.flac" }

// Check implements [Checker].
func (c Compose) Check(out Out) error {
	if _, err := c.heading(); err != nil {
		return err
	}
	_, err := formatFor(c.Format, out.File, pieceFormats)
	return err
}

// heading is what is asked of the piece, without its style.
func (c Compose) heading() (h composing.Heading, err error) {
	h = composing.Heading{Style: -1, Meter: -1, Tempo: -1, Key: -1, Bars: c.Bars}
	if c.Metre != "" {
		h.Meter = slices.IndexFunc(events.Meters, func(m events.Meter) bool { return m.String() == c.Metre })
	}
	if c.Tempo > 0 {
		h.Tempo = events.Tempo(float64(c.Tempo))
	}
	if c.Key != "" {
		key, err := music.ParseKey(c.Key)
		if err != nil {
			return h, registry.Unfit("key", err.Error())
		}
		h.Key = events.KeyValue(key)
	}
	if c.Chords != "" {
		p, err := composing.ParseProgression(c.Chords)
		if err != nil {
			return h, registry.Unfit("chords", err.Error())
		}
		if h.Key < 0 {
			h.Key = events.KeyValue(p.Key())
		}
	}
	h.Parts, err = instrumentsOf(c.Instruments)
	return h, err
}

// Run implements [App].
func (c Compose) Run(ctx context.Context, env *Env) (err error) {
	if c.Format, err = formatFor(c.Format, env.Out.File, pieceFormats); err != nil {
		return badinput.Mark(err)
	}
	b, err := env.band(c.Model, language.Sampling{Temperature: c.Temperature, TopP: c.TopP, Guidance: c.Guidance})
	if err != nil {
		return err
	}
	h, err := c.heading()
	if err != nil {
		return badinput.Mark(err)
	}
	words, err := b.described(c.Style)
	if err == nil {
		err = words.ask(&h)
	}
	if err != nil {
		return badinput.Mark(err)
	}
	env.tellUnknown(b, words.Unknown)
	style := "piece"
	if h.Style >= 0 {
		style = strings.ToLower(b.Vocabulary.Styles[h.Style])
	}
	name := fmt.Sprintf("%s-%06d%s", style, c.Seed, extensions[c.Format][0])
	if err := env.expect(name); err != nil {
		return err
	}
	asked := h.Parts
	if h.Parts, err = b.known(asked); err != nil {
		return err
	}
	p, err := b.Begin(ctx, h, c.Seed)
	if err != nil {
		return err
	}
	plan := &composing.Plan{Piece: p, To: len(p.Bars), GivenChords: env.chords(c.Chords, p, 0, len(p.Bars))}
	if err := b.Write(ctx, plan, c.Seed, env.progress); err != nil {
		return err
	}
	if len(asked) > 0 {
		p.Parts = asked
	}
	return env.emitPiece(ctx, c, b.Maker, c.score(p, b), name, c.Format, []uint64{c.Seed})
}

// score is the score of the piece, with the tempo that is asked for and a title.
func (c Compose) score(p *events.Piece, b *band) *music.Score {
	s := p.Score()
	if c.Tempo > 0 {
		s.Tempos[0].Micros = int64(60_000_000 / c.Tempo)
	}
	s.Untangle()
	for i := range s.Parts {
		if part := &s.Parts[i]; !part.Drums() && composing.Wind(int(part.Program())) {
			part.OneByOne()
		}
	}
	s.Title = "Piece"
	if p.Style >= 0 && p.Style < len(b.Vocabulary.Styles) {
		style := b.Vocabulary.Styles[p.Style]
		s.Title = strings.ToUpper(style[:1]) + style[1:]
	}
	if len(s.Keys) > 0 {
		s.Title += " in " + s.Keys[0].String()
	}
	return s
}
