package conv

import "atelier/engine/product"

// byScratch computes the sums of each part of the depth in scratch memory, then adds the parts in
// order and copies the results to the output.
func (j job) byScratch() {
	parts := j.parts()
	each := max(1, heldSums/(parts*j.g.out)) // pixels
	sums := j.e.take(parts * j.g.out * min(each, j.rows))
	defer j.e.give(sums)
	var under, weights product.Operand
	if j.depth > 0 {
		under, weights = j.under(), j.weights()
	}
	for first := 0; first < j.rows; first += each {
		b := batch{job: j, first: first, pixels: min(each, j.rows-first), parts: parts, sums: sums}
		if j.g.outChannel != 1 || j.g.out <= few {
			b.pixelStride, b.channelStride = 1, b.pixels
		} else {
			b.pixelStride, b.channelStride = j.g.out, 1
		}
		j.e.product.Batch(parts, func(part int) product.Product { return b.product(part, under, weights) })
		b.spread()
	}
}

// A batch is some pixels of a job, with sums [parts, channels, pixels] or, where
// there are many channels, [parts, pixels, channels].
type batch struct {
	job
	first, pixels, parts       int
	sums                       []float32
	pixelStride, channelStride int // in sums
}

// product is the product that sums a part of the depth.
func (b *batch) product(part int, under, weights product.Operand) product.Product {
	from := part * product.BlockDepth
	k := b.depth - from
	if b.parts > 1 {
		k = min(k, product.BlockDepth)
	}
	size := b.pixels * b.g.out
	p := product.Product{M: b.pixels, N: b.g.out, K: k, C: b.sums[part*size : (part+1)*size]}
	p.A, p.B = shifted{under, b.first, from}, shifted{weights, 0, from}
	if b.pixelStride == 1 {
		p.M, p.N, p.A, p.B = p.N, p.M, p.B, p.A
	}
	return p
}

// A shifted operand starts at a given vector and element of another.
type shifted struct {
	product.Operand
	vector, first int
}

func (s shifted) Pack(dst []float32, width, v, n, first, depth int) {
	s.Operand.Pack(dst, width, s.vector+v, n, s.first+first, depth)
}

// spread adds the parts and writes the output.
func (b *batch) spread() {
	const each = 1024 // pixels of a task
	b.e.pool.Run(steps(b.pixels, each), func(_, task int) {
		from := task * each
		to := min(from+each, b.pixels)
		for part := 1; part < b.parts; part++ {
			b.add(part, from, to)
		}
		b.write(from, to)
	})
}

// add adds the sums of a part to those of the first one.
func (b *batch) add(part, from, to int) {
	size := b.pixels * b.g.out
	all, more := b.sums[:size], b.sums[part*size:(part+1)*size]
	if b.channelStride == 1 {
		n := b.g.out
		b.e.kernels.Add(all[from*n:to*n], all[from*n:to*n], more[from*n:to*n])
		return
	}
	for c := range b.g.out {
		row := all[c*b.pixels:][from:to]
		b.e.kernels.Add(row, row, more[c*b.pixels:][from:to])
	}
}

// write copies finished sums of pixels to the output.
func (b *batch) write(from, to int) {
	inner := b.outputs[len(b.outputs)-1]
	out := b.out[b.outOrigin+b.channel()*b.g.outChannel:]
	for i := from; i < to; {
		s, digit := locate(b.outputs, b.first+i)
		n := min(to-i, inner.size-digit)
		for c := range b.g.out {
			copyStrided(out[s.offset+c*b.g.outChannel:], inner.stride, b.sums[i*b.pixelStride+c*b.channelStride:], b.pixelStride, n)
		}
		for p := range n {
			if b.finish != nil {
				at := s.offset + p*inner.stride
				b.finish(b.outOrigin+b.channel()+at, b.g.out)
			}
		}
		i += n
	}
}

// copyStrided copies n elements that are not neighbours.
func copyStrided(dst []float32, dstStride int, src []float32, srcStride, n int) {
	if dstStride == 1 && srcStride == 1 {
		copy(dst[:n], src[:n])
		return
	}
	for i := range n {
		dst[i*dstStride] = src[i*srcStride]
	}
}
