package bench

import (
	"image"
	"math"
)

// A holeScore compares a filled hole with the original.
type holeScore struct {
	psnr    float64 // of the samples in the hole, in dB
	ssim    float64 // mean over the 7×7 grey windows centred in it
	detail  float64 // mean gradient inside it, relative to the original
	seam    float64 // mean gradient across its edge, relative to the original
	seconds float64
}

func scoreHole(got, truth *image.NRGBA, hole []bool) holeScore {
	w := truth.Rect.Dx()
	sum, n := 0., 0
	for i, in := range hole {
		if in {
			for c := range 3 {
				d := float64(got.Pix[4*i+c]) - float64(truth.Pix[4*i+c])
				sum += d * d
				n++
			}
		}
	}
	within, edge := steps(got, hole, w)
	trueWithin, trueEdge := steps(truth, hole, w)
	return holeScore{
		psnr: 10 * math.Log10(255*255*float64(n)/max(sum, 1)), ssim: ssim(got, truth, hole),
		detail: within / max(trueWithin, 1e-9), seam: edge / max(trueEdge, 1e-9),
	}
}

// steps are the mean differences of neighbours, both in the hole and across its edge.
func steps(img *image.NRGBA, hole []bool, w int) (within, edge float64) {
	var sums [2]float64
	var n [2]float64
	for i := range hole {
		for _, j := range []int{i + 1, i + w} {
			if j >= len(hole) || j == i+1 && j%w == 0 || !hole[i] && !hole[j] {
				continue
			}
			k := 0
			if hole[i] != hole[j] {
				k = 1
			}
			for c := range 3 {
				sums[k] += math.Abs(float64(img.Pix[4*i+c]) - float64(img.Pix[4*j+c]))
			}
			n[k]++
		}
	}
	return sums[0] / max(n[0], 1), sums[1] / max(n[1], 1)
}

// ssim is the structural similarity in the hole (Wang et al. 2004).
func ssim(a, b *image.NRGBA, hole []bool) float64 {
	const reach, c1, c2 = 3, 6.5025, 58.5225
	w, h := a.Rect.Dx(), a.Rect.Dy()
	ga, gb := greys(a), greys(b)
	total, n := 0., 0
	for i, in := range hole {
		if !in {
			continue
		}
		x, y := i%w, i/w
		var s, sa, sb, saa, sbb, sab float64
		for v := max(y-reach, 0); v <= min(y+reach, h-1); v++ {
			for u := max(x-reach, 0); u <= min(x+reach, w-1); u++ {
				p, q := ga[v*w+u], gb[v*w+u]
				s, sa, sb, saa, sbb, sab = s+1, sa+p, sb+q, saa+p*p, sbb+q*q, sab+p*q
			}
		}
		ma, mb := sa/s, sb/s
		va, vb, cov := saa/s-ma*ma, sbb/s-mb*mb, sab/s-ma*mb
		total += (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
		n++
	}
	return total / float64(max(n, 1))
}

// greys are the luma of a picture's pixels.
func greys(img *image.NRGBA) []float64 {
	out := make([]float64, len(img.Pix)/4)
	for i := range out {
		p := img.Pix[4*i:]
		out[i] = .299*float64(p[0]) + .587*float64(p[1]) + .114*float64(p[2])
	}
	return out
}

// meanScore is the mean of scores.
func meanScore(all []holeScore) (m holeScore) {
	n := float64(len(all))
	for _, s := range all {
		m.psnr, m.ssim, m.detail, m.seam, m.seconds = m.psnr+s.psnr/n, m.ssim+s.ssim/n, m.detail+s.detail/n, m.seam+s.seam/n, m.seconds+s.seconds/n
	}
	return m
}
