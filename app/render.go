package app

import (
	"context"
	"fmt"
	"math"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/sound"
	"atelier/internal/synth"
)

func init() {
	Apps.Add("render", "render a piece of music as a recording, WAV or FLAC; needs no model",
		func() App { return &Render{Loudness: -16, Bits: 16} })
}

// Render plays a piece of music into a recording.
type Render struct {
	Piece     File    `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*" help:"the piece: MIDI, ABC or MusicXML, or - for standard input"`
	Soundfont File    `help:"SoundFont with other instruments, .sf2 or .sf3; if empty, the embedded one"`
	Loudness  float64 `min:"-40" max:"-8" help:"integrated loudness in LUFS, -40 to -8; true peaks stay below -1 dBFS"`
	Bits      int     `help:"bits per sample: 16 or 24"`
	Format    string  `enum:"wav,flac" help:"output format: wav or flac; if empty, by the extension of the file, or wav"`
}

// recordings are the formats of recordings.
var recordings = []string{formatWAV, formatFLAC}

// Example implements [App].
func (Render) Example() string { return "song.mid -o song.flac" }

// Check implements [Checker].
func (r Render) Check(out Out) error {
	if r.Bits != 16 && r.Bits != 24 {
		return registry.Unfit("bits", fmt.Sprintf("want 16 or 24, got %d", r.Bits))
	}
	_, err := formatFor(r.Format, out.File, recordings)
	return err
}

// missed is the deviation in loudness that is reported, in LU.
const missed = 0.5

// Run implements [App].
func (r Render) Run(ctx context.Context, env *Env) (err error) {
	if r.Format, err = formatFor(r.Format, env.Out.File, recordings); err != nil {
		return badinput.Mark(err)
	}
	p, err := openPiece(env, r.Piece)
	if err != nil {
		return err
	}
	font, err := sound.Own()
	if r.Soundfont.Given() {
		if font, err = synth.OpenFont(r.Soundfont.Bytes); err != nil {
			err = badinput.Errorf("%s %w", r.Soundfont.Name, err)
		}
	}
	if err != nil {
		return err
	}
	name := p.name + extensions[r.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	recording, loudness, err := sound.Play(ctx, p.Score, font, r.Loudness, env.rendered)
	if err != nil {
		return fmt.Errorf("%s %w", p.file, err)
	}
	if len(recording.Lacking) > 0 {
		last := len(recording.Lacking) - 1
		names := recording.Lacking[last]
		if last > 0 {
			names = strings.Join(recording.Lacking[:last], ", no ") + " and no " + names
		}
		env.say("the font has no %s: %q plays instead", names, recording.Instead)
	}
	if math.Abs(loudness-r.Loudness) > missed {
		env.say("the loudness is %.1f LUFS: at %.1f its peaks would be too high", loudness, r.Loudness)
	}
	item := data.Item{Name: name, MediaType: "audio/wav"}
	if r.Format == formatFLAC {
		item.MediaType = "audio/flac"
		item.Bytes, err = recording.FLAC(r.Bits, p.Title)
	} else {
		item.Bytes, err = recording.WAV(r.Bits, p.Title)
	}
	if err != nil {
		return badinput.Mark(err)
	}
	return env.emit(r, nil, item, nil)
}

// rendered shows how many seconds of a recording are done, counted in samples.
func (e *Env) rendered(done, total int) {
	if e.Working != nil {
		e.Working("rendering, in seconds:", done/sound.Rate, total/sound.Rate)
	}
}
