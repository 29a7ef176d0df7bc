package midi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// chunkHead is the size of a chunk's name and length.
const chunkHead = 8

var (
	fileName  = []byte("MThd")
	trackName = []byte("MTrk")
)

// unwrapped returns the file from its header on: some are wrapped in a RIFF file (RP-29), others
// have foreign bytes from mail programs or disks in front.
func unwrapped(file []byte) (_ []byte, wrapped bool) {
	if data, ok := riffData(file); ok {
		return data, true
	}
	at := bytes.Index(file, fileName)
	if at < 0 {
		return nil, false
	}
	return file[at:], at > 0
}

// riffData is the first chunk "data" of a RIFF file of MIDI, as far as it is present.
func riffData(file []byte) ([]byte, bool) {
	const name = 12
	if len(file) < name || string(file[:4]) != "RIFF" || string(file[8:name]) != "RMID" {
		return nil, false
	}
	for rest := file[name:]; len(rest) > chunkHead; {
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[chunkHead:]
		whole := size > 0 && size <= int64(len(body))
		if string(rest[:4]) == "data" && bytes.HasPrefix(body, fileName) {
			if whole {
				body = body[:size]
			}
			return body, true
		}
		if !whole {
			break
		}
		rest = body[min(size+size&1, int64(len(body))):] // chunks begin at even bytes
	}
	return nil, false
}

// header parses the first chunk and returns the rest.
func (r *reader) header(file []byte) (rest []byte, err error) {
	const size = 14
	header, wrapped := unwrapped(file)
	if len(header) < size {
		return nil, errors.New("is no MIDI file: it has no header")
	}
	if wrapped {
		r.repairs[Wrapped] = 1
	}
	rest = header[size:]
	if extra := int64(binary.BigEndian.Uint32(header[4:])) - 6; extra > 0 && extra <= int64(len(rest)) && isChunk(rest[extra:]) {
		r.repairs[Wrapped] = 1
		rest = rest[extra:]
	} else if extra != 0 {
		r.repairs[WrongLength]++
	}
	r.kind = int(binary.BigEndian.Uint16(header[8:]))
	if r.kind > patterns {
		return nil, fmt.Errorf("is a MIDI file of type %d; types 0, 1 and 2 are read", r.kind)
	}
	r.claimed = int(binary.BigEndian.Uint16(header[10:]))
	return rest, r.division(header[12], header[13])
}

// isChunk reports whether a chunk starts at the beginning, or nothing is left.
func isChunk(b []byte) bool {
	if len(b) == 0 || bytes.HasPrefix(b, trackName) {
		return true
	}
	if len(b) < chunkHead || int64(binary.BigEndian.Uint32(b[4:])) > int64(len(b)-chunkHead) {
		return false
	}
	for _, c := range b[:4] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// tracks reads the chunks after the header.
func (r *reader) tracks(rest []byte) error {
	for len(rest) >= chunkHead {
		size := int64(binary.BigEndian.Uint32(rest[4:]))
		if !bytes.HasPrefix(rest, trackName) {
			rest = r.passOver(rest, size)
			continue
		}
		if r.song.Tracks == MaxTracks {
			return fmt.Errorf("has more than %d tracks", MaxTracks)
		}
		var err error
		if rest, err = r.track(rest[chunkHead:], size); err != nil {
			return err
		}
	}
	if len(rest) > 0 {
		r.repairs[Wrapped] = 1
	}
	switch {
	case r.song.Tracks == 0:
		return errors.New("has no tracks")
	case r.song.Tracks != r.claimed:
		r.repairs[Disorder]++
	case r.kind == 0 && r.song.Tracks > 1:
		r.repairs[Disorder]++
	}
	return nil
}

// begins is the tick at which the next track begins: for patterns, which are played one after
// another, the end of all tracks so far.
func (r *reader) begins() int64 {
	if r.kind == patterns {
		return r.song.End
	}
	return 0
}

// passOver skips an unknown chunk. If no track follows it, it is not a chunk, and the next track is
// searched for.
func (r *reader) passOver(rest []byte, size int64) []byte {
	r.repairs[Wrapped] = 1
	if size <= int64(len(rest)-chunkHead) && isChunk(rest[chunkHead+size:]) {
		return rest[chunkHead+size:]
	}
	if at := bytes.Index(rest, trackName); at >= 0 {
		return rest[at:]
	}
	if r.song.Tracks < r.claimed {
		r.repairs[Truncated]++
	}
	return nil
}

// track reads a track with a declared length, and returns the rest. Like players, it reads up to
// the end-of-track event, whatever the declared length. Only a track without that event ends where
// the next begins.
func (r *reader) track(rest []byte, size int64) (after []byte, err error) {
	right := size <= int64(len(rest)) && isChunk(rest[size:])
	chunk := rest
	if right {
		chunk = rest[:size]
	} else if at := bytes.Index(rest, trackName); at >= 0 {
		chunk = rest[:at]
	}
	t := trackReader{reader: r, tick: r.begins(), rest: chunk, cut: !right && len(chunk) == len(rest) && size > int64(len(rest))}
	if err := t.read(); err != nil {
		return nil, err
	}
	r.song.Tracks++
	if read := int64(len(chunk) - len(t.rest)); t.ended && !right && read != size {
		r.repairs[WrongLength]++
	}
	if at := bytes.Index(t.rest, trackName); right && t.ended && at >= 0 {
		r.repairs[WrongLength]++
		if at > 0 {
			r.repairs[AfterEnd]++
		}
		return rest[len(chunk)-len(t.rest)+at:], nil // the length covers other tracks
	}
	if !right && t.ended {
		return rest[len(chunk)-len(t.rest):], nil
	}
	if right && t.ended && len(t.rest) > 0 {
		r.repairs[AfterEnd]++
	}
	return rest[len(chunk):], nil
}
