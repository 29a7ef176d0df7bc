package music

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseKey(t *testing.T) {
	for text, want := range map[string]string{
		"C": "C major", "g": "G major", "F#m": "F# minor", "Bb": "Bb major", "A minor": "A minor", "Am ": "A minor", " am": "A minor", "Eb major": "Eb major", "bbm": "Bb minor",
		"Bb minor": "Bb minor", "B♭": "Bb major", "f♯ m": "F# minor", "C#": "C# major", "Cb": "Cb major", "B flat minor": "Bb minor", "C-sharp minor": "C# minor", "Amin": "A minor", "A Minor": "A minor", "AM": "A major", "Cmaj": "C major", "E aeolian": "E minor",
	} {
		if k, err := ParseKey(text); err != nil || k.String() != want {
			t.Errorf("%q is %v (%v), want %s", text, k, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no key", "H": "no key", "Q#": "no key", "C##": "no key", "sharp": "no key", "clef=bass": "no key", "12": "no key", "A minors": "no key", "A minor key": "no key",
		"Ador": "another mode", "G mix": "another mode", "E Phrygian": "another mode", "G#": "G# major has no signature; want Ab major", "Fb minor": "want E minor",
	} {
		if k, err := ParseKey(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, %v; want %s", text, k, err, want)
		}
	}
}

// A piece moved into a key has that key, spelled as it was asked for.
func TestInto(t *testing.T) {
	for _, c := range []struct {
		keys []Key
		to   string
		want string
	}{
		{[]Key{{Fifths: 1}}, "C#", "C# major"}, {[]Key{{Fifths: 1}}, "Db", "Db major"}, {nil, "Cb", "Cb major"}, {[]Key{{}}, "A", "A major"},
		{[]Key{{Fifths: 1}, {At: 48, Fifths: 2}}, "C#", "C# major Ab major"}, {[]Key{{Fifths: 1}, {At: 48, Fifths: 0}}, "C#", "C# major F# major"},
	} {
		s := quarters(scale(60, 0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0)...)
		s.Keys = c.keys
		from, _ := s.MainKey()
		to, err := ParseKey(c.to)
		if err != nil {
			t.Fatal(err)
		}
		moved, _ := s.Into(from, to)
		var got []string
		for _, k := range moved.Keys {
			got = append(got, k.String())
		}
		if strings.Join(got, " ") != c.want || int(moved.Parts[0].Notes[0].Pitch) != 60+Shortest(from, to) {
			t.Errorf("%v to %s: %v, want %s", c.keys, c.to, got, c.want)
		}
	}
}

func TestShortest(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{{"C", "G", -5}, {"C", "F#", 6}, {"C", "F", 5}, {"G", "C", 5}, {"A", "C", 3}, {"C", "A", -3}, {"D", "D", 0}, {"B", "C", 1}} {
		from, _ := ParseKey(c.from)
		to, _ := ParseKey(c.to)
		if got := Shortest(from, to); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

// Moved up and down again, a piece is what it was; drums stay where they are.
func TestTransposed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScore(t, 48)
		s.Keys = []Key{KeyOf(rapid.IntRange(0, 11).Draw(t, "tonic"), true)}
		by := rapid.IntRange(-20, 20).Draw(t, "by")
		up, out := s.Transposed(by)
		back, _ := up.Transposed(-by)
		if out > 0 || written(back) != written(s) {
			t.Fatalf("%d notes out\n%s\n%s", out, written(back), written(s))
		}
		for i := range s.Parts {
			want := by
			if s.Parts[i].Drums() {
				want = 0
			}
			sum := 0
			for j, n := range up.Parts[i].Notes {
				sum += int(n.Pitch) - int(s.Parts[i].Notes[j].Pitch) - want
			}
			if sum != 0 {
				t.Fatal(up.Parts[i])
			}
		}
	})
	s := quarters([]uint8{60, 64, 67})
	s.Keys, s.Chords = []Key{{}}, []Chord{{0, "C/E"}, {0, "Am7"}, {0, "N.C."}}
	up, _ := s.Transposed(3)
	if up.Keys[0].String() != "Eb major" || !slices.Equal(up.Chords, []Chord{{0, "Eb/G"}, {0, "Cm7"}, {0, "N.C."}}) {
		t.Error(up.Keys, up.Chords)
	}
	if _, out := s.Transposed(61); out != 1 {
		t.Error(out, "notes have no pitch, want 1")
	}
}

func TestQuantised(t *testing.T) {
	s := &Score{Quarter: 480, Parts: []Part{{Notes: []Note{{At: 10, Length: 100, Pitch: 60}, {At: 130, Length: 110, Pitch: 62}, {At: 235, Length: 130, Pitch: 64}, {At: 360, Length: 5, Pitch: 65}}}}}
	places := func(s *Score) (all []int64) {
		for _, n := range s.Parts[0].Notes {
			all = append(all, n.At, n.Length)
		}
		return all
	}
	got, report := s.Quantised(Quantising{Steps: 16, Strength: 1})
	if want := []int64{0, 120, 120, 120, 240, 120, 360, 60}; !slices.Equal(places(got), want) {
		t.Error(places(got), "want", want)
	}
	// 10, 10, 5 and 0 ticks of 500/480 ms.
	if want := 25.0 / 4 * 500 / 480; math.Abs(report.MeanMs-want) > .01 || math.Abs(report.MostMs-10*500./480) > .01 || report.Moved != 3 {
		t.Errorf("%+v, want a mean of %.2f", report, want)
	}
	half, _ := s.Quantised(Quantising{Steps: 16, Strength: .5})
	if want := []int64{5, 110, 125, 115, 238, 125, 360, 60}; !slices.Equal(places(half), want) {
		t.Error(places(half), "want", want)
	}
	swung, _ := s.Quantised(Quantising{Steps: 16, Strength: 1, Swing: .75})
	if want := []int64{0, 180, 180, 60, 240, 180, 420, 60}; !slices.Equal(places(swung), want) {
		t.Error(places(swung), "want", want)
	}
	twice := &Score{Quarter: 480, Parts: []Part{{Notes: []Note{{At: 0, Length: 9, Pitch: 60}, {At: 8, Length: 9, Pitch: 60}}}}}
	if got, report := twice.Quantised(Quantising{Steps: 4, Strength: 1}); len(got.Parts[0].Notes) != 1 || report.Joined != 1 {
		t.Errorf("%+v, %+v", got.Parts, report)
	}
}

// Onto the grid once is onto the grid for good, and no note is earlier than the beginning.
func TestQuantisedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScore(t, 480)
		q := Quantising{Steps: rapid.SampledFrom([]int{4, 8, 12, 16, 24, 32}).Draw(t, "steps"), Strength: 1, Swing: rapid.SampledFrom([]float64{0, .5, .6, .667, .75}).Draw(t, "swing")}
		once, _ := s.Quantised(q)
		twice, report := once.Quantised(q)
		for i := range once.Parts {
			for j, n := range once.Parts[i].Notes {
				if n.At < 0 || n.Length < 1 || n.At != twice.Parts[i].Notes[j].At {
					t.Fatal(once.Parts[i].Notes, twice.Parts[i].Notes)
				}
			}
		}
		if report.Moved > 0 {
			t.Fatalf("%+v", report)
		}
	})
}

