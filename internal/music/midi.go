package music

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"atelier/internal/midi"
)

// The messages of a MIDI file that a score has a place of its own for.
const (
	metaMessage   = 0xFF
	metaText      = 0x01
	metaTrackName = 0x03
	metaKey       = 0x59
	programChange = 0xC0
	composerText  = "Composer: "
	chordText     = "Chord: "
)

// ofLabels begin the texts of label and statement that the program writes in its files, which are not
// part of the music.
var ofLabels = []string{"atelier:", "DigitalSourceType: ", "AIGC:"}

// FromSong returns the score of a MIDI file. Each channel of a track is a part.
func FromSong(song *midi.Song, lost Counts) *Score {
	s := &Score{Quarter: song.Quarter, Tempos: slices.Clone(song.Tempos), Meters: slices.Clone(song.Meters), End: song.End}
	type source struct {
		track   int
		channel uint8
	}
	parts, ofTrack := map[source]int{}, map[int]int{}
	for _, n := range song.Notes {
		parts[source{n.Track, n.Channel}] = 0
	}
	sources := slices.SortedFunc(maps.Keys(parts), func(a, b source) int {
		return cmp.Or(cmp.Compare(a.track, b.track), cmp.Compare(a.channel, b.channel))
	})
	for i, from := range sources {
		parts[from] = i
		if _, ok := ofTrack[from.track]; !ok {
			ofTrack[from.track] = i
		}
		s.Parts = append(s.Parts, Part{Channel: from.channel})
	}
	programs := programsOf(song)
	var texts []string
	for _, e := range song.Events {
		if text, ok := e.Text(); ok {
			texts = append(texts, text)
		}
	}
	written := encodingOf(texts)
	for i, n := range song.Notes {
		p := &s.Parts[parts[source{n.Track, n.Channel}]]
		p.Notes = append(p.Notes, Note{n.At, n.Length, n.Pitch, n.Velocity, programs[i]})
	}
	for _, e := range song.Events {
		part, ok := ofTrack[e.Track]
		if !ok {
			part = -1
		}
		if e.Message[0] == metaMessage {
			s.takeMeta(e, part, written)
			continue
		}
		if e.Message[0]&0xF0 == programChange {
			continue // the notes have it
		}
		channel := e.Message[0] & 0x0F
		if part, ok = parts[source{e.Track, channel}]; !ok {
			part = slices.IndexFunc(s.Parts, func(p Part) bool { return p.Channel == channel })
		}
		if part < 0 {
			lost.Add(LostControllers, 1)
			continue
		}
		e.Track = part
		s.Events = append(s.Events, e)
	}
	s.Sort()
	s.SaysKey = s.meansC()
	return s
}

// programsOf is the program of each note. A track that never sets one itself plays with
// that of its channel, which another track set.
func programsOf(song *midi.Song) []uint8 {
	out := make([]uint8, len(song.Notes))
	own := map[[2]int]bool{}
	for _, e := range song.Events {
		if e.Message[0]&0xF0 == programChange {
			own[[2]int{e.Track, int(e.Message[0] & 0x0F)}] = true
		}
	}
	var channels [16]uint8
	next := 0
	for i, n := range song.Notes {
		for ; next < len(song.Events) && song.Events[next].At <= n.At; next++ {
			if m := song.Events[next].Message; m[0]&0xF0 == programChange {
				channels[m[0]&0x0F] = m[1]
			}
		}
		out[i] = n.Program
		if !own[[2]int{n.Track, int(n.Channel)}] {
			out[i] = channels[n.Channel]
		}
	}
	return out
}

// takeMeta takes a meta event of a part, or of the whole piece if that is -1.
func (s *Score) takeMeta(e midi.Event, part int, written encoding) {
	kind := e.Message[1]
	text, isText := e.Text()
	if isText {
		text = Clean(written.decode(text))
	}
	composer, isComposer := strings.CutPrefix(text, composerText)
	chord, isChord := strings.CutPrefix(text, chordText)
	switch {
	case kind == metaKey && len(e.Message) >= 5 && e.Message[2] == 2:
		if fifths := int(int8(e.Message[3])); fifths >= -7 && fifths <= 7 {
			s.Keys = append(s.Keys, Key{e.At, fifths, e.Message[4] == 1})
		}
	case isText && slices.ContainsFunc(ofLabels, func(p string) bool { return strings.HasPrefix(text, p) }):
	case kind == metaTrackName && isText && e.Track == 0 && s.Title == "":
		s.Title = text
		if part >= 0 && len(s.Parts) > 1 {
			s.Parts[part].Name = text
		}
	case kind == metaTrackName && isText && part >= 0 && s.Parts[part].Name == "":
		s.Parts[part].Name = text
	case kind == metaText && isComposer:
		s.Composer = composer
	case kind == metaText && isChord:
		s.Chords = append(s.Chords, Chord{e.At, chord})
	default:
		e.Track = part
		s.Events = append(s.Events, e)
	}
}

// Song returns the score as a MIDI file plays it: one track for what applies to all parts,
// and one per part; a single track if there is one part alone.
func (s *Score) Song() *midi.Song {
	song := &midi.Song{Quarter: s.Quarter, Tracks: 1, Tempos: slices.Clone(s.Tempos), Meters: slices.Clone(s.Meters), End: max(s.End, s.lastEnd())}
	first := 0
	if len(s.Parts) > 1 {
		first, song.Tracks = 1, 1+len(s.Parts)
	}
	text := func(at int64, track int, kind byte, text string) {
		if text != "" {
			e := midi.Event{At: at, Track: track, Message: []byte{metaMessage, kind, 0}}
			e.SetText(text)
			song.Events = append(song.Events, e)
		}
	}
	text(0, 0, metaTrackName, s.Title)
	if s.Composer != "" {
		text(0, 0, metaText, composerText+s.Composer)
	}
	for _, k := range s.Keys {
		minor := byte(0)
		if k.Minor {
			minor = 1
		}
		song.Events = append(song.Events, midi.Event{At: k.At, Message: []byte{metaMessage, metaKey, 2, byte(int8(k.Fifths)), minor}})
	}
	for _, c := range s.Chords {
		text(c.At, 0, metaText, chordText+c.Name)
	}
	for i, p := range s.Parts {
		if len(s.Parts) > 1 {
			text(0, first+i, metaTrackName, p.Name)
		}
	}
	for _, e := range s.Events {
		e.Track = max(0, e.Track+first)
		song.Events = append(song.Events, e)
	}
	for i, p := range s.Parts {
		program := -1
		for _, n := range p.Notes {
			if int(n.Program) != program {
				at := n.At
				if program < 0 {
					at = 0
				}
				program = int(n.Program)
				song.Events = append(song.Events, midi.Event{At: at, Track: first + i, Message: []byte{programChange | p.Channel, n.Program}})
			}
			song.Notes = append(song.Notes, midi.Note{At: n.At, Length: n.Length, Track: first + i, Channel: p.Channel, Program: n.Program, Pitch: n.Pitch, Velocity: n.Velocity})
		}
	}
	song.Sort()
	return song
}

// assignChannels gives the parts of a file that says nothing of channels channels of their
// own. When there are more parts than channels, those of the same instrument share one,
// and then any do.
func (s *Score) assignChannels() {
	next, of := uint8(0), map[uint8]uint8{}
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.Drums() {
			continue
		}
		program := p.Program()
		if channel, ok := of[program]; ok && len(s.Parts) > 15 {
			p.Channel = channel
			continue
		}
		p.Channel = next
		of[program] = next
		if next = (next + 1) % 16; next == midi.DrumChannel {
			next++
		}
	}
}
