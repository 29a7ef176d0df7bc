package conv

import (
	"cmp"
	"slices"
)

// A piece is a part of a convolution that is one matrix product per group of channels: rows are
// pixels, and the depth is the patch under the kernel.
type piece struct {
	rows, depth int
	segments    [spatials]segment
	origin      spot // in the input
	limit       [spatials]int
	outOrigin   int

	pixels       []axis // in the input, merged
	outputs      []axis // the same pixels in the output, merged
	taps         []axis // in the input, merged
	kernelOrigin []int  // index of the first tap
	kernelTaps   []tap  // the same taps in the kernel
}

// A tap is an axis of depth, in the kernel.
type tap struct{ size, axis, step int }

// piece returns the part of a convolution for the given segments.
func (g *geometry) piece(segments [spatials]segment) piece {
	type pixel struct {
		in  axis
		out int // stride
	}
	type under struct {
		in axis
		k  tap
	}
	p := piece{rows: g.batch, depth: g.in, segments: segments, kernelOrigin: make([]int, len(g.kernel))}
	pixels := []pixel{{axis{size: g.batch, stride: g.inBatch, bound: -1}, g.outBatch}}
	taps := []under{{axis{size: g.in, stride: g.inChannel, bound: -1}, tap{g.in, g.kernelIn, 1}}}
	for i, s := range segments {
		a := g.spatial[i]
		bound := -1
		p.limit[i] = 1
		if s.bounded() {
			bound, p.limit[i], p.origin.at[i] = i, s.in, s.place
		}
		p.rows *= s.outs
		p.depth *= s.taps
		p.origin.offset += s.place * a.inStride
		p.outOrigin += s.out * a.outStride
		pixels = append(pixels, pixel{axis{s.outs, s.perOut * a.inStride, bound, s.perOut}, s.outStep * a.outStride})
		if a.kernelAxis >= 0 {
			p.kernelOrigin[a.kernelAxis] = s.tap
			taps = append(taps, under{axis{s.taps, s.perTap * a.inStride, bound, s.perTap}, tap{s.taps, a.kernelAxis, s.tapStep}})
		}
	}
	// The input is traversed forwards.
	slices.SortStableFunc(pixels, func(a, b pixel) int { return cmp.Compare(b.in.stride, a.in.stride) })
	slices.SortStableFunc(taps, func(a, b under) int { return cmp.Compare(b.in.stride, a.in.stride) })
	var in, out, depth []axis
	for _, x := range pixels {
		in = append(in, x.in)
		out = append(out, axis{x.in.size, x.out, -1, 0})
	}
	for _, x := range taps {
		depth = append(depth, x.in)
		p.kernelTaps = append(p.kernelTaps, x.k)
	}
	p.pixels, p.outputs, p.taps = merged(in), merged(out), merged(depth)
	return p
}
