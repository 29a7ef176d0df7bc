package app

import (
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/engine"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// rehearsal is an environment in which music is composed without runs, and what was emitted.
func rehearsal(t *testing.T, out Out) (*Env, *[]data.Item) {
	t.Helper()
	items := new([]data.Item)
	return &Env{
		Studio: &run.Studio{Runs: t.TempDir(), Home: t.TempDir(), Kernels: engine.NewDots(engine.Options{Threads: 1}), Program: "test", Engine: "cpu"}, Out: out,
		Emit: func(it data.Item) error { *items = append(*items, it); return nil },
	}, items
}

// composed runs an app and reads what it made.
func composed(t *testing.T, a App, file string) (*music.Piece, data.Item) {
	t.Helper()
	env, items := rehearsal(t, Out{File: file})
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if len(*items) != 1 {
		t.Fatalf("%d works", len(*items))
	}
	it := (*items)[0]
	again, err := Reproduce(t.Context(), env, File{Name: it.Name, Bytes: it.Bytes}, nil, givenBy(a))
	if err != nil || !again.Same {
		t.Errorf("%s is not made again: %v", it.Name, err)
	}
	label, err := provenance.Read(it.Bytes)
	if err != nil || label.Source != provenance.Generated || label.Run != "ensemble" {
		t.Errorf("%s is labelled %+v, %v", it.Name, label, err)
	}
	p, err := music.Read(it.Bytes)
	if err != nil {
		p = nil
	}
	return p, it
}

func usual(change func(*Compose)) *Compose {
	c := New[*Compose]()
	c.Bars = 4
	change(c)
	return c
}

// What is asked for is what there is: bars, metre, key, tempo, instruments and chords.
func TestCompose(t *testing.T) {
	p, _ := composed(t, usual(func(c *Compose) {
		c.Style, c.Key, c.Tempo, c.Metre, c.Instruments, c.Chords = "folk", "F#m", 97, "3/4", []string{"viola", "piano", "bass"}, "F#m D | A E"
		c.Chords = "F#m | D A | E"
	}), "waltz.mid")
	s := p.Survey()
	if s.Bars != 4 || s.Meters[0].Count != 3 || s.Signature != "F# minor" || int(s.Tempos[0].QuartersPerMinute+.5) != 97 {
		t.Errorf("%+v", s)
	}
	for _, part := range s.Parts {
		if !slices.Contains([]string{"Viola", "Acoustic Grand Piano", "Electric Bass (finger)"}, part.Instrument) {
			t.Errorf("there is a part of %s", part.Instrument)
		}
	}
	if got := strings.Join(s.Symbols, ","); got != "F#m,D A,E,F#m" {
		t.Errorf("the chords are %s", got)
	}
	if last := p.Bars()[3]; p.End != last.At+last.Length {
		t.Errorf("ends at %d, its last bar at %d", p.End, last.At+last.Length)
	}
}

// Every format is made, labelled, and made again.
func TestComposeFormats(t *testing.T) {
	for _, file := range []string{"a.mid", "a.abc", "a.musicxml", "a.mxl", "a.wav", "a.flac", "a.png"} {
		p, it := composed(t, usual(func(c *Compose) { c.Bars, c.Seed, c.Style = 2, 7, "rock" }), file)
		if len(it.Bytes) < 200 || (p == nil) != slices.Contains([]string{"a.wav", "a.flac", "a.png"}, file) {
			t.Errorf("%s: %d bytes, %v", file, len(it.Bytes), p)
		}
		if p != nil && len(p.Bars()) != 2 {
			t.Errorf("%s has %d bars", file, len(p.Bars()))
		}
	}
}

// jig is a piece with an upbeat and another grid than that of events.
func jig(t *testing.T) File {
	t.Helper()
	s := &music.Score{Quarter: 100, Title: "Jig", Meters: []midi.Meter{{Count: 1, Unit: 8}, {At: 50, Count: 6, Unit: 8}}, Keys: []music.Key{{Fifths: 1}},
		Parts: []music.Part{{Name: "Fiddle"}, {Channel: 1, Name: "Bass"}}, Chords: []music.Chord{{At: 50, Name: "G"}, {At: 350, Name: "D"}}}
	for i := range int64(26) {
		s.Parts[0].Notes = append(s.Parts[0].Notes, music.Note{At: 47 * i, Length: 44, Pitch: uint8(67 + 2*(i%4)), Velocity: 90, Program: 110})
	}
	for i := range int64(4) {
		s.Parts[1].Notes = append(s.Parts[1].Notes, music.Note{At: 50 + 300*i, Length: 300, Pitch: 43, Velocity: 70, Program: 32})
	}
	s.Sort()
	file, _, err := s.Write(music.MIDI)
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: "jig.mid", Bytes: file}
}

