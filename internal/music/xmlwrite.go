package music

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"atelier/internal/midi"
)

// fullVelocity is the velocity that MusicXML means by 100 percent.
const fullVelocity = 90

// An xmlWriter writes a score as MusicXML.
type xmlWriter struct {
	bytes.Buffer
	score *Score
	next  struct{ tempo, chord, key int }
	key   Key
	part  int
}

// writeXML writes the score as MusicXML 4.0, by part.
func (s *Score) writeXML(lost Counts) ([]byte, error) {
	s, parts, err := s.notation(lost)
	if err != nil {
		return nil, err
	}
	w := &xmlWriter{score: s}
	w.WriteString(xml.Header + `<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">` + "\n")
	w.WriteString(`<score-partwise version="4.0">` + "\n")
	if s.Title != "" {
		w.line("<work><work-title>%s</work-title></work>", escaped(s.Title))
	}
	w.WriteString("<identification>\n")
	if s.Composer != "" {
		w.line(`<creator type="composer">%s</creator>`, escaped(s.Composer))
	}
	w.WriteString("<encoding><software>atelier</software></encoding>\n</identification>\n<part-list>\n")
	for i := range s.Parts {
		w.scorePart(i)
	}
	w.WriteString("</part-list>\n")
	for i := range s.Parts {
		if err := w.writePart(i, parts[i]); err != nil {
			return nil, err
		}
	}
	w.WriteString("</score-partwise>\n")
	return w.Bytes(), nil
}

