package events

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/midi"
	"atelier/internal/music"
)

// drawn draws a piece of all that events hold.
func drawn(t *rapid.T) *Piece {
	p := &Piece{Style: rapid.IntRange(-1, 3).Draw(t, "style")}
	for range rapid.IntRange(1, 5).Draw(t, "parts") {
		p.Parts = append(p.Parts, rapid.IntRange(0, 127).Draw(t, "program"))
	}
	if rapid.Bool().Draw(t, "drums") {
		p.Parts = append(p.Parts, Drums)
	}
	var last Chord
	for i := range rapid.IntRange(1, 5).Draw(t, "bars") {
		b := Bar{Parts: make([][]Note, len(p.Parts))}
		if i == 0 || i > 1 && rapid.IntRange(0, 3).Draw(t, "changes") == 0 { // a first bar alone in its metre is an upbeat
			b.Meter = rapid.IntRange(0, len(Meters)-1).Draw(t, "metre")
			b.Tempo = rapid.IntRange(0, tempos-1).Draw(t, "tempo")
			b.Key = rapid.SampledFrom([]int{0, 3, 6, 8, 12, 14, 15, 20, 22, 25, 29}).Draw(t, "key")
		} else {
			b.Meter, b.Tempo, b.Key = p.Bars[i-1].Meter, p.Bars[i-1].Tempo, p.Bars[i-1].Key
		}
		size := Meters[b.Meter].Steps()
		if i == 0 || rapid.Bool().Draw(t, "chord") {
			last = Chord{0, rapid.IntRange(0, 11).Draw(t, "root"), rapid.IntRange(0, len(Qualities)-1).Draw(t, "kind"), -1}
		}
		last.At = 0
		b.Chords = []Chord{last}
		if rapid.Bool().Draw(t, "second") {
			last = Chord{size / 2, (last.Root + 5) % 12, 3, (last.Root + 1) % 12}
			b.Chords = append(b.Chords, last)
		}
		for part, program := range p.Parts {
			for range rapid.IntRange(0, 4).Draw(t, "notes") {
				n := Note{At: rapid.IntRange(0, size-1).Draw(t, "at"), Loudness: rapid.IntRange(0, len(Velocities)-1).Draw(t, "loudness")}
				if program == Drums {
					n.Pitch = rapid.IntRange(0, highestDrum-lowestDrum).Draw(t, "drum")
				} else {
					n.Pitch = rapid.IntRange(0, highest-lowest).Draw(t, "pitch")
					n.Length = rapid.IntRange(0, len(Lengths)-1).Draw(t, "length")
				}
				if !slices.ContainsFunc(b.Parts[part], func(o Note) bool { return o.At == n.At && o.Pitch == n.Pitch }) {
					b.Parts[part] = append(b.Parts[part], n)
				}
			}
			slices.SortFunc(b.Parts[part], compareNotes)
		}
		p.Bars = append(p.Bars, b)
	}
	return p
}

// bars are the bars of a piece in a form that can be compared.
func bars(p *Piece) []Bar {
	var all []Bar
	for _, b := range p.Bars {
		parts := make([][]Note, len(b.Parts))
		for i := range parts {
			parts[i] = append([]Note{}, b.Parts[i]...)
		}
		b.Parts, b.Chords = parts, append([]Chord{}, b.Chords...)
		all = append(all, b)
	}
	return all
}

func TestTokensRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		p.More = rapid.IntRange(0, 9).Draw(t, "more")
		masked := *p
		masked.Bars = slices.Clone(p.Bars)
		from := rapid.IntRange(0, len(p.Bars)-1).Draw(t, "from")
		for i := from; i < len(p.Bars) && i < from+2; i++ {
			masked.Bars[i].Masked = true
		}
		for _, as := range []*Piece{p, &masked} {
			tokens := as.Tokens()
			for _, token := range tokens {
				if kind, value := Of(token); Token(kind, value) != token || kind < Style && value >= sizes[kind] {
					t.Fatal(token, kind, value)
				}
			}
			got := Parse(append(tokens, p.Tokens()...))
			if !reflect.DeepEqual(bars(got), bars(p)) || !slices.Equal(got.Parts, p.Parts) || got.Style != p.Style || got.More != p.More {
				t.Fatalf("%+v\nbecame\n%+v", p, got)
			}
		}
	})
}

