package app

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/film"
	"atelier/internal/sound"
	"atelier/model/run"
)

func init() {
	Apps.Add("visualize", "make a film in time to a recording or a piece of music: a walk between samples of a run that follows its onsets and its loudness",
		func() App {
			return &Visualize{Rate: 12, Seed: 1, Calm: 0.15, Beat: 0.3, Quiet: 0.4}
		})
}

// Visualize walks through the latent space of a run in time to music.
type Visualize struct {
	Music   File    `arg:"FILE" accept:"audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*,audio/*" help:"the recording, WAV or FLAC, or the piece, MIDI, ABC or MusicXML; - for standard input"`
	From    Model   `toml:"run" needs:"steers" help:"the run of pictures: its name, number or path"`
	Seed    uint64  `help:"seed of the first sample; those that follow count up from it"`
	Class   string  `names:"classes" help:"class to generate, for a class-conditional run"`
	Calm    float64 `min:"0" max:"10" help:"how far it walks in a second in which nothing begins, in samples"`
	Beat    float64 `min:"0" max:"10" help:"how far the strongest onset drives it on, in samples"`
	Quiet   float64 `min:"0" max:"1" help:"truncation psi where it is silent, 0 to 1; it is 1 where it is loudest: louder is more varied"`
	Seconds int     `min:"1" max:"3000" zero:"unset" help:"length from the beginning; if not given all of it"`
	Rate    int     `min:"1" max:"50" help:"frames per second"`
	Scale   int     `min:"1" max:"64" zero:"unset" help:"enlargement factor in whole pixels; if not given, small pictures become large enough to see"`
	Format  string  `enum:"avi,webm,gif,apng,webp,y4m" help:"avi (with sound), webm, gif, apng, webp or y4m (silent); if empty, by the extension of the file, or avi"`
}

// soundingFormats are the formats of films to music, the one with sound first.
var soundingFormats = []string{formatAVI, formatWebM, formatGIF, formatAPNG, formatWebP, formatY4M}

// onsetDecay is the share of the drive of an onset that is left a frame later, at 12 frames per
// second.
const onsetDecay = 0.6

// Example implements [App].
func (Visualize) Example() string { return "song.mid --run 0001-fashion -o song.avi" }

// Check implements [Checker].
func (a Visualize) Check(out Out) error {
	_, err := formatFor(a.Format, out.File, soundingFormats)
	return err
}

// Run implements [App].
func (a Visualize) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, soundingFormats); err != nil {
		return badinput.Mark(err)
	}
	if a.From == "" {
		return badinput.Errorf("want a run of pictures: --run RUN")
	}
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	if err := r.CheckPictures(); err != nil {
		return err
	}
	name := stemOf(a.Music.Name, "music") + "-" + r.Dir.Name() + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	heard, err := a.listen(ctx, env)
	if err != nil {
		return err
	}
	pulses := heard.Pulses(a.Rate)
	if len(pulses) > mostFrames {
		return badinput.Errorf("%s has %s, which are %d frames; at most %d are made: want --seconds %d or less, or a lower --rate",
			a.Music.Name, Counted(int(heard.Seconds()), "second"), len(pulses), mostFrames, mostFrames/a.Rate)
	}
	target := r.Spec.Target()
	scale := cmp.Or(a.Scale, max(1, leastSide/max(target.Shape[0], target.Shape[1])))
	if err := roomFor("seconds", len(pulses), target, scale); err != nil {
		return err
	}
	pictures, seeds, err := a.walk(ctx, env, r, pulses)
	if err != nil {
		return err
	}
	frames, err := codec.Pictures(pictures, scale)
	if err != nil {
		return err
	}
	var tone *film.Sound
	if a.Format == formatAVI {
		tone = &film.Sound{Rate: heard.Rate, Channels: 2, Samples: heard.Samples()}
	} else {
		env.say("%s holds no sound; .avi does", a.Format)
	}
	file, mediaType, err := moving(a.Format, frames, a.Rate, tone)
	if err != nil {
		return err
	}
	return env.emit(a, madeBy(r), data.Item{Name: name, MediaType: mediaType, Bytes: file, Label: a.Class}, seeds)
}

