package music

import (
	"slices"
	"testing"

	"atelier/internal/midi"
)

func TestDescribe(t *testing.T) {
	for text, want := range map[string]Description{
		"a slow waltz in a minor key, with brushes":      {Slowest: 40, Fastest: 88, Minor: true, Meter: midi.Meter{Count: 3, Unit: 4}, Unknown: []string{"brushes"}},
		"Up-tempo, in A minor":                           {Slowest: 132, Fastest: 240, Key: &Key{Minor: true}},
		"for double bass and fiddle, in F# minor in 6/8": {Key: &Key{Fifths: 3, Minor: true}, Meter: midi.Meter{Count: 6, Unit: 8}, Instruments: []string{"double bass", "fiddle"}},
		"a jig in G":                           {Key: &Key{Fifths: 1}, Meter: midi.Meter{Count: 6, Unit: 8}},
		"rock in Em":                           {Key: &Key{Fifths: 1, Minor: true}, Unknown: []string{"rock"}},
		"in Bb":                                {Key: &Key{Fifths: -2}},
		"song in B flat, for flute":            {Key: &Key{Fifths: -2}, Instruments: []string{"flute"}},
		"in the key of F♯ minor":               {Key: &Key{Fifths: 3, Minor: true}},
		"C sharp minor":                        {Key: &Key{Fifths: 4, Minor: true}},
		"a sad waltz in A":                     {Minor: true, Key: &Key{Minor: true}, Meter: midi.Meter{Count: 3, Unit: 4}},
		"a waltz in a":                         {Key: &Key{Fifths: 3}, Meter: midi.Meter{Count: 3, Unit: 4}},
		"in A, slow":                           {Slowest: 40, Fastest: 88, Key: &Key{Fifths: 3}},
		"in a minor for piano":                 {Key: &Key{Minor: true}, Instruments: []string{"piano"}},
		"in a slow tempo":                      {Slowest: 40, Fastest: 88, Unknown: []string{"tempo"}},
		"G, e piano":                           {Instruments: []string{"piano"}, Unknown: []string{"g", "e"}},
		"jazz, without drums or any sax, slow": {Slowest: 40, Fastest: 88, Without: []string{"drums", "sax"}, Unknown: []string{"jazz"}},
		"no drums, piano":                      {Without: []string{"drums", "piano"}},
		"no drums but a piano":                 {Without: []string{"drums"}, Instruments: []string{"piano"}, Unknown: []string{"but"}},
		"no end":                               {Unknown: []string{"no", "end"}},
		"happy song in Dm":                     {Major: true, Key: &Key{Fifths: -1, Minor: true}},
		"happy song":                           {Major: true},
		"4 3/x x a":                            {Unknown: []string{"4", "3/x", "x"}},
		"the music of":                         {},
	} {
		got := Describe(Words(text))
		if got.Slowest != want.Slowest || got.Fastest != want.Fastest || got.Minor != want.Minor || got.Major != want.Major || got.Meter != want.Meter ||
			!slices.Equal(got.Instruments, want.Instruments) || !slices.Equal(got.Without, want.Without) || !slices.Equal(got.Unknown, want.Unknown) ||
			(got.Key == nil) != (want.Key == nil) || got.Key != nil && *got.Key != *want.Key {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
		if empty := want.Fastest == 0 && want.Key == nil && !want.Minor && !want.Major && want.Instruments == nil && want.Without == nil; got.Empty() != empty {
			t.Errorf("%s: empty is %v", text, got.Empty())
		}
	}
}

// What a survey says, Describe understands.
func TestSurveysAreDescribed(t *testing.T) {
	for _, meter := range []midi.Meter{{Count: 3, Unit: 4}, {Count: 6, Unit: 8}, {Count: 4, Unit: 4}} {
		for _, bpm := range []int64{60, 100, 200} {
			s := quarters(scale(60, 0, 2, 3, 5, 7, 8, 10, 12)...)
			s.Meters, s.Keys, s.Tempos = []midi.Meter{meter}, []Key{{Fifths: -3, Minor: true}}, []midi.Tempo{{Micros: 60_000_000 / bpm}}
			s.Parts = append(s.Parts, Part{Channel: midi.DrumChannel, Notes: []Note{{0, 96, 36, 80, 0}}})
			var text string
			for _, w := range s.Survey().Words() {
				text += w + ", "
			}
			d := Describe(Words(text))
			if len(d.Unknown) > 0 || d.Meter != meter || d.Key == nil || *d.Key != s.Keys[0] || float64(bpm) < d.Slowest || float64(bpm) > d.Fastest || !slices.Contains(d.Instruments, "drums") {
				t.Errorf("%q is understood as %+v", text, d)
			}
		}
	}
}

func TestInstrumentsLike(t *testing.T) {
	if all, drums := InstrumentsLike("sax"); drums || !slices.Equal(all, []uint8{64, 65, 66, 67}) {
		t.Error(all, drums)
	}
	if all, drums := InstrumentsLike("drums"); !drums || len(all) > 0 {
		t.Error(all, drums)
	}
}
