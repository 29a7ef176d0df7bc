package synth

import "math"

// Of the chorus, in seconds and hertz.
const (
	chorusDelay = 0.002
	chorusDepth = 0.0019
	chorusRate  = 0.4
)

// A chorus doubles a sound with a delay that wavers.
type chorus struct {
	delays      []float32 // in samples, of a wave
	left, right delayLine
	resting     int // samples since something was heard
}

// A delayLine is one channel of the chorus.
type delayLine struct {
	line     []float32
	at, wave int
}

func newChorus(rate float64) *chorus {
	depth := chorusDelay + chorusDepth
	line := int(rate*depth) + 2
	c := &chorus{delays: make([]float32, int(math.Round(rate/chorusRate))), left: delayLine{line: make([]float32, line)}, right: delayLine{line: make([]float32, line)}, resting: line}
	c.right.wave = len(c.delays) / 4
	for t := range c.delays {
		c.delays[t] = float32(rate * (chorusDelay + chorusDepth*math.Sin(2*math.Pi*float64(t)/float64(len(c.delays)))))
	}
	return c
}

// add adds the chorus of a block, which may be silent, to the output.
func (c *chorus) add(heard bool, left, right, sumLeft, sumRight *[block]float32) {
	if c.resting += block; heard {
		c.resting = 0
	}
	for _, one := range []struct {
		d       *delayLine
		in, sum *[block]float32
	}{{&c.left, left, sumLeft}, {&c.right, right, sumRight}} {
		if c.resting >= len(c.left.line)+block { // nothing is left in the lines
			one.d.at, one.d.wave = (one.d.at+block)%len(one.d.line), (one.d.wave+block)%len(c.delays)
			continue
		}
		one.d.add(c.delays, one.in, one.sum)
	}
}

func (d *delayLine) add(delays []float32, in, sum *[block]float32) {
	for t, x := range in {
		place := float64(d.at) - float64(delays[d.wave])
		if place < 0 {
			place += float64(len(d.line))
		}
		i := int(place)
		next := i + 1
		if next == len(d.line) {
			next = 0
		}
		a, b := float64(d.line[i]), float64(d.line[next])
		sum[t] += volume * float32(a+(place-float64(i))*(b-a))
		d.line[d.at] = x
		if d.at++; d.at == len(d.line) {
			d.at = 0
		}
		if d.wave++; d.wave == len(delays) {
			d.wave = 0
		}
	}
}
