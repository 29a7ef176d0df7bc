package synth

import "math"

// The reverberation is Freeverb, with its usual settings.
const (
	reverbGain float32 = 0.015

	spread = 23 // samples by which the lines are longer at the right

	through   float32 = 0.5 // feedback of the all-pass filters
	usualRate         = 44100
	slack             = 32 * block // samples by which a line is longer than its delay
)

// Computed in float32, as the library does.
var (
	feedback  = half*0.28 + 0.7
	dampening = half * 0.4
	half      = float32(0.5)
)

// Lengths of the lines in samples at 44.1 kHz.
var (
	combs     = [8]int{1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617}
	allPasses = [4]int{556, 441, 341, 225}
)

// A reverb are the echoes of a room.
type reverb struct{ left, right room }

// A room is one channel: combs side by side, then filters that scatter what they hold.
type room struct {
	combs     [len(combs)]line
	kept      [len(combs)]float32 // by the dampening of each comb
	allPasses [len(allPasses)]line
}

// A line is a delay. The block that is read is whole, and so is the one that is written.
type line struct {
	samples []float32
	delay   int
	at      int // where the next block is written
}

func newReverb(rate float64) *reverb {
	return &reverb{newRoom(rate, 0), newRoom(rate, spread)}
}

func newRoom(rate float64, more int) (r room) {
	for i, n := range combs {
		r.combs[i] = newLine(rate, n+more)
	}
	for i, n := range allPasses {
		r.allPasses[i] = newLine(rate, n+more)
	}
	return r
}

func newLine(rate float64, samples int) line {
	delay := int(math.Round(rate / usualRate * float64(samples)))
	return line{samples: make([]float32, delay+slack), delay: delay, at: delay}
}

// next is the block that leaves the line, and the one that enters it.
func (l *line) next() (from, to *[block]float32) {
	if l.at+block > len(l.samples) {
		l.at = copy(l.samples, l.samples[l.at-l.delay:l.at])
	}
	from, to = (*[block]float32)(l.samples[l.at-l.delay:]), (*[block]float32)(l.samples[l.at:])
	l.at += block
	return from, to
}

// add adds the echoes of a block to the output.
func (r *reverb) add(in, left, right *[block]float32) {
	for _, one := range []struct {
		room *room
		sum  *[block]float32
	}{{&r.left, left}, {&r.right, right}} {
		var out [block]float32
		one.room.play(in, &out)
		for t, x := range out {
			one.sum[t] += volume * x
		}
	}
}

// play sets out to the echoes of a block.
func (r *room) play(in, out *[block]float32) {
	for i := 0; i < len(r.combs); i += 2 {
		comb(in, out, &r.combs[i], &r.combs[i+1], &r.kept[i], &r.kept[i+1])
	}
	for i := range r.allPasses {
		from, to := r.allPasses[i].next()
		for t, x := range out {
			held := settled(from[t])
			out[t] = held - x
			to[t] = x + held*through
		}
	}
}

// comb plays two combs at once, since each waits for its own last sample.
func comb(in, out *[block]float32, a, b *line, keptA, keptB *float32) {
	fromA, toA := a.next()
	fromB, toB := b.next()
	heldA, heldB := *keptA, *keptB
	for t, x := range in {
		outA, outB := settled(fromA[t]), settled(fromB[t])
		heldA = settled(outA*(1-dampening) + heldA*dampening)
		heldB = settled(outB*(1-dampening) + heldB*dampening)
		toA[t], toB[t] = x+heldA*feedback, x+heldB*feedback
		out[t] = out[t] + outA + outB
	}
	*keptA, *keptB = heldA, heldB
}

// settled ends what can no longer be heard, which would become denormal numbers: they take many
// times as long.
func settled(x float32) float32 {
	const quiet = 897988541 // the bits of 1e-6
	if math.Float32bits(x)&0x7FFFFFFF < quiet {
		return 0
	}
	return x
}