// listen reads the recording, or plays the piece.
func (a *Visualize) listen(ctx context.Context, env *Env) (heard *sound.Recording, err error) {
	if sound.IsRecording(a.Music.Bytes) {
		if heard, err = sound.Read(a.Music.Bytes); err != nil {
			return nil, badinput.Errorf("%s %w", a.Music.Name, err)
		}
	} else if !isMusic(a.Music) {
		return nil, badinput.Errorf("%s: want a WAV, FLAC, MIDI, ABC or MusicXML file, but it looks like %s", a.Music.Name, a.Music.MediaType())
	} else {
		p, err := openPiece(env, a.Music)
		if err != nil {
			return nil, err
		}
		font, err := sound.Own()
		if err != nil {
			return nil, err
		}
		if heard, _, err = sound.Play(ctx, p.Score, font, usualLoudness, env.rendered); err != nil {
			return nil, fmt.Errorf("%s %w", p.file, err)
		}
	}
	if most := a.Seconds * heard.Rate; a.Seconds > 0 && most < len(heard.Left) {
		heard.Left, heard.Right = heard.Left[:most], heard.Right[:most]
	}
	return heard, nil
}

// way is how far the walk is at each moment, in samples. An onset drives it on for some frames.
func (a *Visualize) way(pulses []sound.Pulse) []float64 {
	decay := math.Pow(onsetDecay, 12/float64(a.Rate))
	out := make([]float64, len(pulses))
	at, drive := 0., 0.
	for t, p := range pulses {
		out[t] = at
		drive = drive*decay + p.Onset
		at += a.Calm/float64(a.Rate) + a.Beat*(1-decay)*drive
	}
	return out
}

// walk draws a picture for each moment, between the samples of consecutive seeds.
func (a *Visualize) walk(ctx context.Context, env *Env, r *run.Run, pulses []sound.Pulse) (*data.Column, []uint64, error) {
	way := a.way(pulses)
	seeds := run.Seeds(a.Seed, int(way[len(way)-1])+2)
	s, codes, err := steer(ctx, r, seeds, a.Class, 1)
	if err != nil {
		return nil, nil, err
	}
	if first := severalClasses(codes); first != "" {
		a.Class = first
		env.notice(fmt.Sprintf("run %s is class-conditional and walks within one class: all are drawn as %q; name another with --class", r.Dir.Name(), first))
		if s, codes, err = steer(ctx, r, seeds, a.Class, 1); err != nil {
			return nil, nil, err
		}
	}
	all := &data.Batch{}
	for t, at := range way {
		i := int(at)
		b := s.Between(codes, i, i+1, []float64{at - float64(i)})
		if err := s.Truncate(ctx, b, a.Quiet+(1-a.Quiet)*loudAround(pulses, t)); err != nil {
			return nil, nil, err
		}
		appendRow(all, b)
	}
	drawn := &data.Column{}
	for sample, err := range s.Samples(ctx, all) {
		if err != nil {
			return nil, nil, err
		}
		c := sample.Column(data.Target)
		drawn.Field, drawn.Floats = c.Field, append(drawn.Floats, c.Floats...)
		env.progress(len(drawn.Floats)/c.Field.Size(), len(way))
	}
	return drawn, seeds, nil
}

// loudAround is the mean loudness of a moment and its neighbours.
func loudAround(pulses []sound.Pulse, t int) float64 {
	near := pulses[max(0, t-1):min(len(pulses), t+2)]
	sum := 0.
	for _, p := range near {
		sum += p.Loudness
	}
	return sum / float64(len(near))
}

// appendRow adds a batch of one to another.
func appendRow(all, one *data.Batch) {
	all.N++
	for _, c := range one.Columns {
		to := all.Column(c.Field.Name)
		if to == nil {
			all.Set(data.Column{Field: c.Field, Floats: slices.Clone(c.Floats), Ints: slices.Clone(c.Ints)})
			continue
		}
		to.Floats, to.Ints = append(to.Floats, c.Floats...), append(to.Ints, c.Ints...)
	}
}
