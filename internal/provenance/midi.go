package provenance

import (
	"bytes"
	"encoding/binary"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// A MIDI file consists of a header and tracks of events (MIDI 1.0, RP-001). Label and statement are
// text events at the beginning of the first track.
type midiFile struct{}

const (
	midiHeader    = "MThd"
	midiTrack     = "MTrk"
	midiHead      = 8 // bytes of a chunk before its data
	midiText      = "\xff\x01"
	midiLabel     = "atelier:"
	midiStatement = "DigitalSourceType: "
	midiAIGC      = aigcKey + ":"
)

func (midiFile) is(file []byte) bool { return bytes.HasPrefix(file, []byte(midiHeader)) }

// write puts label and statement before all other events.
func (midiFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	from, to, err := firstTrack(file)
	if err != nil {
		return nil, err
	}
	events := file[from:to]
	for {
		text, rest, ok := leadingText(events)
		if !ok || !bytes.HasPrefix(text, []byte(midiLabel)) && !bytes.HasPrefix(text, []byte(midiStatement)) && !bytes.HasPrefix(text, []byte(midiAIGC)) {
			break
		}
		events = rest
	}
	var own []byte
	add := func(head string, text []byte) {
		if text != nil {
			own = append(append(own, 0), midiText...) // at once
			own = append(append(midiNumber(own, len(head)+len(text)), head...), text...)
		}
	}
	add(midiLabel, label)
	if s.Source != "" {
		add(midiStatement, []byte(s.Source))
	}
	add(midiAIGC, s.AIGC.json())
	out := append([]byte(nil), file[:from-4]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(own)+len(events)))
	return append(append(append(out, own...), events...), file[to:]...), nil
}

// read looks everywhere: another program may have moved the label.
func (midiFile) read(file []byte) (held bare, err error) {
	song, _, err := midi.Read(file)
	if err != nil {
		return held, badinput.Errorf("the file %w", err)
	}
	for _, e := range song.Events {
		text, _, _ := leadingText(append([]byte{0}, e.Message...))
		if label, ok := bytes.CutPrefix(text, []byte(midiLabel)); ok && held.label == nil {
			held.label = label
		}
		if source, ok := bytes.CutPrefix(text, []byte(midiStatement)); ok {
			held.source = string(source)
		}
		if aigc, ok := bytes.CutPrefix(text, []byte(midiAIGC)); ok {
			held.aigc = aigc
		}
	}
	return held, nil
}

// firstTrack locates the events of the first track.
func firstTrack(file []byte) (from, to int, err error) {
	for at := 0; len(file)-at >= midiHead; {
		size := uint64(binary.BigEndian.Uint32(file[at+4:]))
		if size > uint64(len(file)-at-midiHead) {
			break
		}
		from, to := at+midiHead, at+midiHead+int(size)
		if string(file[at:at+4]) == midiTrack {
			return from, to, nil
		}
		at = to
	}
	return 0, 0, badinput.Errorf("the MIDI file is damaged or cut short")
}

// leadingText returns the text of a text event at tick 0, if there is one at the beginning.
func leadingText(events []byte) (text, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(events, []byte("\x00"+midiText))
	size := 0
	for i := 0; ok && i < 4 && i < len(rest); i++ {
		size = size<<7 | int(rest[i]&0x7f)
		if rest[i] < 0x80 {
			rest = rest[i+1:]
			if size > len(rest) {
				break
			}
			return rest[:size], rest[size:], true
		}
	}
	return nil, nil, false
}

// midiNumber appends a variable-length number, seven bits per byte, the highest first.
func midiNumber(to []byte, n int) []byte {
	for shift := 21; shift > 0; shift -= 7 {
		if n>>shift > 0 {
			to = append(to, byte(n>>shift)|0x80)
		}
	}
	return append(to, byte(n&0x7f))
}
