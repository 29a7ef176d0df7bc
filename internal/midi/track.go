package midi

import (
	"errors"
	"fmt"
)

// The messages relevant to a reader.
const (
	noteOff      = 0x80
	noteOn       = 0x90
	program      = 0xC0
	pressure     = 0xD0 // channel pressure
	system       = 0xF0
	quarterFrame = 0xF1
	position     = 0xF2
	songSelect   = 0xF3
	escape       = 0xF7
	realTime     = 0xF8 // the first of the one-byte messages that may occur anywhere in a live stream
	meta         = 0xFF
	lastText     = 0x0F
	metaEnd      = 0x2F
	metaTempo    = 0x51
	metaMeter    = 0x58
	metaOffset   = 0x54 // in film frames
	longestDelta = 0x0FFFFFFF
	largest      = 1<<32 - 1
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
	cut     bool // whether the file ends before the track should
	ended   bool // whether the end-of-track event was read
	running byte // status of the last channel message; 0 for none
	program [16]uint8
	open    [16][128][]int // indices of sounding notes, the oldest first
}

// read reads to the end of the track, or as far as possible. Its error means that the file is too
// large.
func (t *trackReader) read() error {
	for goes := true; goes && !t.ended; {
		if t.events++; t.events > maxEvents {
			return fmt.Errorf("has more than %d events", maxEvents)
		}
		if len(t.rest) == 0 && !t.cut {
			t.repairs[Unended]++
			break
		}
		switch err := t.event(); {
		case errors.Is(err, errEnds):
			t.repairs[Truncated]++
			goes = false
		case err != nil:
			t.repairs[Broken]++
			goes = false
		}
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

// event reads one event. Running status survives other messages: the standard forbids it, but such
// files exist, and players accept them.
func (t *trackReader) event() error {
	delta, err := t.number()
	if err != nil {
		return err
	}
	status, err := t.peek()
	if err != nil {
		return err
	}
	if t.tick+int64(delta) > lastTick {
		return errBroken
	}
	t.tick += int64(delta)
	switch {
	case status == meta:
		return t.meta()
	case status == system || status == escape:
		t.rest = t.rest[1:]
		_, err := t.block()
		return err
	case status > system:
		return t.stray(status)
	case status >= noteOff:
		t.rest, t.running = t.rest[1:], status
	case t.running == 0:
		return errBroken
	}
	return t.channel()
}

// stray skips a system message, which has no place in a file.
func (t *trackReader) stray(status byte) error {
	t.repairs[Stray]++
	t.rest = t.rest[1:]
	size := 0
	switch status {
	case quarterFrame, songSelect:
		size = 1
	case position:
		size = 2
	}
	_, err := t.data(size)
	return err
}

// data reads the data of a message, possibly interleaved with real-time messages.
func (t *trackReader) data(size int) (data [2]byte, err error) {
	for i := 0; i < size; {
		b, err := t.peek()
		switch {
		case err != nil:
			return data, err
		case b >= realTime && b < meta:
			t.repairs[Stray]++
		case b >= noteOff:
			return data, errBroken
		default:
			data[i] = b
			i++
		}
		t.rest = t.rest[1:]
	}
	return data, nil
}

// channel reads the data of a channel message.
func (t *trackReader) channel() error {
	kind, channel := t.running&0xF0, t.running&0x0F
	size := 2
	if kind == program || kind == pressure {
		size = 1
	}
	data, err := t.data(size)
	if err != nil {
		return err
	}
	switch {
	case kind == noteOn && data[1] > 0:
		sounding := &t.open[channel][data[0]]
		*sounding = append(*sounding, len(t.song.Notes))
		t.song.Notes = append(t.song.Notes, Note{At: t.tick, Track: t.song.Tracks, Channel: channel,
			Program: t.program[channel], Pitch: data[0], Velocity: data[1]})
	case kind == noteOn || kind == noteOff:
		if sounding := &t.open[channel][data[0]]; len(*sounding) > 0 {
			t.end((*sounding)[0])
			*sounding = (*sounding)[1:]
		}
	default:
		if kind == program {
			t.program[channel] = data[0]
		}
		t.keep(append([]byte{t.running}, data[:size]...))
	}
	return nil
}

// meta reads a meta event.
func (t *trackReader) meta() error {
	if len(t.rest) < 2 {
		return errEnds
	}
	start, kind := t.rest, t.rest[1]
	t.rest = t.rest[2:]
	block, err := t.block()
	if err != nil {
		return err
	}
	switch {
	case kind == metaEnd:
		t.ended = true
	case kind == metaTempo && len(block) == 3:
		micros := int64(block[0])<<16 | int64(block[1])<<8 | int64(block[2])
		switch {
		case micros == 0:
			t.repairs[ZeroTempo]++
		case !t.seconds:
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
	return nil
}

func (t *trackReader) keep(message []byte) {
	t.song.Events = append(t.song.Events, Event{t.tick, t.song.Tracks, message})
}

// block reads a length and that many bytes.
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

// number reads a variable-length number, seven bits per byte. The standard allows four bytes;
// players accept more.
func (t *trackReader) number() (uint32, error) {
	n := uint64(0)
	for {
		b, err := t.peek()
		if err != nil {
			return 0, err
		}
		t.rest = t.rest[1:]
		if n = n<<7 | uint64(b&0x7F); n > largest {
			return 0, errBroken
		}
		if b < noteOff {
			return uint32(n), nil
		}
	}
}

func (t *trackReader) peek() (byte, error) {
	if len(t.rest) == 0 {
		return 0, errEnds
	}
	return t.rest[0], nil
}
