package music

import (
	"slices"
	"strings"
	"testing"

	"atelier/internal/midi"
)

// quarters makes a score of quarter notes, a chord of pitches each.
func quarters(chords ...[]uint8) *Score {
	s := &Score{Quarter: 96, Parts: []Part{{}}}
	for i, chord := range chords {
		for _, pitch := range chord {
			s.Parts[0].Notes = append(s.Parts[0].Notes, Note{At: int64(i) * 96, Length: 96, Pitch: pitch, Velocity: 80})
		}
	}
	s.Sort()
	return s
}

func scale(tonic uint8, steps ...uint8) (chords [][]uint8) {
	for _, s := range steps {
		chords = append(chords, []uint8{tonic + s})
	}
	return chords
}

func TestFindKey(t *testing.T) {
	major := []uint8{0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0}
	minor := []uint8{0, 2, 3, 5, 7, 8, 11, 12, 7, 3, 0}
	for name, s := range map[string]*Score{
		"C major": quarters(scale(60, major...)...), "G major": quarters(scale(55, major...)...), "Eb major": quarters(scale(63, major...)...),
		"F# major": quarters(scale(66, major...)...), "A minor": quarters(scale(57, minor...)...), "C# minor": quarters(scale(61, minor...)...), "G# minor": quarters(scale(68, minor...)...),
	} {
		if key, r, ok := s.FindKey(); !ok || key.String() != name || r < .7 {
			t.Errorf("%s is taken for %v, %.2f", name, key, r)
		}
	}
	drums := quarters(scale(60, major...)...)
	drums.Parts[0].Channel = midi.DrumChannel
	if key, _, ok := drums.FindKey(); ok {
		t.Error("drums are in", key)
	}
	if _, _, ok := quarters(scale(60, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)...).FindKey(); ok {
		t.Error("all tones alike are in a key")
	}
}

func TestKeys(t *testing.T) {
	for name, k := range map[string]Key{"C major": {}, "A minor": {Minor: true}, "F major": {Fifths: -1}, "Cb major": {Fifths: -7}, "C# major": {Fifths: 7}, "A# minor": {Fifths: 7, Minor: true}, "Ab minor": {Fifths: -7, Minor: true}} {
		if k.String() != name {
			t.Errorf("%+v is called %s, want %s", k, k, name)
		}
	}
	for tonic := range 12 {
		for _, minor := range []bool{false, true} {
			if k := KeyOf(tonic, minor); k.Tonic() != tonic || k.Minor != minor || k.Fifths < -5 || k.Fifths > 6 {
				t.Errorf("tonic %d: %+v", tonic, k)
			}
		}
	}
}

func TestFindChords(t *testing.T) {
	s := quarters([]uint8{48, 64, 67, 72}, []uint8{57, 60, 64}, []uint8{43, 59, 62, 65}, []uint8{50, 53, 57, 60}, []uint8{59, 62, 65}, nil, []uint8{52, 60, 67})
	s.Meters = []midi.Meter{{Count: 1, Unit: 4}}
	want := []string{"C", "Am", "G7", "Dm7", "Bdim", NoChord, "C"}
	if got := s.FindChords(s.Bars(), Key{}); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	flat := quarters([]uint8{56, 60, 63}, []uint8{49, 53, 56})
	flat.Meters = s.Meters
	if got := flat.FindChords(flat.Bars(), Key{Fifths: -4}); !slices.Equal(got, []string{"Ab", "Db"}) {
		t.Errorf("%v, want Ab Db", got)
	}
	// A note held over many bars counts in each.
	held := quarters([]uint8{48}, nil, nil, []uint8{72})
	held.Parts[0].Notes[0].Length = 4 * 96
	held.Parts[0].Notes = append(held.Parts[0].Notes, Note{At: 96, Length: 192, Pitch: 64}, Note{At: 96, Length: 192, Pitch: 67})
	held.Sort()
	held.Meters = s.Meters
	if got := held.FindChords(held.Bars(), Key{}); got[1] != "C" || got[2] != "C" {
		t.Errorf("%v under a held C", got)
	}
}

