package dots

import "fmt"

// Mix sets dst [n] to the weighted sum of the rows of x [len(weights), n], in order.
func (d *Dots) Mix(dst, weights, x []float32) {
	n := len(dst)
	if len(x) != n*len(weights) {
		panic(fmt.Sprintf("dots: %d numbers as %d rows of %d", len(x), len(weights), n))
	}
	if len(weights) == 0 {
		clear(dst)
		return
	}
	d.mix(dst, weights, x, n)
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
