package midi

import (
	"errors"
	"fmt"
)

// The messages that matter to a reader.
const (
	noteOff      = 0x80
	noteOn       = 0x90
	program      = 0xC0
	pressure     = 0xD0 // of a channel
	system       = 0xF0
	escape       = 0xF7
	meta         = 0xFF
	lastText     = 0x0F
	metaEnd      = 0x2F
	metaTempo    = 0x51
	metaMeter    = 0x58
	metaOffset   = 0x54 // in frames of a film
	longestDelta = 0x0FFFFFFF
)

var (
	errEnds   = errors.New("breaks off")
	errBroken = errors.New("is no message")
)

// A trackReader reads a track.
type trackReader struct {
	*reader
	rest    []byte
	tick    int64
	running byte // status of the last message of a channel; 0 for none
	program [16]uint8
	open    [16][128][]int // indices of notes that sound, the oldest first
}

// read reads to the end of the track, or as far as it goes. Its error is that of a
// file that is too large.
func (t *trackReader) read() error {
	for ended := false; !ended; {
		if t.events++; t.events > maxEvents {
			return fmt.Errorf("has more than %d events", maxEvents)
		}
		var err error
		switch ended, err = t.event(); {
		case errors.Is(err, errEnds):
			t.repairs[Truncated]++
		case err != nil:
			t.repairs[Broken]++
		}
		ended = ended || err != nil
	}
	for c := range t.open {
		for p := range t.open[c] {
			for _, i := range t.open[c][p] {
				t.end(i)
				t.repairs[OpenNotes]++
			}
		}
	}
	t.song.End = max(t.song.End, t.tick)
	return nil
}

// end ends a note.
func (t *trackReader) end(i int) { t.song.Notes[i].Length = t.tick - t.song.Notes[i].At }

// event reads one event; ended is true for the one that ends the track.
func (t *trackReader) event() (ended bool, err error) {
	delta, err := t.number()
	if err != nil {
		return false, err
	}
	status, err := t.peek()
	if err != nil {
		return false, err
	}
	if t.tick+int64(delta) > lastTick {
		return false, errBroken
	}
	t.tick += int64(delta)
	switch {
	case status == meta:
		return t.meta()
	case status == system || status == escape:
		t.rest, t.running = t.rest[1:], 0
		_, err := t.block()
		return false, err
	case status > system:
		return false, errBroken
	case status >= noteOff:
		t.rest, t.running = t.rest[1:], status
	case t.running == 0:
		return false, errBroken
	}
	return false, t.channel()
}

// channel reads the data of a message of a channel.
func (t *trackReader) channel() error {
	kind, channel := t.running&0xF0, t.running&0x0F
	size := 2
	if kind == program || kind == pressure {
		size = 1
	}
	if len(t.rest) < size {
		return errEnds
	}
	message := append([]byte{t.running}, t.rest[:size]...)
	for _, b := range message[1:] {
		if b >= noteOff {
			return errBroken
		}
	}
	t.rest = t.rest[size:]
	switch {
	case kind == noteOn && message[2] > 0:
		sounding := &t.open[channel][message[1]]
		*sounding = append(*sounding, len(t.song.Notes))
		t.song.Notes = append(t.song.Notes, Note{At: t.tick, Track: t.song.Tracks, Channel: channel,
			Program: t.program[channel], Pitch: message[1], Velocity: message[2]})
	case kind == noteOn || kind == noteOff:
		if sounding := &t.open[channel][message[1]]; len(*sounding) > 0 {
			t.end((*sounding)[0])
			*sounding = (*sounding)[1:]
		}
	default:
		if kind == program {
			t.program[channel] = message[1]
		}
		t.keep(message)
	}
	return nil
}

// meta reads what is not played.
func (t *trackReader) meta() (ended bool, err error) {
	if len(t.rest) < 2 {
		return false, errEnds
	}
	start, kind := t.rest, t.rest[1]
	t.rest, t.running = t.rest[2:], 0
	block, err := t.block()
	if err != nil {
		return false, err
	}
	switch {
	case kind == metaEnd:
		return true, nil
	case kind == metaTempo && len(block) == 3:
		micros := int64(block[0])<<16 | int64(block[1])<<8 | int64(block[2])
		if micros > 0 && !t.seconds {
			t.song.Tempos = append(t.song.Tempos, Tempo{t.tick, micros})
		}
	case kind == metaMeter && len(block) >= 2:
		if block[0] > 0 && block[1] < 8 {
			t.song.Meters = append(t.song.Meters, Meter{t.tick, int(block[0]), 1 << block[1]})
		}
	case kind == metaTempo || kind == metaMeter || kind == metaOffset || kind >= noteOff:
	case kind <= lastText && len(block) == 0:
	default:
		t.keep(start[:len(start)-len(t.rest)])
	}
	return false, nil
}

func (t *trackReader) keep(message []byte) {
	t.song.Events = append(t.song.Events, Event{t.tick, t.song.Tracks, message})
}

// block reads a length and as many bytes.
func (t *trackReader) block() ([]byte, error) {
	n, err := t.number()
	if err != nil {
		return nil, err
	}
	if uint64(n) > uint64(len(t.rest)) {
		return nil, errEnds
	}
	block := t.rest[:n]
	t.rest = t.rest[n:]
	return block, nil
}

// number reads a number of one to four bytes, seven bits in each.
func (t *trackReader) number() (n uint32, err error) {
	for range 4 {
		b, err := t.peek()
		if err != nil {
			return 0, err
		}
		t.rest = t.rest[1:]
		n = n<<7 | uint32(b&0x7F)
		if b < noteOff {
			return n, nil
		}
	}
	return 0, errBroken
}

func (t *trackReader) peek() (byte, error) {
	if len(t.rest) == 0 {
		return 0, errEnds
	}
	return t.rest[0], nil
}
