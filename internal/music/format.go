package music

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// A Format is a format of music files.
type Format string

// The formats. MXL is MusicXML, compressed.
const (
	MIDI     Format = "midi"
	ABC      Format = "abc"
	MusicXML Format = "musicxml"
	MXL      Format = "mxl"
)

// Extensions are those of the files of each format, the usual one first.
var Extensions = map[Format][]string{
	MIDI: {".mid", ".midi"}, ABC: {".abc"}, MusicXML: {".musicxml", ".xml"}, MXL: {".mxl"},
}

// MediaType is the media type of the files of a format.
func (f Format) MediaType() string {
	switch f {
	case MIDI:
		return "audio/midi"
	case ABC:
		return "text/vnd.abc"
	case MusicXML:
		return "application/vnd.recordare.musicxml+xml"
	case MXL:
		return "application/vnd.recordare.musicxml"
	}
	return ""
}

// Counts are the numbers of things that a format does not hold, or that were repaired, by
// what they are.
type Counts map[string]int

// What gets lost.
const (
	LostControllers = "controllers of channels without notes"
)

// Add counts n more.
func (c Counts) Add(what string, n int) {
	if c != nil && n > 0 {
		c[what] += n
	}
}

// one puts what is counted into the singular.
var one = strings.NewReplacer("notes", "note", "lines", "line", "marks and ornaments", "mark or ornament", "tunes", "tune", "characters that are", "character that is",
	"lengths that were", "length that was", "orders of parts, which are", "order of parts, which is", "tones", "tone", "macros, which are", "macro, which is",
	"directives that are", "directive that is", "controllers of channels", "controller of a channel", "velocities", "velocity", "changes", "change",
	"controllers and texts", "controller or text", "slurs, articulations and ornaments", "slur, articulation or ornament", "jumps such as da capo, which are", "jump such as da capo, which is",
	"syllables", "syllable", "words and marks", "word or mark", "tempos", "tempo", "messages", "message", "length, which were", "length, which was", "passes of repeats", "pass of a repeat")

// String lists the counts.
func (c Counts) String() string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(c)) {
		said := what
		if c[what] == 1 {
			said = one.Replace(what)
		}
		all = append(all, fmt.Sprintf("%d %s", c[what], said))
	}
	return strings.Join(all, ", ")
}

const (
	sniffed      = 64 << 10 // bytes in which a format is looked for
	mostTextFile = 32 << 20 // bytes of a file of ABC or MusicXML
)

// FormatOf tells the format of a file by its bytes, empty if it is none of these.
func FormatOf(file []byte) Format {
	head := file[:min(len(file), sniffed)]
	switch {
	case bytes.HasPrefix(head, []byte("MThd")), bytes.HasPrefix(head, []byte("RIFF")) && bytes.HasPrefix(head[min(8, len(head)):], []byte("RMID")):
		return MIDI
	}
	if at := bytes.Index(head, []byte("MThd\x00\x00\x00\x06\x00")); at >= 0 { // behind the header of another system
		return MIDI
	}
	switch {
	case isABC(head):
		return ABC
	case isXML(head):
		return MusicXML
	case isMXL(head):
		return MXL
	}
	return ""
}

// A Piece is a music file that was read.
type Piece struct {
	*Score
	// Format is that of the file.
	Format Format
	// Repairs counts what was mended in a damaged file, Lost what it says that a score
	// does not hold.
	Repairs, Lost Counts
}

// Read reads a music file of any format. Its errors complete a sentence that begins with
// the name of the file.
func Read(file []byte) (*Piece, error) {
	p := &Piece{Format: FormatOf(file), Lost: Counts{}}
	var err error
	switch p.Format {
	case MIDI:
		var song *midi.Song
		if song, p.Repairs, err = midi.Read(file); err == nil {
			p.Score = FromSong(song, p.Lost)
		}
	case ABC:
		p.Score, err = readABC(file, p.Lost)
	case MusicXML:
		p.Score, err = readXML(file, p.Lost)
	case MXL:
		var score []byte
		if score, err = unpacked(file); err == nil {
			p.Score, err = readXML(score, p.Lost)
		}
	default:
		return nil, badinput.Errorf("is not music that can be read: want MIDI, ABC or MusicXML")
	}
	switch {
	case err != nil:
		return nil, badinput.Mark(err)
	case len(p.Parts) == 0:
		return nil, badinput.Errorf("has no notes")
	}
	if err := p.checkLength(); err != nil {
		return nil, err
	}
	return p, nil
}

// Write writes the score as a file of a format, and counts what the format does not hold.
func (s *Score) Write(f Format) ([]byte, Counts, error) {
	lost := Counts{}
	switch f {
	case MIDI:
		file, err := s.Song().Write()
		return file, lost, err
	case ABC:
		file, err := s.writeABC(lost)
		return file, lost, err
	case MusicXML:
		file, err := s.writeXML(lost)
		return file, lost, err
	case MXL:
		file, err := s.writeXML(lost)
		if err == nil {
			file, err = packed(file)
		}
		return file, lost, err
	}
	return nil, nil, fmt.Errorf("no music format %q", f)
}

// Clean makes a text of a file printable: valid UTF-8, from Latin-1 where it is no UTF-8,
// in one line.
func Clean(text string) string {
	if !utf8.ValidString(text) {
		runes := make([]rune, len(text))
		for i := range len(text) {
			runes[i] = rune(text[i])
		}
		text = string(runes)
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
