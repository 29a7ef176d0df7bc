package composing

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/noise"
	"atelier/internal/quant"
	"atelier/model/language"
)

// written writes a plan by drawing among all tokens that a constraint allows, notes more often
// than ends.
func written(t interface{ Fatalf(string, ...any) }, p *Plan, rng *rand.Rand) *events.Piece {
	k := NewConstraint(p)
	var tokens []int32
	for !k.Done() {
		var allowed []int32
		for token := range int32(events.Vocabulary{}.Size()) {
			if k.Allows(token) {
				allowed = append(allowed, token)
			}
		}
		if len(allowed) == 0 || len(tokens) > 100_000 {
			t.Fatalf("behind %d tokens, the last %v, there are %d to choose from", len(tokens), tokens[max(0, len(tokens)-5):], len(allowed))
		}
		token := allowed[rng.IntN(len(allowed))]
		k.Accept(token)
		tokens = append(tokens, token)
	}
	return events.Parse(append(p.Piece.Part(p.From, len(p.Piece.Bars)).Heading(), tokens...))
}

// planned draws a plan of a whole piece.
func planned(t *rapid.T) *Plan {
	parts := rapid.SampledFrom([][]int{{0}, {73, 0, 32, events.Drums}, {events.Drums}, {40, 40, 48}, {33, events.Drums}, {66, 24, 33}}).Draw(t, "parts")
	b := events.Bar{Meter: rapid.IntRange(0, len(events.Meters)-1).Draw(t, "metre"), Tempo: 20, Key: rapid.IntRange(0, 29).Draw(t, "key"), Parts: make([][]events.Note, len(parts))}
	p := &Plan{Piece: &events.Piece{Style: -1, Parts: parts}, Chromatic: usualChromatic}
	for range rapid.IntRange(1, 5).Draw(t, "bars") {
		p.Piece.Bars = append(p.Piece.Bars, b)
	}
	p.To = len(p.Piece.Bars)
	p.Kit = rapid.Bool().Draw(t, "kit")
	p.Repeats = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "repeats")
	return p
}

// Whatever a model would write: bars and metre are exact, every bar sounds, nineteen of twenty
// notes are of the key, and a bass begins a chord with its root.
func TestConstraintHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planned(t)
		if rapid.Bool().Draw(t, "chords") {
			progression, err := ParseProgression("Am F | C/E G7 | Bdim")
			if err != nil {
				t.Fatal(err)
			}
			progression.Set(p.Piece, 0, p.To)
			p.GivenChords = true
		}
		given := p.Piece.Bars
		piece := written(t, p, noise.Stream(rapid.Uint64().Draw(t, "seed")))
		if len(piece.Bars) != p.To || !slices.Equal(piece.Parts, p.Piece.Parts) || piece.More != 0 {
			t.Fatalf("%d bars of %v", len(piece.Bars), piece.Parts)
		}
		notes, foreign := 0, 0
		last, tonic := piece.Bars[p.To-1], 0
		if events.KeyOf(last.Key).Minor {
			tonic = 9 // as in A minor
		}
		if !p.GivenChords && (len(last.Chords) != 1 || last.Chords[0].Root != tonic) {
			t.Fatalf("a piece in %v ends with %+v", events.KeyOf(last.Key), last.Chords)
		}
		for i, b := range piece.Bars {
			if b.Meter != given[i].Meter || b.Key != given[i].Key || p.GivenChords && !reflect.DeepEqual(b.Chords, given[i].Chords) || len(b.Chords) == 0 || b.Chords[0].At != 0 {
				t.Fatalf("bar %d is %+v, asked for %+v", i, b, given[i])
			}
			if sounding := slices.ContainsFunc(b.Parts, func(n []events.Note) bool { return len(n) > 0 }); !sounding {
				t.Fatalf("bar %d is silent", i)
			}
			for part, all := range b.Parts {
				for _, n := range all {
					if piece.Parts[part] == events.Drums {
						if ride, _ := events.DrumValue(kitUpTo); p.Kit && n.Pitch > ride {
							t.Fatalf("drum %d is of no kit", n.Pitch)
						}
						continue
					}
					notes++
					if !events.KeyOf(b.Key).Has(events.PitchOf(n.Pitch, b.Key) % 12) {
						foreign++
					}
					if root := b.Chords[0].Low(); roleOf(piece.Parts[part]) == bass && n.At == 0 && events.Class(n.Pitch) != root {
						t.Fatalf("the bass begins with %d, the chord with %d", events.Class(n.Pitch), root)
					}
				}
			}
		}
		if !p.GivenChords && float64(foreign) > usualChromatic*float64(notes) {
			t.Fatalf("%d of %d notes are outside the key", foreign, notes)
		}
	})
}

