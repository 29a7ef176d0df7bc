package provenance

import (
	"bytes"
	"encoding/base64"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
)

// A USDZ holds label and statement in the layer data of its first file, a USD text, each on a line
// of its own; the label is in base64, since programs differ in how they read escapes.
type usdzFile struct{}

const (
	usdaData      = "    customLayerData = {\n"
	usdaLabel     = "        string atelierLabel = \""
	usdaStatement = "        string digitalSourceType = \""
	usdaAIGC      = "        string AIGC = \""
	usdaEnd       = "\"\n"
)

func (usdzFile) is(file []byte) bool { return mesh.IsUSDZ(file) }

func (usdzFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	all, err := mesh.UnpackUSDZ(file)
	if err != nil {
		return nil, err
	}
	text := withoutLines(all[0].Body, usdaLabel, usdaStatement, usdaAIGC)
	before, after, ok := bytes.Cut(text, []byte(usdaData))
	if !ok {
		return nil, badinput.Errorf("the USDZ has no room for a label: its scene is not a USD text with customLayerData as atelier writes it")
	}
	var own []byte
	for _, l := range []struct{ head, text string }{
		{usdaLabel, base64.StdEncoding.EncodeToString(label)}, {usdaStatement, s.Source}, {usdaAIGC, usdaEscaped.Replace(string(s.AIGC.json()))},
	} {
		if l.text != "" {
			own = append(own, l.head+l.text+usdaEnd...)
		}
	}
	all[0].Body = bytes.Join([][]byte{before, []byte(usdaData), own, after}, nil)
	return mesh.PackUSDZ(all)
}

// JSON in a string of USD.
var (
	usdaEscaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	usdaPlain   = strings.NewReplacer(`\\`, `\`, `\"`, `"`)
)

// withoutLines is a text without the lines that begin in some ways.
func withoutLines(text []byte, heads ...string) []byte {
	for _, head := range heads {
		from := bytes.Index(text, []byte(head))
		if from < 0 {
			continue
		}
		if n := bytes.IndexByte(text[from:], '\n'); n >= 0 {
			text = append(bytes.Clone(text[:from]), text[from+n+1:]...)
		}
	}
	return text
}

func (usdzFile) read(file []byte) (held bare, err error) {
	all, err := mesh.UnpackUSDZ(file)
	if err != nil {
		return held, err
	}
	line := func(head string) string {
		_, rest, _ := bytes.Cut(all[0].Body, []byte(head))
		text, _, _ := bytes.Cut(rest, []byte(usdaEnd))
		return string(text)
	}
	if label := line(usdaLabel); label != "" {
		if held.label, err = base64.StdEncoding.DecodeString(label); err != nil {
			return held, badinput.Errorf("the Atelier label is damaged: %w", err)
		}
	}
	if aigc := line(usdaAIGC); aigc != "" {
		held.aigc = []byte(usdaPlain.Replace(aigc))
	}
	held.source = line(usdaStatement)
	return held, nil
}
