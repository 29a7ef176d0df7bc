package layout

import (
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// GatherAxes says which axes a gather goes along; see compute's Gather.
type GatherAxes struct {
	IndexVector    int   // axis of the indices that holds a vector; their rank: each index is a vector of one
	OffsetOutput   []int // axes of the output that walk through a slice
	CollapsedSlice []int // axes of the operand that the output leaves out; their slices have size 1
	StartIndexMap  []int // axis of the operand that each index of a vector is for
	SliceSizes     []int // size of a slice, for each axis of the operand
}

// Gather collects slices of the operand, one for each index vector. A slice that
// would leave the operand is moved to its border.
func Gather(pool *threads.Pool, out, operand, indices tensor.Tensor, axes GatherAxes) {
	if out.Shape.Size() == 0 {
		return
	}
	batch := rest(out.Shape.Rank(), axes.OffsetOutput)
	places, v := pair(out, batch, indices, axes.IndexVector, axes.StartIndexMap)
	g := gathering{
		vectors: v,
		slice:   axes.slice(out, operand).collapsed(),
		steps:   strides(operand.Shape.Dimensions),
		size:    elementSize(out.Shape.DType),
		out:     out.Bytes,
		operand: operand.Bytes,
	}
	for i, d := range operand.Shape.Dimensions {
		g.most = append(g.most, d-axes.SliceSizes[i])
	}
	n := parts(pool, len(out.Bytes))
	switch {
	case n == 1:
		g.all(places)
	case places.size() < n: // few slices, which are large
		places.each(func(to, vector int) {
			move(pool, g.out, g.operand, g.size, g.slice.moved(to, g.start(vector)))
		})
	default:
		cut := places.cut(n)
		pool.Run(len(cut), func(_, i int) { g.all(cut[i]) })
	}
}

// slice walks through one slice.
func (a GatherAxes) slice(out, operand tensor.Tensor) walk {
	to, from := strides(out.Shape.Dimensions), strides(operand.Shape.Dimensions)
	var w walk
	offsets := rest(out.Shape.Rank(), rest(out.Shape.Rank(), a.OffsetOutput)) // in rising order
	for i, axis := range rest(operand.Shape.Rank(), a.CollapsedSlice) {
		w.dims = append(w.dims, a.SliceSizes[axis])
		w.to = append(w.to, to[offsets[i]])
		w.from = append(w.from, from[axis])
	}
	return w
}

// A gathering is a gather at work.
type gathering struct {
	vectors
	slice        walk
	steps        []int // strides of the operand
	most         []int // the last place where a slice may start, for each axis
	size         int
	out, operand []byte
}

// all copies the slices of some places.
func (g *gathering) all(places walk) {
	run := g.slice.run()
	places.each(func(to, vector int) {
		from := g.start(vector)
		if run == 0 {
			moveSerial(g.out, g.operand, g.size, g.slice.moved(to, from))
			return
		}
		to, from = (to+g.slice.toAt)*g.size, (from+g.slice.fromAt)*g.size
		copy(g.out[to:to+run*g.size], g.operand[from:from+run*g.size])
	})
}

// start is the element of the operand where the slice of a vector starts.
func (g *gathering) start(vector int) int {
	at := 0
	for k, axis := range g.axes {
		i := g.indices[vector+k*g.step]
		at += max(0, min(i, g.most[axis])) * g.steps[axis]
	}
	return at
}
