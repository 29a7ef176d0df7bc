package app

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/music"
	"atelier/internal/sound"
)

func init() {
	Apps.Add("inspect", "show key, metre, tempo, length, instruments and chords of a piece of music, and draw it as a piano roll; needs no model",
		func() App { return &Inspect{} })
}

// Inspect analyses a piece of music.
type Inspect struct {
	Piece File   `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	Codec string `enum:"drums,grid,chorale,events" help:"tell what a codec does not hold of the piece: drums, grid, chorale or events; if empty, nothing is told"`
}

// An Inspection is the result of [Inspect].
type Inspection struct {
	File   string       `json:"file"`
	Format music.Format `json:"format"`
	*music.Survey
	// Repairs and Lost count what was repaired in the file, and what it contains that could not be
	// represented.
	Repairs map[string]int `json:"repairs,omitempty"`
	Lost    map[string]int `json:"lost,omitempty"`
	// Codec is what the codec asked for does not hold.
	Codec *data.Loss `json:"codec,omitempty"`
}

// Example implements [App].
func (Inspect) Example() string { return "song.mid -o roll.png" }

// Finds implements [Finder].
func (Inspect) Finds() any { return &Inspection{} }

// Check implements [Checker].
func (Inspect) Check(out Out) error {
	_, err := formatFor("", out.File, []string{formatPNG})
	return err
}

// Run implements [App].
func (a Inspect) Run(_ context.Context, env *Env) error {
	p, err := openPiece(env, a.Piece)
	if err != nil {
		return err
	}
	drawn := !env.Out.Unasked
	name := p.name + "-roll.png"
	if drawn {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	found := &Inspection{File: p.file, Format: p.Format, Survey: p.Survey(), Repairs: p.Repairs, Lost: p.Lost}
	if a.Codec != "" {
		if found.Codec, err = lossOf(p, a.Codec); err != nil {
			return err
		}
	}
	found.tell(env)
	if found.Codec != nil {
		env.say("%-10s%s", a.Codec, found.Codec)
	}
	env.found(found)
	if !drawn {
		return nil
	}
	img, err := p.Roll()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	return env.emit(a, nil, data.Item{Name: name, MediaType: "image/png", Bytes: b.Bytes()}, nil)
}

// lossOf is what a codec does not hold of a piece.
func lossOf(p *piece, name string) (*data.Loss, error) {
	codec, err := data.Codecs.New(name)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	reports, ok := codec.(data.Reporting)
	if !ok {
		return nil, badinput.Errorf("the codec %s does not tell what it holds", name)
	}
	file, _, err := p.Write(music.MIDI)
	if err != nil {
		return nil, err
	}
	loss, err := reports.Report(data.Item{Name: p.file, MediaType: music.MIDI.MediaType(), Bytes: file})
	if err != nil {
		return nil, badinput.Errorf("%s %w", p.file, err)
	}
	return loss, nil
}

const (
	mostChanges = 8   // changes of meter or tempo shown
	chordsLine  = 8   // bars per line
	mostChords  = 64  // bars whose chords are shown
	leastFit    = 0.1 // correlation from which a key is shown
)

// tell prints the analysis.
func (f *Inspection) tell(env *Env) {
	line := func(what, format string, args ...any) {
		env.say("%-10s%s", what, fmt.Sprintf(format, args...))
	}
	if f.Title != "" {
		line("title", "%s", f.Title)
	}
	if f.Composer != "" {
		line("composer", "%s", f.Composer)
	}
	switch {
	case f.Key != "" && f.Correlation < leastFit:
		line("key", "none: no key fits the tones")
	case f.Key != "" && f.Signature != "" && f.Signature != f.Key:
		line("key", "%s (correlation %.2f); its key signature is that of %s", f.Key, f.Correlation, f.Signature)
	case f.Key != "":
		line("key", "%s (correlation %.2f)", f.Key, f.Correlation)
	}
	line("metre", "%s", changes(f.Meters, func(m music.SurveyedMeter) (string, int) { return fmt.Sprintf("%d/%d", m.Count, m.Unit), m.Bar }))
	line("tempo", "%s quarter notes per minute", changes(f.Tempos, func(t music.SurveyedTempo) (string, int) { return rounded(t.QuartersPerMinute), t.Bar }))
	line("length", "%s, %s", Counted(f.Bars, "bar"), sound.Clock(time.Duration(f.Seconds*float64(time.Second))))
	line("parts", "%d, with %s", len(f.Parts), Counted(f.Notes, "note"))
	for i, p := range f.Parts {
		about := p.Instrument
		if p.Name != "" && p.Name != p.Instrument {
			about = p.Name + ", " + p.Instrument
		}
		if p.Lowest != "" {
			about += fmt.Sprintf(", %s to %s", p.Lowest, p.Highest)
		}
		line(fmt.Sprintf("  %d", i+1), "%s: %s", about, Counted(p.Notes, "note"))
	}
	if f.Key == "" { // there are only drums
		return
	}
	rows(line, "chords", f.Chords)
	rows(line, "symbols", f.Symbols)
}

// rounded is a number with four digits, but none left out before the point.
func rounded(x float64) string {
	if x >= 1000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.4g", x)
}

// rows prints values of bars, several per line.
func rows(line func(what, format string, args ...any), what string, bars []string) {
	for at := 0; at < min(len(bars), mostChords); at += chordsLine {
		line(what, "| %s |", strings.Join(bars[at:min(at+chordsLine, len(bars))], " | "))
		what = ""
	}
	if more := len(bars) - mostChords; more > 0 {
		line("", "and %s more", Counted(more, "bar"))
	}
}

// changes lists values with the bars from which they apply.
func changes[T any](all []T, of func(T) (string, int)) string {
	var words []string
	for i, x := range all[:min(len(all), mostChanges)] {
		value, bar := of(x)
		if i > 0 {
			value += fmt.Sprintf(" from bar %d", bar)
		}
		words = append(words, value)
	}
	if more := len(all) - mostChanges; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}
