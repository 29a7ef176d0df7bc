package synth

import "math"

// The kinds of numbers in a font, in its order.
const (
	startAt = iota
	endAt
	loopStartAt
	loopEndAt
	startAtCoarse
	lfoToPitch
	vibratoToPitch
	envelopeToPitch
	cutoff
	resonance
	lfoToCutoff
	envelopeToCutoff
	endAtCoarse
	lfoToVolume
	_
	chorusSend
	reverbSend
	pan
	_
	_
	_
	lfoDelay
	lfoFrequency
	vibratoDelay
	vibratoFrequency
	envelopeDelay
	envelopeAttack
	envelopeHold
	envelopeDecay
	envelopeSustain
	envelopeRelease
	keyToEnvelopeHold
	keyToEnvelopeDecay
	loudnessDelay
	loudnessAttack
	loudnessHold
	loudnessDecay
	loudnessSustain
	loudnessRelease
	keyToLoudnessHold
	keyToLoudnessDecay
	instrument
	_
	keyRange
	velocityRange
	loopStartAtCoarse
	ownKey
	ownVelocity
	attenuation
	_
	loopEndAtCoarse
	coarseTune
	fineTune
	sampleID
	sampleModes
	_
	scaleTuning
	exclusiveClass
	rootKey
	kinds
)

// unmoved reports whether no modulator moves a kind of number: it chooses, and has no amount.
func unmoved(kind uint16) bool {
	switch kind {
	case instrument, keyRange, velocityRange, ownKey, ownVelocity, sampleID, sampleModes, exclusiveClass, rootKey:
		return true
	}
	return false
}

// instrumentsOnly reports whether a kind of number has no meaning in a preset.
func instrumentsOnly(kind uint16) bool {
	switch kind {
	case startAt, endAt, loopStartAt, loopEndAt, startAtCoarse, endAtCoarse, loopStartAtCoarse, loopEndAtCoarse:
		return true
	}
	return unmoved(kind)
}

// numbers are those of a region by kind: of the preset and of the instrument together. Lengths and
// frequencies are logarithms, in cents; other amounts are mostly in tenths.
type numbers [kinds]float64

// usual are the numbers that a font leaves out.
var usual = numbers{
	cutoff: 13500, lfoDelay: -12000, vibratoDelay: -12000,
	envelopeDelay: -12000, envelopeAttack: -12000, envelopeHold: -12000, envelopeDecay: -12000, envelopeRelease: -12000,
	loudnessDelay: -12000, loudnessAttack: -12000, loudnessHold: -12000, loudnessDecay: -12000, loudnessRelease: -12000,
	scaleTuning: 100, rootKey: -1,
}

// A region is how an instrument plays some of its keys at some velocities: what the font says for
// the instrument and for the preset that has it, together.
type region struct {
	in                                          scope
	sample                                      *sample
	exclusive                                   int32 // class of which one voice sounds at a time; 0 for none
	attenuation, resonance                      float32
	cutoff                                      float32 // hertz
	pan, reverb, chorus                         float32
	vibratoToPitch, lfoToPitch, envelopeToPitch float32 // semitones
	lfoToCutoff, envelopeToCutoff               float32 // cents
	lfoToVolume                                 float32 // decibels
	vibrato, lfo                                waveAs
	loudness, envelope                          envelopeAs
	start, end, loopStart, loopEnd              int32
	looped, untilOff                            bool
	root                                        int32
	coarse, fine, tuningScale                   float32
	numbers                                     *numbers
	modulators                                  []modulator
	moved                                       float32 // decibels by which modulators attenuate it
	ready                                       bool    // whether it is set
	live                                        bool    // whether modulators move it while it sounds
}

// A span is a range of keys or velocities.
type span struct{ from, to int32 }

func (s span) has(n int32) bool { return s.from <= n && n <= s.to }

// A scope is the keys and velocities of a zone.
type scope struct{ keys, velocities span }

func (s *scope) has(key, velocity int32) bool { return s.keys.has(key) && s.velocities.has(velocity) }

// and is the scope that is in both.
func (s scope) and(o scope) scope {
	both := func(a, b span) span { return span{max(a.from, b.from), min(a.to, b.to)} }
	return scope{both(s.keys, o.keys), both(s.velocities, o.velocities)}
}

// A waveAs says how a low-frequency wave goes.
type waveAs struct{ delay, frequency float32 }

// An envelopeAs says how an envelope goes: in seconds, with the level as the font counts it.
type envelopeAs struct {
	delay, attack, hold, decay, sustain, release float32
	keyToHold, keyToDecay                        float32
}

// How a sample is looped.
const (
	unlooped = 2 // and 0
	untilOff = 3
)

// scope is the keys and velocities that the zone is for.
func (z *zone) scope() scope {
	s := scope{span{0, 127}, span{0, 127}}
	for _, n := range z.numbers {
		as := span{int32(n.value & 0xFF), int32(n.value >> 8 & 0xFF)}
		switch n.kind {
		case keyRange:
			s.keys = as
		case velocityRange:
			s.velocities = as
		}
	}
	return s
}

// last is the last number of a kind, which the zone must have.
func (z *zone) last() int { return int(uint16(z.numbers[len(z.numbers)-1].value)) }

