package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/music"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("convert", "convert a piece of music to another format: MIDI, ABC or MusicXML; needs no model",
		func() App { return &Convert{} })
	Apps.Add("transpose", "transpose a piece of music by semitones or into a key; needs no model",
		func() App { return &Transpose{} })
	Apps.Add("quantise", "quantise the notes of a piece of music to a grid; needs no model",
		func() App { return &Quantise{Grid: "1/16", Strength: 1} })
}

// scoreFormats are the formats of music files, the default first.
var scoreFormats = []string{string(music.MIDI), string(music.ABC), string(music.MusicXML), string(music.MXL)}

// Convert writes a piece of music in another format.
type Convert struct {
	Piece  File   `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	Format string `enum:"midi,abc,musicxml,mxl" help:"output format: midi, abc, musicxml or mxl; if empty, by the extension of the file, or midi"`
}

// Example implements [App].
func (Convert) Example() string { return "tune.abc -o tune.musicxml" }

// Check implements [Checker].
func (c Convert) Check(out Out) error {
	_, err := formatFor(c.Format, out.File, scoreFormats)
	return err
}

// Run implements [App].
func (c Convert) Run(_ context.Context, env *Env) (err error) {
	if c.Format, err = formatFor(c.Format, env.Out.File, scoreFormats); err != nil {
		return badinput.Mark(err)
	}
	p, err := openPiece(env, c.Piece)
	if err != nil {
		return err
	}
	return p.emit(c, env, p.Score, c.Format, "")
}

// emit writes a score in a format, and reports what the format cannot represent.
func (p *piece) emit(a App, env *Env, s *music.Score, format, suffix string) error {
	name := p.name + suffix + extensions[format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	item, err := env.scored(s, music.Format(format), name)
	if err != nil {
		return badinput.Errorf("%s %w", p.file, err)
	}
	return env.emit(a, nil, item, nil)
}

// scored is a score as a file of a format, and says what that cannot represent.
func (e *Env) scored(s *music.Score, f music.Format, name string) (data.Item, error) {
	file, lost, err := s.Write(f)
	if err == nil && len(lost) > 0 {
		e.say("%s cannot represent everything: %v", e.Out.named(name), lost)
	}
	return data.Item{Name: name, MediaType: f.MediaType(), Bytes: file}, err
}

// formatLike is the requested format, or else that of the output file, or else that of the piece.
func (p *piece) formatLike(asked string, out Out) (string, error) {
	if asked == "" && out.unnamed() {
		return string(p.Format), nil
	}
	return formatFor(asked, out.File, scoreFormats)
}

// Transpose moves a piece of music up or down.
type Transpose struct {
	Piece  File   `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	By     int    `min:"-48" max:"48" help:"semitones: up, or down if negative"`
	To     string `help:"major or minor key to move it into, such as G, F#m or Bb; the shorter way, up or down"`
	From   string `help:"key that the piece is in; if empty, the one that it says, or else the one that is found"`
	Format string `enum:"midi,abc,musicxml,mxl" help:"output format: midi, abc, musicxml or mxl; if empty, by the extension of the file, or that of the piece"`
}

// Example implements [App].
func (Transpose) Example() string { return "song.mid --to G -o in-g.mid" }

// Check implements [Checker].
func (t Transpose) Check(out Out) error {
	if t.To == "" && t.By == 0 {
		return registry.Unfit("by", "want --by with semitones, or --to with a key")
	}
	if t.To != "" && t.By != 0 {
		return registry.Unfit("to", "want either semitones or a key")
	}
	if t.From != "" && t.To == "" {
		return registry.Unfit("from", "applies to a key to move into: --to KEY")
	}
	for flag, key := range map[string]string{"to": t.To, "from": t.From} {
		if _, err := music.ParseKey(key); key != "" && err != nil {
			return registry.Unfit(flag, err.Error())
		}
	}
	_, err := formatFor(t.Format, out.File, scoreFormats)
	return err
}

