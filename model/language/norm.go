package language

import "math"

// norm writes the normalized rows of x to dst.
func (m *Model) norm(dst, x []float32, rows int, n Norm) {
	width := len(n.Scale)
	for r := range rows {
		x, dst := x[r*width:(r+1)*width], dst[r*width:(r+1)*width]
		mean := 0.
		if m.LayerNorm {
			mean = summed(x) / float64(width)
		}
		square := squares(x, mean)
		shift, scale := float32(mean), float32(1/math.Sqrt(square/float64(width)+m.Epsilon))
		for i, v := range x {
			dst[i] = (v - shift) * scale * n.Scale[i]
		}
		if n.Bias != nil {
			add(dst, n.Bias)
		}
	}
}