// regions are those of a preset that have a key at a velocity, in the order in which their voices
// start.
func (f *Font) regions(p *preset) (all []region) {
	for i := range p.zones {
		outer := &p.zones[i]
		for j := range f.instruments[outer.last()] {
			inner := &f.instruments[outer.last()][j]
			n := usual
			for _, own := range inner.numbers {
				if own.kind < kinds {
					n[own.kind] = float64(own.value)
				}
			}
			var above numbers
			for _, own := range outer.numbers {
				if own.kind < kinds && !instrumentsOnly(own.kind) {
					above[own.kind] = float64(own.value)
				}
			}
			for kind, value := range above {
				n[kind] += value
			}
			r := region{in: outer.scope().and(inner.scope()), sample: f.samples[inner.last()], numbers: &n, modulators: together(inner.modulators, outer.modulators)}
			for _, m := range r.modulators {
				r.live = r.live || m.by.lasting() || m.scaledBy.lasting()
			}
			all = append(all, r)
		}
	}
	return all
}

// set makes a region what its numbers say. Its sample must be loaded.
func (r *region) set(n *numbers) {
	r.ready = true
	r.exclusive = int32(n[exclusiveClass])
	r.attenuation, r.resonance, r.cutoff = tenths(n[attenuation]), tenths(n[resonance]), hertz(n[cutoff])
	r.pan, r.reverb, r.chorus = max(-50, min(50, tenths(n[pan]))), 0.01*tenths(n[reverbSend]), 0.01*tenths(n[chorusSend])
	r.vibratoToPitch, r.lfoToPitch, r.envelopeToPitch = 0.01*float32(n[vibratoToPitch]), 0.01*float32(n[lfoToPitch]), 0.01*float32(n[envelopeToPitch])
	r.lfoToCutoff, r.envelopeToCutoff, r.lfoToVolume = float32(n[lfoToCutoff]), float32(n[envelopeToCutoff]), tenths(n[lfoToVolume])
	r.vibrato, r.lfo = waveAs{power(n[vibratoDelay]), hertz(n[vibratoFrequency])}, waveAs{power(n[lfoDelay]), hertz(n[lfoFrequency])}
	r.loudness = envelopeAs{power(n[loudnessDelay]), power(n[loudnessAttack]), power(n[loudnessHold]), power(n[loudnessDecay]), tenths(n[loudnessSustain]),
		power(n[loudnessRelease]), float32(n[keyToLoudnessHold]), float32(n[keyToLoudnessDecay])}
	r.envelope = envelopeAs{power(n[envelopeDelay]), power(n[envelopeAttack]), power(n[envelopeHold]), power(n[envelopeDecay]), tenths(n[envelopeSustain]),
		power(n[envelopeRelease]), float32(n[keyToEnvelopeHold]), float32(n[keyToEnvelopeDecay])}
	r.place(n)
	r.looped, r.untilOff = n[sampleModes] != 0 && n[sampleModes] != unlooped, n[sampleModes] == untilOff
	if r.root = int32(n[rootKey]); r.root == -1 {
		r.root = r.sample.root
	}
	r.coarse, r.fine, r.tuningScale = float32(n[coarseTune]), float32(n[fineTune]+float64(r.sample.correction)), float32(n[scaleTuning])
}

// place says where the sample is played, within its bounds.
func (r *region) place(n *numbers) {
	s := r.sample
	whole := int32(len(s.wave)) - 1 // the oscillator looks ahead by one
	at := func(from int32, fine, coarse int) int32 {
		return int32(max(0, min(float64(from)+32768*n[coarse]+n[fine], float64(whole))))
	}
	r.start, r.end = at(0, startAt, startAtCoarse), at(s.length, endAt, endAtCoarse)
	r.loopStart, r.loopEnd = at(s.loopStart, loopStartAt, loopStartAtCoarse), at(s.loopEnd, loopEndAt, loopEndAtCoarse)
	if r.loopEnd <= r.loopStart {
		r.loopStart, r.loopEnd = 0, whole
	}
}

// limits are those of the numbers that modulators could move out of all reason.
var limits = map[int]struct{ least, most float64 }{
	cutoff: {1500, 13500}, resonance: {0, 960}, lfoFrequency: {-16000, 4500}, vibratoFrequency: {-16000, 4500},
	lfoDelay: {-12000, 5000}, vibratoDelay: {-12000, 5000},
	envelopeDelay: {-12000, 5000}, envelopeAttack: {-12000, 8000}, envelopeHold: {-12000, 5000}, envelopeDecay: {-12000, 8000}, envelopeSustain: {0, 1000}, envelopeRelease: {-12000, 8000},
	loudnessDelay: {-12000, 5000}, loudnessAttack: {-12000, 8000}, loudnessHold: {-12000, 5000}, loudnessDecay: {-12000, 8000}, loudnessSustain: {0, 1440}, loudnessRelease: {-12000, 8000},
}

// modulated is the region as the modulators have it for a voice.
func (r *region) modulated(v *voice) region {
	out, n, attenuated := *r, *r.numbers, 0.0
	for i := range r.modulators {
		m := &r.modulators[i]
		by := m.of(v)
		if m.to == attenuation { // in full, while only a part of the number counts
			attenuated += by
			continue
		}
		n[m.to] += by
		if l, has := limits[int(m.to)]; has {
			n[m.to] = max(l.least, min(l.most, n[m.to]))
		}
	}
	out.set(&n)
	out.moved = tenths(attenuated)
	return out
}

// tenths is a number that is counted in tenths.
func tenths(n float64) float32 { return 0.1 * float32(n) }

const (
	octave = 1200  // cents
	lowest = 8.176 // hertz of the lowest key
)

// hertz is a frequency.
func hertz(cents float64) float32 {
	return float32(lowest * math.Pow(2, float64(1)/octave*float64(float32(cents))))
}

// power is the factor of a number of cents, or so many seconds.
func power(cents float64) float32 { return float32(math.Pow(2, float64(1)/octave*cents)) }

// linear converts decibels to a factor.
func linear(decibels float32) float32 { return float32(math.Pow(10, 0.05*float64(decibels))) }
