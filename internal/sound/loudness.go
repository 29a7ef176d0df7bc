package sound

import "math"

// Gates of the loudness measurement (ITU-R BS.1770-4).
const (
	absoluteGate = -70 // LUFS
	relativeGate = -10 // LU relative to what passes the absolute gate
	gateHop      = 0.1 // seconds between the starts of blocks of 0.4 s
)

// A biquad is a second-order filter.
type biquad struct{ b0, b1, b2, a1, a2, z1, z2 float64 }

func (f *biquad) next(x float64) float64 {
	y := f.b0*x + f.z1
	f.z1 = f.b1*x - f.a1*y + f.z2
	f.z2 = f.b2*x - f.a2*y
	return y
}

// settle ends what the filter keeps of sounds long gone, which would become denormal numbers: with
// them, silence takes many times as long as music.
func (f *biquad) settle() {
	const gone = 1e-30
	if math.Abs(f.z1) < gone && math.Abs(f.z2) < gone {
		f.z1, f.z2 = 0, 0
	}
}

// kWeighting are the two filters of K-weighting at a sample rate: a high shelf for the head, and a
// high pass. Their analogue parameters reproduce the coefficients of the standard at 48 kHz.
func kWeighting(rate float64) (shelf, highPass biquad) {
	const shelfAt, shelfGain, shelfQ = 1681.974450955533, 3.999843853973347, 0.7071752369554196
	const passAt, passQ = 38.13547087602444, 0.5003270373238773
	k := math.Tan(math.Pi * shelfAt / rate)
	high := math.Pow(10, shelfGain/20)
	band := math.Pow(high, 0.4996667741545416)
	a0 := 1 + k/shelfQ + k*k
	shelf = biquad{b0: (high + band*k/shelfQ + k*k) / a0, b1: 2 * (k*k - high) / a0, b2: (high - band*k/shelfQ + k*k) / a0,
		a1: 2 * (k*k - 1) / a0, a2: (1 - k/shelfQ + k*k) / a0}
	k = math.Tan(math.Pi * passAt / rate)
	a0 = 1 + k/passQ + k*k
	return shelf, biquad{b0: 1, b1: -2, b2: 1, a1: 2 * (k*k - 1) / a0, a2: (1 - k/passQ + k*k) / a0}
}

// weighted is the energy of the samples of two channels behind their two filters each.
func weighted(leftShelf, leftPass, rightShelf, rightPass *biquad, left, right []float32) (energy float64) {
	a, b, c, d := *leftShelf, *leftPass, *rightShelf, *rightPass
	right = right[:len(left)]
	for i, x := range left {
		y, z := b.next(a.next(float64(x))), d.next(c.next(float64(right[i])))
		energy += y*y + z*z
	}
	for _, f := range []*biquad{&a, &b, &c, &d} {
		f.settle()
	}
	*leftShelf, *leftPass, *rightShelf, *rightPass = a, b, c, d
	return energy
}

// Loudness is the integrated loudness of a recording in LUFS, -Inf for silence (ITU-R BS.1770-4). A
// recording shorter than 0.4 s is measured as a whole.
func (r *Recording) Loudness() float64 {
	hop := int(gateHop * float64(r.Rate))
	energies := make([]float64, (len(r.Left)+hop-1)/hop)
	shelf, pass := kWeighting(float64(r.Rate))
	right := [2]biquad{shelf, pass}
	for i := range energies { // both channels in one loop: neither waits for the other
		from, to := i*hop, min((i+1)*hop, len(r.Left))
		energies[i] = weighted(&shelf, &pass, &right[0], &right[1], r.Left[from:to], r.Right[from:to])
	}
	const hops = 4 // per block
	if len(energies) < hops || len(r.Left) < hops*hop {
		sum := 0.0
		for _, e := range energies {
			sum += e
		}
		return lufs(sum / float64(max(1, len(r.Left))))
	}
	var blocks []float64
	for i := 0; (i+hops)*hop <= len(r.Left); i++ {
		sum := 0.0
		for _, e := range energies[i : i+hops] {
			sum += e
		}
		blocks = append(blocks, sum/float64(hops*hop))
	}
	gated := meanAbove(blocks, absoluteGate)
	return lufs(meanAbove(blocks, lufs(gated)+relativeGate))
}

// lufs is the loudness of a mean square.
func lufs(meanSquare float64) float64 { return -0.691 + 10*math.Log10(meanSquare) }

// meanAbove is the mean of the blocks above a gate, 0 if there are none.
func meanAbove(blocks []float64, gate float64) float64 {
	sum, n := 0.0, 0
	for _, b := range blocks {
		if lufs(b) > gate {
			sum, n = sum+b, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// decibels converts a factor to decibels.
func decibels(factor float64) float64 { return 20 * math.Log10(factor) }

// factorOf converts decibels to a factor.
func factorOf(db float64) float64 { return math.Pow(10, db/20) }
