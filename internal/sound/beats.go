package sound

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"
)

// A Pulse is what is heard in a moment of a recording.
type Pulse struct {
	// Loudness is the root mean square, relative to the loudest moment: 0 to 1.
	Loudness float64
	// Onset is how much new sound begins, relative to the strongest onset: 0 to 1.
	Onset float64
}

// Numbers of the spectra.
const (
	spectrumSize = 1024 // samples of a window
	onsetFloor   = 1.2  // an onset is by this factor above the median of the changes around it
	onsetAround  = 8    // moments to either side
)

// Pulses are the moments of a recording, so many per second. Onsets are peaks of the spectral flux,
// the sum of what grows in the logarithmic spectrum (Böck and Widmer 2013, DAFx; Dixon 2006,
// DAFx), above the median around them.
func (r *Recording) Pulses(rate int) []Pulse {
	n := max(1, int(math.Ceil(r.Seconds()*float64(rate))))
	out, flux := make([]Pulse, n), make([]float64, n)
	fft := fourier.NewFFT(spectrumSize)
	window, before := make([]float64, spectrumSize), make([]float64, spectrumSize/2+1)
	loudest := 0.
	for t := range out {
		begin, end := t*r.Rate/rate, min((t+1)*r.Rate/rate, len(r.Left))
		sum := 0.
		for i := begin; i < end; i++ {
			v := (float64(r.Left[i]) + float64(r.Right[i])) / 2
			sum += v * v
		}
		out[t].Loudness = math.Sqrt(sum / float64(max(1, end-begin)))
		loudest = max(loudest, out[t].Loudness)
		// Spectra are taken several times in a moment, so that none of it is missed.
		for at := begin; at < end; at += spectrumSize / 2 {
			for i := range window {
				window[i] = 0
				if k := at + i; k < len(r.Left) {
					v := (float64(r.Left[k]) + float64(r.Right[k])) / 2
					window[i] = v * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/spectrumSize))
				}
			}
			for i, c := range fft.Coefficients(nil, window) {
				level := math.Log1p(10 * math.Hypot(real(c), imag(c)))
				flux[t] += max(0, level-before[i])
				before[i] = level
			}
		}
	}
	strongest := 0.
	for t := range out {
		out[t].Onset = onsetOf(flux, t)
		strongest = max(strongest, out[t].Onset)
	}
	for t := range out {
		if loudest > 0 {
			out[t].Loudness /= loudest
		}
		if strongest > 0 {
			out[t].Onset /= strongest
		}
	}
	return out
}

// onsetOf is how far a moment's change is above what is usual around it, if it is a peak.
func onsetOf(flux []float64, t int) float64 {
	if t > 0 && flux[t-1] > flux[t] || t+1 < len(flux) && flux[t+1] >= flux[t] {
		return 0
	}
	around := slices.Clone(flux[max(0, t-onsetAround):min(len(flux), t+onsetAround+1)])
	slices.Sort(around)
	return max(0, flux[t]-onsetFloor*around[len(around)/2])
}
