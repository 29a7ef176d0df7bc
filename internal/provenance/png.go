package provenance

import (
	"bytes"

	"atelier/internal/badinput"
	"atelier/internal/pngchunk"
)

// A PNG holds label and statement in chunks of text.
type pngFile struct{}

const (
	labelKeyword = "atelier"
	xmpKeyword   = "XML:com.adobe.xmp"
	pngManifest  = "caBX" // chunk of a C2PA manifest
)

func (pngFile) is(file []byte) bool { return bytes.HasPrefix(file, []byte(pngchunk.Signature)) }

// write puts label and statement near the beginning, of an animation at the end.
func (pngFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	old, err := pngText(file, xmpKeyword)
	if err != nil {
		old = nil // it is compressed, or damaged
	}
	var texts []byte
	if label != nil {
		texts = internationalText(texts, labelKeyword, label)
	}
	if packet := stated(old, s, nil); packet != nil {
		texts = internationalText(texts, xmpKeyword, packet)
	}
	out, _, err := pngchunk.Insert(file, texts, true, func(c pngchunk.Chunk) bool {
		k := keyword(c)
		return k == labelKeyword || k == xmpKeyword || c.Kind == pngManifest
	})
	return out, err
}

func (pngFile) read(file []byte) (bare, error) {
	packet, err := pngText(file, xmpKeyword)
	if err != nil {
		packet = nil // it is compressed, or damaged
	}
	held := heldIn(packet)
	held.label, err = pngText(file, labelKeyword)
	return held, err
}

// pngText is the first text with a keyword, nil if there is none.
func pngText(file []byte, of string) ([]byte, error) {
	for c, err := range pngchunk.All(file) {
		if err != nil {
			return nil, err
		}
		if keyword(c) == of {
			return textOf(c)
		}
	}
	return nil, nil
}

// internationalText appends an iTXt chunk: keyword, a zero, not compressed (two
// zeros), no language (a zero), no translated keyword (a zero), UTF-8 text.
func internationalText(to []byte, keyword string, text []byte) []byte {
	return pngchunk.Append(to, "iTXt", append([]byte(keyword+"\x00\x00\x00\x00\x00"), text...))
}

// keyword is the keyword of an iTXt chunk, empty for others.
func keyword(c pngchunk.Chunk) string {
	keyword, _, found := bytes.Cut(c.Data, []byte{0})
	if c.Kind != "iTXt" || !found {
		return ""
	}
	return string(keyword)
}

// textOf is the text of an iTXt chunk.
func textOf(c pngchunk.Chunk) ([]byte, error) {
	parts := bytes.SplitN(c.Data, []byte{0}, 2)
	if len(parts) < 2 || len(parts[1]) < 2 || parts[1][0] != 0 {
		return nil, badinput.Errorf("the Atelier label is damaged: another program compressed it or cut it short")
	}
	parts = bytes.SplitN(parts[1][2:], []byte{0}, 3) // language, translated keyword, text
	if len(parts) < 3 {
		return nil, badinput.Errorf("the Atelier label is damaged: it is cut short")
	}
	return parts[2], nil
}
