package music

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/midi"
)

// drawScore draws a score on a grid of quarter ticks per quarter note, in which notes of a
// pitch do not overlap within a part.
func drawScore(t *rapid.T, quarter int) *Score {
	s := &Score{Quarter: quarter, Title: rapid.SampledFrom([]string{"", "A title", "Größe"}).Draw(t, "title")}
	for i := range rapid.IntRange(1, 4).Draw(t, "parts") {
		p := Part{Name: rapid.SampledFrom([]string{"", "Flute", "Voice 2"}).Draw(t, "name"), Channel: uint8(i)}
		program := rapid.Uint8Range(0, 127).Draw(t, "program")
		if i == 3 {
			p.Channel, program = midi.DrumChannel, 0
		}
		free := map[uint8]int64{}
		at := int64(0)
		for range rapid.IntRange(1, 12).Draw(t, "notes") {
			n := Note{At: at, Length: rapid.Int64Range(1, int64(3*quarter)).Draw(t, "length"), Pitch: rapid.Uint8Range(20, 100).Draw(t, "pitch"), Velocity: usualVelocity, Program: program}
			at += rapid.Int64Range(0, int64(2*quarter)).Draw(t, "step")
			if free[n.Pitch] <= n.At {
				free[n.Pitch] = n.At + n.Length
				p.Notes = append(p.Notes, n)
			}
		}
		s.Parts = append(s.Parts, p)
	}
	tempo := rapid.Int64Range(40, 200).Draw(t, "tempo")
	s.Tempos = []midi.Tempo{{At: 0, Micros: (60_000_000 + tempo/2) / tempo}}
	s.Meters = []midi.Meter{{Count: rapid.IntRange(2, 7).Draw(t, "count"), Unit: rapid.SampledFrom([]int{2, 4, 8}).Draw(t, "unit")}}
	s.Keys = []Key{{Fifths: rapid.IntRange(-7, 7).Draw(t, "fifths"), Minor: rapid.Bool().Draw(t, "minor")}}
	s.Sort()
	return s
}

// written writes what a score plays.
func written(s *Score) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %q %v %v %v %v\n", s.Quarter, s.Title, s.Tempos, s.Meters, s.Keys, s.Chords)
	for i := range s.Parts {
		fmt.Fprintf(&b, "%q %v %v\n", s.Parts[i].Name, s.Parts[i].Drums(), s.Parts[i].Notes)
	}
	return b.String()
}

func reread(t interface {
	Helper()
	Fatal(...any)
}, s *Score, f Format) *Score {
	t.Helper()
	file, _, err := s.Write(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := FormatOf(file); got != f {
		t.Fatal("it looks like", got, string(file))
	}
	back, err := Read(file)
	if err != nil {
		t.Fatal(err, string(file))
	}
	if len(back.Repairs)+len(back.Lost) > 0 {
		t.Fatal(back.Repairs, back.Lost, string(file))
	}
	return back.Score
}

// What is written as MIDI is read as the same score, but that a single part is named as the
// piece is.
func TestMIDIReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScore(t, 480)
		if len(s.Parts) == 1 {
			s.Parts[0].Name = ""
		}
		s.Composer, s.Chords = "Someone", []Chord{{0, "Am7"}, {480, "D/F#"}}
		back := reread(t, s, MIDI)
		if got, want := written(back), written(s); got != want || back.Composer != s.Composer {
			t.Fatalf("read\n%s\nwrote\n%s", got, want)
		}
	})
}

// Every channel of a track is a part; programs that another track sets apply; controllers
// stay with their part.
func TestFromSong(t *testing.T) {
	song := &midi.Song{Quarter: 96, Tracks: 3, Notes: []midi.Note{
		{At: 0, Length: 96, Track: 1, Channel: 0, Pitch: 60, Velocity: 80},
		{At: 0, Length: 96, Track: 1, Channel: 9, Pitch: 38, Velocity: 80},
		{At: 96, Length: 96, Track: 2, Channel: 1, Program: 20, Pitch: 62, Velocity: 80},
		{At: 192, Length: 96, Track: 1, Channel: 0, Pitch: 64, Velocity: 80},
	}, Events: []midi.Event{
		{At: 0, Track: 0, Message: []byte{0xC0, 40}},
		{At: 0, Track: 2, Message: []byte{0xC1, 20}},
		{At: 0, Track: 1, Message: []byte{0xB0, 7, 100}},
		{At: 0, Track: 1, Message: []byte{0xB5, 7, 100}},
		{At: 192, Track: 0, Message: []byte{0xC0, 41}},
	}}
	song.Sort()
	lost := Counts{}
	s := FromSong(song, lost)
	if len(s.Parts) != 3 || s.Parts[0].Channel != 0 || !s.Parts[1].Drums() || s.Parts[2].Channel != 1 {
		t.Fatalf("%+v", s.Parts)
	}
	if p := s.Parts[0]; p.Notes[0].Program != 40 || p.Notes[1].Program != 41 || s.Parts[2].Program() != 20 {
		t.Errorf("programs of %+v", s.Parts)
	}
	if len(s.Events) != 1 || s.Events[0].Track != 0 || lost[LostControllers] != 1 {
		t.Errorf("%v, lost %v", s.Events, lost)
	}
	back := FromSong(s.Song(), nil)
	if written(back) != written(s) || !slices.EqualFunc(back.Events, s.Events, func(a, b midi.Event) bool { return string(a.Message) == string(b.Message) }) {
		t.Errorf("%s\n%s", written(back), written(s))
	}
}
