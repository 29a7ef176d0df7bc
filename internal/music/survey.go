package music

// A Survey is an analysis of a piece.
type Survey struct {
	Title    string  `json:"title,omitempty"`
	Composer string  `json:"composer,omitempty"`
	Seconds  float64 `json:"seconds"`
	Bars     int     `json:"bars"`
	Notes    int     `json:"notes"`
	// Key is the key that was found, Correlation how well it fits, from -1 to 1; Signature
	// is the first key signature of the file. They are empty if there is none.
	Key         string  `json:"key,omitempty"`
	Correlation float64 `json:"correlation,omitempty"`
	Signature   string  `json:"signature,omitempty"`
	// Meters and Tempos are in order, each with the bar from which it applies.
	Meters []SurveyedMeter `json:"meters"`
	Tempos []SurveyedTempo `json:"tempos"`
	Parts  []SurveyedPart  `json:"parts"`
	// Chords are the chords that sound in the bars, Symbols the chord symbols that the file
	// gives them, none if it has no symbols.
	Chords  []string `json:"chords"`
	Symbols []string `json:"symbols,omitempty"`
}

// A SurveyedMeter is a meter from a bar on.
type SurveyedMeter struct {
	Bar   int `json:"bar"`
	Count int `json:"count"`
	Unit  int `json:"unit"`
}

// A SurveyedTempo is a tempo in quarter notes per minute from a bar on.
type SurveyedTempo struct {
	Bar               int     `json:"bar"`
	QuartersPerMinute float64 `json:"quarters_per_minute"`
}

// A SurveyedPart is a part.
type SurveyedPart struct {
	Name       string `json:"name,omitempty"`
	Instrument string `json:"instrument"`
	Program    int    `json:"program"` // of General MIDI, from 1
	Notes      int    `json:"notes"`
	Lowest     string `json:"lowest,omitempty"` // pitches, but of drums
	Highest    string `json:"highest,omitempty"`
}

const usualTempo = 500_000 // microseconds per quarter note where a file says nothing

// Survey looks a piece over.
func (s *Score) Survey() *Survey {
	bars := s.Bars()
	out := &Survey{Title: s.Title, Composer: s.Composer, Seconds: float64(s.Micros()) / 1e6, Bars: s.countBars(), Notes: s.Notes()}
	key, correlation, ok := s.FindKey()
	if ok {
		out.Key, out.Correlation = key.String(), correlation
	}
	if len(s.Keys) > 0 {
		out.Signature = s.Keys[0].String()
	}
	key, _ = s.MainKey()
	for i, b := range bars {
		if m := (SurveyedMeter{b.Number, b.Meter.Count, b.Meter.Unit}); i == 0 || b.Meter != bars[i-1].Meter && (m.Count != last(out.Meters).Count || m.Unit != last(out.Meters).Unit) {
			out.Meters = append(out.Meters, m)
		}
	}
	if len(s.Tempos) == 0 || s.Tempos[0].At > 0 {
		out.Tempos = append(out.Tempos, SurveyedTempo{bars[0].Number, 60e6 / usualTempo})
	}
	for _, t := range s.Tempos {
		out.Tempos = append(out.Tempos, SurveyedTempo{bars[barAt(bars, t.At)].Number, 60e6 / float64(t.Micros)})
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		one := SurveyedPart{Name: p.Name, Instrument: p.Instrument(), Program: int(p.Program()) + 1, Notes: len(p.Notes)}
		if !p.Drums() {
			low, high := p.Span()
			one.Lowest, one.Highest = key.PitchName(low), key.PitchName(high)
		}
		out.Parts = append(out.Parts, one)
	}
	out.Chords, out.Symbols = s.FindChords(bars, key), s.Symbols(bars)
	return out
}

func last[T any](all []T) T { return all[len(all)-1] }

// Span is the lowest and the highest pitch of the part.
func (p *Part) Span() (low, high uint8) {
	low = 127
	for _, n := range p.Notes {
		low, high = min(low, n.Pitch), max(high, n.Pitch)
	}
	return low, high
}
