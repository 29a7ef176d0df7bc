package synth

import "math"

// peakOffset relates the Q of the filter to the height of its peak.
var peakOffset = float32(1 - 1/math.Sqrt(2))

const passing = 0.499 // of the rate: a filter from here on lets everything pass

// A filter is a resonant low pass of second order.
type filter struct {
	active               bool
	b0, b1, b2, a1, a2   float32
	in1, in2, out1, out2 float32
}

// lowPass sets the filter.
func (f *filter) lowPass(rate, cutoff, resonance float32) {
	if f.active = cutoff < passing*rate; !f.active {
		return
	}
	q := resonance - peakOffset/(1+6*(resonance-1)) // the peak is as high as asked for within 3 %
	w := 2 * math.Pi * float64(cutoff) / float64(rate)
	cos := math.Cos(w)
	alpha := math.Sin(w) / float64(2*q)
	whole := float32(1 + alpha)
	f.b0, f.b1, f.b2 = float32((1-cos)/2)/whole, float32(1-cos)/whole, float32((1-cos)/2)/whole
	f.a1, f.a2 = float32(-2*cos)/whole, float32(1-alpha)/whole
}

// run filters a block.
func (f *filter) run(x *[block]float32) {
	if !f.active {
		f.in1, f.in2 = x[block-1], x[block-2]
		f.out1, f.out2 = f.in1, f.in2
		return
	}
	b0, b1, b2, a1, a2 := f.b0, f.b1, f.b2, f.a1, f.a2
	in1, in2, out1, out2 := f.in1, f.in2, f.out1, f.out2
	for t, in := range x {
		out := b0*in + b1*in1 + b2*in2 - a1*out1 - a2*out2
		in2, in1, out2, out1 = in1, in, out1, out
		x[t] = out
	}
	f.in1, f.in2, f.out1, f.out2 = in1, in2, out1, out2
}