// What sounds in a bar is the chord whose tones are there, with those of the key where that is
// not said.
func TestChordsOfMelodies(t *testing.T) {
	for _, c := range []struct{ key, bar, want string }{
		{"G", "GABc dedB", "G"}, {"G", "G2AB2cB2", "G"}, {"C#m", "^B,2D2F2G2", "G#7"}, {"C", "B,2D2F2G2", "G7"},
		{"Am", "A4E4", "Am"}, {"Am", "A8", NoChord}, {"Am", "z8|A", NoChord}, {"A", "A4E4", "A"}, {"F", "D4A4", "Dm"}, {"Am", "E2^G2B2e2", "E"},
		{"E", "C,4E2G2", "C#m"}, {"E", "G,4B2D2", "G#m"}, {"C", "[C,CEG]8", "C"}, {"C", "[A,CEG]8", "Am7"}, {"F", "C,2E,2G,2B,2", "C7"}, {"C", "C,E,G,E,C,E,G,E,", "C"},
		{"C", "[CE]6FA", "C"}, {"D", "[DFA]2EGFAde", "D"},
	} {
		p := mustRead(t, "X:1\nM:4/4\nL:1/8\nK:"+c.key+"\n"+c.bar+"|]\n")
		if got := p.Survey().Chords[0]; got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.bar, c.key, got, c.want)
		}
	}
}

// Pitches and chords are spelled by the key, that of the bar where it changes; the symbols of
// the file stand beside them.
func TestSpelledByKey(t *testing.T) {
	s := mustRead(t, "X:1\nM:4/4\nL:1/8\nK:E\n\"C#m\"[CEG]8|\"A\"[Ace]4 \"B7\"[FAB^d]4|[K:Db][DFA]8|]\n").Survey()
	if got := s.Parts[0].Lowest + " to " + s.Parts[0].Highest; got != "C#4 to E5" {
		t.Error(got)
	}
	if s.Chords[0] != "C#m" || s.Chords[2] != "Db" {
		t.Error(s.Chords)
	}
	if want := []string{"C#m", "A B7", ""}; !slices.Equal(s.Symbols, want) {
		t.Errorf("%q, want %q", s.Symbols, want)
	}
}

func TestBars(t *testing.T) {
	s := &Score{Quarter: 96, Parts: []Part{{Notes: []Note{{At: 0, Length: 96 * 9}}}}, Meters: []midi.Meter{{Count: 1, Unit: 4}, {At: 96, Count: 3, Unit: 4}, {At: 96 * 6, Count: 2, Unit: 4}}}
	var got []Bar
	for _, b := range s.Bars() {
		got = append(got, Bar{At: b.At / 96, Length: b.Length / 96, Number: b.Number})
	}
	if want := []Bar{{At: 0, Length: 1, Number: 0}, {At: 1, Length: 3, Number: 1}, {At: 4, Length: 2, Number: 2}, {At: 6, Length: 2, Number: 3}, {At: 8, Length: 2, Number: 4}}; !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	long := &Score{Quarter: 1, Parts: []Part{{Notes: []Note{{At: 1 << 37, Length: 1}}}}, Meters: []midi.Meter{{Count: 1, Unit: 128}}}
	if n := len(long.Bars()); n != mostBars {
		t.Error(n, "bars")
	}
	if n := long.countBars(); n != 1<<37+1 {
		t.Error(n, "bars are counted")
	}
	if n := s.countBars(); n != 4 {
		t.Error(n, "full bars")
	}
	if err := long.checkLength(); err == nil || !strings.Contains(err.Error(), "is said to last 19088743:32:17; at most 24:00:00") {
		t.Error(err)
	}
	long.Tempos = []midi.Tempo{{Micros: 1}}
	if err := long.checkLength(); err == nil {
		t.Error("a piece of too many quarter notes is read")
	}
	if err := s.checkLength(); err != nil {
		t.Error(err)
	}
	if c := long.FindChords(long.Bars(), Key{}); len(c) != mostBars {
		t.Error(len(c))
	}
}

func TestRoll(t *testing.T) {
	s := quarters(scale(60, 0, 4, 7, 12)...)
	img, err := s.Roll()
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X < 400 || size.Y < 200 || size.X > rollWidest+100 {
		t.Error(size)
	}
	found := map[any]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			found[img.At(x, y)] = true
		}
	}
	if !found[shade(partColours[0], .6)] || !found[rollBar] {
		t.Error("no notes or bars are drawn")
	}
	many := &Score{Quarter: 96, Parts: slices.Repeat(s.Parts, 10_000)}
	if img, err := many.Roll(); err != nil || img.Bounds().Dy() > 800 {
		t.Error("the legend of many parts is too long", err)
	}
	long := &Score{Quarter: 1, Parts: []Part{{Notes: []Note{{At: 1 << 37, Length: 1, Pitch: 60, Velocity: 1}}}}, Meters: []midi.Meter{{Count: 1, Unit: 128}}}
	if img, err := long.Roll(); err != nil || img.Bounds().Dx() > rollWidest+100 {
		t.Error(err)
	}
}
