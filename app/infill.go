package app

import (
	"context"
	"strings"

	"atelier/internal/badinput"
	"atelier/model/composing"
	"atelier/model/language"
)

func init() {
	Apps.Add("infill", "write bars of a piece of music anew, so that they fit between those before and after: MIDI, ABC or MusicXML",
		func() App {
			return &Infill{Model: composing.BuiltIn, Seed: 1, Temperature: composing.Usual.Temperature, TopP: composing.Usual.TopP, Guidance: 1}
		})
}

// Infill writes bars of a piece anew; the others stay as they are.
type Infill struct {
	Piece  File   `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	Bars   string `help:"the bars to fill, such as 5-8; an upbeat does not count"`
	Style  string `help:"style of the model: of the one that comes with the program rock, jazz, classical or folk; if empty, none is told"`
	Chords string `help:"chords, one for each bar, again and again, such as 'Am F C G'; with | between bars for several in a bar"`
	Seed   uint64 `help:"seed: the same gives the same bars"`
	Model  Model  `needs:"composes" words:"ensemble" help:"run of the recipe music, or ensemble, which comes with the program"`

	Temperature float64 `min:"0.01" max:"4" help:"sampling temperature: below 1 favours what is likely"`
	TopP        float64 `toml:"top_p" min:"0.0001" max:"1" help:"top-p sampling: only from the likeliest events that together have this probability"`
	Guidance    float64 `min:"1" max:"10" help:"how far what is written leans towards the style: 1 is as learned, more takes twice the time (classifier-free guidance)"`
	Format      string  `enum:"midi,abc,musicxml,mxl,wav,flac,png" help:"png is a piano roll; if empty, by the extension of the file, or as the piece"`
}

// Example implements [App].
func (Infill) Example() string { return "song.mid --bars 5-8 -o filled.mid" }

// Check implements [Checker].
func (a Infill) Check(out Out) error {
	if _, _, err := barsOf(strings.TrimSpace(a.Bars)); err != nil {
		return err
	}
	if err := checkChords(a.Chords); err != nil {
		return err
	}
	if err := checkGuidance(a.Guidance, a.Style); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, pieceFormats)
	return err
}

// Run implements [App].
func (a Infill) Run(ctx context.Context, env *Env) error {
	given, err := openPiece(env, a.Piece)
	if err != nil {
		return err
	}
	if a.Format, err = given.formatOf(a.Format, env.Out); err != nil {
		return badinput.Mark(err)
	}
	name := given.name + "-filled" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	b, err := env.band(a.Model, language.Sampling{Temperature: a.Temperature, TopP: a.TopP, Guidance: a.Guidance})
	if err != nil {
		return err
	}
	w, err := b.workOn(env, given, a.Style)
	if err != nil {
		return err
	}
	from, to, err := w.numbered(a.Bars)
	if err != nil {
		return err
	}
	begin, end := w.bars[from].At, w.bars[to-1].At+w.bars[to-1].Length
	w.clear(begin, end)
	plan := &composing.Plan{Piece: w.told, From: from, To: to, GivenChords: env.chords(a.Chords, w.told, from, to)}
	if err := b.Write(ctx, plan, a.Seed, env.progress); err != nil {
		return err
	}
	w.put(from, to, begin)
	return env.emitPiece(ctx, a, b.Maker, w.score, name, a.Format, []uint64{a.Seed})
}

// numbered are the bars of numbers such as 5-8, from one up to another.
func (w *workedOn) numbered(text string) (from, to int, err error) {
	first, last, err := barsOf(strings.TrimSpace(text))
	if err != nil {
		return 0, 0, badinput.Mark(err)
	}
	upbeat := 1 - w.bars[0].Number
	if most := len(w.bars) - upbeat; last > most {
		return 0, 0, badinput.Errorf("%s has %s: want bars up to %d, got %s", w.file, Counted(most, "bar"), most, text)
	}
	return first - 1 + upbeat, last + upbeat, nil
}
