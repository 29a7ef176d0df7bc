package provenance

import (
	"bytes"

	"atelier/internal/badinput"
)

// A GIF consists of a header, a palette, and blocks (GIF89a). The label is a comment, the statement
// the application block of XMP, both before the first frame.
type gifFile struct{}

const (
	gifHead      = 13 // bytes before the palette
	gifExtension = 0x21
	gifFrame     = 0x2c
	gifControl   = 0xf9 // the extension before a frame
	gifComment   = 0xfe
	gifProgram   = 0xff
	gifXMP       = "\x0bXMP DataXMP"
)

func (gifFile) is(file []byte) bool {
	return bytes.HasPrefix(file, []byte("GIF89a")) || bytes.HasPrefix(file, []byte("GIF87a"))
}

// write puts label and statement after the blocks before the first frame.
func (gifFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	blocks, rest, err := gifBlocks(file)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(file[:gifHead+gifPalette(file)])
	copy(out, "GIF89a")
	for _, b := range blocks {
		if !isLabel(b) && !bytes.HasPrefix(b[2:], []byte(gifXMP)) && !bytes.HasPrefix(b[2:], []byte(gifManifest)) {
			out = append(out, b...)
		}
	}
	if s.isEmpty() && label == nil {
		return append(out, rest...), nil
	}
	out = append(out, gifExtension, gifComment)
	for text := append([]byte(commentHead), label...); len(text) > 0; {
		n := min(len(text), 255)
		out = append(append(out, byte(n)), text[:n]...)
		text = text[n:]
	}
	out = append(append(out, 0, gifExtension, gifProgram), gifXMP...)
	out = append(out, s.XMP(nil)...)
	// The packet is stored verbatim, so that decoders that skip it read its bytes as block lengths;
	// wherever they land, the trailer leads them to the end.
	out = append(out, 1)
	for i := range 256 {
		out = append(out, byte(255-i))
	}
	out = append(out, 0)
	return append(out, rest...), nil
}

func (gifFile) read(file []byte) (held bare, err error) {
	blocks, _, err := gifBlocks(file)
	if err != nil {
		return held, err
	}
	for _, b := range blocks {
		if rest, ok := bytes.CutPrefix(b[2:], []byte(gifXMP)); ok { // up to the trailer
			packet, _, _ := bytes.Cut(rest, []byte("\x01\xff\xfe"))
			held = heldIn(packet)
		}
	}
	for _, b := range blocks {
		if !isLabel(b) {
			continue
		}
		var text []byte
		for rest := b[2:]; rest[0] > 0; rest = rest[1+int(rest[0]):] {
			text = append(text, rest[1:1+int(rest[0])]...)
		}
		held.label = text[len(commentHead):]
		return held, nil
	}
	held.label = nil
	return held, nil
}

// isLabel recognizes the comment with a label, whose first part is at least as long as its head.
func isLabel(block []byte) bool {
	return block[1] == gifComment && int(block[2]) >= len(commentHead) && bytes.HasPrefix(block[3:], []byte(commentHead))
}

// gifPalette is the size of the global palette in bytes.
func gifPalette(file []byte) int {
	if file[10]&0x80 == 0 {
		return 0
	}
	return 3 << (file[10]&7 + 1)
}

// gifBlocks returns the extensions before the first frame, each complete, and the rest.
func gifBlocks(file []byte) (blocks [][]byte, rest []byte, err error) {
	cut := badinput.Errorf("the GIF is damaged or cut short")
	if len(file) < gifHead || len(file) < gifHead+gifPalette(file) {
		return nil, nil, cut
	}
	rest = file[gifHead+gifPalette(file):]
	for {
		if len(rest) < 3 {
			return nil, nil, cut
		}
		if rest[0] == gifFrame || rest[0] == gifExtension && rest[1] == gifControl {
			return blocks, rest, nil
		}
		end := 2
		for end < len(rest) && rest[end] > 0 {
			end += 1 + int(rest[end])
		}
		if rest[0] != gifExtension || end >= len(rest) {
			return nil, nil, cut
		}
		blocks, rest = append(blocks, rest[:end+1]), rest[end+1:]
	}
}