// TestSaidKey: C major counts where a file says it on purpose, as ABC does, and in a MIDI file, where
// the tones or the title say it, too.
func TestSaidKey(t *testing.T) {
	p, err := Read([]byte("X:1\nL:1/4\nK:C\nA c e A|E A c A|A e A2|\n"))
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := p.MainKey(); !ok || k != (Key{}) {
		t.Errorf("K:C is read as %v", k)
	}
	file, _, err := p.Write(MIDI)
	if err == nil {
		p, err = Read(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if k, _ := p.MainKey(); k.String() != "A minor" {
		t.Errorf("C major of a MIDI file is taken for %v", k)
	}
	for name, tones := range map[string][]uint8{"Prelude": {0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0}, "Prelude in C major": {9, 0, 4, 9}} {
		s := quarters(scale(60, tones...)...)
		s.Keys, s.Title = []Key{{}}, name
		if file, _, err = s.Write(MIDI); err == nil {
			p, err = Read(file)
		}
		if k, said := p.SaidKey(); err != nil || !said || k != (Key{}) {
			t.Errorf("%s: %v, said %v, error %v", name, k, said, err)
		}
	}
}

func TestOneByOne(t *testing.T) {
	p := Part{Notes: []Note{{At: 0, Length: 9}, {At: 4, Length: 3}, {At: 8, Length: 5}, {At: 8, Length: 6}, {At: 12, Length: 9}}}
	p.OneByOne()
	for i, want := range []int64{4, 3, 4, 4, 9} {
		if got := p.Notes[i].Length; got != want {
			t.Errorf("note %d lasts %d, want %d", i, got, want)
		}
	}
}
