package provenance

import (
	"bytes"
	"encoding/base64"

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
	usdaEnd       = "\"\n"
)

func (usdzFile) is(file []byte) bool { return mesh.IsUSDZ(file) }

func (usdzFile) write(file []byte, source Source, label []byte) ([]byte, error) {
	all, err := mesh.UnpackUSDZ(file)
	if err != nil {
		return nil, err
	}
	text := withoutLines(all[0].Body, usdaLabel, usdaStatement)
	before, after, ok := bytes.Cut(text, []byte(usdaData))
	if !ok {
		return nil, badinput.Errorf("the USDZ has no room for a label: its scene is not a USD text with customLayerData as atelier writes it")
	}
	own := usdaLabel + base64.StdEncoding.EncodeToString(label) + usdaEnd + usdaStatement + source.address() + usdaEnd
	all[0].Body = bytes.Join([][]byte{before, []byte(usdaData), []byte(own), after}, nil)
	return mesh.PackUSDZ(all)
}

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

func (usdzFile) read(file []byte) ([]byte, error) {
	all, err := mesh.UnpackUSDZ(file)
	if err != nil {
		return nil, err
	}
	_, rest, ok := bytes.Cut(all[0].Body, []byte(usdaLabel))
	text, _, ended := bytes.Cut(rest, []byte(usdaEnd))
	if !ok || !ended {
		return nil, nil
	}
	label, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, badinput.Errorf("the Atelier label is damaged: %w", err)
	}
	return label, nil
}
