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
