package music

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

// An xmlState is where the reading of a part is.
type xmlState struct {
	divisions  float64 // per quarter note
	transposed int     // semitones that it sounds above what is written
	at, last   int64   // in the measure: of what comes next, and of the last note that was no further one of a chord
	end        int64   // of what has been
}

// part reads a part.
func (r *xmlReader) part(e xml.StartElement) error {
	id := ""
	for _, a := range e.Attr {
		if a.Name.Local == "id" {
			id = a.Value
		}
	}
	p := r.byID[id]
	if p == nil {
		return fmt.Errorf("the part %q is not in the list of parts", id)
	}
	p.state.divisions = 1
	return r.children(func(e xml.StartElement) error {
		if e.Name.Local != "measure" {
			return r.Skip()
		}
		if len(p.measures) == mostMeasures {
			return fmt.Errorf("it has more than %d measures", mostMeasures)
		}
		p.measures = append(p.measures, xmlMeasure{})
		p.state.at, p.state.last, p.state.end = 0, 0, 0
		m := &p.measures[len(p.measures)-1]
		err := r.children(func(e xml.StartElement) error { return r.element(p, m, e) })
		m.length = p.state.end
		return err
	})
}

// element reads an element of a measure.
func (r *xmlReader) element(p *xmlPart, m *xmlMeasure, e xml.StartElement) error {
	switch e.Name.Local {
	case "note":
		return r.note(p, m, e)
	case "backup", "forward":
		var move struct {
			Duration float64 `xml:"duration"`
		}
		if err := r.DecodeElement(&move, &e); err != nil {
			return err
		}
		ticks, err := r.ticks(p, move.Duration)
		if err != nil {
			return err
		}
		if e.Name.Local == "backup" {
			ticks = -ticks
		}
		p.state.at = max(0, p.state.at+ticks)
		p.state.end = max(p.state.end, p.state.at)
	case "attributes":
		return r.attributes(p, m, e)
	case "direction":
		return r.direction(p, m, e)
	case "sound":
		var s xmlSound
		if err := r.DecodeElement(&s, &e); err != nil {
			return err
		}
		return r.sound(p, m, s)
	case "harmony":
		var h xmlHarmony
		if err := r.DecodeElement(&h, &e); err != nil {
			return err
		}
		if name := h.symbol(); name != "" {
			return r.apply(m, p.state.at, func(s *Score, at int64) { s.Chords = append(s.Chords, Chord{at, name}) })
		}
	case "barline":
		return r.barline(m, e)
	default:
		return r.Skip()
	}
	return nil
}

// ticks is a duration in ticks.
func (r *xmlReader) ticks(p *xmlPart, duration float64) (int64, error) {
	x := duration * fine / p.state.divisions
	if !(x >= 0 && x < lastPlace) {
		return 0, fmt.Errorf("a duration of %v", duration)
	}
	if n := math.Round(x); n != x {
		r.lost.Add(LostRounded, 1)
	}
	return int64(math.Round(x)), nil
}

// apply adds something that applies from a place on.
func (r *xmlReader) apply(m *xmlMeasure, at int64, do func(s *Score, at int64)) error {
	return r.add(m, placedItem{at, item{kind: applies, apply: do}})
}

func (r *xmlReader) add(m *xmlMeasure, it placedItem) error {
	if r.items++; r.items > mostItems {
		return fmt.Errorf("it has more than %d notes", mostItems)
	}
	m.items = append(m.items, it)
	return nil
}

