package metric

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"atelier/data"
)

// Settings of the search for copies.
const (
	copySide       = 32 // largest side in pixels at which pictures are compared
	copyShift      = 2  // largest shift of a copy, in these pixels
	copyCandidates = 16 // known pictures per mirror image that are compared in full
)

// copyScales are the enlargements that are considered, as from cropping a pixel or two off each
// side and resizing the rest.
var copyScales = []float64{1, 1.04, 1.08}

// A copyFinder compares pictures with known ones, ignoring mean, contrast, small shifts, mirroring
// and slight cropping: sketches select the nearest few, which are compared in full.
type copyFinder struct {
	across   int // number of shifts along an axis
	pictures []thumbnail
	sketches blas32.General // of the pictures [n, sketchSide²]
	norms    []float32      // for each picture, the norms of its window at each shift, [n, shifts]
}

// newCopyFinder prepares the known pictures.
func newCopyFinder(ctx context.Context, known *data.Column) (*copyFinder, error) {
	f := &copyFinder{across: 2*marginOf(known.Field.Shape) + 1}
	n := len(known.Floats) / known.Field.Size()
	f.pictures = make([]thumbnail, n)
	f.sketches = blas32.General{Rows: n, Cols: sketchWidth, Stride: sketchWidth, Data: make([]float32, n*sketchWidth)}
	shifts := f.across * f.across
	f.norms = make([]float32, n*shifts)
	err := onThreads(ctx, n, func(i int) {
		p := reduced(known.Row(i), known.Field).view(false, 1)
		f.pictures[i] = p
		p.sketch(f.sketches.Data[i*f.sketches.Stride:][:f.sketches.Cols])
		for s := range shifts {
			f.norms[i*shifts+s] = p.norm(s%f.across, s/f.across)
		}
	})
	return f, err
}

// ratios returns, for each sample, its distance to the nearest known picture divided by that to the
// third nearest, so that a picture contained twice in the set is found as well.
func (f *copyFinder) ratios(ctx context.Context, samples *data.Column) ([]float64, error) {
	n := len(samples.Floats) / samples.Field.Size()
	out := make([]float64, n)
	const block = 50
	err := onThreads(ctx, (n+block-1)/block, func(b int) {
		from := b * block
		distances := make([]map[int]float64, min(block, n-from)) // of each sample, to known pictures
		for i := range distances {
			distances[i] = map[int]float64{}
		}
		for _, scale := range copyScales {
			for _, mirrored := range []bool{false, true} {
				views := make([]thumbnail, len(distances))
				for i := range views {
					views[i] = reduced(samples.Row(from+i), samples.Field).view(mirrored, scale)
				}
				f.compare(views, distances)
			}
		}
		for i, d := range distances {
			out[from+i] = ratio(d)
		}
	})
	return out, err
}

// compare adds to the distances of each sample those to the candidates for a view of it, where they
// are smaller.
func (f *copyFinder) compare(views []thumbnail, distances []map[int]float64) {
	width, n := f.sketches.Cols, f.sketches.Rows
	q := blas32.General{Rows: len(views), Cols: width, Stride: width, Data: make([]float32, len(views)*width)}
	for i, v := range views {
		v.sketch(q.Data[i*width:][:width])
	}
	products := blas32.General{Rows: q.Rows, Cols: n, Stride: n, Data: make([]float32, q.Rows*n)}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, q, f.sketches, 0, products)
	for i, v := range views {
		window, flat := v.window()
		if flat {
			continue // a blank picture
		}
		for _, c := range largest(products.Data[i*n:][:n], copyCandidates) {
			d := f.distance(window, c)
			if old, ok := distances[i][c]; !ok || d < old {
				distances[i][c] = d
			}
		}
	}
}

// largest returns the indices of the k largest numbers, the first of equal ones.
func largest(numbers []float32, k int) []int {
	var at []int
	for i, v := range numbers {
		if len(at) == k && v <= numbers[at[k-1]] {
			continue
		}
		to, _ := slices.BinarySearchFunc(at, v, func(j int, v float32) int { return cmp.Or(cmp.Compare(v, numbers[j]), -1) })
		at = slices.Insert(at, to, i)
		at = at[:min(len(at), k)]
	}
	return at
}

// ratio is the smallest distance divided by the third smallest; 1 if there is nothing to compare.
func ratio(distances map[int]float64) float64 {
	if len(distances) < 2 {
		return 1
	}
	all := slices.Sorted(maps.Values(distances))
	return all[0] / max(all[min(2, len(all)-1)], math.SmallestNonzeroFloat64)
}

// distance is the distance of a standardised window to a known picture's at the best shift,
// likewise standardised: 0 to 2. Subpixel shifts are interpolated by a parabola.
func (f *copyFinder) distance(window []float32, known int) float64 {
	like := make([]float64, f.across*f.across)
	best := 0
	for s := range like {
		if norm := f.norms[known*len(like)+s]; norm > 0 {
			like[s] = float64(f.pictures[known].product(window, s%f.across, s/f.across) / norm)
		}
		if like[s] > like[best] {
			best = s
		}
	}
	top := like[best] + f.beyond(like, best, best%f.across, 1) + f.beyond(like, best, best/f.across, f.across)
	return math.Sqrt(max(0, 2-2*top))
}

// beyond is the height of the vertex of the parabola through the maximum and its two neighbours, a
// stride away, above the maximum; 0 at the end of the axis.
func (f *copyFinder) beyond(numbers []float64, highest, place, stride int) float64 {
	if place == 0 || place == f.across-1 {
		return 0
	}
	before, at, after := numbers[highest-stride], numbers[highest], numbers[highest+stride]
	bend := 2*at - before - after
	if bend <= 0 {
		return 0
	}
	return (before - after) * (before - after) / (8 * bend)
}

// spacingsOf returns, for each picture, its distance to the nearest other; 2 if there is none.
// Blank pictures count as equal.
func spacingsOf(ctx context.Context, pictures *data.Column) ([]float64, error) {
	f, err := newCopyFinder(ctx, pictures)
	if err != nil {
		return nil, err
	}
	blank := make([]bool, len(f.pictures))
	blanks := 0
	for i, p := range f.pictures {
		if _, blank[i] = p.window(); blank[i] {
			blanks++
		}
	}
	out := make([]float64, len(f.pictures))
	return out, onThreads(ctx, len(out), func(i int) {
		if blank[i] && blanks > 1 {
			return
		}
		distances := []map[int]float64{{}}
		f.compare(f.pictures[i:i+1], distances)
		delete(distances[0], i)
		out[i] = 2
		for _, d := range distances[0] {
			out[i] = min(out[i], d)
		}
	})
}
