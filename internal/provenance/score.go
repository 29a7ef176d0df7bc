package provenance

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"atelier/internal/badinput"
	"atelier/internal/music"
)

// An ABC file is lines of text. Label and statement are comments at its end, the label in as many
// lines as it takes.
type abcFile struct{}

const (
	abcLabel     = "%atelier:"
	abcStatement = "%" + midiStatement
	abcAIGC      = "%" + midiAIGC
	abcLine      = 2000 // bytes of the label per line
)

func (abcFile) is(file []byte) bool { return music.FormatOf(file) == music.ABC }

func (abcFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	var out []byte
	for line := range bytes.Lines(file) {
		if !bytes.HasPrefix(line, []byte(abcLabel)) && !bytes.HasPrefix(line, []byte(abcStatement)) && !bytes.HasPrefix(line, []byte(abcAIGC)) {
			out = append(out, line...)
		}
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	for len(label) > 0 {
		n := min(len(label), abcLine)
		out = append(append(append(out, abcLabel...), label[:n]...), '\n')
		label = label[n:]
	}
	if s.Source != "" {
		out = append(out, abcStatement+s.Source+"\n"...)
	}
	if s.AIGC != nil {
		out = append(append(append(out, abcAIGC...), s.AIGC.json()...), '\n')
	}
	return out, nil
}

func (abcFile) read(file []byte) (held bare, err error) {
	for line := range bytes.Lines(file) {
		line = bytes.TrimRight(line, "\r\n")
		if part, ok := bytes.CutPrefix(line, []byte(abcLabel)); ok {
			held.label = append(held.label, part...)
		}
		if source, ok := bytes.CutPrefix(line, []byte(abcStatement)); ok {
			held.source = string(source)
		}
		if aigc, ok := bytes.CutPrefix(line, []byte(abcAIGC)); ok {
			held.aigc = aigc
		}
	}
	return held, nil
}

// In MusicXML, label and statement are fields of identification/miscellaneous.
type musicXMLFile struct{}

const (
	xmlField     = `<miscellaneous-field name="atelier`
	xmlFieldEnd  = `</miscellaneous-field>`
	xmlOpen      = "<miscellaneous>"
	xmlClose     = "</miscellaneous>"
	xmlWho       = "</identification>"
	xmlLabel     = xmlField + `">`
	xmlStatement = xmlField + `-source">`
	xmlAIGC      = xmlField + `-` + aigcKey + `">`
)

func (musicXMLFile) is(file []byte) bool {
	return music.FormatOf(file) == music.MusicXML && bytes.Contains(file, []byte("<score-")) // files in UTF-16 carry no label
}

func (musicXMLFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	var own bytes.Buffer
	for _, f := range []struct {
		head string
		text []byte
	}{{xmlLabel, label}, {xmlStatement, []byte(s.Source)}, {xmlAIGC, s.AIGC.json()}} {
		if len(f.text) > 0 {
			own.WriteString(f.head)
			xml.EscapeText(&own, f.text) // writing to memory does not fail
			own.WriteString(xmlFieldEnd)
		}
	}
	file = withoutFields(file)
	if own.Len() == 0 {
		return file, nil
	}
	if at := bytes.Index(file, []byte(xmlClose)); at >= 0 {
		return bytes.Join([][]byte{file[:at], own.Bytes(), file[at:]}, nil), nil
	}
	at := bytes.Index(file, []byte(xmlWho))
	if at < 0 {
		return nil, badinput.Errorf("the MusicXML has no room for a label: it has no identification")
	}
	return bytes.Join([][]byte{file[:at], []byte(xmlOpen), own.Bytes(), []byte(xmlClose), file[at:]}, nil), nil
}

// withoutFields is a file without the fields that write adds, and without an element that held
// nothing else.
func withoutFields(file []byte) []byte {
	out := file
	for {
		from := bytes.Index(out, []byte(xmlField))
		if from < 0 {
			break
		}
		length := bytes.Index(out[from:], []byte(xmlFieldEnd))
		if length < 0 {
			break
		}
		out = append(bytes.Clone(out[:from]), out[from+length+len(xmlFieldEnd):]...)
	}
	return bytes.Replace(out, []byte(xmlOpen+xmlClose), nil, 1)
}

func (musicXMLFile) read(file []byte) (held bare, err error) {
	field := func(head string) []byte {
		_, rest, ok := bytes.Cut(file, []byte(head))
		text, _, ended := bytes.Cut(rest, []byte(xmlFieldEnd))
		if !ok || !ended || err != nil {
			return nil
		}
		var value string
		if xml.Unmarshal(append(append([]byte("<a>"), text...), "</a>"...), &value) != nil {
			err = badinput.Errorf("the Atelier label is damaged: it is not XML")
		}
		return []byte(value)
	}
	held = bare{label: field(xmlLabel), source: string(field(xmlStatement)), aigc: field(xmlAIGC)}
	return held, err
}

// Compressed MusicXML is a zip. Label and statement are separate files in it.
type mxlFile struct{}

const (
	mxlLabel     = "META-INF/atelier.json"
	mxlStatement = "META-INF/atelier-source.txt"
	mxlAIGC      = "META-INF/AIGC.json"
)

func (mxlFile) is(file []byte) bool { return music.FormatOf(file) == music.MXL }

func (mxlFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	z, err := openMXL(file)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		if f.Name == mxlLabel || f.Name == mxlStatement || f.Name == mxlAIGC {
			continue
		}
		if err := w.Copy(f); err != nil {
			return nil, badinput.Errorf("the compressed MusicXML is damaged: %w", err)
		}
	}
	for _, f := range []struct {
		name string
		body []byte
	}{{mxlLabel, label}, {mxlStatement, []byte(s.Source)}, {mxlAIGC, s.AIGC.json()}} {
		if len(f.body) == 0 {
			continue
		}
		one, err := w.Create(f.name)
		if err == nil {
			_, err = one.Write(f.body)
		}
		if err != nil {
			return nil, fmt.Errorf("the label: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (mxlFile) read(file []byte) (held bare, err error) {
	z, err := openMXL(file)
	if err != nil {
		return held, err
	}
	for _, f := range z.File {
		if f.Name != mxlLabel && f.Name != mxlStatement && f.Name != mxlAIGC {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return bare{}, badinput.Errorf("the compressed MusicXML is damaged: %w", err)
		}
		text, err := io.ReadAll(io.LimitReader(r, labelLimit+1))
		r.Close()
		if err != nil {
			return bare{}, badinput.Errorf("the compressed MusicXML is damaged: %w", err)
		}
		switch f.Name {
		case mxlLabel:
			held.label = text
		case mxlStatement:
			held.source = string(text)
		case mxlAIGC:
			held.aigc = text
		}
	}
	return held, nil
}

func openMXL(file []byte) (*zip.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, badinput.Errorf("the compressed MusicXML is damaged: %w", err)
	}
	return z, nil
}
