package music

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"atelier/internal/badinput"
)

// What MusicXML says that a score does not hold, as counts.
const (
	LostCues     = "cue notes"
	LostNotation = "slurs, articulations and ornaments"
	LostJumps    = "jumps such as da capo, which are not played"
	LostSung     = "syllables of lyrics"
	LostWords    = "words and marks above or below the staff"
	LostPasses   = "passes of repeats beyond the 64th"
	mostUnpacked = 64 << 20 // bytes of a compressed file
	mostMeasures = 1 << 17
	xmlMark      = "<score-partwise"
	xmlByTime    = "<score-timewise"
	mxlContainer = "META-INF/container.xml"
)

// isXML tells MusicXML by its root, also in UTF-16.
func isXML(head []byte) bool {
	text := unwide(head)
	return bytes.Contains(text, []byte(xmlMark)) || bytes.Contains(text, []byte(xmlByTime))
}

// unwide is a text in UTF-8 that may be in UTF-16.
func unwide(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	default:
		return text
	}
	units := make([]uint16, (len(text)-2)/2)
	for i := range units {
		units[i] = order.Uint16(text[2+2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// An xmlPart is a part while it is read.
type xmlPart struct {
	name     string
	measures []xmlMeasure
	drums    map[string]uint8 // pitches of unpitched instruments, by id
	programs map[string]uint8
	first    string // id of the first instrument
	channel  int
	usual    uint8 // velocity
	state    xmlState
}

// An xmlMeasure is what a part plays in a measure, from its beginning on.
type xmlMeasure struct {
	items   []placedItem
	length  int64
	starts  bool  // a repeat
	repeats int   // how often what ends here is played; 0 for no repeat
	ending  []int // passes of an ending that begins here
	stops   bool  // an ending
}

// A placedItem is an item at a place.
type placedItem struct {
	at int64
	item
}

// An xmlReader reads a score.
type xmlReader struct {
	*xml.Decoder
	score *Score
	lost  Counts
	parts []*xmlPart
	byID  map[string]*xmlPart
	items int
}

// readXML reads MusicXML, by part.
func readXML(file []byte, lost Counts) (*Score, error) {
	if len(file) > mostUnpacked {
		return nil, badinput.Errorf("has %d bytes; MusicXML may have %d", len(file), mostUnpacked)
	}
	text := unwide(file)
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		if wide := strings.EqualFold(charset, "UTF-16"); wide && len(text) > 0 {
			return input, nil // it is UTF-8 by now
		}
		if strings.EqualFold(charset, "ISO-8859-1") || strings.EqualFold(charset, "US-ASCII") || strings.EqualFold(charset, "windows-1252") {
			b, err := io.ReadAll(input)
			return strings.NewReader(latin(b)), err
		}
		return nil, fmt.Errorf("the encoding %q is not read; save it as UTF-8", charset)
	}
	r := &xmlReader{Decoder: d, score: &Score{Quarter: fine}, lost: lost, byID: map[string]*xmlPart{}}
	err := r.read()
	if errors.Is(err, errByTime) {
		return nil, badinput.Mark(err)
	}
	if err != nil {
		line, _ := d.InputPos()
		return nil, badinput.Errorf("is MusicXML that is damaged or cut short: line %d: %w", line, err)
	}
	return r.finish()
}

var errByTime = errors.New("is MusicXML ordered by time (score-timewise), which is not read; save it ordered by part (score-partwise)")

// latin is a text in Latin-1 as UTF-8.
func latin(text []byte) string {
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
	}
	return string(runes)
}

// read reads to the end of the score.
func (r *xmlReader) read() error {
	return r.children(func(root xml.StartElement) error {
		switch root.Name.Local {
		case "score-partwise":
			return r.children(r.top)
		case "score-timewise":
			return errByTime
		}
		return fmt.Errorf("want score-partwise, got %s", root.Name.Local)
	})
}

// children calls a function with each element up to the end of the one that is open. The
// function must read it to its end.
func (r *xmlReader) children(do func(xml.StartElement) error) error {
	for {
		t, err := r.Token()
		if errors.Is(err, io.EOF) && r.score != nil {
			return nil // of the document; within an element it is an error of syntax
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := do(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// top reads an element of the score.
func (r *xmlReader) top(e xml.StartElement) error {
	switch e.Name.Local {
	case "work":
		var work struct {
			Title string `xml:"work-title"`
		}
		if err := r.DecodeElement(&work, &e); err != nil {
			return err
		}
		if title := Clean(work.Title); title != "" {
			r.score.Title = title
		}
		return nil
	case "movement-title":
		var title string
		err := r.DecodeElement(&title, &e)
		if r.score.Title == "" {
			r.score.Title = Clean(title)
		}
		return err
	case "identification":
		var who struct {
			Creators []struct {
				Type string `xml:"type,attr"`
				Name string `xml:",chardata"`
			} `xml:"creator"`
		}
		err := r.DecodeElement(&who, &e)
		for _, c := range who.Creators {
			if c.Type == "composer" && r.score.Composer == "" {
				r.score.Composer = Clean(c.Name)
			}
		}
		return err
	case "part-list":
		return r.children(r.scorePart)
	case "part":
		return r.part(e)
	}
	return r.Skip()
}

// scorePart reads an entry of the list of parts.
func (r *xmlReader) scorePart(e xml.StartElement) error {
	if e.Name.Local != "score-part" {
		return r.Skip()
	}
	var entry struct {
		ID          string `xml:"id,attr"`
		Name        string `xml:"part-name"`
		Instruments []struct {
			ID        string `xml:"id,attr"`
			Channel   int    `xml:"midi-channel"`
			Program   int    `xml:"midi-program"`
			Unpitched int    `xml:"midi-unpitched"`
		} `xml:"midi-instrument"`
	}
	if err := r.DecodeElement(&entry, &e); err != nil {
		return err
	}
	if len(r.parts) == mostVoices {
		return fmt.Errorf("it has more than %d parts", mostVoices)
	}
	p := &xmlPart{name: Clean(entry.Name), drums: map[string]uint8{}, programs: map[string]uint8{}, usual: usualVelocity}
	for i, in := range entry.Instruments {
		if i == 0 {
			p.first, p.channel = in.ID, in.Channel
		}
		if in.Unpitched >= 1 && in.Unpitched <= 128 {
			p.drums[in.ID] = uint8(in.Unpitched - 1)
		}
		if in.Program >= 1 && in.Program <= 128 {
			p.programs[in.ID] = uint8(in.Program - 1)
		}
	}
	r.parts = append(r.parts, p)
	r.byID[entry.ID] = p
	return nil
}