// A part that keeps its rhythm begins its notes where it began them two bars before.
func TestRhythmsAreKept(t *testing.T) {
	parts := []int{0, 33, events.Drums}
	p := &Plan{Piece: &events.Piece{Style: -1, Parts: parts}, Chromatic: usualChromatic, Repeats: 1, To: 8}
	for range 8 {
		p.Piece.Bars = append(p.Piece.Bars, events.Bar{Key: 7, Parts: make([][]events.Note, len(parts))})
	}
	piece := written(t, p, noise.Stream(9))
	kept := 0
	for i := 2; i < 7; i++ {
		for part := range parts {
			before, now := rhythmOf(piece.Bars[i-2].Parts[part]), rhythmOf(piece.Bars[i].Parts[part])
			if len(before) > 0 && !slices.Equal(before, now) {
				t.Errorf("bar %d of part %d has %v, two bars before %v", i, part, now, before)
			} else if len(before) > 0 {
				kept++
			}
		}
	}
	if kept < 8 {
		t.Errorf("%d rhythms are kept", kept)
	}
}

// What is filled in leaves the bars around it as they are, and what goes on, those before it.
func TestPlansAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planned(t)
		whole := written(t, p, noise.Stream(1))
		whole.Bars = append(whole.Bars, whole.Bars...)
		from := rapid.IntRange(0, len(whole.Bars)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(whole.Bars)).Draw(t, "to")
		plan := &Plan{Piece: whole, From: from, To: to, Chromatic: usualChromatic}
		part, before := plan.around(rapid.IntRange(1, 400).Draw(t, "room"))
		if before+part.From != from || part.To-part.From != to-from {
			t.Fatalf("%d to %d became %d to %d behind %d", from, to, part.From, part.To, before)
		}
		prompt := part.prompt()
		got := events.Parse(prompt)
		masked := 0
		for i, b := range got.Bars {
			if b.Masked {
				masked++
			} else if !reflect.DeepEqual(b.Parts, part.Piece.Bars[i].Parts) && len(b.Parts[0])+len(part.Piece.Bars[i].Parts[0]) > 0 {
				t.Fatalf("bar %d of the prompt is %+v, want %+v", i, b, part.Piece.Bars[i])
			}
		}
		if infills := part.To < len(part.Piece.Bars); infills != (masked == to-from) || !infills && len(got.Bars) != part.From {
			t.Fatalf("%d bars of %d are left out", masked, len(got.Bars))
		}
		if filled := written(t, &part, noise.Stream(2)); len(filled.Bars) != to-from {
			t.Fatalf("%d bars are filled, want %d", len(filled.Bars), to-from)
		}
	})
}

// What is to be left out is not chosen.
func TestHeadingWithout(t *testing.T) {
	h := &headingConstraint{Heading: Heading{Without: []int{events.Drums, 40}}, instruments: []int{0, 40, events.Drums}, styles: 1, next: events.Instrument}
	for value, want := range map[int]bool{0: true, 40: false, events.Drums: false} {
		if h.Allows(events.Token(events.Instrument, value)) != want {
			t.Errorf("instrument %d is allowed: %v", value, !want)
		}
	}
}

// Headings hold what is asked, and choose the rest among what was learned.
func TestHeading(t *testing.T) {
	known := []int{0, 33, 40, events.Drums}
	for seed := range uint64(200) {
		h := &headingConstraint{Heading: Heading{Style: -1, Meter: 1, Tempo: -1, Key: -1, Bars: 3, Minor: true}, instruments: known, drumless: []int{1}, styles: 2, next: events.Style}
		rng := noise.Stream(seed)
		for !h.Done() {
			var allowed []int32
			for token := range int32(events.Vocabulary{}.Size() + 2) {
				if h.Allows(token) {
					allowed = append(allowed, token)
				}
			}
			h.Accept(allowed[rng.IntN(len(allowed))])
		}
		p := h.piece()
		if p.Style > 1 || len(p.Bars) != 3 || p.Bars[0].Meter != 1 || !events.KeyOf(p.Bars[0].Key).Minor || len(p.Parts) == 0 || len(p.Parts) > len(known) {
			t.Fatalf("%+v", p)
		}
		if p.Style == 1 && slices.Contains(p.Parts, events.Drums) {
			t.Fatalf("seed %d chooses drums for a style without them", seed)
		}
		for i, program := range p.Parts {
			if !slices.Contains(known, program) || slices.Contains(p.Parts[:i], program) || i > 0 && seatOf(program) < seatOf(p.Parts[i-1]) {
				t.Fatal(p.Parts)
			}
		}
	}
}