// line writes a line.
func (w *xmlWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// escaped is a text as XML writes it.
func escaped(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // to memory: it does not fail
	return b.String()
}

// scorePart writes an entry of the list of parts: an instrument, of drums one for each.
func (w *xmlWriter) scorePart(i int) {
	p := &w.score.Parts[i]
	w.line(`<score-part id="P%d"><part-name>%s</part-name>`, i+1, escaped(p.Name))
	if !p.Drums() {
		w.line(`<score-instrument id="P%d-I1"><instrument-name>%s</instrument-name></score-instrument>`, i+1, escaped(p.Instrument()))
		w.line(`<midi-instrument id="P%d-I1"><midi-channel>%d</midi-channel><midi-program>%d</midi-program></midi-instrument>`, i+1, p.Channel+1, p.Program()+1)
		w.WriteString("</score-part>\n")
		return
	}
	var struck [128]bool
	for _, n := range p.Notes {
		struck[n.Pitch&0x7F] = true
	}
	for pitch, is := range struck {
		if is {
			w.line(`<score-instrument id="P%d-I%d"><instrument-name>Drum %d</instrument-name></score-instrument>`, i+1, pitch+1, pitch)
		}
	}
	for pitch, is := range struck {
		if is {
			w.line(`<midi-instrument id="P%d-I%d"><midi-channel>%d</midi-channel><midi-program>%d</midi-program><midi-unpitched>%d</midi-unpitched></midi-instrument>`,
				i+1, pitch+1, midi.DrumChannel+1, p.Program()+1, pitch+1)
		}
	}
	w.WriteString("</score-part>\n")
}

func (w *xmlWriter) writePart(i int, bars []writtenBar) error {
	w.part, w.next.key, w.key = i, 0, Key{}
	w.line(`<part id="P%d">`, i+1)
	for j, b := range bars {
		implicit := ""
		if b.Number == 0 {
			implicit = ` implicit="yes"`
		}
		w.line(`<measure number="%d"%s>`, b.Number, implicit)
		w.attributes(j, b, bars)
		for k, layer := range b.layers {
			if k > 0 {
				w.line("<backup><duration>%d</duration></backup>", b.Length)
			}
			all, err := strokes(layer, w.score.Quarter)
			if err != nil {
				return err
			}
			for _, one := range all {
				w.stroke(one, k)
			}
		}
		if j == len(bars)-1 {
			w.line("<barline location=\"right\"><bar-style>light-heavy</bar-style></barline>")
		}
		w.WriteString("</measure>\n")
	}
	w.WriteString("</part>\n")
	return nil
}

// attributes writes what changes with a bar: key and metre, and at first divisions and clef.
func (w *xmlWriter) attributes(j int, b writtenBar, bars []writtenBar) {
	var text strings.Builder
	if j == 0 {
		fmt.Fprintf(&text, "<divisions>%d</divisions>", w.score.Quarter)
	}
	text.WriteString(w.keys(b.At))
	if j == 0 && len(w.score.Meters) > 0 || j > 0 && b.Meter != bars[j-1].Meter && (b.Meter.Count != bars[j-1].Meter.Count || b.Meter.Unit != bars[j-1].Meter.Unit) {
		fmt.Fprintf(&text, "<time><beats>%d</beats><beat-type>%d</beat-type></time>", b.Meter.Count, b.Meter.Unit)
	}
	if j == 0 {
		text.WriteString(w.clef())
	}
	if text.Len() > 0 {
		w.line("<attributes>%s</attributes>", text.String())
	}
}

// keys are the key signatures up to a tick that are not yet written: the last of them counts.
func (w *xmlWriter) keys(tick int64) (text string) {
	for w.next.key < len(w.score.Keys) && w.score.Keys[w.next.key].At <= tick {
		w.key = w.score.Keys[w.next.key]
		w.next.key++
		mode := "major"
		if w.key.Minor {
			mode = "minor"
		}
		text = fmt.Sprintf("<key><fifths>%d</fifths><mode>%s</mode></key>", w.key.Fifths, mode)
	}
	return text
}

// clef is one in which the part has few ledger lines.
func (w *xmlWriter) clef() string {
	p := &w.score.Parts[w.part]
	sum := 0
	for _, n := range p.Notes {
		sum += int(n.Pitch)
	}
	switch {
	case p.Drums():
		return "<clef><sign>percussion</sign></clef>"
	case sum < 58*len(p.Notes):
		return "<clef><sign>F</sign><line>4</line></clef>"
	}
	return "<clef><sign>G</sign><line>2</line></clef>"
}

// stroke writes a chord or a rest, and what stands before it.
func (w *xmlWriter) stroke(s stroke, layer int) {
	if layer == 0 && s.leads {
		if key := w.keys(s.at); key != "" {
			w.line("<attributes>%s</attributes>", key)
		}
		if w.part == 0 {
			w.before(s.at)
		}
	}
	if len(s.notes) == 0 {
		w.WriteString("<note><rest/>")
		w.value(s, layer)
	}
	for j, n := range s.notes {
		w.note(n, j > 0, s, layer)
		s.opens, s.ends = false, false // the first note tells it
	}
}

// before writes tempos and chord symbols up to a tick.
func (w *xmlWriter) before(tick int64) {
	for w.next.tempo < len(w.score.Tempos) && w.score.Tempos[w.next.tempo].At <= tick {
		t := tempoText(w.score.Tempos[w.next.tempo].Micros)
		w.line(`<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>%s</per-minute></metronome></direction-type><sound tempo="%s"/></direction>`, t, t)
		w.next.tempo++
	}
	for w.next.chord < len(w.score.Chords) && w.score.Chords[w.next.chord].At <= tick {
		w.line("%s", harmony(w.score.Chords[w.next.chord].Name))
		w.next.chord++
	}
}

func (w *xmlWriter) note(n Note, inChord bool, s stroke, layer int) {
	w.WriteString("<note")
	if n.Velocity != usualVelocity {
		fmt.Fprintf(w, ` dynamics="%s"`, strconv.FormatFloat(math.Round(float64(n.Velocity)*1e4/fullVelocity)/100, 'f', -1, 64))
	}
	w.WriteString(">")
	if inChord {
		w.WriteString("<chord/>")
	}
	if w.score.Parts[w.part].Drums() {
		at := Key{}.spell(n.Pitch)
		fmt.Fprintf(w, "<unpitched><display-step>%c</display-step><display-octave>%d</display-octave></unpitched>", at.letter, max(0, min(9, at.oct+2)))
	} else {
		at := w.key.spell(n.Pitch)
		fmt.Fprintf(w, "<pitch><step>%c</step>", at.letter)
		if at.alter != 0 {
			fmt.Fprintf(w, "<alter>%d</alter>", at.alter)
		}
		fmt.Fprintf(w, "<octave>%d</octave></pitch>", at.oct)
	}
	w.value(s, layer, n)
}

// typeNames are the names of note values, by powers of two from the double whole note on.
var typeNames = []string{"breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th", "256th", "512th", "1024th"}

// value writes the end of a note or rest, from its duration on.
func (w *xmlWriter) value(s stroke, layer int, of ...Note) {
	fmt.Fprintf(w, "<duration>%d</duration>", s.ticks)
	marks := ""
	if len(of) > 0 && s.tiedTo {
		w.WriteString(`<tie type="stop"/>`)
		marks += `<tied type="stop"/>`
	}
	if len(of) > 0 && s.tied {
		w.WriteString(`<tie type="start"/>`)
		marks += `<tied type="start"/>`
	}
	if len(of) > 0 && w.score.Parts[w.part].Drums() {
		fmt.Fprintf(w, `<instrument id="P%d-I%d"/>`, w.part+1, of[0].Pitch+1)
	}
	name := typeNames[0]
	if s.base > 0 {
		name = typeNames[bits.Len(uint(s.base))]
	}
	fmt.Fprintf(w, "<voice>%d</voice><type>%s</type>%s", layer+1, name, strings.Repeat("<dot/>", s.dots))
	if s.actual != s.normal {
		fmt.Fprintf(w, "<time-modification><actual-notes>%d</actual-notes><normal-notes>%d</normal-notes></time-modification>", s.actual, s.normal)
	}
	if s.opens {
		marks += `<tuplet type="start"/>`
	}
	if s.ends {
		marks += `<tuplet type="stop"/>`
	}
	if marks != "" {
		w.WriteString("<notations>" + marks + "</notations>")
	}
	w.WriteString("</note>\n")
}
