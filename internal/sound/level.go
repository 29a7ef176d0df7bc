package sound

import (
	"math"
	"slices"
)

// Settings of levelling.
const (
	Ceiling     = -1.0 // dBFS: the largest allowed true peak
	mostLimited = 9.0  // dB of limiting of single peaks
	silence     = -75  // dBFS below which the ends of a levelled recording are trimmed
	lookAhead   = 0.004
	release     = 0.08 // seconds
	nearly      = 0.05 // LU of tolerance
)

// Level normalizes a recording to a loudness in LUFS, with a true peak of at most [Ceiling]: peaks
// are limited as needed. It returns the loudness reached, which is lower than requested if the
// peaks stand out too far.
func (r *Recording) Level(target float64) (reached float64) {
	loudness := r.Loudness()
	if loudness < absoluteGate || len(r.Left) == 0 { // silence
		return math.Inf(-1)
	}
	ceiling := factorOf(Ceiling)
	peaks := r.peaks()
	peak := float64(slices.Max(peaks))
	gain := factorOf(target - loudness)
	if most := factorOf(mostLimited) * ceiling / peak; gain > most {
		gain = most
	}
	if gain*peak <= ceiling {
		r.scale(float32(gain))
		reached = r.Loudness() // the gates may pass more than before
		if more := factorOf(target - reached); math.Abs(target-reached) > nearly && gain*more*peak <= ceiling {
			r.scale(float32(more))
			reached = r.Loudness()
		}
		return reached
	}
	plain := *r
	for range 4 { // limiting reduces the loudness, too
		r.Left, r.Right = slices.Clone(plain.Left), slices.Clone(plain.Right)
		r.limit(peaks, gain, ceiling)
		reached = r.Loudness()
		if math.Abs(target-reached) < nearly {
			break
		}
		gain = min(gain*factorOf(target-reached), factorOf(mostLimited)*ceiling/peak)
	}
	// The true peak between samples may slightly exceed the estimate.
	if over := float64(slices.Max(r.peaks())) / ceiling; over > 1 {
		r.scale(float32(1 / over))
		reached -= decibels(over)
	}
	return reached
}

func (r *Recording) scale(gain float32) {
	for i := range r.Left {
		r.Left[i] *= gain
		r.Right[i] *= gain
	}
}

// limit applies a gain, with less around peaks above a ceiling: fast attack before them, slow
// release afterwards.
func (r *Recording) limit(peaks []float32, gain, ceiling float64) {
	window := max(1, int(lookAhead*float64(r.Rate)))
	back := 1 - math.Exp(-1/(release*float64(r.Rate)))
	// The gain allowed by every peak in the window, averaged over the window, which at a peak is no
	// more than the peak allows.
	wanted := func(i int) float64 {
		if i < len(peaks) {
			return min(gain, ceiling/float64(peaks[i]))
		}
		return gain
	}
	allowed := make([]float64, len(peaks)+window)
	var lowest []int // samples in the window, each allowing less than all later ones
	for i := range allowed {
		for len(lowest) > 0 && wanted(lowest[len(lowest)-1]) >= wanted(i) {
			lowest = lowest[:len(lowest)-1]
		}
		if lowest = append(lowest, i); lowest[0] <= i-window {
			lowest = lowest[1:]
		}
		allowed[i] = wanted(lowest[0])
	}
	current := gain
	for i, a := range allowed {
		if current += (gain - current) * back; a < current {
			current = a
		}
		allowed[i] = current
	}
	sum := gain * float64(window)
	for i := range allowed {
		sum += allowed[i]
		if i >= window {
			sum -= allowed[i-window]
		} else {
			sum -= gain
		}
		if at := i - window + 1; at >= 0 && at < len(r.Left) {
			g := float32(sum / float64(window))
			r.Left[at] *= g
			r.Right[at] *= g
		}
	}
}

// trim trims samples below a level from both ends.
func (r *Recording) trim(loudest float64) {
	quiet := float32(loudest)
	loud := func(i int) bool {
		return r.Left[i] > quiet || r.Left[i] < -quiet || r.Right[i] > quiet || r.Right[i] < -quiet
	}
	from, to := 0, len(r.Left)
	for from < to && !loud(from) {
		from++
	}
	for to > from && !loud(to-1) {
		to--
	}
	r.Left, r.Right = r.Left[from:to], r.Right[from:to]
}
