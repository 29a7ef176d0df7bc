package sound

import (
	"math"
	"slices"
	"sync"
)

// True peaks are measured at four times the sample rate (ITU-R BS.1770-4, annex 2).
const (
	oversampling = 4
	peakTaps     = 12 // of the filter for each position between two samples
	mayExceed    = 2  // factor above neighbouring samples up to which a peak is searched for
)

// peakFilters interpolate between two samples: a sinc in a Kaiser-like window.
var peakFilters = sync.OnceValue(func() (filters [oversampling - 1][peakTaps]float32) {
	for p := range filters {
		sum := 0.0
		var taps [peakTaps]float64
		for i := range taps {
			x := float64(i-peakTaps/2+1) - float64(p+1)/oversampling
			w := math.Cos(math.Pi * x / (peakTaps + 1))
			taps[i] = math.Sin(math.Pi*x) / (math.Pi * x) * w * w
			sum += taps[i]
		}
		for i := range taps {
			filters[p][i] = float32(taps[i] / sum)
		}
	}
	return filters
})

// peaks are the largest magnitudes of both channels from each sample to the next. They are exact
// where it matters, near the largest ones.
func (r *Recording) peaks() []float32 {
	out := make([]float32, len(r.Left))
	for i := range out {
		out[i] = max(magnitude(r.Left[i]), magnitude(r.Right[i]))
	}
	if len(out) == 0 {
		return []float32{0}
	}
	least := slices.Max(out) / mayExceed
	filters := peakFilters()
	for _, x := range [][]float32{r.Left, r.Right} {
		for i := peakTaps/2 - 1; i+peakTaps/2 < len(x); i++ {
			if magnitude(x[i]) < least && magnitude(x[i+1]) < least {
				continue
			}
			around := (*[peakTaps]float32)(x[i-peakTaps/2+1:])
			for p := range filters {
				var y float32
				for j, tap := range filters[p] {
					y += tap * around[j]
				}
				out[i] = max(out[i], magnitude(y))
			}
		}
	}
	return out
}

// Peak is the true peak of the recording in dBFS.
func (r *Recording) Peak() float64 { return decibels(float64(slices.Max(r.peaks()))) }

func magnitude(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}
