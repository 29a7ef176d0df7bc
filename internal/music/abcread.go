package music

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// What ABC says that a score does not hold, as counts.
const (
	LostLyrics  = "lines of lyrics"
	LostGraces  = "grace notes"
	LostMarks   = "marks and ornaments"
	LostInfo    = "lines of information"
	LostTunes   = "further tunes"
	LostUnread  = "characters that are not ABC"
	LostRounded = "lengths that were rounded"
	LostOrders  = "orders of parts, which are played once each"
	LostMicro   = "quarter tones"
	LostMacros  = "macros, which are not expanded"
	// LostDirectives are such as %%MIDI gchord, drum or beat.
	LostDirectives = "%%MIDI directives that are not played"
	mostVoices     = 1 << 10
	abcHeadLines   = 200
)

// An abcReader reads the first tune of a file.
type abcReader struct {
	score   *Score
	lost    Counts
	voices  []*abcVoice
	voice   *abcVoice
	usual   *abcVoice // what the header says, which voices begin with
	inBody  bool
	unitSet bool
	line    int
	items   int
	block   string // name of a block of text that lasts until its end, if one does
	apart   bool   // whether an empty line came since the last music
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isABC tells ABC by its first lines: an information field X and a key K after it.
func isABC(head []byte) bool {
	head = []byte(newlines.Replace(string(unwide(head))))
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	number := bytes.HasPrefix(head, []byte("%abc"))
	lines := 0
	for line := range bytes.Lines(head) {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if bytes.HasPrefix(line, []byte("X:")) {
			number = true
		}
		if number && bytes.HasPrefix(line, []byte("K:")) {
			return true
		}
		if lines++; lines > abcHeadLines {
			break
		}
	}
	return false
}

// readABC reads the first tune of a file in ABC 2.1.
func readABC(file []byte, lost Counts) (*Score, error) {
	if len(file) > mostTextFile {
		return nil, badinput.Errorf("has %d bytes; a file of ABC may have %d", len(file), mostTextFile)
	}
	r := &abcReader{score: &Score{Quarter: fine}, lost: lost}
	r.usual = &abcVoice{channel: -1, velocity: usualVelocity, meter: midi.Meter{Count: 4, Unit: 4}}
	done := false
	text := newlines.Replace(string(unwide(file)))
	written := encodingOf(strings.Split(text, "\n"))
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if r.line++; done {
			if strings.HasPrefix(line, "X:") {
				lost.Add(LostTunes, 1)
			}
			continue
		}
		var err error
		if done, err = r.readLine(written.decode(strings.TrimRight(line, "\n"))); err != nil {
			return nil, badinput.Errorf("line %d: %w", r.line, err)
		}
		if done {
			lost.Add(LostTunes, 1)
		}
	}
	if !r.inBody {
		return nil, badinput.Errorf("has no key (K:), which ends the header of a tune")
	}
	return r.finish()
}

// readLine reads a line. It is done at the next tune.
func (r *abcReader) readLine(line string) (done bool, err error) {
	started := r.score.Title != "" || r.inBody
	if directive, ok := strings.CutPrefix(line, "%%"); ok {
		name, _, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if block, begins := strings.CutPrefix(name, "begin"); begins && block != "" && r.block == "" {
			r.block = block
			return false, nil
		}
		if block, ends := strings.CutPrefix(name, "end"); ends && block == r.block {
			r.block = ""
			return false, nil
		}
	}
	switch {
	case r.block != "" && !strings.HasPrefix(line, "X:"):
		return false, nil
	case strings.HasPrefix(line, "X:"):
		r.block = ""
		return r.inBody, nil
	case strings.HasPrefix(line, "%%"):
		return false, r.instruction(strings.TrimSpace(withoutComment(line[2:])))
	case strings.HasPrefix(line, "%"):
		return false, nil
	case strings.TrimSpace(line) == "":
		r.apart = true
		return false, nil // the standard ends a tune here; many files do not
	case isField(line):
		return false, r.field(line[0], strings.TrimSpace(withoutComment(line[2:])))
	case r.inBody && r.apart && isWords(withoutComment(line)): // below the tune
		r.lost.Add(LostUnread, len(line))
	case r.inBody:
		r.apart = false
		return false, r.music(withoutComment(line))
	case started:
		r.lost.Add(LostUnread, len(line))
	}
	return false, nil
}

