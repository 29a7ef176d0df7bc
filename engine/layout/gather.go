package layout

import (
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// GatherAxes assigns axes for a gather; see compute's Gather.
type GatherAxes struct {
	IndexVector    int   // axis of the indices that holds a vector; equal to their rank: each index is a vector of one
	OffsetOutput   []int // axes of the output that index into a slice
	CollapsedSlice []int // axes of the operand missing in the output; their slices have size 1
	StartIndexMap  []int // axis of the operand for each component of a vector
	SliceSizes     []int // size of a slice along each axis of the operand
}

// Gather collects slices of the operand, one per index vector. Start indices are clamped so that
// slices stay inside the operand.
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
	case places.size() < n: // few but large slices
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
	offsets := rest(out.Shape.Rank(), rest(out.Shape.Rank(), a.OffsetOutput)) // ascending
	for i, axis := range rest(operand.Shape.Rank(), a.CollapsedSlice) {
		w.dims = append(w.dims, a.SliceSizes[axis])
		w.to = append(w.to, to[offsets[i]])
		w.from = append(w.from, from[axis])
	}
	return w
}

// A gathering is the state of a gather.
type gathering struct {
	vectors
	slice        walk
	steps        []int // strides of the operand
	most         []int // the largest start of a slice along each axis
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

// start is the offset in the operand of a vector's slice.
func (g *gathering) start(vector int) int {
	at := 0
	for k, axis := range g.axes {
		i := g.indices[vector+k*g.step]
		at += max(0, min(i, g.most[axis])) * g.steps[axis]
	}
	return at
}
