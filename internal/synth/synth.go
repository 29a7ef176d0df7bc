// Package synth plays notes with the instruments of a SoundFont. It is the synthesizer of
// go-meltysynth (MIT, see LICENSE.txt), written anew for speed, and with the modulators of fonts: where
// a font has none, the samples are the same, to the bit, in less than half the time.
package synth

import (
	"maps"
	"math"
	"slices"
)

const (
	block             = 128 // samples between checks for messages
	volume    float32 = 0.5 // of everything
	inaudible float32 = 1e-3
	shortest          = 500 // a note lasts for this part of a second at least
	drums             = 9   // the channel of drums
	channels          = 16
	drumBank          = 128
)

// A Synth plays messages. It is not safe for concurrent use.
type Synth struct {
	font     *Font
	rate     int32
	presets  map[int32]*preset // by bank<<16 | program
	first    *preset           // that sounds where a preset is missing
	lacking  map[int32]bool    // programs that were played and are missing, drumBank for drums
	regions  map[*preset][]region
	err      error // of the first sample that could not be decoded
	channels [channels]channel
	voices   []*voice // those that sound come first
	sounding int      // voices

	left, right [block]float32
	played      int // samples of the block
	chorus      *chorus
	reverb      *reverb
}

// New prepares a synthesizer with a number of voices, at a number of samples a second.
func New(font *Font, rate, voices int) *Synth {
	s := &Synth{font: font, rate: int32(rate), presets: map[int32]*preset{}, lacking: map[int32]bool{}, regions: map[*preset][]region{},
		played: block, chorus: newChorus(float64(rate)), reverb: newReverb(float64(rate))}
	lowest := int32(math.MaxInt32)
	for i := range font.presets {
		p := &font.presets[i]
		id := p.bank<<16 | p.program
		if s.presets[id] = p; id < lowest {
			lowest, s.first = id, p
		}
	}
	for i := range s.channels {
		s.channels[i].reset(i == drums)
	}
	for range voices {
		s.voices = append(s.voices, &voice{})
	}
	return s
}

// The kinds of messages.
const (
	noteOff       = 0x80
	noteOn        = 0x90
	keyPressed    = 0xA0
	controller    = 0xB0
	programChange = 0xC0
	pressed       = 0xD0
	pitchBend     = 0xE0
)

// Controllers that end notes.
const (
	soundOff = 120
	notesOff = 123
)

// Send plays a message of MIDI on a channel below 16, from the next block on. Kinds without a
// meaning for sound are passed over.
func (s *Synth) Send(on, kind, a, b uint8) {
	c := &s.channels[on]
	switch kind {
	case noteOff:
		s.end(func(v *voice) bool { return v.channel == c && v.key == int32(a) })
	case noteOn:
		if b == 0 {
			s.end(func(v *voice) bool { return v.channel == c && v.key == int32(a) })
			return
		}
		s.start(c, int32(a), int32(b))
	case controller:
		switch a {
		case soundOff:
			for _, v := range s.voices[:s.sounding] {
				if v.channel == c {
					v.gain = 0
				}
			}
		case notesOff:
			s.end(func(v *voice) bool { return v.channel == c })
		default:
			c.control(a, int32(b))
		}
	case programChange:
		c.program = int32(a)
	case keyPressed:
		c.keyPressure[a&0x7F] = b
		c.changes++
	case pressed:
		c.pressure = int32(a)
		c.changes++
	case pitchBend:
		c.changes++
		c.bend = float32(1) / 8192 * float32((int32(a)|int32(b)<<7)-8192)
	}
}

// end releases the voices that are meant.
func (s *Synth) end(meant func(*voice) bool) {
	for _, v := range s.voices[:s.sounding] {
		if meant(v) && v.state == held {
			v.state = ending
		}
	}
}

