package dots

import "fmt"

// Mix sets dst [n] to the weighted sum of len(weights) rows of x, which are a stride apart, in order.
// Each number depends only on its column.
func (d *Dots) Mix(dst, weights, x []float32, stride int) {
	if len(weights) == 0 || len(dst) == 0 {
		clear(dst)
		return
	}
	if stride < 0 || len(x) < (len(weights)-1)*stride+len(dst) {
		panic(fmt.Sprintf("dots: %d numbers as %d rows of %d, %d apart", len(x), len(weights), len(dst), stride))
	}
	d.mix(dst, weights, x, stride)
}

// A mixer mixes so many columns; the stride is in bytes.
type mixer struct {
	columns int
	kernel  func(rows int, dst, weights, x *float32, stride int)
}

// mixing uses kernels for fixed numbers of columns, the largest fitting one first, and leaves the
// rest to plain Go.
func mixing(kernels ...mixer) func(dst, weights, x []float32, stride int) {
	return func(dst, weights, x []float32, stride int) {
		for _, k := range kernels {
			for len(dst) >= k.columns {
				k.kernel(len(weights), &dst[0], &weights[0], &x[0], 4*stride)
				if dst = dst[k.columns:]; len(dst) == 0 {
					return
				}
				x = x[k.columns:]
			}
		}
		mixGo(dst, weights, x, stride)
	}
}

// Softmax turns at least one logit into probabilities, in place.
func (d *Dots) Softmax(x []float32) {
	d.vectors.MulAddScalar(x, x, 1, -d.vectors.ReduceMax(x))
	d.vectors.Exp(x, x)
	d.vectors.MulAddScalar(x, x, 1/d.vectors.Sum(x), 0)
}

// Exp sets dst to the exponentials of x, which has the same length and may be the same slice.
func (d *Dots) Exp(dst, x []float32) { d.vectors.Exp(dst[:len(x)], x) }

// Erf sets dst to the error function of x, which has the same length and may be the same slice.
func (d *Dots) Erf(dst, x []float32) { d.vectors.Erf(dst[:len(x)], x) }