// Run implements [App].
func (t Transpose) Run(_ context.Context, env *Env) error {
	p, err := openPiece(env, t.Piece)
	if err != nil {
		return err
	}
	if t.Format, err = p.formatLike(t.Format, env.Out); err != nil {
		return badinput.Mark(err)
	}
	by := t.By
	move := func() (*music.Score, int) { return p.Transposed(by) }
	if t.To != "" {
		to, err := music.ParseKey(t.To)
		if err != nil {
			return badinput.Mark(err)
		}
		from, err := t.from(env, p)
		if err != nil {
			return err
		}
		if to.Minor != from.Minor {
			to = to.In(from.Minor)
			env.say("the piece is in %v, and stays in that mode", from)
		}
		by = music.Shortest(from, to)
		env.say("from %v to %v: %+d semitones", from, to, by)
		move = func() (*music.Score, int) { return p.Into(from, to) }
	}
	moved, out := move()
	if out > 0 {
		return badinput.Errorf("%s: %s would leave the range of MIDI, 0 to 127, by %+d semitones", p.file, Counted(out, "note"), by)
	}
	return p.emit(t, env, moved, t.Format, "-transposed")
}

// from is the key that the piece is in.
func (t Transpose) from(env *Env, p *piece) (music.Key, error) {
	if t.From != "" {
		key, err := music.ParseKey(t.From)
		return key, badinput.Mark(err)
	}
	from, ok := p.MainKey()
	if !ok {
		return from, badinput.Errorf("%s has no recognizable key: give the number of semitones with --by", p.file)
	}
	if _, said := p.SaidKey(); !said {
		says := "the piece does not say its key"
		if len(p.Keys) > 0 && p.Keys[0] == (music.Key{}) {
			says = "the piece says C major, as many programs write without being asked"
		}
		env.say("%s; by its tones it is in %v; if not, name the key with --from", says, from)
	}
	return from, nil
}

// Quantise moves the notes of a piece of music onto a grid.
type Quantise struct {
	Piece    File    `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	Grid     string  `enum:"1/1,1/2,1/2t,1/4,1/4t,1/8,1/8t,1/16,1/16t,1/32,1/32t,1/64" help:"note value of the grid: 1/1, 1/2, 1/4, 1/8, 1/16, 1/32 or 1/64; with t, such as 1/8t, of triplets (1/2t to 1/32t)"`
	Strength float64 `min:"0.01" max:"1" help:"how far each note moves: 1 all the way"`
	Swing    float64 `min:"0" max:"0.75" help:"where the off-beat falls in a pair: 0.5 (or 0) straight, 0.667 triplet swing"`
	Format   string  `enum:"midi,abc,musicxml,mxl" help:"output format: midi, abc, musicxml or mxl; if empty, by the extension of the file, or that of the piece"`
}

// Example implements [App].
func (Quantise) Example() string { return "played.mid --grid 1/16 --strength 0.8 -o straight.mid" }

// Check implements [Checker].
func (q Quantise) Check(out Out) error {
	if q.Swing > 0 && q.Swing < 0.5 {
		return registry.Unfit("swing", fmt.Sprintf("want 0, or 0.5 to 0.75, got %v", q.Swing))
	}
	_, err := formatFor(q.Format, out.File, scoreFormats)
	return err
}

// Run implements [App].
func (q Quantise) Run(_ context.Context, env *Env) error {
	p, err := openPiece(env, q.Piece)
	if err != nil {
		return err
	}
	if q.Format, err = p.formatLike(q.Format, env.Out); err != nil {
		return badinput.Mark(err)
	}
	grid, triplets := strings.CutSuffix(q.Grid, "t")
	unit := []string{"1/1", "1/2", "1/4", "1/8", "1/16", "1/32", "1/64"}
	steps := 1 << slices.Index(unit, grid) // per whole note
	if triplets {
		steps = steps * 3 / 2
	}
	moved, report := p.Quantised(music.Quantising{Steps: steps, Strength: q.Strength, Swing: q.Swing})
	env.say("%d of %s moved, by %.1f ms on average and %.1f ms at most", report.Moved, Counted(p.Notes(), "note"), report.MeanMs, report.MostMs)
	if report.Joined > 0 {
		env.say("%s merged with others of the same pitch", Counted(report.Joined, "note"))
	}
	return p.emit(q, env, moved, q.Format, "-quantised")
}