// start starts the voices of a note: one for each region of the instrument that has it.
func (s *Synth) start(c *channel, key, velocity int32) {
	preset := s.preset(c)
	regions, known := s.regions[preset]
	if !known {
		regions = s.font.regions(preset)
		s.regions[preset] = regions
	}
	for i := range regions {
		r := &regions[i]
		if !r.in.has(key, velocity) {
			continue
		}
		if err := s.font.load(r.sample); err != nil {
			if s.err == nil {
				s.err = err
			}
			continue
		}
		if !r.ready {
			r.set(r.numbers)
		}
		s.free(r, c).start(s, r, c, key, velocity)
	}
}

// preset is the instrument of a channel. Where the bank is missing, the first one stands in, and the
// standard set for drums.
func (s *Synth) preset(c *channel) *preset {
	if p, has := s.presets[c.bank<<16|c.program]; has {
		return p
	}
	instead := c.program
	if c.bank >= drumBank {
		instead = drumBank << 16
	}
	if p, has := s.presets[instead]; has {
		return p
	}
	s.lacking[min(instead, drumBank)] = true
	return s.first
}

// Lacking are the programs of the notes so far that the font does not have, sorted, 128 for drums,
// and the name of the instrument that stands in for them.
func (s *Synth) Lacking() (programs []int32, instead string) {
	return slices.Sorted(maps.Keys(s.lacking)), s.first.name
}

// free is a voice for a region: the one that it silences, as a closed hi-hat does an open one, one
// that is silent, or the least important.
func (s *Synth) free(r *region, c *channel) *voice {
	if r.exclusive != 0 {
		for _, v := range s.voices[:s.sounding] {
			if v.region.exclusive == r.exclusive && v.channel == c {
				return v
			}
		}
	}
	if s.sounding < len(s.voices) {
		s.sounding++
		return s.voices[s.sounding-1]
	}
	least := s.voices[0]
	for _, v := range s.voices[1:] {
		if a, b := v.importance(), least.importance(); a < b || a == b && v.length > least.length {
			least = v
		}
	}
	return least
}

// Err is what is wrong with the first sample of the font that could not be played. It completes a
// sentence that begins with the name of the font.
func (s *Synth) Err() error { return s.err }

// Render writes the next samples of both channels.
func (s *Synth) Render(left, right []float32) {
	for len(left) > 0 {
		if s.played == block {
			s.render()
			s.played = 0
		}
		n := copy(left, s.left[s.played:])
		copy(right, s.right[s.played:])
		s.played += n
		left, right = left[n:], right[n:]
	}
}

// render plays the next block.
func (s *Synth) render() {
	before := s.sounding
	for i := 0; i < s.sounding; {
		if s.voices[i].play(s) {
			i++
			continue
		}
		s.sounding--
		s.voices[i], s.voices[s.sounding] = s.voices[s.sounding], s.voices[i]
	}
	clear(s.left[:])
	clear(s.right[:])
	var chorusLeft, chorusRight, reverb [block]float32
	heard := false // whether the chorus has something to play
	for _, v := range s.voices[:before] {
		was, is := &v.was, &v.is
		mix(volume*was.left, volume*is.left, &v.block, &s.left)
		mix(volume*was.right, volume*is.right, &v.block, &s.right)
		a := mix(was.chorus*was.left, is.chorus*is.left, &v.block, &chorusLeft)
		b := mix(was.chorus*was.right, is.chorus*is.right, &v.block, &chorusRight)
		heard = heard || a || b
		mix(reverbGain*was.reverb*(was.left+was.right), reverbGain*is.reverb*(is.left+is.right), &v.block, &reverb)
	}
	s.chorus.add(heard, &chorusLeft, &chorusRight, &s.left, &s.right)
	s.reverb.add(&reverb, &s.left, &s.right)
}

// mix adds a block, from one gain to another, and says whether it is heard.
func mix(from, to float32, x, sum *[block]float32) bool {
	if max(from, to) < inaudible {
		return false
	}
	if change := to - from; change > -1e-3 && change < 1e-3 {
		for i, v := range x {
			sum[i] += to * v
		}
		return true
	}
	step := float32(1) / block * (to - from)
	for i, v := range x {
		sum[i] += from * v
		from += step
	}
	return true
}
