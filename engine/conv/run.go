package conv

import "atelier/engine/product"

const (
	few        = 12      // channels that make better rows of a product than columns
	largePiece = 1 << 22 // multiplications from which a product is given all threads
	smallSize  = 1 << 12 // elements of a group's output below which not all threads are busy
	heldSums   = 1 << 21 // elements of scratch for sums, roughly
)

// A run is one execution of a plan.
type run struct {
	g          *geometry
	e          *Engine
	out, input []float32
	kernel     View
	finish     Finish
}

// piece computes a piece, for all groups.
func (r *run) piece(p *piece) {
	if p.rows == 0 || r.g.out == 0 {
		return
	}
	group := func(_, i int) {
		if j := (job{r, p, i}); j.direct() {
			j.multiply()
		} else {
			j.byScratch()
		}
	}
	if p.rows*r.g.out*p.depth >= largePiece {
		for i := range r.g.groups {
			group(0, i)
		}
		return
	}
	r.e.pool.Run(r.g.groups, group)
}

// A job is a piece for one group.
type job struct {
	*run
	*piece
	group int
}

// direct reports whether a product can write directly to the output.
func (j job) direct() bool {
	return j.g.outChannel == 1 && (j.g.out > few || j.rows <= few) && j.parts() == 1
}

// parts is the number of parts that the depth is cut into. They are the blocks whose sums a product
// adds, so that the sums do not depend on the number of parts.
func (j job) parts() int {
	if j.rows*j.g.out > smallSize {
		return 1
	}
	return max(1, steps(j.depth, product.BlockDepth))
}

// under is the operand of patches under the kernel, one vector per pixel.
func (j job) under() product.Operand {
	l := lattice{data: j.input, origin: j.origin, limit: j.limit, vectors: j.pixels, depth: j.taps, packer: j.e.packer}
	l.origin.offset += j.group * j.g.inGroup
	return l.operand()
}

// weights is the operand of the kernel, one vector per output channel.
func (j job) weights() product.Operand {
	k, g := j.kernel, j.g
	l := lattice{data: k.Data, limit: [spatials]int{1, 1, 1}, packer: j.e.packer}
	l.origin.offset = k.Offset + j.group*g.out*k.Strides[g.kernelOut]
	for i, first := range j.kernelOrigin {
		l.origin.offset += first * k.Strides[i]
	}
	l.vectors = []axis{{g.out, k.Strides[g.kernelOut], -1, 0}}
	for _, t := range j.kernelTaps {
		l.depth = append(l.depth, axis{t.size, t.step * k.Strides[t.axis], -1, 0})
	}
	l.depth = merged(l.depth)
	v, d := l.vectors[0], l.depth[0]
	if len(l.depth) == 1 && v.stride >= 0 && d.stride >= 0 {
		return product.Strided{Data: l.data[l.origin.offset:], Vector: v.stride, Depth: d.stride}
	}
	return l.operand()
}

// channel is the first channel of the group.
func (j job) channel() int { return j.group * j.g.out }

// multiply computes the job as a product that writes the output.
func (j job) multiply() {
	p := product.Product{M: j.rows, N: j.g.out, K: j.depth, C: j.out[j.outOrigin+j.channel():]}
	if len(j.outputs) > 1 || j.outputs[0].stride != j.g.out {
		p.Row = func(i int) int {
			s, _ := locate(j.outputs, i)
			return s.offset
		}
	}
	if j.finish != nil {
		p.Finish = func(at, n int) { j.finish(j.outOrigin+j.channel()+at, n) }
	}
	if j.depth > 0 {
		p.A, p.B = j.under(), j.weights()
	}
	j.e.product.Multiply(p)
}