// What events hold comes back exactly.
func TestScoreRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		last := &p.Bars[len(p.Bars)-1]
		p.Parts, last.Parts = append(p.Parts, 73), append(last.Parts, []Note{{Length: 0, Pitch: 20}}) // the last bar sounds
		for i := range len(p.Bars) - 1 {
			p.Bars[i].Parts = append(p.Bars[i].Parts, []Note{})
		}
		s := p.Score()
		again, report, err := FromScore(s)
		if err != nil {
			t.Fatal(err)
		}
		if report.MostMs != 0 || len(report.Lost) > 0 || report.Notes != s.Notes() {
			t.Fatalf("report %+v of %d notes", report, s.Notes())
		}
		back := again.Score()
		if !reflect.DeepEqual(back.Tempos, s.Tempos) || !reflect.DeepEqual(back.Meters, s.Meters) || !reflect.DeepEqual(back.Keys, s.Keys) || !reflect.DeepEqual(back.Chords, s.Chords) {
			t.Fatalf("%+v\nbecame\n%+v", s, back)
		}
		if !reflect.DeepEqual(soundsOf(back), soundsOf(s)) {
			t.Fatalf("%+v\nbecame\n%+v", s.Parts, back.Parts)
		}
	})
}

func soundsOf(s *music.Score) (all [][]music.Note) {
	for _, p := range s.Parts {
		all = append(all, p.Notes)
	}
	return all
}

// A piece by hand: an upbeat, a triplet, a note that is late, and one that is too long.
func TestReport(t *testing.T) {
	s := &music.Score{Quarter: 480, Meters: []midi.Meter{{Count: 1, Unit: 4}, {At: 480, Count: 3, Unit: 4}}, Tempos: []midi.Tempo{{Micros: 500_000}},
		Keys: []music.Key{{Fifths: 1}},
		Parts: []music.Part{{Notes: []music.Note{
			{At: 0, Length: 480, Pitch: 62, Velocity: 80}, {At: 480, Length: 160, Pitch: 67, Velocity: 80},
			{At: 640, Length: 160, Pitch: 71, Velocity: 80}, {At: 810, Length: 150, Pitch: 74, Velocity: 83}, // 10 ticks late: 10.4 ms
			{At: 960, Length: 480 * 40, Pitch: 67, Velocity: 80},
		}}}}
	s.Sort()
	p, report, err := FromScore(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Bars) != 15 || p.Bars[0].Meter != 1 || p.Bars[0].Key != 8 {
		t.Errorf("%d bars, the first %+v", len(p.Bars), p.Bars[0])
	}
	if n := p.Bars[0].Parts[0][0]; n.At != 24 || PitchOf(n.Pitch, 8) != 62 {
		t.Errorf("the upbeat is %+v", n)
	}
	if n := p.Bars[1].Parts[0]; n[1].At != 4 || n[2].At != 8 || n[0].Pitch != 72-lowest {
		t.Errorf("the triplet is %+v", n)
	}
	if report.MostMs < 10 || report.MostMs > 11 || report.Lost[LostLengths] != 1 || report.Lost[LostMeters] != 1 || report.Notes != 5 {
		t.Errorf("%+v", report)
	}
	if p.Bars[1].Chords[0].Symbol(8) != "G" {
		t.Errorf("the chord found is %s", p.Bars[1].Chords[0].Symbol(8))
	}
}

func TestChordSymbols(t *testing.T) {
	for _, c := range []struct {
		symbol, want string
		exact        bool
	}{
		{"Am", "Am", true}, {"F#m7b5", "F#m7b5", true}, {"G/B", "G/B", true}, {"Bb", "Bb", true}, {"CM7", "Cmaj7", true}, {"E-7", "Em7", true}, {"D7b9", "D7", false},
		{"G13sus4", "Gsus4", false}, {"Cmaj13#11/E", "Cmaj7/E", false}, {"C9", "C9", true}, {"A5", "A5", true},
		{"C♯m", "Dbm", true}, {"A♭", "Ab", true}, {"D♭maj7/A♭", "Dbmaj7/Ab", true}, {"Bm7♭5", "Bm7b5", true}, {"G7♭9", "G7", false},
	} {
		got, exact, ok := ParseChord(c.symbol, 6) // F major
		if name := got.Symbol(6); !ok || name != c.want || exact != c.exact {
			t.Errorf("%s is read as %s, exact %v", c.symbol, name, exact)
		}
	}
	if _, _, ok := ParseChord("N.C.", 7); ok {
		t.Error("no chord is read as one")
	}
}

// Tokens in any order make a piece, and a score.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3})
	f.Add([]byte(strings.Repeat("\x01\x00\x02\x50", 20)))
	size := uint16((&Vocabulary{Styles: []string{"a"}}).Size())
	f.Fuzz(func(t *testing.T, b []byte) {
		var tokens []int32
		for i := 0; i+1 < len(b); i += 2 {
			tokens = append(tokens, int32((uint16(b[i])<<8|uint16(b[i+1]))%size))
		}
		p := Parse(tokens)
		s := p.Score()
		if s.Notes() > len(tokens) {
			t.Fatal("more notes than tokens")
		}
		if len(s.Parts) > 0 {
			if _, _, err := s.Write(music.MIDI); err != nil {
				t.Fatal(err)
			}
		}
	})
}
