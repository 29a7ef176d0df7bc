package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Nearest resizes the images x [batch, height, width, channels]: each pixel of
// the result is the pixel of x that its centre falls into.
//
// This, where pixels are not merely repeated, and [Bilinear] are products with constant
// matrices, one for each side, and so are their gradients; those of gomlx's Interpolate
// scatter, which its Go backend does wrong, and have no gradient themselves.
func Nearest(x *graph.Node, height, width int) *graph.Node {
	if d := x.Shape().Dimensions; height%d[1] == 0 && width%d[2] == 0 {
		apart := graph.Reshape(x, d[0], d[1], 1, d[2], 1, d[3])
		return graph.Reshape(graph.BroadcastToDims(apart, d[0], d[1], height/d[1], d[2], width/d[2], d[3]), d[0], height, width, d[3])
	}
	return resize(x, height, width, func(row []float64, centre float64) { row[int(centre)] = 1 })
}

// Bilinear resizes the images x [batch, height, width, channels]: each pixel of
// the result is interpolated, along either side, between the two pixels of x
// whose centres are nearest to its own; beyond the outermost centres it is the
// outermost pixel.
func Bilinear(x *graph.Node, height, width int) *graph.Node {
	return resize(x, height, width, func(row []float64, centre float64) {
		low, part := math.Modf(max(centre-0.5, 0))
		row[int(low)] += 1 - part
		row[min(int(low)+1, len(row)-1)] += part
	})
}

// resize multiplies both sides by matrices; weigh fills the row for a pixel whose centre is at that
// position of a side of x.
func resize(x *graph.Node, height, width int, weigh func(row []float64, centre float64)) *graph.Node {
	d := x.Shape().Dimensions
	x = graph.Einsum("ph,bhwc->bpwc", sampling(x, height, d[1], weigh), x)
	return graph.Einsum("qw,bpwc->bpqc", sampling(x, width, d[2], weigh), x) // [batch, height, width, channels]
}

func sampling(x *graph.Node, to, from int, weigh func(row []float64, centre float64)) *graph.Node {
	rows := make([]float64, to*from)
	for i := range to {
		weigh(rows[i*from:(i+1)*from], (float64(i)+0.5)*float64(from)/float64(to))
	}
	return graph.Reshape(graph.ConstAsDType(x.Graph(), x.DType(), rows), to, from) // [to, from]
}
