package patch

import (
	"image"
	"math"
)

// changes are the mean differences, 0 to 255, of each column of a picture that goes around from
// another one so far to the right of it.
func changes(img *image.NRGBA, far int) []float64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	all := make([]float64, w)
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		for x := range w {
			other := (x + far) % w
			for c := range 3 {
				all[x] += math.Abs(float64(row[4*x+c])-float64(row[4*other+c])) / float64(3*h)
			}
		}
	}
	return all
}

// Seam is the mean difference of the colours, 0 to 255, of the first and the last column of a
// picture, and that of columns in it that are next to each other.
func Seam(img *image.NRGBA) (across, inside float64) {
	all := changes(img, 1)
	last := len(all) - 1
	for _, v := range all[:last] {
		inside += v / float64(last)
	}
	return all[last], inside
}

// Steepest is how much more a picture that goes around changes at most outside the columns from
// first to last than within them, from a column to the next and to one a hundredth of the picture
// away. It is about 1 if what is outside was made of what is within, and joins.
func Steepest(img *image.NRGBA, first, last int) float64 {
	const unseen = 0.5 // levels
	worst := 0.0
	for _, far := range []int{1, 1 + img.Rect.Dx()/100} {
		outside, within := 0.0, 0.0
		for x, v := range changes(img, far) {
			if x >= first && x+far < last {
				within = max(within, v)
			} else {
				outside = max(outside, v)
			}
		}
		worst = max(worst, (outside+unseen)/(within+unseen))
	}
	return worst
}