func TestProgressions(t *testing.T) {
	for text, want := range map[string]string{"Am F C G": "A minor", "C | Dm G7 | C": "C major", "Dm7, G7, Cmaj7": "C major", "Em C G D": "E minor", "Dm7 G7 Cmaj7 Am7": "C major", "Am Dm E7": "A minor", "| D | A | Bm | G |": "D major"} {
		p, err := ParseProgression(text)
		if err != nil || p.Key().String() != want {
			t.Errorf("%s is in %v, %v, want %s", text, p.Key(), err, want)
		}
	}
	for text, want := range map[string]string{"": "no chords", "Am H": `no chord "H"`, "Am | | C": "a bar without a chord", "C D E F G A B |C": "7 chords in a bar", "N.C.": "no chord"} {
		if _, err := ParseProgression(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	p, _ := ParseProgression("Am | F G")
	piece := &events.Piece{Bars: make([]events.Bar, 3)}
	for i := range piece.Bars {
		piece.Bars[i].Key = events.KeyValue(music.Key{Fifths: 1, Minor: true})
	}
	p.Set(piece, 0, 3)
	if b := piece.Bars[1]; len(b.Chords) != 2 || b.Chords[1].At != 24 || b.Chords[1].Symbol(b.Key) != "G" || piece.Bars[2].Chords[0].Symbol(b.Key) != "Am" {
		t.Errorf("%+v", piece.Bars)
	}
}

// tiny is a small model of events with random weights.
func tiny(t *testing.T, context int) (language.Config, *language.Weights, events.Vocabulary) {
	t.Helper()
	v := events.Vocabulary{Styles: []string{"folk", "rock"}}
	c := language.Config{Vocabulary: v.Size(), Context: context, Width: 32, Hidden: 32, Layers: 1, Heads: 2, KVHeads: 2, HeadWidth: 16,
		Epsilon: 1e-5, Rotary: &language.Rotary{Base: 10000, Halves: true}, Activation: language.Silu}
	w := &language.Weights{Layers: make([]language.Layer, 1)}
	sizes := map[string][2]int{"token_embd": {v.Size(), 32}}
	for i, one := range weightsOf(w) {
		rows, cols := 32, 32
		if s, ok := sizes[one.name]; ok {
			rows, cols = s[0], s[1]
		}
		if one.vector != nil {
			n := 32
			if strings.Contains(one.name, "q_norm") || strings.Contains(one.name, "k_norm") {
				n = 16
			}
			*one.vector = slices.Repeat([]float32{1}, n)
			continue
		}
		values := make([]float32, rows*cols)
		noise.Normals(values, 5, uint64(i))
		*one.matrix = quant.Dense(values, rows)
	}
	return c, w, v
}

// A composer is what it was when it was saved, and writes the same with the same seed, also
// where the context is too short for the whole piece.
func TestComposer(t *testing.T) {
	c, w, v := tiny(t, 600)
	var file bytes.Buffer
	if err := Save(&file, c, w, v, []int{0, 33, events.Drums}); err != nil {
		t.Fatal(err)
	}
	k := engine.NewDots(engine.Options{Threads: 1})
	b, err := Open(file.Bytes(), k)
	if err != nil || !slices.Equal(b.Vocabulary.Styles, v.Styles) || !slices.Equal(b.Instruments, []int{0, 33, events.Drums}) {
		t.Fatal(b, err)
	}
	b.Temperature = 0.3
	write := func(seed uint64) *events.Piece {
		p, err := b.Begin(t.Context(), Heading{Style: 1, Meter: -1, Tempo: -1, Key: 8, Bars: 6, Parts: []int{0, 33}}, seed)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		if err := b.Write(t.Context(), &Plan{Piece: p, To: 6}, seed, func(done, total int) {
			if done < last || done > total || total != 6 {
				t.Errorf("progress %d of %d behind %d", done, total, last)
			}
			last = done
		}); err != nil {
			t.Fatal(err)
		}
		return p
	}
	one, again, other := write(3), write(3), write(4)
	if !reflect.DeepEqual(one, again) || reflect.DeepEqual(one, other) || one.Style != 1 || one.Bars[0].Key != 8 {
		t.Error("the same seed writes other pieces, or another seed the same")
	}
	if _, err := Open(file.Bytes()[:file.Len()/2], k); err == nil {
		t.Error("half a file is opened")
	}
	for program, want := range map[int]int{0: 0, 5: 0, 38: 33, events.Drums: events.Drums, 73: 0} {
		if got, err := b.Known(program); err != nil || got != want && program != 73 {
			t.Errorf("%d stands for %d, %v", got, program, err)
		}
	}
}

// The composer that comes with the program is the one that its card describes.
func TestBuiltIn(t *testing.T) {
	card, err := BuiltInCard()
	if err != nil {
		t.Fatal(err)
	}
	b, hash, err := OpenBuiltIn(engine.NewDots(engine.Options{Threads: 1}))
	if err != nil || hash != card.SHA256 || b.Model.Parameters() != card.Parameters || !strings.Contains(card.Recipe, `use = "events"`) {
		t.Fatalf("%+v, hash %s, %v", card, hash, err)
	}
	for i, style := range b.Vocabulary.Styles {
		if slices.Contains(b.Drumless, i) != (style == "classical") {
			t.Errorf("drums in %s: %v", style, b.Drumless)
		}
	}
}

// A wind instrument plays one note at a time, within its range.
func TestWinds(t *testing.T) {
	const sax, key = 66, 7 // tenor, C major
	c := &Constraint{plan: &Plan{Piece: &events.Piece{Parts: []int{sax}, Bars: []events.Bar{{Key: key}}}, Chromatic: 1}, last: -1}
	for pitch, want := range map[int]bool{43: false, 45: true, 76: true, 77: false, 96: false} {
		value, _ := events.PitchValue(pitch, key)
		if got := c.inRange(value); got != want {
			t.Errorf("pitch %d lies within the range: %v", pitch, got)
		}
	}
	if value, _ := events.PitchValue(60, key); !c.sounds(value, 0) {
		t.Error("no first note")
	}
	c.together = 1
	if value, _ := events.PitchValue(64, key); c.sounds(value, 0) {
		t.Error("two notes at once")
	}
}

// What sounds is what given chords say, outside the key as well: what accompanies and the bass
// have on strong beats nothing but their tones, the former has a tone that the key has not, and
// nothing lies a semitone beside one, a held melody neither.
func TestGivenChordsSound(t *testing.T) {
	for _, asked := range []struct{ key, chords string }{
		{"C", "C Fm"}, {"C", "C D"}, {"C#m", "Am F#m C#m Eb"}, {"Eb", "Eb F#m | B7 Em"}, {"Am", "Am E7 Bb"}, {"G", "Cm Db | Gm7 F#"}, {"C", "C Fm D Eb | A7 Bb"},
	} {
		key, err := music.ParseKey(asked.key)
		if err != nil {
			t.Fatal(err)
		}
		progression, err := ParseProgression(asked.chords)
		if err != nil {
			t.Fatal(err)
		}
		parts := []int{73, 40, 0, 48, 33}
		for seed := range uint64(4) {
			p := &Plan{Piece: &events.Piece{Style: -1, Parts: parts}, Chromatic: usualChromatic, Repeats: usualRepeats, Seed: seed, To: 4, GivenChords: true}
			for range p.To {
				p.Piece.Bars = append(p.Piece.Bars, events.Bar{Key: events.KeyValue(key), Parts: make([][]events.Note, len(parts))})
			}
			progression.Set(p.Piece, 0, p.To)
			s := written(t, p, noise.Stream(seed)).Score()
			chordsSound(t, s, key)
		}
	}
}

// chordsSound checks the notes of a score against the chord symbols that it shows.
func chordsSound(t *testing.T, s *music.Score, key music.Key) {
	t.Helper()
	for i, chord := range s.Chords {
		end := s.End
		if i+1 < len(s.Chords) {
			end = s.Chords[i+1].At
		}
		c, _, ok := events.ParseChord(chord.Name, events.KeyValue(music.Key{}))
		if !ok {
			t.Fatalf("no chord %q", chord.Name)
		}
		key.Minor = false // the leading tone of minor is altered as well
		altered := func(class int) bool { return c.Has(class%12) && !key.Has(class%12) }
		for _, part := range s.Parts {
			struck, told, tells := false, true, -1
			for _, tone := range events.Qualities[c.Kind].Tones[1:] {
				if tells < 0 && altered(c.Root+tone) {
					tells, told = (c.Root+tone)%12, false
				}
			}
			for _, n := range part.Notes {
				if n.At >= chord.At && n.At < end {
					struck, told = true, told || int(n.Pitch)%12 == tells
				}
			}
			if struck && !told && roleOf(int(part.Program())) == accompanies {
				t.Errorf("in %v, program %d never has %d over %s", key, part.Program(), tells, chord.Name)
			}
			for _, n := range part.Notes {
				class := int(n.Pitch) % 12
				if n.At >= end || n.At+n.Length <= chord.At || c.Has(class) {
					continue
				}
				if n.At >= chord.At && (n.At-chord.At)%(2*int64(s.Quarter)) == 0 && roleOf(int(part.Program())) != leads {
					t.Errorf("in %v, program %d has %d over %s on a strong beat", key, part.Program(), class, chord.Name)
				}
				if altered(class+1) || altered(class+11) {
					t.Errorf("in %v, program %d has %d over %s, beside a tone of it", key, part.Program(), class, chord.Name)
				}
			}
		}
	}
}
