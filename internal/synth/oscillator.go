package synth

import "math"

// Places between samples are numbers with this many bits after the point.
const (
	fraction = 24
	one      = 1 << fraction
	scale    = float32(1) / float32(32768*one)
	fastest  = one << 15 // step: no recording is played faster
)

// An oscillator reads a sample at a pitch, with straight lines between its values.
type oscillator struct {
	data                    []int16
	at, step                int64
	end, loopEnd, loopRange int32
	looping, untilOff       bool
}

func (o *oscillator) start(r *region) {
	*o = oscillator{data: r.sample.wave, at: int64(r.start) << fraction, end: r.end, loopEnd: r.loopEnd,
		loopRange: r.loopEnd - r.loopStart, looping: r.looped, untilOff: r.untilOff}
}

// release ends the loop of a sample that is looped while its key is held.
func (o *oscillator) release() { o.looping = o.looping && !o.untilOff }

// tune sets the pitch, as a key.
func (o *oscillator) tune(r *region, pitch float32, rate int32) {
	change := float32(0.01)*r.tuningScale*(pitch-float32(r.root)) + (r.coarse + 0.01*r.fine)
	o.step = int64(min(fastest, float64(one)*(float64(float32(r.sample.rate)/float32(rate))*math.Pow(2, float64(change)/12))))
}

// fill reads a block, and says whether there was anything left to read.
func (o *oscillator) fill(block *[block]float32) bool {
	if o.looping {
		o.loop(block)
		return true
	}
	data, at, step, end := o.data, o.at, o.step, int64(o.end)<<fraction
	for t := range block {
		if at >= end {
			if o.at = at; t == 0 { // the library plays the last block once more, and so it stays
				return false
			}
			clear(block[t:])
			return true
		}
		i := int32(at >> fraction)
		x, y := int64(data[i]), int64(data[i+1])
		block[t] = scale * float32(x<<fraction+at&(one-1)*(y-x))
		at += step
	}
	o.at = at
	return true
}

// loop reads a block of a sample that begins again and again.
func (o *oscillator) loop(block *[block]float32) {
	data, at, step := o.data, o.at, o.step
	end, length := int64(o.loopEnd)<<fraction, int64(o.loopRange)<<fraction
	for t := range block {
		if at >= end {
			if at -= length; at >= end { // the loop is shorter than a step
				at = end - length + (at-end)%length
			}
		}
		i := int32(at >> fraction)
		next := i + 1
		if next >= o.loopEnd {
			next -= o.loopRange
		}
		x, y := int64(data[i]), int64(data[next])
		block[t] = scale * float32(x<<fraction+at&(one-1)*(y-x))
		at += step
	}
	o.at = at
}
