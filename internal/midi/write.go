package midi

import (
	"bytes"
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"gitlab.com/gomidi/midi/v2/smf"
)

// A message is a message to be written.
type message struct {
	at    int64
	order int // order within a tick
	bytes []byte
}

// The order within a tick: a note ends before the next of its pitch begins, but after its own
// start.
const (
	firstMeta = iota
	firstEvent
	firstEnd
	firstNote
)

// Write writes the song as a file: of type 0 if it has one track, else of type 1, with tempos and
// meters in the first.
func (s *Song) Write() ([]byte, error) {
	tracks := make([][]message, max(1, s.Tracks))
	add := func(track int, at int64, order int, bytes ...byte) error {
		if track < 0 || track >= len(tracks) || at < 0 || at > lastTick {
			return fmt.Errorf("track %d of %d at tick %d", track, len(tracks), at)
		}
		tracks[track] = append(tracks[track], message{at, order, bytes})
		return nil
	}
	for _, t := range s.Tempos {
		if err := add(0, t.At, firstMeta, meta, metaTempo, 3, byte(t.Micros>>16), byte(t.Micros>>8), byte(t.Micros)); err != nil {
			return nil, err
		}
	}
	for _, m := range s.Meters {
		unit := byte(bits.TrailingZeros(uint(m.Unit)))
		if err := add(0, m.At, firstMeta, meta, metaMeter, 4, byte(m.Count), unit, 24, 8); err != nil {
			return nil, err
		}
	}
	for _, e := range s.Events {
		if err := add(e.Track, e.At, firstEvent, e.Message...); err != nil {
			return nil, err
		}
	}
	for _, n := range s.Notes {
		if err := add(n.Track, n.At, firstNote, noteOn|n.Channel, n.Pitch, n.Velocity); err != nil {
			return nil, err
		}
		order := firstEnd
		if n.Length <= 0 {
			order = firstNote
		}
		if err := add(n.Track, n.At+max(0, n.Length), order, noteOn|n.Channel, n.Pitch, 0); err != nil {
			return nil, err
		}
	}
	return s.encode(tracks)
}

// encode writes the messages of each track.
func (s *Song) encode(tracks [][]message) ([]byte, error) {
	file := smf.New()
	if len(tracks) > 1 {
		file = smf.NewSMF1()
	}
	file.TimeFormat = smf.MetricTicks(s.Quarter)
	for _, messages := range tracks {
		slices.SortStableFunc(messages, func(a, b message) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order))
		})
		var track smf.Track
		var tick int64
		// A delta time that is too long for one event is split by empty texts.
		wait := func(until int64) uint32 {
			for ; until-tick > longestDelta; tick += longestDelta {
				track.Add(longestDelta, []byte{meta, 1, 0})
			}
			delta := uint32(max(0, until-tick))
			tick += int64(delta)
			return delta
		}
		for _, m := range messages {
			delta := wait(m.at)
			track.Add(delta, m.bytes)
		}
		track.Close(wait(s.End))
		if err := file.Add(track); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if _, err := file.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
