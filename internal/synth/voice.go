package synth

import "math"

// The states of the key of a voice.
const (
	held = iota
	ending
	over
)

// A level is how loud a voice is in each output, as factors.
type level struct{ left, right, reverb, chorus float32 }

// A voice plays one region of one note.
type voice struct {
	region        *region
	own           region // where modulators move it
	seen          int    // changes of the channel that they have seen
	channel       *channel
	key, velocity int32
	state         int
	length        int32   // samples played
	gain          float32 // by velocity and region; 0 silences it
	loudness, mod envelope
	vibrato, lfo  wave
	modulated     bool    // whether lfo or mod are heard
	pitch         float32 // last one
	cutoff        float32 // last one
	angle         float32 // last one, of left to right
	cos, sin      float32
	source        oscillator
	filter        filter
	block         [block]float32

	// A sudden change of gain would click: a block goes from the last level to this one.
	was, is level
}

// start begins a note.
func (v *voice) start(s *Synth, r *region, c *channel, key, velocity int32) {
	v.region, v.channel, v.key, v.velocity, v.state, v.length = r, c, key, velocity, held, 0
	if len(r.modulators) > 0 {
		v.own, v.seen = r.modulated(v), c.changes
		v.region, r = &v.own, &v.own
	}
	v.loud()
	v.loudness.startLoudness(&r.loudness, key)
	v.loudness.loudness(0, s.rate) // for its importance
	v.mod.startModulation(&r.envelope, key, velocity)
	v.vibrato.start(r.vibrato)
	v.lfo.start(r.lfo)
	v.modulated = r.wavers()
	v.source.start(r)
	v.pitch, v.cutoff, v.angle = float32(math.NaN()), r.cutoff, float32(math.NaN())
	v.filter = filter{}
	v.filter.lowPass(float32(s.rate), r.cutoff, linear(r.resonance))
}

// loud sets the gain: by velocity, less 40 % of the attenuation, as Polyphone has it.
func (v *voice) loud() {
	r := v.region
	gain := 2 * float32(20*math.Log10(float64(float32(v.velocity)/127)))
	if gain = gain - 0.4*r.attenuation; len(r.modulators) > 0 {
		gain = min(0, gain-r.moved)
	}
	v.gain = linear(gain - 0.5*r.resonance)
}

// follow moves the region of a voice as its channel has changed. Envelopes and waves stay as they
// began.
func (v *voice) follow(s *Synth) {
	before := v.own.resonance
	v.own, v.seen = v.own.modulated(v), v.channel.changes
	v.loud()
	v.modulated, v.pitch = v.own.wavers(), float32(math.NaN())
	if v.own.resonance != before {
		v.filter.lowPass(float32(s.rate), v.cutoff, linear(v.own.resonance))
	}
}

const leastTremolo = 0.05 // decibels

// wavers reports whether the wave or the envelope of modulation is heard.
func (r *region) wavers() bool {
	return r.lfoToPitch != 0 || r.envelopeToPitch != 0 || r.lfoToCutoff != 0 || r.envelopeToCutoff != 0 || r.lfoToVolume > leastTremolo
}

// play plays a block, and says whether there was one.
func (v *voice) play(s *Synth) bool {
	if v.silenced() {
		return false
	}
	if v.region.live && v.seen != v.channel.changes {
		v.follow(s)
	}
	if v.length >= s.rate/shortest && v.state == ending && !v.channel.pedal {
		v.loudness.release(s.rate)
		v.mod.release(s.rate)
		v.source.release()
		v.state = over
	}
	if !v.loudness.loudness(block, s.rate) {
		return false
	}
	var lfo float32
	v.vibrato.samples += block
	v.lfo.samples += block
	if v.modulated {
		v.mod.modulation(s.rate)
		lfo = v.lfo.value(s.rate)
	}
	if !v.sound(s, lfo) {
		return false
	}
	v.was, v.is = v.is, v.levels(lfo)
	if v.length == 0 {
		v.was = v.is
	}
	v.length += block
	return true
}

// sound fills the block, and says whether the sample had any left.
func (v *voice) sound(s *Synth, lfo float32) bool {
	r := v.region
	vibrato := float32(0)
	if depth := 0.01*v.channel.vibrato() + r.vibratoToPitch; depth != 0 {
		vibrato = depth * v.vibrato.value(s.rate)
	}
	pitch := float32(v.key) + vibrato + (r.lfoToPitch*lfo + r.envelopeToPitch*v.mod.value) + v.channel.pitch()
	if pitch != v.pitch {
		v.pitch = pitch
		v.source.tune(r, pitch, s.rate)
	}
	if !v.source.fill(&v.block) {
		return false
	}
	if r.lfoToCutoff != 0 || r.envelopeToCutoff != 0 || r.live {
		wanted := power(float64(r.lfoToCutoff*lfo+r.envelopeToCutoff*v.mod.value)) * r.cutoff
		if wanted = max(0.5*v.cutoff, min(2*v.cutoff, wanted)); wanted != v.cutoff { // faster would click
			v.cutoff = wanted
			v.filter.lowPass(float32(s.rate), wanted, linear(r.resonance))
		}
	}
	v.filter.run(&v.block)
	return true
}

// levels are the levels of the block.
func (v *voice) levels(lfo float32) level {
	gain := v.gain * v.channel.gain() * v.loudness.value
	if v.region.lfoToVolume > leastTremolo {
		gain *= linear(v.region.lfoToVolume * lfo)
	}
	if angle := float32(math.Pi/200) * (v.channel.place() + v.region.pan + 50); angle != v.angle {
		v.angle, v.cos, v.sin = angle, float32(math.Cos(float64(angle))), float32(math.Sin(float64(angle)))
		switch {
		case angle <= 0:
			v.cos, v.sin = 1, 0
		case angle >= math.Pi/2:
			v.cos, v.sin = 0, 1
		}
	}
	return level{
		gain * v.cos, gain * v.sin,
		max(0, min(1, float32(1)/127*float32(v.channel.reverb)+v.region.reverb)),
		max(0, min(1, float32(1)/127*float32(v.channel.chorus)+v.region.chorus)),
	}
}

// silenced reports whether the voice is not heard any more, whatever its channel does.
func (v *voice) silenced() bool { return v.gain < inaudible && (v.gain == 0 || !v.region.live) }

// importance decides which voice gives way to a new one.
func (v *voice) importance() float32 {
	if v.silenced() {
		return 0
	}
	return v.loudness.importance
}
