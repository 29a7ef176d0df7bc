package music

import (
	"encoding/xml"
	"math"
	"strings"
)

// An xmlNote is a note or a rest as it is read.
type xmlNote struct {
	Dynamics float64   `xml:"dynamics,attr"`
	Grace    *struct{} `xml:"grace"`
	Cue      *struct{} `xml:"cue"`
	Chord    *struct{} `xml:"chord"`
	Rest     *struct{} `xml:"rest"`
	Pitch    *struct {
		Step   string  `xml:"step"`
		Alter  float64 `xml:"alter"`
		Octave int     `xml:"octave"`
	} `xml:"pitch"`
	Unpitched *struct {
		Step   string `xml:"display-step"`
		Octave int    `xml:"display-octave"`
	} `xml:"unpitched"`
	Duration float64 `xml:"duration"`
	Ties     []struct {
		Type string `xml:"type,attr"`
	} `xml:"tie"`
	Instrument struct {
		ID string `xml:"id,attr"`
	} `xml:"instrument"`
	Notations []struct {
		All []struct {
			XMLName xml.Name
		} `xml:",any"`
	} `xml:"notations"`
	Lyrics []struct{} `xml:"lyric"`
}

// note reads a note or a rest.
func (r *xmlReader) note(p *xmlPart, m *xmlMeasure, e xml.StartElement) error {
	var n xmlNote
	if err := r.DecodeElement(&n, &e); err != nil {
		return err
	}
	if n.Grace != nil {
		r.lost.Add(LostGraces, 1)
		return nil
	}
	length, err := r.ticks(p, n.Duration)
	if err != nil {
		return err
	}
	r.lost.Add(LostSung, len(n.Lyrics))
	for _, notations := range n.Notations {
		for _, one := range notations.All {
			if name := one.XMLName.Local; name != "tied" && name != "tuplet" {
				r.lost.Add(LostNotation, 1)
			}
		}
	}
	at := p.state.at
	if n.Chord != nil {
		at = p.state.last
	} else {
		p.state.last = at
		p.state.at += length
	}
	p.state.end = max(p.state.end, at+length)
	if n.Rest != nil {
		return nil
	}
	if n.Cue != nil {
		r.lost.Add(LostCues, 1)
		return nil
	}
	if length == 0 {
		r.lost.Add(LostInstant, 1)
	}
	sounding, ok := p.pitchOf(&n)
	if !ok {
		r.lost.Add("notes out of range", 1)
		return nil
	}
	for _, t := range n.Ties {
		switch t.Type {
		case "start":
			sounding.tied = true
		case "stop":
			sounding.tiedTo = true
		}
	}
	return r.add(m, placedItem{at, item{kind: sounds, length: length, notes: []played{sounding}}})
}

// pitchOf is what a note sounds as; false for what MIDI has no pitch for.
func (p *xmlPart) pitchOf(n *xmlNote) (played, bool) {
	instrument := n.Instrument.ID
	if instrument == "" {
		instrument = p.first
	}
	out := played{velocity: p.usual, program: p.programs[instrument]}
	if n.Dynamics > 0 {
		out.velocity = uint8(max(1, min(127, math.Round(n.Dynamics*fullVelocity/100))))
	}
	if n.Unpitched != nil {
		if pitch, ok := p.drums[instrument]; ok {
			out.pitch = pitch
			return out, true
		}
		n.Pitch = &struct {
			Step   string  `xml:"step"`
			Alter  float64 `xml:"alter"`
			Octave int     `xml:"octave"`
		}{n.Unpitched.Step, 0, n.Unpitched.Octave}
	}
	if n.Pitch == nil {
		return out, false
	}
	step := strings.TrimSpace(n.Pitch.Step)
	class, ok := 0, len(step) == 1
	if ok {
		class, ok = letterClass[step[0]]
	}
	if !ok || n.Pitch.Octave < -1 || n.Pitch.Octave > 10 || math.Abs(n.Pitch.Alter) > 4 {
		return out, false
	}
	pitch := 12*(n.Pitch.Octave+1) + class + int(math.Round(n.Pitch.Alter)) + p.state.transposed
	if pitch < 0 || pitch > 127 {
		return out, false
	}
	out.pitch = uint8(pitch)
	return out, true
}
