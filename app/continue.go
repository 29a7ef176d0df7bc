package app

import (
	"context"
	"fmt"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/composing"
	"atelier/model/language"
)

func init() {
	Apps.Add("continue", "let a piece of music go on, MIDI, ABC or MusicXML, or a clip",
		func() App {
			return &Continue{Model: composing.BuiltIn, Bars: 8, Frames: 12, Seed: 1, Temperature: composing.Usual.Temperature, TopP: composing.Usual.TopP, Guidance: 1}
		})
}

// Continue writes bars behind a piece, which stays as it is, or frames behind a clip.
type Continue struct {
	Piece  File   `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*,image/*,video/*" help:"the piece, MIDI, ABC or MusicXML, or the clip, GIF, APNG, WebP, AVI of JPEG frames or y4m; - for standard input"`
	From   Model  `toml:"run" needs:"continues" help:"run that predicts the frames of a clip, such as one of the recipe moving; for a clip only"`
	Frames int    `min:"1" max:"500" help:"number of frames to add to a clip"`
	Bars   int    `min:"1" max:"256" help:"number of bars to add to a piece"`
	Style  string `help:"style of the model: of the one that comes with the program rock, jazz, classical or folk; if empty, none is told"`
	Chords string `help:"chords, one for each bar, again and again, such as 'Am F C G'; with | between bars for several in a bar"`
	Seed   uint64 `help:"seed of the bars added to a piece; a clip goes on in one way"`
	Model  Model  `needs:"composes" words:"ensemble" help:"run of the recipe music, or ensemble, which comes with the program"`

	Temperature float64 `min:"0.01" max:"4" help:"sampling temperature: below 1 favours what is likely"`
	TopP        float64 `toml:"top_p" min:"0.0001" max:"1" help:"top-p sampling: only from the likeliest events that together have this probability"`
	Guidance    float64 `min:"1" max:"10" help:"how far what is written leans towards the style: 1 is as learned, more takes twice the time (classifier-free guidance)"`
	Format      string  `enum:"midi,abc,musicxml,mxl,wav,flac,png,webm,gif,apng,webp,avi,y4m" help:"of a piece midi, abc, musicxml, mxl, wav, flac or png, which is a piano roll; of a clip webm, gif, apng, webp, avi, y4m or png, the frames in a row; if empty, by the extension of the file, or as the piece, or webm"`
}

// Example implements [App].
func (Continue) Example() string { return "verse.mid --bars 8 -o longer.mid" }

// Check implements [Checker].
func (c Continue) Check(out Out) error {
	if err := checkChords(c.Chords); err != nil {
		return err
	}
	if err := checkGuidance(c.Guidance, c.Style); err != nil {
		return err
	}
	_, err := formatFor(c.Format, out.File, append(slices.Clone(pieceFormats), filmFormats...))
	return err
}

// restore implements restorer: the run of a label is that of the sort of file.
func (c *Continue) restore(provenance.Label) error {
	if isMusic(c.Piece) {
		c.From = ""
	} else {
		c.Model = composing.BuiltIn
	}
	return nil
}

// unused refuses an input that does not apply to the sort of the file.
func (c Continue) unused() error {
	usual := New[*Continue]()
	const clip, piece = "want it for a clip only; %s is a piece of music", "want it for a piece of music only; %s is a clip"
	for _, in := range []struct {
		key   string
		given bool
		only  string
	}{
		{"run", c.From != "", clip}, {"frames", c.Frames != usual.Frames, clip},
		{"bars", c.Bars != usual.Bars, piece}, {"seed", c.Seed != usual.Seed, piece}, {"style", c.Style != "", piece}, {"chords", c.Chords != "", piece}, {"model", c.Model != usual.Model, piece},
		{"temperature", c.Temperature != usual.Temperature, piece}, {"top_p", c.TopP != usual.TopP, piece}, {"guidance", c.Guidance != usual.Guidance, piece},
	} {
		if in.given && isMusic(c.Piece) == (in.only == clip) {
			return registry.Unfit(in.key, fmt.Sprintf(in.only, c.Piece.Name))
		}
	}
	return nil
}

// Run implements [App].
func (c Continue) Run(ctx context.Context, env *Env) error {
	if err := c.unused(); err != nil {
		return badinput.Mark(err)
	}
	if !isMusic(c.Piece) {
		return c.clip(ctx, env)
	}
	if err := checkPieceFormat(c.Format, env.Out); err != nil {
		return err
	}
	given, err := openPiece(env, c.Piece)
	if err != nil {
		return err
	}
	if c.Format, err = given.formatOf(c.Format, env.Out); err != nil {
		return badinput.Mark(err)
	}
	name := given.name + "-continued" + extensions[c.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	b, err := env.band(c.Model, language.Sampling{Temperature: c.Temperature, TopP: c.TopP, Guidance: c.Guidance})
	if err != nil {
		return err
	}
	w, err := b.workOn(env, given, c.Style)
	if err != nil {
		return err
	}
	from, last := len(w.told.Bars), w.told.Bars[len(w.told.Bars)-1]
	for range c.Bars {
		w.told.Bars = append(w.told.Bars, events.Bar{Meter: last.Meter, Tempo: last.Tempo, Key: last.Key, Parts: make([][]events.Note, len(w.told.Parts))})
	}
	to := len(w.told.Bars)
	plan := &composing.Plan{Piece: w.told, From: from, To: to, GivenChords: env.chords(c.Chords, w.told, from, to)}
	if err := b.Write(ctx, plan, c.Seed, env.progress); err != nil {
		return err
	}
	bar := int64(events.Meters[last.Meter].Steps() * w.score.Quarter / events.Steps)
	end := w.bars[from-1].At + bar
	w.put(from, to, end)
	w.score.End = end + int64(c.Bars)*bar
	return env.emitPiece(ctx, c, b.Maker, w.score, name, c.Format, []uint64{c.Seed})
}

// formatOf is formatLike with the formats that pieces are played and drawn in.
func (p *piece) formatOf(asked string, out Out) (string, error) {
	if asked == "" && out.unnamed() {
		return string(p.Format), nil
	}
	return formatFor(asked, out.File, pieceFormats)
}