// attributes reads divisions, key, metre and transposition.
func (r *xmlReader) attributes(p *xmlPart, m *xmlMeasure, e xml.StartElement) error {
	var a struct {
		Divisions float64 `xml:"divisions"`
		Keys      []struct {
			Fifths *int   `xml:"fifths"`
			Mode   string `xml:"mode"`
		} `xml:"key"`
		Times []struct {
			Beats []string `xml:"beats"`
			Type  []string `xml:"beat-type"`
		} `xml:"time"`
		Transpose []struct {
			Chromatic float64 `xml:"chromatic"`
			Octave    int     `xml:"octave-change"`
		} `xml:"transpose"`
	}
	if err := r.DecodeElement(&a, &e); err != nil {
		return err
	}
	switch {
	case a.Divisions > 0 && a.Divisions <= 1<<20:
		p.state.divisions = a.Divisions
	case a.Divisions != 0:
		return fmt.Errorf("divisions of %v", a.Divisions)
	}
	if len(a.Transpose) > 0 {
		t := a.Transpose[0]
		p.state.transposed = max(-48, min(48, int(t.Chromatic)+12*max(-4, min(4, t.Octave))))
	}
	if len(a.Keys) > 0 && a.Keys[0].Fifths != nil && *a.Keys[0].Fifths >= -7 && *a.Keys[0].Fifths <= 7 {
		// Of an instrument that transposes, the key is written as its notes are.
		key := Key{Fifths: *a.Keys[0].Fifths, Minor: strings.TrimSpace(a.Keys[0].Mode) == "minor"}
		if p.state.transposed%12 != 0 {
			key = KeyOf(key.Tonic()+p.state.transposed, key.Minor)
		}
		err := r.apply(m, p.state.at, func(s *Score, at int64) {
			key.At = at
			s.Keys = append(s.Keys, key)
		})
		if err != nil {
			return err
		}
	}
	if len(a.Times) > 0 && len(a.Times[0].Beats) > 0 && len(a.Times[0].Type) > 0 {
		meter, ok := meterOfXML(a.Times[0].Beats, a.Times[0].Type)
		if !ok {
			return fmt.Errorf("a metre of %v/%v", a.Times[0].Beats, a.Times[0].Type)
		}
		return r.apply(m, p.state.at, func(s *Score, at int64) {
			meter.At = at
			s.Meters = append(s.Meters, meter)
		})
	}
	return nil
}

// meterOfXML is a metre, of which there may be several to be added up.
func meterOfXML(beats, types []string) (midi.Meter, bool) {
	unit, err := strconv.Atoi(strings.TrimSpace(types[0]))
	if err != nil || unit < 1 || unit > 128 || unit&(unit-1) != 0 {
		return midi.Meter{}, false
	}
	sum := 0
	for i, b := range beats {
		of := unit
		if i < len(types) {
			if of, err = strconv.Atoi(strings.TrimSpace(types[i])); err != nil || of < 1 {
				return midi.Meter{}, false
			}
		}
		for _, part := range strings.Split(b, "+") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil || n < 1 || n > 255 {
				return midi.Meter{}, false
			}
			sum += n * unit / of
		}
	}
	return midi.Meter{Count: sum, Unit: unit}, sum >= 1 && sum <= 255
}

// barline reads repeats and endings.
func (r *xmlReader) barline(m *xmlMeasure, e xml.StartElement) error {
	var b struct {
		Repeat struct {
			Direction string `xml:"direction,attr"`
			Times     int    `xml:"times,attr"`
		} `xml:"repeat"`
		Ending struct {
			Number string `xml:"number,attr"`
			Type   string `xml:"type,attr"`
		} `xml:"ending"`
	}
	if err := r.DecodeElement(&b, &e); err != nil {
		return err
	}
	switch b.Repeat.Direction {
	case "forward":
		m.starts = true
	case "backward":
		m.repeats = max(2, min(b.Repeat.Times, mostPasses))
		r.lost.Add(LostPasses, b.Repeat.Times-mostPasses)
	}
	switch b.Ending.Type {
	case "start":
		for _, number := range strings.FieldsFunc(b.Ending.Number, func(c rune) bool { return c == ',' || c == ' ' }) {
			if n, err := strconv.Atoi(number); err == nil && n <= mostPasses {
				m.ending = append(m.ending, n)
			}
		}
	case "stop", "discontinue":
		m.stops = true
	}
	return nil
}