// isWords tells words from music: they have no bar lines, and letters that are no notes.
func isWords(line string) bool {
	return !strings.ContainsAny(line, "|\"![") && strings.ContainsFunc(line, func(c rune) bool {
		return unicode.IsLetter(c) && !strings.ContainsRune("ABCDEFGabcdefgxyzZ", c)
	})
}

// isField tells an information field from music: a letter and a colon that is no bar line.
func isField(line string) bool {
	if len(line) < 2 || line[1] != ':' {
		return false
	}
	c := line[0]
	if len(line) > 2 && (line[2] == '|' || line[2] == ':') {
		return false
	}
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '+'
}

// withoutComment cuts a comment off.
func withoutComment(text string) string {
	for i := range len(text) {
		if text[i] == '%' && (i == 0 || text[i-1] != '\\') {
			return text[:i]
		}
	}
	return text
}

// now is the voice that music and fields go to: the first one if none was named.
func (r *abcReader) now() *abcVoice {
	if r.voice == nil {
		if len(r.voices) > 0 {
			r.voice = r.voices[0]
		} else {
			r.use("1")
		}
	}
	return r.voice
}

// use goes on with a voice, a new one if there is none of that name.
func (r *abcReader) use(id string) error {
	for _, v := range r.voices {
		if v.id == id {
			r.voice = v
			return nil
		}
	}
	if len(r.voices) == mostVoices {
		return fmt.Errorf("has more than %d voices", mostVoices)
	}
	v := *r.usual
	v.id = id
	v.goOn(0)
	r.voice = &v
	r.voices = append(r.voices, r.voice)
	return nil
}

// add adds an item to the voice.
func (r *abcReader) add(it item) error {
	if r.items++; r.items > mostItems {
		return fmt.Errorf("has more than %d notes and rests", mostItems)
	}
	v := r.now()
	v.items = append(v.items, it)
	return nil
}

// field reads an information field, in the header, in a line of its own or within music.
func (r *abcReader) field(name byte, text string) error {
	switch name {
	case 'T':
		if r.score.Title == "" && !r.inBody {
			r.score.Title = Clean(abcText(text))
		}
	case 'C':
		if r.score.Composer == "" {
			r.score.Composer = Clean(abcText(text))
		}
	case 'M':
		return r.meter(text)
	case 'L':
		return r.unitLength(text)
	case 'Q':
		return r.setTempo(text)
	case 'K':
		return r.key(text)
	case 'V':
		return r.voiceField(text)
	case 'I':
		return r.instruction(text)
	case 'P':
		if !r.inBody {
			r.lost.Add(LostOrders, 1)
		}
	case 'w', 'W':
		r.lost.Add(LostLyrics, 1)
	case 'm':
		r.lost.Add(LostMacros, 1)
	case 'U', 's':
		r.lost.Add(LostMarks, 1)
	default:
		if text != "" {
			r.lost.Add(LostInfo, 1)
		}
	}
	return nil
}

// finish plays the voices.
func (r *abcReader) finish() (*Score, error) {
	budget := mostPlayed
	var bounds []int64
	for i, v := range r.voices {
		items, err := unfolded(v.items)
		if err != nil {
			return nil, err
		}
		part := &Part{Name: v.name}
		if v.channel >= 0 {
			part.Channel = uint8(v.channel)
		}
		player := voiceReader{score: r.score, part: part, budget: &budget}
		if err := player.play(items); err != nil {
			return nil, err
		}
		if i == 0 {
			bounds = player.bounds
		}
		if len(part.Notes) > 0 {
			r.score.Parts = append(r.score.Parts, *part)
		}
	}
	r.score.finish(bounds)
	return r.score, nil
}

// finish completes a score that was read in fine ticks from text.
func (s *Score) finish(bounds []int64) {
	s.Sort()
	s.assignChannels()
	s.anchor(bounds)
	s.reduce()
}
