package app

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/music"
	"atelier/internal/musictest"
	"atelier/internal/sound"
)

// madeAs is what an app makes under the name of a file.
func madeAs(t *testing.T, a App, file string) data.Item {
	t.Helper()
	env, items := rehearsal(t, Out{File: file})
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	return (*items)[0]
}

// begun are the pitches of all parts with the twelfths of a quarter note at which they begin.
func begun(p *music.Score, drums bool) (all []string) {
	for _, part := range p.Parts {
		for _, n := range part.Notes {
			if drums || !part.Drums() {
				all = append(all, fmt.Sprintf("%.0f: %d", float64(n.At)*12/float64(p.Quarter), n.Pitch))
			}
		}
	}
	slices.Sort(all)
	return all
}

// playedAlike compares what another program plays with a piece.
func playedAlike(t *testing.T, other []byte, p *music.Piece, drums bool) {
	t.Helper()
	theirs, err := music.Read(other)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := begun(theirs.Score, drums), begun(p.Score, drums); !slices.Equal(got, want) {
		t.Errorf("another program plays\n%s\nwe\n%s", got, want)
	}
}

// read reads a piece.
func read(t *testing.T, it data.Item) *music.Piece {
	t.Helper()
	p, err := music.Read(it.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Programs of others read and play every format of every app for music as we do.
func TestMusicOpensElsewhere(t *testing.T) {
	verovio := musictest.Engraver(os.Getenv("ATELIER_VEROVIO"))
	band := madeAs(t, usual(func(c *Compose) { c.Bars, c.Style, c.Seed = 4, "rock", 3 }), "band.mid")
	given := File{Name: band.Name, Bytes: band.Bytes}
	tune := File{Name: "tune.abc", Bytes: []byte("X:1\nT:A tune\nM:3/4\nL:1/8\nQ:1/4=120\nK:F#m\n\"F#m\"F2A2c2|(3BcB A>G F2-|F6|\"E7\"=g2^e4|]\n")}
	apps := map[string]App{
		"compose":   usual(func(c *Compose) { c.Bars, c.Style, c.Seed, c.Metre = 2, "rock", 7, "4/4" }),
		"continue":  &Continue{Piece: given, Bars: 2, Frames: 12, Seed: 1, Model: "ensemble", Temperature: .8, TopP: .95, Guidance: 1},
		"infill":    &Infill{Piece: given, Bars: "2-3", Seed: 1, Model: "ensemble", Temperature: .8, TopP: .95, Guidance: 1},
		"transpose": &Transpose{Piece: given, By: 5},
		"quantise":  &Quantise{Piece: given, Grid: "1/8", Strength: 1},
	}
	for _, name := range slices.Sorted(maps.Keys(apps)) {
		a := apps[name]
		t.Run(name+"/midi", func(t *testing.T) {
			it := madeAs(t, a, "a.mid")
			want := map[string]int{}
			for _, part := range read(t, it).Parts {
				for _, n := range part.Notes {
					want[fmt.Sprintf("%d/%d", part.Channel+1, n.Pitch)]++
				}
			}
			if got := musictest.NotesOfMIDI(t, it.Bytes); !maps.Equal(got, want) {
				t.Errorf("mftext reads %v, we %v", got, want)
			}
		})
		t.Run(name+"/abc", func(t *testing.T) {
			it := madeAs(t, a, "a.abc")
			playedAlike(t, musictest.PlaysABC(t, it.Bytes), read(t, it), true)
		})
	}
	// It plays no drums, and of ABC the first voice. It takes seconds to start.
	for _, c := range []struct {
		app    App
		format string
	}{{apps["infill"], "musicxml"}, {apps["transpose"], "mxl"}, {&Transpose{Piece: tune, By: -2}, "abc"}} {
		t.Run("verovio/"+c.format, func(t *testing.T) {
			it := madeAs(t, c.app, "a."+c.format)
			playedAlike(t, verovio.Plays(t, it.Bytes, strings.TrimPrefix(c.format, "music")), read(t, it), false)
		})
	}
	for _, format := range []string{".wav", ".flac"} {
		for name, a := range map[string]App{"compose": apps["compose"], "render": &Render{Piece: tune, Loudness: -16, Bits: 24}} {
			t.Run(name+"/"+format[1:], func(t *testing.T) {
				it := madeAs(t, a, "a"+format)
				r, err := sound.Read(it.Bytes)
				if err != nil {
					t.Fatal(err)
				}
				got := musictest.Samples(t, it.Bytes, format)
				if len(got) != 2*len(r.Left) || power(got) == 0 {
					t.Errorf("%d samples with a power of %g are read of %d", len(got), power(got), 2*len(r.Left))
				}
			})
		}
	}
	// Another synthesizer plays a piece from its first to its last note.
	t.Run("timidity", func(t *testing.T) {
		font, err := filepath.Abs("../internal/sound/sf_GMbank.sf2")
		if err != nil {
			t.Fatal(err)
		}
		samples := musictest.PlaysMIDI(t, band.Bytes, font)
		least := int(float64(read(t, band).Micros())/1e6*sound.Rate) * 2
		if len(samples) < least {
			t.Fatalf("%d samples are played; the piece has %d", len(samples), least)
		}
		const eighths = 8
		for i := range eighths {
			if e := power(samples[least*i/eighths : least*(i+1)/eighths]); e < 1e-5 {
				t.Errorf("eighth %d of the piece has a power of %g", i+1, e)
			}
		}
	})
}

// power is the mean square of samples; of full scale it is 1.
func power(samples []int16) (sum float64) {
	for _, x := range samples {
		sum += float64(x) / (1 << 15) * float64(x) / (1 << 15)
	}
	return sum / float64(max(1, len(samples)))
}