// notesIn are the notes of a part that begin between two places, in quarter notes.
func notesIn(p *music.Piece, part int, from, to float64) (all [][3]float64) {
	q := float64(p.Quarter)
	for _, n := range p.Parts[part].Notes {
		if at := float64(n.At) / q; at >= from && at < to {
			all = append(all, [3]float64{at, float64(n.Length) / q, float64(n.Pitch)})
		}
	}
	return all
}

// What goes on stays as it is up to there.
func TestContinue(t *testing.T) {
	given := jig(t)
	before, err := music.Read(given.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	a := New[*Continue]()
	a.Piece, a.Bars, a.Chords = given, 3, "C D G"
	p, it := composed(t, a, "")
	if it.Name != "jig-continued.mid" || p.Title != "Jig" || len(p.Bars()) != len(before.Bars())+3 || p.Bars()[0].Number != 0 {
		t.Errorf("%s: %d bars, before %d", it.Name, len(p.Bars()), len(before.Bars()))
	}
	for part := range 2 {
		if got, want := notesIn(p, part, 0, 12.2), notesIn(before, part, 0, 12.2); !slices.Equal(got, want) {
			t.Errorf("part %d was %v and is %v", part, want, got)
		}
	}
	if n := len(notesIn(p, 0, 12.5, 99)) + len(notesIn(p, 1, 12.5, 99)); n < 3 {
		t.Errorf("%d notes were added", n)
	}
	if s := p.Survey(); strings.Join(s.Symbols[len(s.Symbols)-3:], " ") != "C D G" {
		t.Errorf("the chords are %v", s.Symbols)
	}
}

// What is filled in leaves all else as it is.
func TestInfill(t *testing.T) {
	given := jig(t)
	before, err := music.Read(given.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	a := New[*Infill]()
	a.Piece, a.Bars = given, "2-3"
	p, it := composed(t, a, "")
	if it.Name != "jig-filled.mid" || len(p.Bars()) != len(before.Bars()) {
		t.Errorf("%s: %d bars, before %d", it.Name, len(p.Bars()), len(before.Bars()))
	}
	same := true
	for part := range 2 {
		for _, span := range [][2]float64{{0, 3.1}, {9.5, 99}} {
			if got, want := notesIn(p, part, span[0], span[1]), notesIn(before, part, span[0], span[1]); !slices.Equal(got, want) {
				t.Errorf("part %d was %v and is %v", part, want, got)
			}
		}
		same = same && slices.Equal(notesIn(p, part, 3.5, 9.5), notesIn(before, part, 3.5, 9.5))
	}
	if same {
		t.Error("nothing was filled in")
	}
}

// What cannot be composed is one line that says what would be right.
func TestComposeMistakes(t *testing.T) {
	given := jig(t)
	for want, a := range map[string]App{
		`no style "roc"; did you mean "rock"?`:         usual(func(c *Compose) { c.Style = "roc" }),
		`no key "H"; want one such as G`:               usual(func(c *Compose) { c.Key = "H" }),
		`no instrument "bas"; did you mean "bass"?`:    usual(func(c *Compose) { c.Instruments = []string{"bas"} }),
		`want drums once`:                              usual(func(c *Compose) { c.Instruments = []string{"drums", "drums"} }),
		`no chord "X"; want symbols such as Am`:        usual(func(c *Compose) { c.Chords = "Am X" }),
		`no metre "4/5"`:                               usual(func(c *Compose) { c.Metre = "4/5" }),
		"want the bars to fill, such as 5-8 or 5":      &Infill{Piece: given, Bars: "8-5", Model: "ensemble", Temperature: 1, TopP: 1, Guidance: 1},
		"jig.mid has 4 bars: want bars up to 4, got 5": &Infill{Piece: given, Bars: "5", Model: "ensemble", Temperature: 1, TopP: 1, Guidance: 1},
		"a.mid is no MIDI file: it has no header":      &Continue{Piece: File{Name: "a.mid", Bytes: []byte("MThd")}, Bars: 2, Frames: 12, Model: "ensemble", Temperature: 1, TopP: 1, Guidance: 1},
		`no run "nobody"`:                              usual(func(c *Compose) { c.Model = "nobody" }),
		"tempo: want 40 to 240, or 0, got 20":          usual(func(c *Compose) { c.Tempo = 20 }),
	} {
		env, items := rehearsal(t, Out{})
		err := Run(t.Context(), a, env)
		if err == nil || len(*items) > 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %d works", want, err, len(*items))
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
