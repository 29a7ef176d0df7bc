package ported

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/engine/vjp"
	"atelier/internal/netfile"
	"atelier/internal/tensorfile"
)

// repeated finds convolutions of pixels that were merely repeated: they are one convolution before
// the repetition, which gives all pixels of a repeated one as channels (Shi et al. 2016,
// arXiv:1609.05158, the other way round). That takes a fraction of the memory. The result maps the index
// of each such convolution to that of its repetition.
func repeated(n *netfile.Network) map[int]int {
	users, made := map[string]int{}, map[string]int{}
	for i := range n.Ops {
		made[n.Ops[i].Name] = i
		for _, in := range n.Ops[i].Inputs {
			users[in]++
		}
	}
	found := map[int]int{}
	for i := range n.Ops {
		o := &n.Ops[i]
		if o.Kind != netfile.Conv || !o.Same || o.Stride != [2]int{1, 1} || o.Dilation != [2]int{1, 1} || o.Size[0] != o.Size[1] || o.Size[0]%2 == 0 {
			continue
		}
		at, ok := made[o.Inputs[0]]
		if !ok || n.Ops[at].Kind != netfile.Nearest || users[o.Inputs[0]] > 1 || n.Output == o.Inputs[0] || n.Ops[at].Size[0] != n.Ops[at].Size[1] {
			continue
		}
		found[i] = at
	}
	return found
}

// subpixel is the convolution of x [batch, height, width, in], each of whose pixels is repeated
// times on both sides: [batch, height·times, width·times, out].
func subpixel(x *graph.Node, o *netfile.Op, times int) *graph.Node {
	size, in, out := o.Kernel.Shape[0], o.Kernel.Shape[2], o.Kernel.Shape[3]
	// A tap lies reach pixels of x away at most.
	reach := (size/2 + times - 1) / times
	side := 2*reach + 1
	merged := tensorfile.Tensor{Shape: []int{side, side, in, times * times * out}}
	merged.Values = make([]float32, side*side*in*times*times*out)
	pixel := func(phase, tap int) int { return (phase + tap - size/2 + reach*times) / times }
	for phase := range times * times {
		for tap := range size * size {
			at := (pixel(phase/times, tap/size)*side + pixel(phase%times, tap%size)) * in
			for c := range in {
				to := merged.Values[((at+c)*times*times+phase)*out:][:out]
				for k, w := range o.Kernel.Values[(tap*in+c)*out:][:out] {
					to[k] += w
				}
			}
		}
	}
	a := vjp.Axis{Stride: 1, Dilation: 1, Before: reach, After: reach}
	y := vjp.Conv(x, constant(x.Graph(), &merged), vjp.Geometry{a, a}) // [batch, height, width, times·times·out]
	d := x.Shape().Dimensions
	y = graph.Reshape(y, d[0]*d[1], d[2], times, times*out)
	y = graph.TransposeAllAxes(y, 0, 2, 1, 3)                  // [batch·height, times, width, times·out]
	return graph.Reshape(y, d[0], d[1]*times, d[2]*times, out) // [batch, height·times, width·times, out]
}
