package codec

import (
	"slices"

	"atelier/internal/midi"
)

// sing writes the pitch of each voice at each step.
func (c *Music) sing(song *midi.Song, grid midi.Grid, tokens []int32) {
	voice := c.voiceOf(song)
	if voice == nil {
		c.share(song, grid, tokens)
		return
	}
	began := make([]int64, c.Voices) // start of the last note of each voice
	for _, n := range song.Notes {
		v := voice[n.Track]
		from, to := grid.Span(n)
		for step := from; step < to; step++ {
			token := &tokens[int(step)*c.Voices+v]
			if pitch := int32(n.Pitch) + 1; began[v] < from || pitch > *token { // of simultaneous notes the highest
				*token = pitch
			}
		}
		began[v] = from
	}
}

// voiceOf maps tracks to voices; nil if their numbers differ.
func (c *Music) voiceOf(song *midi.Song) (voice []int) {
	voice = make([]int, song.Tracks)
	if song.Tracks == c.Voices {
		for i := range voice {
			voice[i] = i
		}
		return voice
	}
	var full []int
	for _, n := range song.Notes {
		if !slices.Contains(full, n.Track) {
			full = append(full, n.Track)
		}
	}
	if len(full) != c.Voices {
		return nil
	}
	slices.Sort(full)
	for v, track := range full {
		voice[track] = v
	}
	return voice
}

// share distributes the notes of each step over the voices, the highest first.
func (c *Music) share(song *midi.Song, grid midi.Grid, tokens []int32) {
	for _, n := range song.Notes {
		from, to := grid.Span(n)
		for step := from; step < to; step++ {
			voices := tokens[int(step)*c.Voices : (int(step)+1)*c.Voices]
			pitch := int32(n.Pitch) + 1
			if slices.Contains(voices, pitch) {
				continue
			}
			for v, other := range voices {
				if pitch > other {
					voices[v], pitch = pitch, other
				}
			}
		}
	}
}

// play adds the notes of voices, with a track and a channel each.
func (c *Music) play(song *midi.Song, tokens []int32) {
	for v := range c.Voices {
		channel := uint8(v)
		if channel >= midi.DrumChannel {
			channel++
		}
		var last int32
		for i := v; i < len(tokens); i += c.Voices {
			at := int64(i/c.Voices) * stepTicks
			switch token := tokens[i]; {
			case token != 0 && token == last:
				song.Notes[len(song.Notes)-1].Length += stepTicks
			case token != 0:
				song.Notes = append(song.Notes, midi.Note{At: at, Length: stepTicks, Track: v, Channel: channel,
					Pitch: uint8(token - 1), Velocity: softly})
			}
			last = tokens[i]
		}
	}
}
